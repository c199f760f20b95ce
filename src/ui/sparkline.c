#include "sparkline.h"

#include <string.h>
#include <time.h>

#include "cells.h"
#include "memory.h"
#include "text.h"

#define LEVELS 8
#define SECONDS_A_DAY 86400

static const char *const block_characters[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const plain_characters[LEVELS] = {" ", ".", ":", "-", "=", "+", "*", "#"};

bool sparkline_has_blocks(void)
{
    return cells_unicode();
}

/* 0 for nothing, LEVELS - 1 for the most; a little is never shown as nothing. */
static size_t level_of(double number, double most)
{
    if (number <= 0) {
        return 0;
    }
    size_t level = (size_t)(number / most * (LEVELS - 1));
    return level < 1 ? 1 : level;
}

char *sparkline(const double *numbers, size_t count, bool blocks)
{
    Text out = {0};
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        most = numbers[i] > most ? numbers[i] : most;
    }
    for (size_t i = 0; i < count; i++) {
        size_t level = level_of(numbers[i], most);
        text_add(&out, numbers[i] < 0 ? " " : (blocks ? block_characters : plain_characters)[level]);
    }
    return text_take(&out);
}

char *sparkline_of_array(const json_t *array, size_t cells, bool blocks)
{
    bool known = false;
    double *numbers = memory_zero(cells, sizeof *numbers);
    size_t count = json_array_size(array);
    for (size_t cell = 0; cell < cells; cell++) {
        numbers[cell] = SPARKLINE_UNKNOWN;
        for (size_t i = cell * count / cells; i < (cell + 1) * count / cells; i++) {
            const json_t *value = json_array_get(array, i);
            double number = json_is_number(value) ? json_number_value(value) : SPARKLINE_UNKNOWN;
            numbers[cell] = number > numbers[cell] ? number : numbers[cell];
        }
        known |= numbers[cell] >= 0;
    }
    char *line = known ? sparkline(numbers, cells, blocks) : NULL;
    free(numbers);
    return line;
}

/* Days since 1970, or -1. */
static long long day_number(const json_t *row, const char *when)
{
    struct tm utc = {0};
    const char *day = json_string_value(json_object_get(row, when));
    return day && strptime(day, "%Y-%m-%d", &utc) ? (long long)timegm(&utc) / SECONDS_A_DAY : -1;
}

long long sparkline_day_span(const json_t *rows, const char *when)
{
    size_t index;
    json_t *row;
    long long first = -1;
    long long last = -1;
    json_array_foreach(rows, index, row)
    {
        long long day = day_number(row, when);
        first = day >= 0 && (first < 0 || day < first) ? day : first;
        last = day > last ? day : last;
    }
    return last < 0 ? -1 : last - first;
}

char *sparkline_of_days(const json_t *rows, const char *when, const char *key, size_t days, bool blocks)
{
    size_t index;
    json_t *row;
    long long last = -1;
    json_array_foreach(rows, index, row)
    {
        long long day = day_number(row, when);
        last = day > last ? day : last;
    }
    if (last < 0) {
        return NULL;
    }
    double *numbers = memory_zero(days, sizeof *numbers);
    json_array_foreach(rows, index, row)
    {
        long long ago = last - day_number(row, when);
        if (ago >= 0 && ago < (long long)days) {
            numbers[(long long)days - 1 - ago] += key ? json_number_value(json_object_get(row, key)) : 1;
        }
    }
    char *line = sparkline(numbers, days, blocks);
    free(numbers);
    return line;
}

#include "display.h"

#include <string.h>
#include <time.h>

#include "cells.h"
#include "memory.h"
#include "text.h"

/* Reads the UTC times that clock_now and the stores write. */
static bool parse_time(const char *text, struct tm *utc)
{
    memset(utc, 0, sizeof *utc);
    return strptime(text, "%Y-%m-%dT%H:%M:%S", utc) || strptime(text, "%Y-%m-%d %H:%M:%S", utc);
}

static char *time_text(const char *text)
{
    struct tm utc;
    char buffer[64];
    if (!parse_time(text, &utc) || !strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M:%SZ", &utc)) {
        return text_visible(text);
    }
    return memory_string(buffer);
}

static char *age_text(const char *text)
{
    struct tm utc;
    if (!parse_time(text, &utc)) {
        return text_visible(text);
    }
    long long seconds = (long long)time(NULL) - (long long)timegm(&utc);
    if (seconds < 0) {
        return time_text(text); /* another clock is ahead of ours: say what it said */
    }
    if (seconds < 60) {
        return text_format("%llds", seconds);
    }
    if (seconds < 60LL * 60) {
        return text_format("%lldm", seconds / 60);
    }
    if (seconds < 48LL * 60 * 60) {
        return text_format("%lldh", seconds / (60LL * 60));
    }
    return text_format("%lldd", seconds / (24LL * 60 * 60));
}

static char *string_text(const char *text, ReportFormat format)
{
    switch (format) {
    case REPORT_AGE:
        return age_text(text);
    case REPORT_TIME:
        return time_text(text);
    case REPORT_TEXT:
    case REPORT_NUMBER:
    case REPORT_WIDE:
        break;
    }
    return text_visible(text);
}

static bool is_list_of_objects(const json_t *value)
{
    return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

static char *compound_text(const json_t *value)
{
    Text joined = {0};
    size_t index;
    json_t *item;
    if (json_is_array(value) && !is_list_of_objects(value)) {
        json_array_foreach(value, index, item)
        {
            char *text = display_value(item, REPORT_TEXT);
            text_addf(&joined, "%s%s", index ? ", " : "", text);
            free(text);
        }
        return text_take(&joined);
    }
    char *json = json_dumps(value, JSON_COMPACT | DISPLAY_JSON_REALS);
    char *text = text_visible(json);
    free(json);
    return text;
}

char *display_value(const json_t *value, ReportFormat format)
{
    if (!value || json_is_null(value)) {
        return memory_string("");
    }
    if (json_is_string(value)) {
        return string_text(json_string_value(value), format);
    }
    if (json_is_integer(value)) {
        return text_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    }
    if (json_is_real(value)) {
        return text_format("%.10g", json_real_value(value));
    }
    if (json_is_boolean(value)) {
        return memory_string(json_is_true(value) ? "yes" : "no");
    }
    return compound_text(value);
}

/* A text with its line breaks, every line but the first indented. */
static void add_indented(Text *out, const char *text, int indent)
{
    char *visible = text_visible_lines(text);
    for (const char *c = visible; *c; c++) {
        text_add_char(out, *c);
        if (*c == '\n') {
            text_addf(out, "%*s", indent, "");
        }
    }
    free(visible);
}

static void add_field(Text *out, const char *key, const json_t *value)
{
    if (json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0)) {
        return;
    }
    char *name = text_visible(key);
    text_addf(out, "  %s: ", name);
    free(name);
    if (json_is_string(value)) {
        add_indented(out, json_string_value(value), 4);
    } else {
        char *text = display_value(value, REPORT_TEXT);
        text_add(out, text);
        free(text);
    }
    text_add_char(out, '\n');
}

/* A turn of a conversation reads as one: "role> what was said". */
static bool add_speech(Text *out, const json_t *object)
{
    const char *role = json_string_value(json_object_get(object, "role"));
    const char *content = json_string_value(json_object_get(object, "content"));
    if (!role || !content) {
        return false;
    }
    char *name = text_visible(role);
    text_addf(out, "  %s> ", name);
    free(name);
    add_indented(out, content, 4);
    text_add_char(out, '\n');
    return true;
}

static bool is_spoken(const char *key)
{
    return text_equal(key, "role") || text_equal(key, "content") || text_equal(key, "turn_index");
}

static void add_block(Text *out, json_t *object)
{
    const char *key;
    json_t *value;
    bool speech = add_speech(out, object);
    json_object_foreach(object, key, value)
    {
        if (!speech || !is_spoken(key)) {
            add_field(out, key, value);
        }
    }
    text_add_char(out, '\n');
}

static int widest_title(const Report *report)
{
    int widest = 0;
    for (size_t i = 0; i < report->column_count; i++) {
        const char *title = report->columns[i].title;
        int width = title ? cells_width(title) : 0;
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void add_member(Text *out, const ReportColumn *column, const json_t *value, int width)
{
    char *label = text_format("%s:", column->title);
    char *fitted = cells_fit(label, width + 1, 0);
    if (is_list_of_objects(value)) {
        size_t index;
        json_t *item;
        text_addf(out, "\n%s\n", label);
        json_array_foreach(value, index, item)
        {
            add_block(out, item);
        }
    } else if (json_is_string(value) && column->format == REPORT_WIDE) {
        text_addf(out, "%s  ", fitted);
        add_indented(out, json_string_value(value), width + 3);
        text_add_char(out, '\n');
    } else {
        char *text = display_value(value, column->format);
        text_addf(out, "%s  %s\n", fitted, *text ? text : "-");
        free(text);
    }
    free(fitted);
    free(label);
}

char *display_object(const Report *report)
{
    Text out = {0};
    int width = widest_title(report);
    for (size_t i = 0; i < report->column_count; i++) {
        const ReportColumn *column = &report->columns[i];
        if (column->title) {
            add_member(&out, column, json_object_get(report->items, column->key), width);
        }
    }
    return text_take(&out);
}

char *display_conversation(const Report *report)
{
    Text out = {0};
    size_t index;
    json_t *turn;
    for (size_t i = 0; i < report->message_count; i++) {
        char *text = text_visible(report->messages[i].text);
        text_addf(&out, "%s\n", text);
        free(text);
    }
    json_array_foreach(report->items, index, turn)
    {
        text_add_char(&out, '\n');
        add_speech(&out, turn);
    }
    if (json_array_size(report->items) == 0 && report->empty) {
        text_addf(&out, "\n%s\n", report->empty);
    }
    return text_take(&out);
}

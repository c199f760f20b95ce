#include "ask_period.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY = 24 * 60 * 60, DAYS_LIMIT = 36500 };

static void write_day(int64_t time, char out[16])
{
    time_t seconds = (time_t)time;
    struct tm day;
    gmtime_r(&seconds, &day);
    strftime(out, 16, "%Y-%m-%d", &day);
}

static void between(int64_t since, int64_t until, AskPeriod *out)
{
    write_day(since, out->since);
    write_day(until, out->until);
}

/* Days since the beginning of the week or month. */
static int since_monday(int64_t now)
{
    time_t seconds = (time_t)now;
    struct tm day;
    gmtime_r(&seconds, &day);
    return (day.tm_wday + 6) % 7;
}

static int since_first(int64_t now)
{
    time_t seconds = (time_t)now;
    struct tm day;
    gmtime_r(&seconds, &day);
    return day.tm_mday - 1;
}

static bool said(const AskWork *work, const char *phrase)
{
    return ask_says(work, (const char *const[]){phrase, NULL});
}

/* "2026-11-01" */
static bool is_day(const char *word)
{
    static const char pattern[] = "dddd-dd-dd";
    bool fits = strlen(word) == sizeof pattern - 1;
    for (size_t i = 0; fits && pattern[i]; i++) {
        fits = pattern[i] == 'd' ? word[i] >= '0' && word[i] <= '9' : word[i] == pattern[i];
    }
    return fits;
}

/* "since 2026-11-01", "last 3 days" */
static bool counted(const AskWork *work, int64_t now, AskPeriod *out)
{
    for (size_t i = 0; i + 1 < work->words.count; i++) {
        const char *word = work->words.items[i], *next = work->words.items[i + 1];
        if (text_equal(word, "since") && is_day(next)) {
            text_copy(out->since, sizeof out->since, next);
            return true;
        }
        long days = strtol(next, NULL, 10);
        if ((text_equal(word, "last") || text_equal(word, "past")) && days > 0 && days < DAYS_LIMIT &&
            i + 2 < work->words.count && text_starts(work->words.items[i + 2], "day")) {
            between(now - (days - 1) * DAY, now + DAY, out);
            return true;
        }
    }
    return false;
}

bool ask_period(const AskWork *work, int64_t now, AskPeriod *out)
{
    *out = (AskPeriod){0};
    int64_t monday = now - (int64_t)since_monday(now) * DAY, first = now - (int64_t)since_first(now) * DAY;
    if (said(work, "today")) {
        between(now, now + DAY, out);
    } else if (said(work, "yesterday")) {
        between(now - DAY, now, out);
    } else if (said(work, "this week")) {
        between(monday, now + DAY, out);
    } else if (said(work, "last week")) {
        between(monday - (int64_t)7 * DAY, monday, out);
    } else if (said(work, "this month")) {
        between(first, now + DAY, out);
    } else if (said(work, "last month")) {
        between(first - DAY - (int64_t)since_first(first - DAY) * DAY, first, out);
    } else {
        return counted(work, now, out);
    }
    return true;
}

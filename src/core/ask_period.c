#include "ask_period.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    DAY = 24 * 60 * 60,
    COUNT_LIMIT = 1000,
    YEAR_FIRST = 1970,
    YEAR_LAST = 9999,
    PHRASE_WORDS = 4,
    RANGE_WORDS = 5
};

/* From the beginning of one day to that of another. */
typedef struct Span {
    int64_t from;
    int64_t to;
} Span;

/* Where the question is read. */
typedef struct Reader {
    const AskWork *work;
    size_t at;
    int64_t today;
} Reader;

static const char *word_at(const Reader *reader, size_t ahead)
{
    const Words *words = &reader->work->words;
    return reader->at + ahead < words->count ? words->items[reader->at + ahead] : "";
}

static struct tm day_of(int64_t time)
{
    time_t seconds = (time_t)time;
    struct tm day;
    gmtime_r(&seconds, &day);
    return day;
}

/* The first of a month; months before or after those of the year count on. */
static int64_t month_at(int year, int month)
{
    struct tm day = {.tm_year = year - 1900, .tm_mon = month, .tm_mday = 1};
    return (int64_t)timegm(&day);
}

/* "2026-11-01", "2026-11", "2026" */
static bool read_date(const char *word, Span *out)
{
    struct tm day = {.tm_mday = 1}, same;
    static const char *const formats[] = {"%Y-%m-%d", "%Y-%m", "%Y"};
    static const size_t lengths[] = {10, 7, 4};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const char *end = strlen(word) == lengths[i] ? strptime(word, formats[i], &day) : NULL;
        if (end && !*end && day.tm_year + 1900 >= YEAR_FIRST && day.tm_year + 1900 <= YEAR_LAST) {
            same = day;
            out->from = (int64_t)timegm(&same);
            out->to = i == 0   ? out->from + DAY
                      : i == 1 ? month_at(day.tm_year + 1900, day.tm_mon + 1)
                               : month_at(day.tm_year + 1901, 0);
            return i > 0 || same.tm_mday == day.tm_mday;
        }
    }
    return false;
}

/* The week, month or year that is so many before this one. */
static bool read_unit(const Reader *reader, const char *unit, int ago, Span *out)
{
    struct tm day = day_of(reader->today);
    int year = day.tm_year + 1900;
    if (text_starts(unit, "day")) {
        *out = (Span){reader->today - (int64_t)ago * DAY, reader->today - (int64_t)(ago - 1) * DAY};
    } else if (text_starts(unit, "week") && !text_starts(unit, "weekend")) {
        int64_t monday = reader->today - (int64_t)((day.tm_wday + 6) % 7 + 7 * ago) * DAY;
        *out = (Span){monday, monday + (int64_t)7 * DAY};
    } else if (text_starts(unit, "month")) {
        *out = (Span){month_at(year, day.tm_mon - ago), month_at(year, day.tm_mon - ago + 1)};
    } else if (text_starts(unit, "year")) {
        *out = (Span){month_at(year - ago, 0), month_at(year - ago + 1, 0)};
    } else {
        return false;
    }
    return true;
}

/* "monday": the last one, today counts. */
static bool read_weekday(const Reader *reader, const char *word, Span *out)
{
    static const char *const days[] = {"sunday",   "monday", "tuesday", "wednesday",
                                       "thursday", "friday", "saturday"};
    for (int i = 0; i < 7; i++) {
        if (text_equal(word, days[i])) {
            out->from = reader->today - (int64_t)((day_of(reader->today).tm_wday + 7 - i) % 7) * DAY;
            out->to = out->from + DAY;
            return true;
        }
    }
    return false;
}

/* The number of a month from 0, or -1. */
static int month_of(const char *word)
{
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    for (int i = 0; i < 12; i++) {
        bool shortened = strlen(word) == 3 && text_starts(months[i], word);
        if (shortened || text_equal(word, months[i]) || (i == 8 && text_equal(word, "sept"))) {
            return i;
        }
    }
    return -1;
}

static int year_of(const char *word)
{
    char *end = NULL;
    long year = strtol(word, &end, 10);
    return strlen(word) == 4 && !*end && year >= YEAR_FIRST && year <= YEAR_LAST ? (int)year : 0;
}

/* "3", "3rd"; 0: no day. */
static int day_number(const char *word)
{
    static const char *const ends[] = {"", "st", "nd", "rd", "th", NULL};
    char *end = NULL;
    long day = strtol(word, &end, 10);
    return end > word && words_is_one_of(end, ends) && day >= 1 && day <= 31 ? (int)day : 0;
}

/* "june" and "may" are also a name and a verb: a month stands behind one of these, or has a year or a day. */
static bool leads_to_month(const Reader *reader)
{
    static const char *const before[] = {"in",   "since",   "after", "before",  "until", "till",
                                         "from", "during",  "of",    "last",    "past",  "this",
                                         "on",   "between", "to",    "through", NULL};
    static const char *const between[] = {"between", NULL};
    const char *word = reader->at > 0 ? reader->work->words.items[reader->at - 1] : "";
    return words_is_one_of(word, before) || (text_equal(word, "and") && ask_says(reader->work, between));
}

/* "june", "june 2026", "june 3rd", "3 june 2026": without a year the last one that began until `latest`. The
 * number of words, 0: no month. */
static size_t read_month(const Reader *reader, int64_t latest, Span *out)
{
    size_t length = 1;
    int day = day_number(word_at(reader, 0));
    int month = month_of(word_at(reader, day ? length++ : 0));
    if (month < 0) {
        return 0;
    }
    if (!day && (day = day_number(word_at(reader, length)))) {
        length++;
    }
    int year = year_of(word_at(reader, length));
    if (!year && !day && !leads_to_month(reader)) {
        return 0;
    }
    length += year != 0;
    if (!year) {
        year = day_of(reader->today).tm_year + 1900;
        year -= month_at(year, month) + (day ? day - 1 : 0) * (int64_t)DAY > latest;
    }
    *out = (Span){month_at(year, month), month_at(year, month + 1)};
    if (day) {
        out->from += (day - 1) * (int64_t)DAY;
        if (out->from >= out->to) {
            return 0; /* 31 june */
        }
        out->to = out->from + DAY;
    }
    return length;
}

static int count_of(const char *word)
{
    char *end = NULL;
    long count = strtol(word, &end, 10);
    static const char *const said[] = {"a", "one", "two", "three", "four", "five", "six"};
    for (int i = 0; i < (int)(sizeof said / sizeof *said); i++) {
        if (text_equal(word, said[i])) {
            return i ? i : 1;
        }
    }
    return *word && !*end && count > 0 && count < COUNT_LIMIT ? (int)count : 0;
}

/* The time that is said here, and how many words say it; 0 when none is. */
static size_t read_span(const Reader *reader, Span *out)
{
    const char *word = word_at(reader, 0), *next = word_at(reader, 1), *third = word_at(reader, 2);
    bool last = text_equal(word, "last") || text_equal(word, "past");
    int count = count_of(last ? next : word);
    if (text_equal(word, "the")) {
        Reader behind = {reader->work, reader->at + 1, reader->today};
        size_t length = read_span(&behind, out);
        return length ? length + 1 : 0;
    }
    if (text_equal(word, "today")) {
        return read_unit(reader, "day", 0, out);
    }
    if (text_equal(word, "yesterday")) {
        return read_unit(reader, "day", 1, out);
    }
    if (last && count && text_starts(third, "day") && read_unit(reader, third, count - 1, out)) {
        out->to = reader->today + DAY;
        return 3;
    }
    if (last && count && read_unit(reader, third, count, out)) {
        out->to = reader->today + DAY;
        return 3;
    }
    if (count && text_equal(third, "ago") && read_unit(reader, next, count, out)) {
        return 3;
    }
    if (text_equal(word, "this") || last) {
        Reader behind = {reader->work, reader->at + 1, reader->today};
        struct tm day = day_of(reader->today);
        int64_t over = month_at(day.tm_year + 1900, day.tm_mon) - (last ? DAY : 0);
        size_t length = read_month(&behind, last ? over : reader->today, out);
        if (length > 0) {
            return length + 1;
        }
        return read_unit(reader, next, last, out) || read_weekday(reader, next, out) ? 2 : 0;
    }
    size_t length = read_month(reader, reader->today, out);
    return length ? length : read_date(word, out) || read_weekday(reader, word, out);
}

static void write_day(int64_t time, char out[16])
{
    struct tm day = day_of(time);
    strftime(out, 16, "%Y-%m-%d", &day);
}

/* "between A and B", "from A to B", "A - B", "A until B" */
static bool leads_to_end(const char *before, const char *word)
{
    static const char *const ends[] = {"to", "until", "till", "through", "-", "\u2013", "\u2014", NULL};
    return text_equal(before, "between") ? text_equal(word, "and") : words_is_one_of(word, ends);
}

/* The words of a span whose beginning is `length` words long, up to the end of its other end: both are in it.
 * 0: it has no other end. */
static size_t read_range(const Reader *reader, const char *before, size_t length, Span *out)
{
    Reader behind = {reader->work, reader->at + length + 1, reader->today};
    Span end, weekday;
    size_t more = leads_to_end(before, word_at(reader, length)) ? read_span(&behind, &end) : 0;
    if (more == 0) {
        return 0;
    }
    if (end.from < out->from && read_weekday(reader, word_at(reader, 0), &weekday)) {
        out->from -= (int64_t)7 * DAY;
        out->to -= (int64_t)7 * DAY; /* "between friday and monday": the one before it */
    }
    out->from = end.from < out->from ? end.from : out->from;
    out->to = end.to > out->to ? end.to : out->to;
    return length + 1 + more;
}

/* "between easter and 2026-06-03", "from 1 to 3 june": one of the ends is a time, and not both. */
static bool is_half_range(const Reader *reader)
{
    const char *before = word_at(reader, 0);
    Span begin, end;
    Reader behind = {reader->work, reader->at + 1, reader->today};
    if (!text_equal(before, "between") && !text_equal(before, "from")) {
        return false;
    }
    size_t length = read_span(&behind, &begin);
    bool half = false;
    for (size_t i = length ? length + 1 : 2; i < RANGE_WORDS; i++) {
        behind.at = reader->at + i + 1;
        bool ends = leads_to_end(before, word_at(reader, i));
        half = half || (ends && (length > 0) != (read_span(&behind, &end) > 0));
    }
    return half;
}

static void write_span(const char *before, const Span *span, AskPeriod *out)
{
    if (text_equal(before, "since") || text_equal(before, "from")) {
        write_day(span->from, out->since);
    } else if (text_equal(before, "after")) {
        write_day(span->to, out->since);
    } else if (text_equal(before, "before")) {
        write_day(span->from, out->until);
    } else if (text_equal(before, "until") || text_equal(before, "till")) {
        write_day(span->to, out->until);
    } else {
        write_day(span->from, out->since);
        write_day(span->to, out->until);
    }
}

/* Words that can only be about a time, though it is not understood. */
static bool is_time(const Reader *reader)
{
    static const char *const bounds[] = {"since", "after", "before", "until", "till", NULL};
    static const char *const near[] = {"last", "past", "this", "in", "on", "at", "during", NULL};
    static const char *const times[] = {"day",     "days",   "week",      "weeks",      "weekend",   "month",
                                        "months",  "year",   "years",     "quarter",    "spring",    "summer",
                                        "autumn",  "winter", "morning",   "evening",    "christmas", "easter",
                                        "century", "decade", "fall",      "hour",       "hours",     "minute",
                                        "minutes", "moment", "fortnight", "fortnights", "semester",  NULL};
    const char *word = word_at(reader, 0), *next = word_at(reader, 1);
    bool numbered = (*next >= '0' && *next <= '9') || (*next == 'q' && next[1] >= '1' && next[1] <= '4');
    return text_equal(word, "ago") || (words_is_one_of(word, bounds) && *next) ||
           (words_is_one_of(word, near) &&
            (numbered || words_is_one_of(next, times) || words_is_one_of(word_at(reader, 2), times) ||
             words_is_one_of(word_at(reader, 3), times)));
}

static void write_unknown(const Reader *reader, AskPeriod *out)
{
    Text phrase = {0};
    const Words *raw = &reader->work->raw;
    size_t first = reader->at > 1 && text_equal(word_at(reader, 0), "ago") ? reader->at - 2 : reader->at;
    for (size_t i = first; i < raw->count && i < reader->at + PHRASE_WORDS; i++) {
        text_addf(&phrase, "%s%s", phrase.length ? " " : "", raw->items[i]);
    }
    text_copy(out->unknown, sizeof out->unknown, text_string(&phrase));
    text_free(&phrase);
}

/* Is it a day or the like without a word that makes it the beginning or the end of a time? */
static bool is_unbound(const char *before)
{
    static const char *const bounds[] = {"since", "from", "after", "before", "until", "till", NULL};
    return !words_is_one_of(before, bounds);
}

AskPeriodKind ask_period(const AskWork *work, int64_t now, AskPeriod *out)
{
    Reader reader = {.work = work, .today = now - now % DAY};
    AskPeriodKind kind = ASK_PERIOD_NONE;
    size_t first = 0;
    *out = (AskPeriod){0};
    while (reader.at < work->words.count) {
        const char *before = reader.at ? work->words.items[reader.at - 1] : "";
        Span span = {0};
        size_t length = read_span(&reader, &span);
        size_t range = length ? read_range(&reader, before, length, &span) : 0;
        bool second = length && kind == ASK_PERIOD_KNOWN && (range || is_unbound(before));
        Reader behind = {work, reader.at + 1, reader.today};
        Span next;
        if (second || is_half_range(&reader) || (!length && is_time(&reader) && !read_span(&behind, &next))) {
            reader.at = second ? first : reader.at;
            write_unknown(&reader, out);
            return ASK_PERIOD_UNKNOWN;
        }
        if (length > 0) {
            first = reader.at;
            write_span(range ? "" : before, &span, out);
            kind = ASK_PERIOD_KNOWN;
        }
        reader.at += range ? range : length ? length : 1;
    }
    return kind;
}

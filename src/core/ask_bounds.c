#include "ask_bounds.h"

#include <stdlib.h>
#include <string.h>

enum { UNBOUND = 2, NUMBER_DIGITS = 9, PREFIX_WORDS = 3, THOUSANDS = 3 };

/* What stands before a number, or behind it. */
static const struct {
    const char *phrase;
    int least; /* how much more than the number it is; UNBOUND: anything */
    int most;
} bounds[] = {
    {"no more than", UNBOUND, 0},
    {"not more than", UNBOUND, 0},
    {"more than", 1, UNBOUND},
    {"over", 1, UNBOUND},
    {"above", 1, UNBOUND},
    {">", 1, UNBOUND},
    {"at least", 0, UNBOUND},
    {">=", 0, UNBOUND},
    {"or more", 0, UNBOUND},
    {"fewer than", UNBOUND, -1},
    {"less than", UNBOUND, -1},
    {"under", UNBOUND, -1},
    {"below", UNBOUND, -1},
    {"<", UNBOUND, -1},
    {"at most", UNBOUND, 0},
    {"<=", UNBOUND, 0},
    {"or fewer", UNBOUND, 0},
    {"or less", UNBOUND, 0},
    {"exactly", 0, 0},
    {"=", 0, 0},
    {"with", 0, 0},
    {"have", 0, 0},
    {"has", 0, 0},
    {"having", 0, 0},
    {"only", 0, 0},
};

static const char *word_at(const Words *words, size_t at)
{
    return at < words->count ? words->items[at] : "";
}

/* "30", "10k", "two"; -1: no number. */
static int64_t number_of(const char *word)
{
    static const char *const numbers[] = {"one", "two",   "three", "four", "five",
                                          "six", "seven", "eight", "nine", "ten"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (text_equal(word, numbers[i])) {
            return (int64_t)i + 1;
        }
    }
    size_t digits = strspn(word, "0123456789");
    const char *end = word + digits;
    int64_t scale = text_equal(end, "k") ? 1000 : text_equal(end, "m") ? 1000000 : *end ? 0 : 1;
    return digits > 0 && digits <= NUMBER_DIGITS && scale > 0 ? strtoll(word, NULL, 10) * scale : -1;
}

/* The number whose first word is `at`, as it is to be said: "1500" of "1,500", which is two words. *length is
 * of its words. Owned by the caller. */
static char *read_number(const AskWork *work, size_t at, size_t *length)
{
    Text said = {0};
    text_add(&said, word_at(&work->words, at));
    for (*length = 1;; ++*length) {
        const char *before = word_at(&work->words, at + *length - 1),
                   *next = word_at(&work->words, at + *length);
        char *written = text_format("%s,%s", before, next);
        bool goes_on = strlen(next) == THOUSANDS && strspn(next, "0123456789") == THOUSANDS &&
                       strstr(work->question->text, written);
        free(written);
        if (!goes_on) {
            return text_take(&said);
        }
        text_add(&said, next);
    }
}

/* What is counted, in the words from `at` on: how many these are, 0: nothing that is. */
static size_t read_unit(const Words *words, size_t at, CatalogMeasure *by)
{
    static const struct {
        const char *const names[5];
        CatalogMeasure by;
    } units[] = {{{"column", "columns", "field", "fields", NULL}, CATALOG_COLUMNS},
                 {{"row", "rows", "record", "records", NULL}, CATALOG_ROWS},
                 {{"reference", "references", NULL}, CATALOG_REFERENCES}};
    static const char *const keys[] = {"key", "keys", NULL};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (words_is_one_of(word_at(words, at), units[i].names)) {
            *by = units[i].by;
            return 1;
        }
    }
    *by = CATALOG_FOREIGN_KEYS;
    return text_equal(word_at(words, at), "foreign") && words_is_one_of(word_at(words, at + 1), keys) ? 2 : 0;
}

/* The words from `from` up to `to`, with blanks between. Owned by the caller. */
static char *joined(const Words *words, size_t from, size_t to)
{
    Text text = {0};
    for (size_t i = from; i < to && i < words->count; i++) {
        text_addf(&text, "%s%s", i > from ? " " : "", words->items[i]);
    }
    return text_take(&text);
}

static bool set_bounds(const char *phrase, int64_t number, CatalogBounds *out)
{
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        if (text_equal(phrase, bounds[i].phrase)) {
            out->least = bounds[i].least == UNBOUND ? 0 : number + bounds[i].least;
            out->most = bounds[i].most == UNBOUND ? INT64_MAX : number + bounds[i].most;
            return true;
        }
    }
    return false;
}

/* A number with its unit, and where it begins and ends. */
typedef struct Measure {
    size_t begin;
    size_t at;
    size_t behind; /* the number */
    size_t end;
    int64_t number;
    char *said; /* the number */
} Measure;

/* "or more" behind the number or behind its unit. */
static bool read_suffix(const Words *words, Measure *measure, size_t at, CatalogBounds *out)
{
    char *phrase = joined(words, at, at + 2);
    bool is = text_starts(phrase, "or ") && set_bounds(phrase, measure->number, out);
    free(phrase);
    return is;
}

/* The longest phrase before it that says a bound. */
static bool read_prefix(const Words *words, Measure *measure, CatalogBounds *out)
{
    bool is = false;
    for (size_t length = PREFIX_WORDS; !is && length > 0; length--) {
        if (length <= measure->at) {
            char *phrase = joined(words, measure->at - length, measure->at);
            is = !text_starts(phrase, "or ") && set_bounds(phrase, measure->number, out);
            measure->begin = is ? measure->at - length : measure->begin;
            free(phrase);
        }
    }
    return is;
}

/* "between 2 and 5" */
static bool read_between(const Words *words, Measure *measure, CatalogBounds *out)
{
    int64_t least = measure->at >= 3 ? number_of(words->items[measure->at - 2]) : -1;
    if (least < 0 || !text_equal(words->items[measure->at - 1], "and") ||
        !text_equal(words->items[measure->at - 3], "between")) {
        return false;
    }
    measure->begin = measure->at - 3;
    out->least = least < measure->number ? least : measure->number;
    out->most = least < measure->number ? measure->number : least;
    return true;
}

/* ">=3" */
static bool read_sign(const char *word, Measure *measure, CatalogBounds *out)
{
    size_t length = strspn(word, "<>=");
    char *sign = text_format("%.*s", (int)length, word);
    bool is = set_bounds(sign, measure->number, out);
    free(sign);
    return is;
}

static bool read_measure(const AskWork *work, size_t at, Measure *measure, CatalogBounds *out)
{
    const Words *words = &work->words;
    size_t length = 0;
    *measure = (Measure){.begin = at, .at = at, .said = read_number(work, at, &length)};
    measure->number = number_of(measure->said + strspn(measure->said, "<>="));
    measure->behind = at + length;
    if (measure->number < 0) {
        return false;
    }
    bool bound = read_suffix(words, measure, measure->behind, out);
    measure->behind += bound ? 2 : 0;
    size_t unit = read_unit(words, measure->behind, &out->by);
    measure->end = measure->behind + unit;
    if (!bound && unit > 0 && read_suffix(words, measure, measure->end, out)) {
        measure->end += 2;
        bound = true;
    }
    return unit > 0 && (bound || read_sign(words->items[at], measure, out) ||
                        read_between(words, measure, out) || read_prefix(words, measure, out));
}

static void take(const AskWork *work, const Measure *measure, const CatalogBounds *found,
                 AskCondition *condition, size_t number_words)
{
    static const char *const leads[] = {"with", "have", "has", "having", NULL};
    char *phrase = joined(&work->words, measure->begin, measure->end);
    size_t first = measure->begin + words_is_one_of(work->words.items[measure->begin], leads);
    char *lead = joined(&work->words, first, measure->at);
    char *rest = joined(&work->words, measure->at + number_words, measure->end);
    char *said = text_format("%s%s%s %s%s", lead, *lead ? " " : "", measure->said, rest,
                             found->by == CATALOG_ROWS ? ", as the database estimates them" : "");
    ask_condition_take(condition, (const char *const[]){phrase, NULL});
    ask_condition_say(condition, "with ", said);
    free(said);
    free(rest);
    free(lead);
    free(phrase);
}

bool ask_bounds_take(const AskWork *work, AskCondition *condition, CatalogBounds *out)
{
    bool found = false;
    for (size_t i = 0; i < work->words.count && !found; i++) {
        Measure measure;
        size_t length;
        found = read_measure(work, i, &measure, out);
        free(measure.said);
        if (found) {
            measure.said = read_number(work, i, &length);
            take(work, &measure, out, condition, length);
            free(measure.said);
        }
    }
    return found;
}

/* What a column means, as far as its name and its type support one another. Nothing here looks at keys. */
#include "drafter_rules.h"

#include <string.h>
#include <strings.h>

#include "drafter_sql.h"
#include "memory.h"
#include "text.h"

typedef struct Subject {
    const CatalogColumn *column;
    bool in_view;
    TypeClass type;
    Words words;    /* as written, without prefix */
    Words expanded; /* the same, word by word expanded */
} Subject;

/* The i-th word from the end, "" when there are not so many. */
static const char *word_from_end(const Subject *s, size_t i)
{
    return i < s->words.count ? s->words.items[s->words.count - 1 - i] : "";
}

static bool is_participle(const char *word)
{
    static const char *const irregular[] = {"begun", "bought", "built", "closed", "done",    "found",
                                            "given", "held",   "lost",  "made",   "paid",    "read",
                                            "seen",  "sent",   "sold",  "taken",  "written", NULL};
    static const char *const other[] = {"bed",  "embed", "feed",  "fed", "need", "red", "seed", "speed",
                                        "shed", "weed",  "breed", "led", "med",  "ped", "used", NULL};
    size_t length = strlen(word);
    return words_is_one_of(word, irregular) ||
           (length > 4 && strcmp(word + length - 2, "ed") == 0 && !words_is_one_of(word, other));
}

/* Text that holds a time: only SQLite keeps times as text, and then the default or the values show it. */
static bool holds_time(const Subject *s)
{
    if (s->type == TYPE_TIMESTAMP || s->type == TYPE_DATE) {
        return true;
    }
    return s->type == TYPE_TEXT && (sql_default(s->column->default_value, NULL) == SQL_DEFAULT_NOW ||
                                    (s->column->format && strcmp(s->column->format, "iso date") == 0));
}

typedef enum Audit { AUDIT_NONE, AUDIT_CREATED, AUDIT_CHANGED, AUDIT_DELETED } Audit;

static Audit audit_of_word(const char *word)
{
    static const char *const created[] = {"create", "created", "creation", "insert", "inserted", NULL};
    static const char *const changed[] = {"update",       "updated", "modify", "modified",
                                          "modification", "changed", "upd",    NULL};
    static const char *const deleted[] = {"deleted", NULL};
    return words_is_one_of(word, created)   ? AUDIT_CREATED
           : words_is_one_of(word, changed) ? AUDIT_CHANGED
           : words_is_one_of(word, deleted) ? AUDIT_DELETED
                                            : AUDIT_NONE;
}

/* A name of audit words only: created_at, last_update, DateModified. `by`: the column says who. */
static Audit audit_of_name(const Subject *s, bool *by)
{
    static const char *const fillers[] = {"at",       "on",   "date", "time",   "timestamp", "ts", "dt",
                                          "datetime", "last", "row",  "record", "utc",       NULL};
    static const char *const who[] = {"by", "user", "id", NULL};
    Audit audit = AUDIT_NONE;
    *by = false;
    for (size_t i = 0; i < s->words.count; i++) {
        const char *word = s->words.items[i];
        Audit found = audit_of_word(word);
        if (found != AUDIT_NONE && audit == AUDIT_NONE) {
            audit = found;
        } else if (strcmp(word, "by") == 0) {
            *by = audit != AUDIT_NONE;
        } else if (!words_is_one_of(word, fillers) && !(*by && words_is_one_of(word, who))) {
            return AUDIT_NONE;
        }
    }
    return audit;
}

static bool audit_meaning(const Subject *s, Meaning *out)
{
    static const char *const what[] = {"", "was created", "was last changed", "was marked as deleted"};
    bool by;
    Audit audit = audit_of_name(s, &by);
    if (audit == AUDIT_NONE || s->in_view) {
        return false;
    }
    if (by) {
        if (s->type != TYPE_TEXT && s->type != TYPE_INTEGER && s->type != TYPE_UUID) {
            return false;
        }
        static const char *const did[] = {"", "created", "last changed", "deleted"};
        *out = (Meaning){text_format("who %s the row", did[audit]), 0.65};
        return true;
    }
    if (s->type == TYPE_BOOLEAN && audit == AUDIT_DELETED) {
        *out = (Meaning){memory_string("true if the row is marked as deleted"), 0.65};
        return true;
    }
    if (!holds_time(s)) {
        return false;
    }
    const char *when = s->type == TYPE_DATE ? "date on which" : "time at which";
    bool set = audit == AUDIT_CREATED && sql_default(s->column->default_value, NULL) == SQL_DEFAULT_NOW;
    const char *more = set                                              ? "; set by the database unless given"
                       : audit == AUDIT_DELETED && !s->column->not_null ? "; empty while it is not"
                                                                        : "";
    *out = (Meaning){text_format("%s the row %s%s", when, what[audit], more), set ? DRAFT_HIGH : 0.7};
    return true;
}

/* "del" and "is_deleted" of databases that keep flags as numbers: only with 0, for rows that are not. */
static bool deletion_flag_meaning(const Subject *s, Meaning *out)
{
    static const char *const deleted[] = {"del", "deleted", NULL};
    static const char *const fillers[] = {"flag", "flg", "is", "row", "soft", NULL};
    char *literal = NULL;
    bool zero = s->type == TYPE_INTEGER && !s->in_view &&
                sql_default(s->column->default_value, &literal) == SQL_DEFAULT_LITERAL &&
                text_equal(literal, "0");
    bool found = false;
    for (size_t i = 0; i < s->words.count && zero; i++) {
        const char *word = s->words.items[i];
        found = found || words_is_one_of(word, deleted);
        zero = words_is_one_of(word, deleted) || words_is_one_of(word, fillers);
    }
    free(literal);
    if (zero && found) {
        *out = (Meaning){memory_string("flag that marks the row as deleted; 0 while it is not"), 0.55};
    }
    return zero && found;
}

/* "row_version", "lock_version": a number by which one writer notices another. */
static bool version_meaning(const Subject *s, Meaning *out)
{
    static const char *const locks[] = {"lock", "opt", "optimistic", "row", NULL};
    static const char *const glued[] = {"lockversion", "optlock", "rowversion", NULL};
    bool two = s->words.count == 2 && words_is_one_of(s->words.items[0], locks) &&
               (strcmp(s->words.items[1], "version") == 0 || strcmp(s->words.items[1], "lock") == 0);
    bool one = s->words.count == 1 && words_is_one_of(s->words.items[0], glued);
    if (s->type != TYPE_INTEGER || s->in_view || !(one || two)) {
        return false;
    }
    *out = (Meaning){memory_string("version of the row, by which concurrent changes are noticed"), 0.55};
    return true;
}

/* "is_active", "has_children", "email_verified" of type boolean. */
static bool boolean_meaning(const Subject *s, Meaning *out)
{
    static const char *const verbs[] = {"has",      "can",    "should", "must",     "needs",
                                        "requires", "allows", "uses",   "supports", "includes",
                                        "contains", "was",    NULL};
    static const char *const orders[] = {"allow",   "enable",  "disable", "show", "hide",
                                         "use",     "send",    "require", "skip", "ignore",
                                         "include", "exclude", "display", NULL};
    static const char *const adjectives[] = {"active",    "inactive", "available", "default", "hidden",
                                             "mandatory", "open",     "optional",  "primary", "private",
                                             "public",    "read",     "required",  "valid",   "visible",
                                             "invalid",   NULL};
    /* not every word that ends in -ed is a participle, and of a word alone nothing else tells */
    static const char *const states[] = {
        "accepted",  "applied",   "approved",  "archived", "blocked", "cancelled", "canceled",  "closed",
        "completed", "confirmed", "delivered", "disabled", "enabled", "expired",   "finished",  "granted",
        "inherited", "installed", "locked",    "paid",     "paused",  "pinned",    "processed", "published",
        "received",  "rejected",  "resolved",  "reviewed", "sent",    "shipped",   "signed",    "subscribed",
        "suspended", "trusted",   "validated", "verified", NULL};
    if (s->type != TYPE_BOOLEAN || s->words.count == 0) {
        return false;
    }
    const char *first = s->words.items[0];
    char *rest = words_join(&s->expanded, 1, s->expanded.count);
    char *all = words_join(&s->expanded, 0, s->expanded.count);
    bool more = s->words.count > 1;
    if (more && strcmp(first, "is") == 0) {
        *out = (Meaning){text_format("true if %s", rest), 0.65};
    } else if (more && words_is_one_of(first, verbs)) {
        *out = (Meaning){text_format("true if it %s %s", first, rest), 0.65};
    } else if (more && words_is_one_of(first, orders)) {
        *out = (Meaning){text_format("true to %s %s", first, rest), 0.55};
    } else if (more ? is_participle(word_from_end(s, 0))
                    : words_is_one_of(first, adjectives) || words_is_one_of(first, states)) {
        *out = (Meaning){text_format("true if %s", all), 0.6};
    } else if (!rules_says_nothing(all)) {
        *out = (Meaning){text_format("flag: %s", all), REPEATS_NAME};
    }
    free(rest);
    free(all);
    return out->text != NULL;
}

/* "shipped_at", "expires_at", "valid_from", "order_date" of a type that holds a time. */
static bool time_meaning(const Subject *s, Meaning *out)
{
    static const char *const verbs[] = {"begins",   "closes", "ends",   "expires",
                                        "finishes", "opens",  "starts", NULL};
    static const char *const since[] = {"from", "since", "start", NULL};
    static const char *const until[] = {"to", "till", "until", "through", "end", NULL};
    static const char *const dates[] = {"date", "dt", "day", NULL};
    static const char *const moments[] = {"time", "timestamp", "ts", NULL};
    if (!holds_time(s) || s->words.count == 0) {
        return false;
    }
    const char *kind = s->type == TYPE_DATE ? "date" : "time";
    const char *last = word_from_end(s, 0);
    if (s->words.count == 1) {
        if (words_is_one_of(last, verbs)) {
            *out = (Meaning){text_format("%s when it %s", kind, last), 0.55};
        }
        return out->text;
    }
    const char *before = word_from_end(s, 1);
    bool of_row = s->words.count == 2;
    char *rest = words_join(&s->expanded, 0, s->expanded.count - 1);
    bool found = true;
    if (of_row && (strcmp(before, "valid") == 0 || strcmp(before, "effective") == 0) &&
        (words_is_one_of(last, since) || words_is_one_of(last, until))) {
        *out = (Meaning){text_format("%s %s which the row is %s", kind,
                                     words_is_one_of(last, since) ? "from" : "until", before),
                         0.65};
    } else if (strcmp(last, "at") == 0 || (strcmp(last, "on") == 0 && is_participle(before))) {
        bool verb = of_row && words_is_one_of(before, verbs);
        const char *joint = verb ? "when it" : is_participle(before) ? "when" : "of";
        *out = (Meaning){text_format("%s %s %s", kind, joint, rest), 0.6};
    } else if (strcmp(s->words.items[0], "last") == 0 && strcmp(s->words.items[1], "time") != 0 &&
               !words_is_one_of(last, dates) && !words_is_one_of(last, moments)) {
        char *what = words_join(&s->expanded, 1, s->expanded.count);
        *out = (Meaning){is_participle(last) ? text_format("%s when last %s", kind, what)
                                             : text_format("%s of the last %s", kind, what),
                         0.5};
        free(what);
    } else if (words_is_one_of(last, dates) && s->type == TYPE_TIMESTAMP) {
        *out = (Meaning){text_format("%s date, with time of day", rest), 0.45};
    } else if (words_is_one_of(last, dates) && s->type == TYPE_DATE) {
        *out = (Meaning){text_format("%s date, without time of day", rest), 0.45};
    } else {
        found = false;
    }
    free(rest);
    return found;
}

/* Units that can be read in one way only after a measured word: "timeout_ms". */
static const char *unit_of_word(const char *word)
{
    static const char *const units[][2] = {
        {"bytes", "bytes"},        {"cm", "centimetres"},  {"gb", "gigabytes"}, {"kb", "kilobytes"},
        {"kg", "kilograms"},       {"km", "kilometres"},   {"mb", "megabytes"}, {"millis", "milliseconds"},
        {"mm", "millimetres"},     {"ms", "milliseconds"}, {"pct", "percent"},  {"percent", "percent"},
        {"percentage", "percent"},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(word, units[i][0]) == 0) {
            return units[i][1];
        }
    }
    return NULL;
}

/* Is it a word for something that is measured, so that what follows is its unit? There may be so many cities
 * in a column "cities_kg", but none of them weighs that. */
static bool is_measure(const char *word)
{
    static const char *const measures[] = {
        "age",       "altitude",   "bandwidth",     "capacity", "commission", "completion", "depth",
        "diameter",  "discount",   "distance",      "delay",    "duration",   "elapsed",    "elevation",
        "gross",     "growth",     "height",        "humidity", "interval",   "latency",    "length",
        "lifetime",  "load",       "margin",        "markup",   "mass",       "mileage",    "net",
        "payload",   "period",     "precipitation", "progress", "radius",     "rainfall",   "range",
        "rate",      "retention",  "runtime",       "share",    "size",       "tare",       "tax",
        "thickness", "time",       "timeout",       "ttl",      "uptime",     "usage",      "utilization",
        "vat",       "visibility", "volume",        "wait",     "weight",     "width",      NULL};
    return words_is_one_of(word, measures);
}

static bool unit_meaning(const Subject *s, Meaning *out)
{
    static const char *const spans[] = {"age",    "delay",     "duration", "interval", "latency", "lifetime",
                                        "period", "retention", "timeout",  "ttl",      "uptime",  NULL};
    static const char *const times[] = {"days",    "hours", "minutes", "months",
                                        "seconds", "secs",  "weeks",   NULL};
    static const char *const amounts[] = {"bytes", "gb", "kb", "mb", NULL};
    static const char *const sizes[] = {"capacity", "disk", "length", "limit", "memory",
                                        "quota",    "size", "space",  "usage", NULL};
    static const char *const edges[] = {"avg", "average", "free", "max", "min",   "n", "new",
                                        "num", "old",     "read", "sum", "total", NULL};
    if ((s->type != TYPE_INTEGER && s->type != TYPE_NUMBER) || s->words.count < 2) {
        return false;
    }
    const char *last = word_from_end(s, 0);
    const char *before = word_from_end(s, 1);
    const char *unit = unit_of_word(last);
    if (!unit && words_is_one_of(last, times) && words_is_one_of(before, spans)) {
        unit = strcmp(last, "secs") == 0 ? "seconds" : last;
    }
    bool amount = words_is_one_of(last, amounts); /* "file_bytes": whose, not what is measured */
    if (!unit || words_is_one_of(before, edges) || is_participle(before) ||
        (amount && !words_is_one_of(before, sizes))) {
        return false;
    }
    char *rest = words_join(&s->expanded, 0, s->expanded.count - 1);
    bool certain = amount || words_is_one_of(last, times) || is_measure(before);
    *out = certain ? (Meaning){text_format("%s in %s", rest, unit), 0.55}
                   : (Meaning){text_format("%s, probably in %s", rest, unit), REPEATS_NAME};
    free(rest);
    return true;
}

/* "login_count", "num_items": says no more than the name, only better. */
static bool count_meaning(const Subject *s, Meaning *out)
{
    static const char *const count[] = {"count", "cnt", NULL};
    static const char *const number[] = {"num", "nbr", "number", NULL};
    static const char *const no_things[] = {"avg", "current", "initial", "last", "max",   "maximum", "min",
                                            "new", "old",     "ref",     "sum",  "total", NULL};
    if (s->type != TYPE_INTEGER || s->words.count < 2) {
        return false;
    }
    for (size_t i = 0; i < s->words.count; i++) {
        if (words_is_one_of(s->words.items[i], no_things) || is_participle(s->words.items[i])) {
            return false; /* "failed_count": of what? */
        }
    }
    size_t words = s->words.count;
    size_t from = 0;
    size_t to = words;
    if (words_is_one_of(word_from_end(s, 0), count)) {
        to = words - 1;
    } else if (words_is_one_of(s->words.items[0], number)) {
        from = words > 2 && strcmp(s->words.items[1], "of") == 0 ? 2 : 1;
        char *singular = words_singular(s->words.items[words - 1]);
        bool plural = strcmp(singular, s->words.items[words - 1]) != 0;
        free(singular);
        if (!plural) {
            return false;
        }
    } else {
        return false;
    }
    char *things = words_join(&s->expanded, from, to - 1);
    char *last = words_plural(s->expanded.items[to - 1]);
    *out = (Meaning){text_format("number of %s%s%s", things, *things ? " " : "", last), EXPANDS_NAME};
    free(last);
    free(things);
    return true;
}

static void name_meaning(const Subject *s, Meaning *out)
{
    bool expanded = false;
    for (size_t i = 0; i < s->words.count; i++) {
        expanded = expanded || strcasecmp(s->words.items[i], s->expanded.items[i]) != 0;
    }
    char *phrase = words_join(&s->expanded, 0, s->expanded.count);
    if (!expanded && rules_says_nothing(phrase)) {
        *phrase = '\0';
    }
    *out = (Meaning){phrase, expanded ? EXPANDS_NAME : REPEATS_NAME};
}

Meaning rules_meaning(const CatalogColumn *column, bool in_view)
{
    Subject s = {.column = column, .in_view = in_view, .type = rules_column_type(column)};
    words_split(column->name, &s.words);
    words_strip_prefix(&s.words, column->type);
    for (size_t i = 0; i < s.words.count; i++) {
        words_add(&s.expanded, s.words.items[i]);
    }
    words_expand(&s.expanded);
    Meaning meaning = {0};
    if (!deletion_flag_meaning(&s, &meaning) && !audit_meaning(&s, &meaning) &&
        !version_meaning(&s, &meaning) && !boolean_meaning(&s, &meaning) && !time_meaning(&s, &meaning) &&
        !unit_meaning(&s, &meaning) && !count_meaning(&s, &meaning)) {
        name_meaning(&s, &meaning);
    }
    words_free(&s.words);
    words_free(&s.expanded);
    /* an endless name must leave room for what else is to be said */
    char *shown = rules_quote(meaning.text, 200);
    free(meaning.text);
    meaning.text = shown;
    return meaning;
}

/* Tables by what they do not have: "tables without a json column", "which tables don't reference users". */
#include "ask_kind.h"

#include <stdlib.h>

#include "ask_name.h"
#include "ask_types.h"

static const char *const column_words[] = {"column", "columns", "field", "fields", NULL};
static const char *const table_words[] = {"table", "tables", "view", "views", "relations", NULL};

/* --- a column --- */

/* What is lacking, as the question says it. */
typedef struct Lacking {
    size_t at;    /* where its name stands .. */
    size_t words; /* .. and how many words it has */
    bool column;  /* it is said to be a column */
    bool typed;   /* it is said to be a type */
} Lacking;

/* Views only where the question says so. */
static const char *kind_of(const AskWork *work)
{
    static const char *const both[] = {"tables and views", "tables or views", "views and tables", NULL},
                             *const views[] = {"view", "views", NULL};
    return ask_says(work, both) ? NULL : ask_word_at(work, views) >= 0 ? "view" : "table";
}

/* Behind "without", "have no", "don't have"; the count of words when nothing is denied. */
static size_t denied_at(const AskWork *work)
{
    static const char *const denials[] = {"without", "lack", "lacks", "lacking", "missing", NULL},
                             *const have[] = {"with", "have", "has", "having", "contain", "contains", NULL},
                             *const not [] = {"not", "don't", "doesn't", "dont", "doesnt", NULL};
    const Words *words = &work->words;
    for (size_t i = 0; i < words->count; i++) {
        const char *before = i > 0 ? words->items[i - 1] : "";
        bool no = text_equal(words->items[i], "no") && words_is_one_of(before, have);
        bool has_not = words_is_one_of(words->items[i], have) && words_is_one_of(before, not );
        if (no || has_not || words_is_one_of(words->items[i], denials)) {
            return i + 1;
        }
    }
    return words->count;
}

/* "a column called email", "an email column", "a column of type json"; false: nothing of that kind. */
static bool find_lacking(const AskWork *work, Lacking *out)
{
    static const char *const leads[] = {"a", "an", "any", "the", "called", "named", "of", NULL};
    const Words *words = &work->words;
    size_t at = denied_at(work);
    *out = (Lacking){.words = 1};
    for (; at < words->count; at++) {
        bool column = words_is_one_of(words->items[at], column_words);
        bool type = text_equal(words->items[at], "type");
        out->column = out->column || column;
        out->typed = out->typed || type;
        if (!column && !type && !words_is_one_of(words->items[at], leads)) {
            break;
        }
    }
    out->at = at;
    bool behind = at + 1 < words->count && words_is_one_of(words->items[at + 1], column_words);
    out->typed = out->typed || (!out->column && at < words->count && ask_types_of(words->items[at]));
    out->column = out->column || behind;
    return at < words->count;
}

/* Does the question say anything else? */
static bool says_more(const AskWork *work, const Lacking *lacking)
{
    static const char *const known[] = {"not",  "don't",   "doesn't", "dont",    "doesnt",
                                        "lack", "lacking", "lacks",   "contain", NULL};
    for (size_t i = 0; i < work->words.count; i++) {
        const char *word = work->words.items[i];
        bool within = i >= lacking->at && i < lacking->at + lacking->words;
        if (!within && !ask_is_filler(word) && !words_is_one_of(word, known) &&
            !words_is_one_of(word, column_words) && !words_is_one_of(word, table_words) &&
            !ask_is_schema(work, work->raw.items[i])) {
            return true;
        }
    }
    return false;
}

static bool say_lacking(AskWork *work, const Lacking *lacking, const AskType *type, Error *err)
{
    const char *name = work->raw.items[lacking->at];
    CatalogFilter filter = {.tables = true,
                            .lacks = true,
                            .schema = work->schema,
                            .kind = kind_of(work),
                            .column = lacking->typed ? NULL : name};
    filter.types = lacking->typed ? (const char *const *)type->types : NULL;
    filter.arrays = lacking->typed && !type->types[0];
    char *visible = text_visible(lacking->typed ? type->said : name);
    char *what = text_format(" without a column %s%s", lacking->typed ? "of type " : "", visible);
    bool ok = ask_list_say(work, &filter, what, err);
    work->out->known = true;
    free(what);
    free(visible);
    return ok;
}

static bool lacks_column(AskWork *work, bool *taken, Error *err)
{
    Lacking lacking;
    bool there = false;
    if (!find_lacking(work, &lacking)) {
        return true;
    }
    AskType type = ask_type_read(work, lacking.at);
    lacking.words = lacking.typed ? type.words : 1;
    bool ok = says_more(work, &lacking) || lacking.typed ||
              ask_is_column(work, work->words.items[lacking.at], &there, err);
    *taken = ok && !says_more(work, &lacking) && (lacking.typed || lacking.column || there);
    if (*taken && !lacking.typed && !there) {
        char *name = text_visible(work->raw.items[lacking.at]);
        text_addf(&work->text, "No table has a column %s.\n", name);
        work->out->known = true;
        free(name);
    } else if (*taken) {
        ok = say_lacking(work, &lacking, &type, err);
    }
    ask_type_free(&type);
    return ok;
}

/* --- a foreign key to a table --- */

/* One table, or all of one name. */
static bool names_one(const AskWork *work)
{
    bool one = work->named.count > 0;
    for (size_t i = 0; i < work->named.count; i++) {
        const AskSubject *named = &work->named.items[i];
        one = one && !named->column && text_equal(named->table, work->named.items[0].table);
    }
    return one;
}

static bool say_apart(AskWork *work, const AskSubject *from, Error *err)
{
    const CatalogPlace place = {.schema = from->schema, .table = from->table};
    const CatalogFilter filter = {
        .tables = true, .schema = work->schema, .kind = kind_of(work), .apart_from = &place};
    char *name = ask_name(place.schema, place.table, NULL);
    char *what = text_format(" without a foreign key to %s", name);
    bool ok = ask_list_say(work, &filter, what, err);
    work->out->known = true;
    free(what);
    free(name);
    return ok;
}

/* "which tables don't reference users", "tables without a foreign key to users" */
static bool lacks_reference(AskWork *work, bool *taken, Error *err)
{
    static const char *const denials[] = {"not",     "don't", "doesn't", "dont", "doesnt",
                                          "without", "no",    "lack",    NULL},
                             *const links[] = {"reference",      "references",      "refer to",
                                               "refers to",      "point to",        "points to",
                                               "foreign key to", "foreign keys to", "reference to",
                                               "references to",  "linked to",       NULL};
    if (!names_one(work) || ask_word_at(work, denials) < 0 || !ask_says(work, links)) {
        return true;
    }
    bool ok = true;
    *taken = true;
    for (size_t i = 0; ok && i < work->named.count && ask_has_room(work, i); i++) {
        ok = say_apart(work, &work->named.items[i], err);
    }
    return ok;
}

bool ask_lacking(AskWork *work, bool *taken, Error *err)
{
    if (ask_word_at(work, table_words) < 0 || work->points_back) {
        return true;
    }
    bool ok = lacks_reference(work, taken, err);
    return ok && (*taken || lacks_column(work, taken, err));
}

/* Columns by their exact name: every table that has one, and how many these are. */
#include "ask_kind.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ask_name.h"
#include "ask_types.h"

enum { COLUMNS_LIMIT = 100 };

static const char *const column_words[] = {"column", "columns", "field", "fields", NULL};

/* --- the answer --- */

static void say_one(void *context, const CatalogObject *object)
{
    ask_say_object(context, "    ", object);
}

static CatalogFilter filter_of(const AskWork *work, const char *column, const AskSubject *table)
{
    return (CatalogFilter){.columns = true,
                           .column = column,
                           .schema = table ? table->schema : work->schema,
                           .table = table ? table->table : NULL};
}

/* "18 tables have a column itemid:" and all of them. */
static bool say_column(AskWork *work, const char *column, const AskSubject *table, Error *err)
{
    CatalogFilter filter = filter_of(work, column, table);
    int64_t total = 0, limit = ask_list_limit(work, COLUMNS_LIMIT);
    Text head = work->text;
    work->text = (Text){0};
    bool ok = catalog_cache_select(work->question->local, work->question->fingerprint, &filter, (int)limit,
                                   say_one, work, &total, err);
    Text listed = work->text;
    char *name = strpbrk(column, ". \"") ? ask_name(NULL, NULL, column) : text_visible(column);
    char *schema = text_visible(filter.schema);
    work->text = head;
    if (table) {
        char *place = ask_name(table->schema, table->table, NULL);
        text_addf(&work->text, "%s has %s column %s%s\n", place, total ? "a" : "no", name, total ? ":" : ".");
        free(place);
    } else {
        text_addf(&work->text, "%lld table%s%s%s %s a column %s%s\n", (long long)total, text_plural(total),
                  *schema ? " in schema " : "", schema, total == 1 ? "has" : "have", name, total ? ":" : ".");
    }
    text_add(&work->text, text_string(&listed));
    ask_say_more(work, total, total < limit ? total : limit, "table");
    work->out->known = work->out->known || total > 0;
    free(schema);
    free(name);
    text_free(&listed);
    return ok;
}

static void ignore(void *context, const CatalogObject *object)
{
    (void)context;
    (void)object;
}

bool ask_is_column(const AskWork *work, const char *word, bool *out, Error *err)
{
    const CatalogFilter filter = {.columns = true, .column = word};
    int64_t total = 0;
    bool ok = catalog_cache_select(work->question->local, work->question->fingerprint, &filter, 0, ignore,
                                   NULL, &total, err);
    *out = total > 0;
    return ok;
}

/* --- "a column itemid", "tables with hostid" --- */

/* The first word after this one that does more than lead to a name; the count of words when none does. */
static size_t after(const AskWork *work, size_t at, bool *called)
{
    static const char *const leads[] = {"a", "an", "the", "is", "are", "exactly", NULL};
    static const char *const calls[] = {"called", "named", NULL};
    for (at++; at < work->words.count; at++) {
        bool calling = words_is_one_of(work->words.items[at], calls);
        *called = *called || calling;
        if (!calling && !words_is_one_of(work->words.items[at], leads) &&
            !words_is_one_of(work->words.items[at], column_words)) {
            break;
        }
    }
    return at;
}

/* Where the name stands that the question gives to a column, or -1. */
static long name_at(const AskWork *work, bool *called)
{
    static const char *const tables[] = {"table", "tables", "views", NULL};
    static const char *const have[] = {"with",    "have",     "has",        "having",
                                       "contain", "contains", "containing", NULL};
    long table = ask_word_at(work, tables);
    for (size_t i = 0; i < work->words.count; i++) {
        bool column = words_is_one_of(work->words.items[i], column_words);
        bool of_tables = (table >= 0 && (size_t)table < i) || work->named.count > 0;
        if (column || (of_tables && words_is_one_of(work->words.items[i], have))) {
            size_t at = after(work, i, called);
            bool typed =
                at + 1 < work->words.count && words_is_one_of(work->words.items[at + 1], column_words);
            if (at < work->words.count && (*called || !ask_is_filler(work->words.items[at])) &&
                (column || !typed || !ask_types_of(work->words.items[at]))) {
                return (long)at;
            }
        }
    }
    return -1;
}

/* Does the question say anything but the name, a schema and tables it names? A condition that is not
 * understood must not be dropped. */
static bool says_more(const AskWork *work, size_t name)
{
    for (size_t i = 0; i < work->words.count; i++) {
        bool known =
            i == name || ask_is_filler(work->words.items[i]) || ask_is_schema(work, work->raw.items[i]);
        for (size_t s = 0; !known && s < work->named.count; s++) {
            known = ask_names_table(work->words.items[i], &work->named.items[s]);
        }
        if (!known && !text_equal(work->words.items[i], "containing") &&
            !text_equal(work->words.items[i], "having")) {
            return true;
        }
    }
    return false;
}

/* In each table the question names beside the column, else everywhere. */
static bool say_columns(AskWork *work, const char *column, Error *err)
{
    bool narrowed = false;
    for (size_t i = 0; i < work->named.count; i++) {
        const AskSubject *table = &work->named.items[i];
        if (!ask_names_table(column, table)) {
            narrowed = true;
            if (!say_column(work, column, table, err)) {
                return false;
            }
        }
    }
    return narrowed || say_column(work, column, NULL, err);
}

bool ask_column(AskWork *work, bool *taken, Error *err)
{
    bool called = false, there = false;
    long at = work->points_back ? -1 : name_at(work, &called);
    if (at < 0 || says_more(work, (size_t)at)) {
        return true;
    }
    char *column = ask_unquoted(work->words.items[at]);
    bool ok = ask_is_column(work, column, &there, err);
    if (ok && there) {
        *taken = true;
        ok = say_columns(work, column, err);
    } else if (ok && called) {
        char *said = ask_unquoted(work->raw.items[at]), *name = text_visible(said);
        text_addf(&work->text, "No column is called %s in profile %s.\n", name, work->question->profile);
        free(name);
        free(said);
        ok = ask_find(work, taken, err);
    }
    free(column);
    return ok;
}

/* --- "itemid" --- */

/* A question with one word of its own, which no table is called by but a column is: "itemid", "what is
 * itemid", "where is the itemid column", but not "which version does the schema have". */
bool ask_column_name(AskWork *work, bool *taken, Error *err)
{
    static const char *const phrases[] = {"what is", "what's", "what does", "describe", "explain", NULL};
    if (work->words.count > 1 && !ask_says(work, phrases) && ask_word_at(work, column_words) < 0) {
        return true;
    }
    char *content = ask_content(work), *column = ask_unquoted(content);
    bool ok = work->points_back || work->named.count > 0 || *content == '\0' ||
              ask_is_column(work, column, taken, err);
    if (ok && *taken) {
        ok = say_columns(work, column, err);
    }
    free(column);
    free(content);
    return ok;
}

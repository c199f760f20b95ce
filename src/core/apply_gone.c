/* What became of tables and columns that are not there any more: a comment, the columns and their types
 * outlive a rename, so that where only one new name fits, it can be told. */
#include "apply_work.h"

#include <stdlib.h>

#include "memory.h"
#include "object_name.h"
#include "text.h"

#define FEW_COLUMNS 2 /* with fewer, tables that have them all are alike by chance */

/* What the run and the database know of one table. */
typedef struct Search {
    const ApplyWork *work;
    Catalog *catalog; /* of the schema; NULL: could not be read */
    const char *schema;
    const char *table;       /* the one that is searched for .. */
    const ResultItem *items; /* .. with its results, which stand side by side .. */
    size_t item_count;
    const CatalogTable *is_now; /* .. and the only new table that has its columns; or NULL */
} Search;

static bool same_text(const char *a, const char *b)
{
    return text_equal(text_is_empty(a) ? NULL : a, text_is_empty(b) ? NULL : b);
}

static bool lies_in(const ResultItem *item, const char *schema, const char *table)
{
    return text_equal(item->table, table) && text_equal(item->schema, schema);
}

/* A run that was narrowed to this name, or cut off, does not know which of the others are new. */
static bool knows_neighbours(const ResultList *list, const char *name)
{
    ObjectScope scope = {0};
    bool knows = text_equal(list->status, "ready") && object_scope_parse(list->scope, &scope, NULL) &&
                 (scope.count == 0 || !text_equal(scope.parts[scope.count - 1], name));
    object_scope_free(&scope);
    return knows;
}

static bool table_in_run(const ResultList *list, const CatalogTable *table)
{
    for (size_t i = 0; i < list->count; i++) {
        if (lies_in(&list->items[i], table->schema, table->name)) {
            return true;
        }
    }
    return false;
}

static bool column_in_run(const Search *search, const char *name)
{
    for (size_t i = 0; i < search->item_count; i++) {
        if (text_equal(search->items[i].column, name)) {
            return true;
        }
    }
    return false;
}

/* Does the table have every column that the run names of the one that is gone? */
static bool has_its_columns(const Search *search, const CatalogTable *table)
{
    size_t columns = 0;
    for (size_t i = 0; i < search->item_count; i++) {
        const ResultItem *item = &search->items[i];
        const CatalogColumn *column = item->column ? catalog_find_column(table, item->column) : NULL;
        if (item->column && (!column || !text_equal(column->type, item->type))) {
            return false;
        }
        columns += column != NULL;
    }
    return columns >= FEW_COLUMNS;
}

/* What a table that has the column says of it, or of itself. */
static const char *text_of(const CatalogTable *table, const char *name)
{
    const CatalogColumn *column = name ? catalog_find_column(table, name) : NULL;
    return column ? column->comment : table->comment;
}

/* And does it say what is expected of it? */
static bool has_its_texts(const Search *search, const CatalogTable *table)
{
    for (size_t i = 0; i < search->work->count; i++) {
        const CommentChange *change = &search->work->steps[i].change;
        if (!lies_in(search->work->steps[i].item, search->schema, search->table)) {
            continue;
        }
        if (!same_text(text_of(table, change->column), change->expected)) {
            return false;
        }
    }
    return true;
}

static void take_items(Search *search, const ResultItem *item)
{
    const ResultList *list = &search->work->list;
    size_t first = (size_t)(item - list->items);
    size_t end = first;
    while (first > 0 && lies_in(&list->items[first - 1], item->schema, item->table)) {
        first--;
    }
    while (end < list->count && lies_in(&list->items[end], item->schema, item->table)) {
        end++;
    }
    search->table = item->table;
    search->items = &list->items[first];
    search->item_count = end - first;
}

/* Is another table gone, too, that the new one may be as well? */
static bool may_be_another_table(const Search *search, const CatalogTable *found)
{
    const ResultList *list = &search->work->list;
    Search other = *search;
    for (const ResultItem *item = list->items; item < list->items + list->count;
         item = other.items + other.item_count) {
        take_items(&other, item);
        if (text_equal(item->schema, search->schema) && !text_equal(item->table, search->table) &&
            catalog_find_table(search->catalog, item->schema, item->table) < 0 &&
            has_its_columns(&other, found) && has_its_texts(&other, found)) {
            return true;
        }
    }
    return false;
}

static const CatalogTable *find_renamed_table(const Search *search)
{
    const CatalogTable *found = NULL;
    if (!search->catalog->tables || !knows_neighbours(&search->work->list, search->table)) {
        return NULL;
    }
    for (size_t i = 0; i < search->catalog->table_count; i++) {
        const CatalogTable *table = &search->catalog->tables[i];
        if (!has_its_columns(search, table) || !has_its_texts(search, table) ||
            table_in_run(&search->work->list, table)) {
            continue;
        }
        if (found) {
            return NULL;
        }
        found = table;
    }
    return found && may_be_another_table(search, found) ? NULL : found;
}

/* Does the column say what is expected of the result, if anything is? */
static bool has_its_text(const ApplyWork *work, const ResultItem *item, const CatalogColumn *column)
{
    for (size_t i = 0; i < work->count; i++) {
        if (work->steps[i].item == item) {
            return same_text(column->comment, work->steps[i].change.expected);
        }
    }
    return true;
}

/* Is another column gone, too, that the new one may be as well? */
static bool may_be_another_column(const Search *search, const ApplyStep *step, const CatalogTable *table,
                                  const CatalogColumn *found)
{
    for (size_t i = 0; i < search->item_count; i++) {
        const ResultItem *item = &search->items[i];
        if (item != step->item && item->column && text_equal(item->type, found->type) &&
            !catalog_find_column(table, item->column) && has_its_text(search->work, item, found)) {
            return true;
        }
    }
    return false;
}

static const CatalogColumn *find_renamed_column(const Search *search, const ApplyStep *step,
                                                const CatalogTable *table)
{
    const CatalogColumn *found = NULL;
    if (!knows_neighbours(&search->work->list, step->item->column)) {
        return NULL;
    }
    for (size_t i = 0; i < table->column_count; i++) {
        const CatalogColumn *column = &table->columns[i];
        if (!text_equal(column->type, step->item->type) ||
            !same_text(column->comment, step->change.expected) || column_in_run(search, column->name)) {
            continue;
        }
        if (found) {
            return NULL;
        }
        found = column;
    }
    return found && may_be_another_column(search, step, table, found) ? NULL : found;
}

static char *explain(const Search *search, const ApplyStep *step)
{
    long index = search->catalog ? catalog_find_table(search->catalog, search->schema, search->table) : -1;
    const CatalogTable *table = index >= 0 ? &search->catalog->tables[index] : NULL;
    const CatalogColumn *column =
        table && step->item->column ? find_renamed_column(search, step, table) : NULL;
    char *name = column           ? object_name(NULL, NULL, column->name)
                 : search->is_now ? object_name(search->is_now->schema, search->is_now->name, NULL)
                                  : NULL;
    char *text =
        column
            ? text_format(APPLY_GONE "; the only new column of its type there is %s: was it renamed?", name)
        : search->is_now
            ? text_format(APPLY_GONE "; the only new table with the same columns is %s: was it renamed?",
                          name)
            : memory_string(APPLY_GONE);
    free(name);
    return text;
}

static void look_for(Search *search, const ApplyStep *step, Database *database)
{
    const ResultItem *item = step->item;
    if (!text_equal(search->schema, item->schema)) {
        DatabaseScope scope = {.schema = item->schema};
        catalog_free(search->catalog);
        search->catalog = NULL;
        apply_progress(search->work, "looking for what is gone", 0, 0);
        database_read_catalog(database, &scope, app_query_deadline(search->work->app), &search->catalog,
                              NULL);
        search->schema = item->schema;
        search->table = NULL;
    }
    if (!text_equal(search->table, item->table)) {
        take_items(search, item);
        bool there = search->catalog && catalog_find_table(search->catalog, item->schema, item->table) >= 0;
        search->is_now = search->catalog && !there ? find_renamed_table(search) : NULL;
    }
}

void apply_explain_gone(ApplyWork *work, Database *database)
{
    Search search = {.work = work};
    for (size_t i = 0; i < work->count; i++) {
        ApplyStep *step = &work->steps[i];
        if (step->change.outcome == COMMENT_MISSING) {
            look_for(&search, step, database);
            free(step->change.error);
            step->change.error = explain(&search, step);
        }
    }
    catalog_free(search.catalog);
}

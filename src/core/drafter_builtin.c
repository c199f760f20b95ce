#include "drafter_rules.h"

#include <string.h>

#include "memory.h"
#include "text.h"

/* Counting sort: the foreign keys of each table as one run. `group` names the table, -1 for none. */
static void group_keys(const Catalog *catalog, long (*group)(const CatalogForeignKey *), size_t **keys,
                       size_t **start)
{
    size_t tables = catalog->table_count;
    size_t *next = memory_zero(tables + 2, sizeof *next);
    *start = memory_zero(tables + 1, sizeof **start);
    *keys = memory_zero(catalog->foreign_key_count, sizeof **keys);
    for (size_t i = 0; i < catalog->foreign_key_count; i++) {
        long table = group(&catalog->foreign_keys[i]);
        if (table >= 0 && (size_t)table < tables) {
            next[table + 1]++;
        }
    }
    for (size_t i = 0; i < tables; i++) {
        next[i + 1] += next[i];
    }
    memcpy(*start, next, (tables + 1) * sizeof **start);
    for (size_t i = 0; i < catalog->foreign_key_count; i++) {
        long table = group(&catalog->foreign_keys[i]);
        if (table >= 0 && (size_t)table < tables) {
            (*keys)[next[table]++] = i;
        }
    }
    free(next);
}

static long referencing_table(const CatalogForeignKey *key)
{
    return (long)key->table;
}

static long referenced_table(const CatalogForeignKey *key)
{
    return key->target;
}

const CatalogForeignKey *drafter_outgoing(const Drafter *drafter, size_t table, size_t i)
{
    size_t at = drafter->outgoing_start[table] + i;
    return at < drafter->outgoing_start[table + 1] ? &drafter->catalog->foreign_keys[drafter->outgoing[at]]
                                                   : NULL;
}

const CatalogForeignKey *drafter_incoming(const Drafter *drafter, size_t table, size_t i)
{
    size_t at = drafter->incoming_start[table] + i;
    return at < drafter->incoming_start[table + 1] ? &drafter->catalog->foreign_keys[drafter->incoming[at]]
                                                   : NULL;
}

/* qsort's functions carry no context; drafting runs in several threads. */
static _Thread_local const Drafter *sorting;

static int compare_names(const CatalogTable *table, const char *schema, const char *name)
{
    int order = strcmp(table->schema, schema);
    return order ? order : strcmp(table->name, name);
}

static int compare_tables(const void *left, const void *right)
{
    const CatalogTable *tables = sorting->catalog->tables;
    const CatalogTable *other = &tables[*(const size_t *)right];
    return compare_names(&tables[*(const size_t *)left], other->schema, other->name);
}

static void sort_tables(Drafter *drafter)
{
    size_t count = drafter->catalog->table_count;
    drafter->sorted = memory_zero(count, sizeof *drafter->sorted);
    drafter->rank = memory_zero(count, sizeof *drafter->rank);
    for (size_t i = 0; i < count; i++) {
        drafter->sorted[i] = i;
    }
    sorting = drafter;
    if (count > 1) {
        qsort(drafter->sorted, count, sizeof *drafter->sorted, compare_tables);
    }
    sorting = NULL;
    for (size_t i = 0; i < count; i++) {
        drafter->rank[drafter->sorted[i]] = i;
    }
}

long drafter_find_table(const Drafter *drafter, const char *schema, const char *name)
{
    size_t low = 0;
    size_t high = drafter->catalog->table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t table = drafter->sorted[middle];
        int order = compare_names(&drafter->catalog->tables[table], schema, name);
        if (order == 0) {
            return (long)table;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}

/* By the referencing table, then by name: keys of one table have names of their own, or else columns. */
static int compare_keys(const void *left, const void *right)
{
    const CatalogForeignKey *a = &sorting->catalog->foreign_keys[*(const size_t *)left];
    const CatalogForeignKey *b = &sorting->catalog->foreign_keys[*(const size_t *)right];
    size_t rank_a = sorting->rank[a->table];
    size_t rank_b = sorting->rank[b->table];
    int order = (rank_a > rank_b) - (rank_a < rank_b);
    order = order ? order : strcmp(a->name ? a->name : "", b->name ? b->name : "");
    for (size_t i = 0; order == 0 && a->columns && b->columns && a->columns[i] && b->columns[i]; i++) {
        order = strcmp(a->columns[i], b->columns[i]);
    }
    return order;
}

static void sort_keys(const Drafter *drafter, size_t *keys, const size_t *start)
{
    sorting = drafter;
    for (size_t i = 0; i < drafter->catalog->table_count; i++) {
        if (start[i + 1] - start[i] > 1) {
            qsort(keys + start[i], start[i + 1] - start[i], sizeof *keys, compare_keys);
        }
    }
    sorting = NULL;
}

/* A word that begins fewer names may mean something all the same. */
enum { PREFIX_TABLES = 4 };

static char *first_word(const char *table_name)
{
    Words words = {0};
    words_split(table_name, &words);
    char *first = words.count > 1 ? memory_string(words.items[0]) : NULL;
    words_free(&words);
    return first;
}

/* Looks at one schema's run of tables in `sorted`. */
static void find_prefix(Drafter *drafter, size_t from, size_t to)
{
    const CatalogTable *tables = drafter->catalog->tables;
    char *common = to - from < PREFIX_TABLES ? NULL : first_word(tables[drafter->sorted[from]].name);
    for (size_t i = from + 1; common && i < to; i++) {
        char *first = first_word(tables[drafter->sorted[i]].name);
        if (!text_equal(first, common)) {
            free(common);
            common = NULL;
        }
        free(first);
    }
    if (common) {
        memory_grow((void **)&drafter->prefixes, drafter->prefix_count, &drafter->prefix_capacity,
                    sizeof *drafter->prefixes);
        drafter->prefixes[drafter->prefix_count++] =
            (TablePrefix){.schema = tables[drafter->sorted[from]].schema, .word = common};
    }
}

static void find_prefixes(Drafter *drafter)
{
    const Catalog *catalog = drafter->catalog;
    for (size_t from = 0, to = 0; from < catalog->table_count; from = to) {
        const char *schema = catalog->tables[drafter->sorted[from]].schema;
        while (to < catalog->table_count &&
               strcmp(catalog->tables[drafter->sorted[to]].schema, schema) == 0) {
            to++;
        }
        find_prefix(drafter, from, to);
    }
}

const char *drafter_prefix(const Drafter *drafter, const char *schema)
{
    for (size_t i = 0; i < drafter->prefix_count; i++) {
        if (text_equal(drafter->prefixes[i].schema, schema)) {
            return drafter->prefixes[i].word;
        }
    }
    return NULL;
}

static int compare_entries(const void *left, const void *right)
{
    const ColumnEntry *a = left;
    const ColumnEntry *b = right;
    int order = strcmp(a->key, b->key);
    if (order == 0) {
        order = (a->rank > b->rank) - (a->rank < b->rank);
    }
    return order ? order : (a->column > b->column) - (a->column < b->column);
}

static void index_add(ColumnIndex *index, const char *key, char *owned_key, size_t rank, size_t table,
                      size_t column)
{
    memory_grow((void **)&index->entries, index->count, &index->capacity, sizeof *index->entries);
    ColumnEntry *entry = &index->entries[index->count++];
    entry->key = key;
    entry->owned_key = owned_key;
    entry->rank = rank;
    entry->table = table;
    entry->column = column;
}

static void index_sort(ColumnIndex *index)
{
    if (index->count > 1) {
        qsort(index->entries, index->count, sizeof *index->entries, compare_entries);
    }
}

static void index_free(ColumnIndex *index)
{
    for (size_t i = 0; i < index->count; i++) {
        free(index->entries[i].owned_key);
    }
    free(index->entries);
}

/* The first entry whose key is not before `key`, or with `after` the first one past it. */
static size_t index_bound(const ColumnIndex *index, const char *key, bool after)
{
    size_t low = 0;
    size_t high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(index->entries[middle].key, key);
        if (order < 0 || (after && order == 0)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const ColumnEntry *column_index_find(const ColumnIndex *index, const char *key, size_t *count)
{
    size_t first = index_bound(index, key, false);
    *count = index_bound(index, key, true) - first;
    return *count ? &index->entries[first] : NULL;
}

char *column_index_key(const char *schema, const char *phrase)
{
    return text_format("%s\n%s", schema ? schema : "", phrase);
}

static void index_key(Drafter *drafter, const char *phrase, size_t table, size_t column)
{
    char *key = column_index_key(drafter->catalog->tables[table].schema, phrase);
    index_add(&drafter->keys, key, key, drafter->rank[table], table, column);
}

/* A reference to the key of `customers` is usually called customer_id; one to items.itemid is called itemid.
 */
static void index_primary_key(Drafter *drafter, size_t table)
{
    const CatalogTable *t = &drafter->catalog->tables[table];
    size_t found = t->column_count;
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->columns[i].primary_key) {
            if (found != t->column_count) {
                return;
            }
            found = i;
        }
    }
    if (found == t->column_count) {
        return;
    }
    char *own = words_phrase(t->columns[found].name, NULL);
    char *noun = rules_noun(drafter, t->schema, t->name);
    char *usual = noun ? text_format("%s ID", noun) : NULL;
    bool speaks_for_itself =
        strlen(own) > 4 && (strstr(own, " ID") || text_equal(own + strlen(own) - 2, "id"));
    if (speaks_for_itself && !text_equal(own, usual)) {
        index_key(drafter, own, table, found);
    }
    if (usual) {
        index_key(drafter, usual, table, found);
    }
    free(usual);
    free(own);
    free(noun);
}

static Drafter *builtin_open(const DrafterSources *sources)
{
    Drafter *drafter = memory_zero(1, sizeof *drafter);
    const Catalog *catalog = drafter->catalog = sources->catalog;
    drafter->elsewhere = sources->elsewhere;
    sort_tables(drafter);
    find_prefixes(drafter);
    group_keys(catalog, referencing_table, &drafter->outgoing, &drafter->outgoing_start);
    group_keys(catalog, referenced_table, &drafter->incoming, &drafter->incoming_start);
    sort_keys(drafter, drafter->outgoing, drafter->outgoing_start);
    sort_keys(drafter, drafter->incoming, drafter->incoming_start);
    for (size_t table = 0; table < catalog->table_count; table++) {
        const CatalogTable *t = &catalog->tables[table];
        for (size_t column = 0; column < t->column_count; column++) {
            if (!text_is_empty(t->columns[column].comment) && !t->columns[column].inherited) {
                index_add(&drafter->commented, t->columns[column].name, NULL, drafter->rank[table], table,
                          column);
            }
        }
        index_primary_key(drafter, table);
    }
    index_sort(&drafter->commented);
    drafter->origins = memory_zero(drafter->commented.count, sizeof *drafter->origins);
    index_sort(&drafter->keys);
    return drafter;
}

static void builtin_close(Drafter *drafter)
{
    if (!drafter) {
        return;
    }
    for (size_t i = 0; i < drafter->prefix_count; i++) {
        free(drafter->prefixes[i].word);
    }
    free(drafter->prefixes);
    free(drafter->sorted);
    free(drafter->rank);
    free(drafter->outgoing);
    free(drafter->outgoing_start);
    free(drafter->incoming);
    free(drafter->incoming_start);
    index_free(&drafter->commented);
    free(drafter->origins);
    index_free(&drafter->keys);
    free(drafter);
}

static bool builtin_draft(Drafter *drafter, const CatalogTable *table, const CatalogColumn *column,
                          Draft *out, Error *err)
{
    const Catalog *catalog = drafter->catalog;
    if (catalog->table_count == 0 || table < catalog->tables ||
        table >= catalog->tables + catalog->table_count) {
        return error_set(err, ERROR_NOT_FOUND, "%s is not part of the catalog that was read", table->name);
    }
    size_t index = (size_t)(table - catalog->tables);
    if (column) {
        rules_draft_column(drafter, index, column, out);
    } else {
        rules_draft_table(drafter, index, out);
    }
    rules_offer_elsewhere(drafter, table, column, out);
    return true;
}

const DrafterOps drafter_builtin = {
    .name = "builtin",
    .open = builtin_open,
    .close = builtin_close,
    .draft = builtin_draft,
};

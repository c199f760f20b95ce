#include "diff_file.h"

#include <string.h>

#include "dbt_file.h"
#include "export.h"
#include "export_file.h"
#include "memory.h"
#include "tbls_file.h"

FileText *diff_file_add(DiffFile *file, const char *schema, const char *table, const char *column,
                        const char *text)
{
    memory_grow((void **)&file->items, file->count, &file->capacity, sizeof *file->items);
    FileText *added = &file->items[file->count];
    *added = (FileText){.schema = memory_string(schema),
                        .table = memory_string(table),
                        .column = memory_string(column),
                        .text = memory_string(text_is_empty(text) ? NULL : text),
                        .place = file->count};
    file->count++;
    return added;
}

void diff_file_free(DiffFile *file)
{
    for (size_t i = 0; i < file->count; i++) {
        free(file->items[i].schema);
        free(file->items[i].table);
        free(file->items[i].column);
        free(file->items[i].text);
    }
    free(file->items);
    *file = (DiffFile){0};
}

char *diff_file_form(const DiffFile *file, const char *text)
{
    if (text_is_empty(text)) {
        return NULL;
    }
    return file->csv ? export_csv_text(text) : memory_string(text);
}

/* --- YAML -------------------------------------------------------------------------------------------- */

static void add_described(DiffFile *out, const DbtTable *table, const char *column, const YmlNode *node)
{
    const char *written = yml_get_text(node, "description");
    char *text = dbt_literal_read(written);
    diff_file_add(out, table->schema, table->name, column, text)->unknown = written && !text;
    free(text);
}

static void read_dbt(const YmlNode *root, const char *database, DiffFile *out)
{
    DbtTables tables;
    dbt_tables_read(root, database, &tables);
    for (size_t i = 0; i < tables.count; i++) {
        const YmlNode *columns = yml_get(tables.items[i].node, "columns");
        size_t count = yml_kind(columns) == YML_SEQUENCE ? yml_count(columns) : 0;
        add_described(out, &tables.items[i], NULL, tables.items[i].node);
        for (size_t c = 0; c < count; c++) {
            char *name = dbt_column_of(yml_item(columns, c));
            if (name) {
                add_described(out, &tables.items[i], name, yml_item(columns, c));
            }
            free(name);
        }
    }
    dbt_tables_free(&tables);
}

static void read_tbls(const YmlNode *root, Backend backend, const Catalog *catalog, DiffFile *out)
{
    TblsTables tables;
    tbls_tables_read(root, backend, catalog, &tables);
    for (size_t i = 0; i < tables.count; i++) {
        const TblsTable *table = &tables.items[i];
        const YmlNode *columns = yml_get(table->node, "columnComments");
        size_t count = yml_kind(columns) == YML_MAPPING ? yml_count(columns) : 0;
        diff_file_add(out, table->schema, table->name, NULL, yml_get_text(table->node, "tableComment"));
        for (size_t c = 0; c < count; c++) {
            if (yml_key(columns, c)) {
                diff_file_add(out, table->schema, table->name, yml_key(columns, c),
                              yml_text(yml_item(columns, c)));
            }
        }
    }
    tbls_tables_free(&tables);
}

static bool read_yaml(const char *path, const char *text, const DatabaseTarget *target,
                      const Catalog *catalog, DiffFile *out, Error *err)
{
    YmlFile *file = NULL;
    char *database = NULL;
    if (!database_name(target, &database, err) || !yml_parse(text, strlen(text), path, &file, err)) {
        free(database);
        return false;
    }
    const YmlNode *root = yml_root(file);
    bool dbt = yml_get(root, "sources");
    bool tbls = yml_get(root, "comments");
    if (dbt) {
        read_dbt(root, database, out);
    } else if (tbls) {
        read_tbls(root, target->backend, catalog, out);
    }
    yml_free(file);
    free(database);
    return dbt || tbls ||
           error_set(err, ERROR_SYSTEM, "%s holds neither \"sources\" of dbt nor \"comments\" of tbls", path);
}

/* --- any --------------------------------------------------------------------------------------------- */

/* NULL, the table itself, comes before its columns. */
static int compare_columns(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int compare_names(const char *schema, const char *table, const char *column, const FileText *text)
{
    int order = strcmp(schema, text->schema);
    order = order ? order : strcmp(table, text->table);
    return order ? order : compare_columns(column, text->column);
}

static int compare(const void *a, const void *b)
{
    const FileText *left = a;
    const FileText *right = b;
    int order = compare_names(left->schema, left->table, left->column, right);
    return order ? order : (left->place > right->place) - (left->place < right->place);
}

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), end = strlen(ending);
    return length >= end && strcmp(path + length - end, ending) == 0;
}

bool diff_file_read(const char *path, const DatabaseTarget *target, const Catalog *catalog, DiffFile *out,
                    Error *err)
{
    char *name = memory_string(path);
    char *text = NULL;
    *out = (DiffFile){0};
    bool ok = export_file_read(&(ExportFile){.path = name, .exists = true}, &text, err);
    if (ok && ends_with(path, ".json")) {
        ok = diff_file_read_json(path, text, out, err);
    } else if (ok && ends_with(path, ".csv")) {
        ok = diff_file_read_csv(path, text, out, err);
    } else if (ok) {
        ok = read_yaml(path, text, target, catalog, out, err);
    }
    if (!ok) {
        error_hint(err, "--with takes a schema.yml of dbt, a .tbls.yml, or a .json or .csv of amx export");
    }
    if (out->count > 0) {
        qsort(out->items, out->count, sizeof *out->items, compare);
    }
    free(text);
    free(name);
    return ok;
}

FileText *diff_file_find(const DiffFile *file, const char *schema, const char *table, const char *column,
                         size_t *count)
{
    size_t low = 0, high = file->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_names(schema, table, column, &file->items[middle]) > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *count = 0;
    while (low + *count < file->count &&
           compare_names(schema, table, column, &file->items[low + *count]) == 0) {
        ++*count;
    }
    return *count > 0 ? &file->items[low] : NULL;
}

/* export --dbt: the sources of a dbt properties file. In a file that is there already, descriptions are set
 * or added, and tables and columns that it lacks; everything else stays as it is. A text that is made with
 * Jinja stays, too: somebody keeps it elsewhere. So does the text of an object that has none in the database,
 * and whatever is not in the database any more. */
#include <string.h>

#include "dbt_file.h"
#include "export_merge.h"
#include "memory.h"

static void add_text(YmlNode *owner, const char *after, const char *key, const char *text)
{
    char *written = dbt_literal(text);
    yml_add_text(owner, after, key, written);
    free(written);
}

static void describe(ExportMerge *merge, YmlNode *owner, const char *text)
{
    if (!text) {
        return;
    }
    const YmlNode *node = yml_get(owner, "description");
    const char *present = yml_text(node);
    char *read = dbt_literal_read(present);
    if (present && !read) {
        export_merge_warn(merge, node, "the description is made with Jinja; left as it is");
    } else if (!export_merge_same(text, read)) {
        char *written = dbt_literal(text);
        export_merge_set(merge, owner, "name", "description", written);
        free(written);
    }
    free(read);
}

static void add_column(YmlNode *columns, const CatalogColumn *column, const Description *description)
{
    YmlNode *node = yml_add(columns, NULL, NULL, YML_MAPPING);
    add_text(node, NULL, "name", column->name);
    if (description->text) {
        add_text(node, NULL, "description", description->text);
    }
    if (!text_is_empty(column->type)) {
        add_text(node, NULL, "data_type", column->type);
    }
}

static YmlNode *find_column(const YmlNode *columns, const char *name)
{
    bool is_list = yml_kind(columns) == YML_SEQUENCE;
    for (size_t i = 0; is_list && i < yml_count(columns); i++) {
        char *found = dbt_column_of(yml_item(columns, i));
        bool same = found && strcmp(found, name) == 0;
        free(found);
        if (same) {
            return yml_item(columns, i);
        }
    }
    return NULL;
}

static void merge_columns(ExportMerge *merge, YmlNode *node, const DocumentedTable *documented)
{
    const CatalogTable *table = documented->table;
    YmlNode *list = NULL;
    for (size_t i = 0; i < table->column_count; i++) {
        YmlNode *column = find_column(yml_get(node, "columns"), table->columns[i].name);
        if (column) {
            describe(merge, column, documented->columns[i].text);
            continue;
        }
        list = list ? list : export_merge_list(merge, node, "columns", YML_SEQUENCE);
        if (!list) {
            return; /* the rest is not there either, or can't be changed as well */
        }
        add_column(list, &table->columns[i], &documented->columns[i]);
    }
}

static void tell_gone_columns(ExportMerge *merge, const YmlNode *node, const CatalogTable *table)
{
    const YmlNode *columns = yml_get(node, "columns");
    bool is_list = yml_kind(columns) == YML_SEQUENCE;
    for (size_t i = 0; is_list && i < yml_count(columns); i++) {
        const YmlNode *column = yml_item(columns, i);
        char *name = dbt_column_of(column);
        if (name && yml_line(column) > 0 && !catalog_find_column(table, name)) {
            export_merge_warn(merge, column, "%s.%s has no column %s in the database; left as it is",
                              table->schema, table->name, name);
        }
        free(name);
    }
}

/* Of several the one that names this database. */
static YmlNode *find_source(const ExportMerge *merge, const YmlNode *sources, const char *schema)
{
    YmlNode *first = NULL;
    for (size_t i = 0; i < yml_count(sources); i++) {
        YmlNode *source = yml_item(sources, i);
        char *found = dbt_schema_of(source);
        bool same = text_equal(found, schema) && !dbt_is_elsewhere(source, merge->job->database_name);
        free(found);
        if (same && merge->job->database_name &&
            text_equal(yml_get_text(source, "database"), merge->job->database_name)) {
            return source;
        }
        first = same && !first ? source : first;
    }
    return first;
}

/* Compared as it is written: the names of a file are many. */
static bool has_name(const YmlNode *list, const char *name)
{
    bool found = false;
    char *written = dbt_literal(name);
    for (size_t i = 0; i < yml_count(list) && !found; i++) {
        found = text_equal(yml_get_text(yml_item(list, i), "name"), written);
    }
    free(written);
    return found;
}

/* `name`, or else `longer`, or that with a number: the first that no item of the list has. dbt can't tell two
 * of one name apart. Owned by the caller. */
static char *free_name(const YmlNode *list, const char *name, const char *longer)
{
    if (!has_name(list, name)) {
        return memory_string(name);
    }
    char *found = memory_string(longer);
    for (int next = 2; has_name(list, found); next++) {
        free(found);
        found = text_format("%s_%d", longer, next);
    }
    return found;
}

/* The schema's own name, unless a source of that name points elsewhere. Owned by the caller. */
static char *new_source_name(const ExportMerge *merge, const YmlNode *sources, const char *schema)
{
    const ExportJob *job = merge->job;
    const char *database = job->database_name ? job->database_name : job->documentation->profile;
    char *longer = text_format("%s_%s", database, schema);
    char *name = free_name(sources, schema, longer);
    if (strcmp(name, schema) != 0) {
        report_note(job->report,
                    "the new source of schema %s is called %s: a source %s is there, and points elsewhere",
                    schema, name, schema);
    }
    free(longer);
    return name;
}

static YmlNode *add_source(const ExportMerge *merge, YmlNode *sources, const char *schema)
{
    char *name = new_source_name(merge, sources, schema);
    YmlNode *source = yml_add(sources, NULL, NULL, YML_MAPPING);
    add_text(source, NULL, "name", name);
    add_text(source, NULL, "schema", schema);
    free(name);
    return source;
}

/* The table's own name, unless one of that name is another table of the database. Owned by the caller. */
static char *new_table_name(const ExportMerge *merge, const YmlNode *tables, const CatalogTable *table)
{
    char *longer = text_format("%s_%s", table->schema, table->name);
    char *name = free_name(tables, table->name, longer);
    if (strcmp(name, table->name) != 0) {
        report_note(merge->job->report,
                    "the new table %s.%s is called %s: a table %s is there, and has another identifier",
                    table->schema, table->name, name, table->name);
    }
    free(longer);
    return name;
}

static void add_table(ExportMerge *merge, YmlNode *sources, const DocumentedTable *documented)
{
    const CatalogTable *table = documented->table;
    YmlNode *source = find_source(merge, sources, table->schema);
    source = source ? source : add_source(merge, sources, table->schema);
    YmlNode *tables = export_merge_list(merge, source, "tables", YML_SEQUENCE);
    if (!tables) {
        return;
    }
    char *name = new_table_name(merge, tables, table);
    YmlNode *node = yml_add(tables, NULL, NULL, YML_MAPPING);
    add_text(node, NULL, "name", name);
    if (strcmp(name, table->name) != 0) {
        add_text(node, NULL, "identifier", table->name);
    }
    free(name);
    if (documented->description.text && !documented->is_context) {
        add_text(node, NULL, "description", documented->description.text);
    }
    merge_columns(merge, node, documented);
}

static void merge_table(ExportMerge *merge, YmlNode *sources, const DbtTables *tables,
                        const DocumentedTable *documented)
{
    const CatalogTable *table = documented->table;
    const Documentation *documentation = merge->job->documentation;
    size_t count;
    const DbtTable *found = dbt_tables_find(tables, table->schema, table->name, &count);
    if (!found) {
        add_table(merge, sources, documented);
    }
    for (size_t i = 0; found && i < count; i++) {
        const CatalogTable *whole = export_catalog_table(documentation, table->schema, table->name);
        describe(merge, found[i].node, documented->is_context ? NULL : documented->description.text);
        merge_columns(merge, found[i].node, documented);
        tell_gone_columns(merge, found[i].node, whole ? whole : table);
    }
}

static void tell_gone_tables(ExportMerge *merge, const DbtTables *tables)
{
    const Documentation *documentation = merge->job->documentation;
    for (size_t i = 0; i < tables->count; i++) {
        const DbtTable *table = &tables->items[i];
        if (export_has_schema(documentation, table->schema) &&
            !export_catalog_table(documentation, table->schema, table->name)) {
            export_merge_warn(merge, table->node, "the database has no table %s.%s; left as it is",
                              table->schema, table->name);
        }
    }
}

static bool merge_sources(ExportMerge *merge, Error *err)
{
    const Documentation *documentation = merge->job->documentation;
    DbtTables tables;
    YmlNode *root = yml_root(merge->file);
    if (documentation->table_count == 0) {
        return true;
    }
    YmlNode *sources = export_merge_list(merge, root, "sources", YML_SEQUENCE);
    if (!sources) {
        error_set(err, ERROR_SYSTEM, "\"sources\" is no list that can be added to");
        return error_hint(err, "the file was left as it is; write to a new one");
    }
    dbt_tables_read(root, merge->job->database_name, &tables);
    for (size_t i = 0; i < documentation->table_count; i++) {
        merge_table(merge, sources, &tables, &documentation->tables[i]);
    }
    tell_gone_tables(merge, &tables);
    dbt_tables_free(&tables);
    return true;
}

static bool write_dbt(const ExportJob *job, Text *out, Error *err)
{
    ExportMerge merge;
    bool ok = export_merge_open(&merge, job, "version: 2\n", err) && merge_sources(&merge, err) &&
              yml_write(merge.file, out, err);
    export_merge_close(&merge);
    return ok;
}

const ExportFormat export_dbt = {
    .name = "dbt", .schema = "amx.export-dbt/1", .merges = true, .write = write_dbt};

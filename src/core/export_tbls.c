/* export --tbls: the `comments` of a .tbls.yml, which tbls puts over what the database says. In a file that
 * is there already, comments are set or added; everything else stays as it is.
 *
 * tbls replaces $NAME and ${NAME} in the values of its file by environment variables, before it reads them as
 * YAML: so a dollar sign is written as the escape \x24. It stops at a table or column that it does not find,
 * so nothing is written for what has no text. */
#include <string.h>

#include "export_merge.h"
#include "memory.h"
#include "tbls_file.h"

/* NULL also where the scope names a column, and so is not about the table. */
static const char *table_text(const DocumentedTable *documented)
{
    return documented->is_context ? NULL : documented->description.text;
}

static bool has_text(const DocumentedTable *documented)
{
    bool found = table_text(documented) != NULL;
    for (size_t i = 0; i < documented->table->column_count && !found; i++) {
        found = documented->columns[i].text != NULL;
    }
    return found;
}

static void set(ExportMerge *merge, YmlNode *owner, const char *after, const char *key, const char *text)
{
    if (text && !export_merge_same(text, yml_get_text(owner, key))) {
        export_merge_set(merge, owner, after, key, text);
    }
}

static void merge_comment(ExportMerge *merge, YmlNode *node, const DocumentedTable *documented)
{
    YmlNode *columns = NULL;
    set(merge, node, "table", "tableComment", table_text(documented));
    for (size_t i = 0; i < documented->table->column_count; i++) {
        if (!documented->columns[i].text) {
            continue;
        }
        columns = columns ? columns : export_merge_list(merge, node, "columnComments", YML_MAPPING);
        if (!columns) {
            return;
        }
        set(merge, columns, NULL, documented->table->columns[i].name, documented->columns[i].text);
    }
}

static void merge_table(ExportMerge *merge, YmlNode *comments, const TblsTables *tables,
                        const DocumentedTable *documented)
{
    const CatalogTable *table = documented->table;
    YmlNode *node = tbls_tables_find(tables, table->schema, table->name);
    if (!has_text(documented)) {
        return;
    }
    if (!node) {
        char *name = tbls_name(merge->job->backend, table->schema, table->name);
        node = yml_add(comments, NULL, NULL, YML_MAPPING);
        yml_add_text(node, NULL, "table", name);
        free(name);
    }
    merge_comment(merge, node, documented);
}

static void tell_gone_columns(ExportMerge *merge, const YmlNode *node, const CatalogTable *table)
{
    const YmlNode *columns = yml_get(node, "columnComments");
    bool is_map = yml_kind(columns) == YML_MAPPING;
    for (size_t i = 0; is_map && i < yml_count(columns); i++) {
        const char *name = yml_key(columns, i);
        if (name && yml_line(yml_item(columns, i)) > 0 && !catalog_find_column(table, name)) {
            export_merge_warn(
                merge, yml_item(columns, i),
                "%s.%s has no column %s in the database; left as it is, and tbls will refuse it",
                table->schema, table->name, name);
        }
    }
}

static void tell_gone(ExportMerge *merge, const TblsTables *tables)
{
    const Documentation *documentation = merge->job->documentation;
    for (size_t i = 0; i < tables->count; i++) {
        const TblsTable *named = &tables->items[i];
        const CatalogTable *table = export_catalog_table(documentation, named->schema, named->name);
        if (!export_has_schema(documentation, named->schema)) {
            continue;
        }
        if (table) {
            tell_gone_columns(merge, named->node, table);
        } else {
            export_merge_warn(merge, named->node,
                              "the database has no table %s.%s; left as it is, and tbls will refuse it",
                              named->schema, named->name);
        }
    }
}

static bool merge_comments(ExportMerge *merge, Error *err)
{
    const Documentation *documentation = merge->job->documentation;
    YmlNode *root = yml_root(merge->file);
    TblsTables tables;
    YmlNode *comments = export_merge_list(merge, root, "comments", YML_SEQUENCE);
    if (!comments) {
        error_set(err, ERROR_SYSTEM, "\"comments\" is no list that can be added to");
        return error_hint(err, "the file was left as it is; write to a new one");
    }
    yml_escape_also(merge->file, "$");
    tbls_tables_read(root, merge->job->backend, documentation->catalog, &tables);
    for (size_t i = 0; i < documentation->table_count; i++) {
        merge_table(merge, comments, &tables, &documentation->tables[i]);
    }
    tell_gone(merge, &tables);
    tbls_tables_free(&tables);
    return true;
}

static bool write_tbls(const ExportJob *job, Text *out, Error *err)
{
    ExportMerge merge;
    bool ok = export_merge_open(&merge, job, "", err) && merge_comments(&merge, err) &&
              yml_write(merge.file, out, err);
    export_merge_close(&merge);
    return ok;
}

const ExportFormat export_tbls = {
    .name = "tbls", .schema = "amx.export-tbls/1", .merges = true, .write = write_tbls};

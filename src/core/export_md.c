/* export --md: Markdown (GFM) for people: a table of contents, then a heading, a paragraph and a table for
 * each table. Names and texts are hostile: nothing in them is taken for Markdown or HTML. */
#include "export.h"

#include <ctype.h>
#include <string.h>

#include "markdown.h"
#include "object_name.h"
#include "text.h"

/* Names of tables as an id that no other table has: letters, digits, '_' and '-' as they are, other bytes as
 * ~ and two hexadecimal digits, a dot between schema and table. */
static void add_id_part(Text *out, const char *name)
{
    for (const char *c = name; *c; c++) {
        bool plain = (isalnum((unsigned char)*c) && (unsigned char)*c < 0x80) || *c == '_' || *c == '-';
        if (plain) {
            text_add_char(out, *c);
        } else {
            text_addf(out, "~%02x", (unsigned)(unsigned char)*c);
        }
    }
}

static void add_id(Text *out, const char *schema, const char *table)
{
    add_id_part(out, schema);
    text_add_char(out, '.');
    add_id_part(out, table);
}

static void add_link(Text *out, const char *schema, const char *table, const char *label)
{
    text_add(out, "[");
    markdown_add_code(out, label);
    text_add(out, "](#");
    add_id(out, schema, table);
    text_add(out, ")");
}

/* --- the document --- */

static void add_contents(Text *out, const Documentation *documentation)
{
    const char *schema = NULL;
    for (size_t i = 0; i < documentation->table_count; i++) {
        const CatalogTable *table = documentation->tables[i].table;
        if (!text_equal(schema, table->schema)) {
            schema = table->schema;
            text_add(out, "- ");
            markdown_add_code(out, schema);
            text_add(out, "\n");
        }
        text_add(out, "  - ");
        add_link(out, table->schema, table->name, table->name);
        text_add(out, "\n");
    }
    text_add(out, documentation->table_count > 0 ? "\n" : "No tables.\n");
}

static bool is_exported(const Documentation *documentation, const char *schema, const char *table)
{
    size_t low = 0, high = documentation->table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const CatalogTable *at = documentation->tables[middle].table;
        int order = strcmp(schema, at->schema);
        order = order ? order : strcmp(table, at->name);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}

static void add_reference(Text *out, const Documentation *documentation, const CatalogTable *table,
                          const CatalogColumn *column)
{
    size_t place;
    const CatalogForeignKey *key = export_foreign_key(documentation, table, column->name, &place);
    if (!key) {
        return;
    }
    bool same = strcmp(key->to_schema, table->schema) == 0;
    char *name = object_name(same ? NULL : key->to_schema, key->to_table, key->to_columns[place]);
    text_add(out, column->primary_key || column->unique ? ", " : "");
    if (is_exported(documentation, key->to_schema, key->to_table)) {
        add_link(out, key->to_schema, key->to_table, name);
    } else {
        markdown_add_code(out, name);
    }
    free(name);
}

/* "ann@web1, 2026-11-22, amx 0.3.0". */
static void add_writer(Text *out, const Description *description)
{
    if (description->created_by) {
        char *who = text_format("%s@%s, %.10s, amx %s", description->created_by, description->hostname,
                                description->written_at, description->client_version);
        markdown_add_text(out, who);
        free(who);
    }
    if (description->state == DESCRIPTION_INHERITED) {
        text_add(out, "said of the partitioned table");
    }
    if (description->state == DESCRIPTION_ACCEPTED) {
        text_add(out, " (accepted, not applied yet)");
    }
}

static void add_column(Text *out, const Documentation *documentation, const DocumentedTable *documented,
                       size_t index)
{
    const CatalogColumn *column = &documented->table->columns[index];
    const Description *description = &documented->columns[index];
    text_add(out, "| ");
    markdown_add_code(out, column->name);
    text_add(out, " | ");
    markdown_add_text(out, column->type);
    text_add(out, column->not_null ? ", not null | " : " | ");
    text_add(out, column->primary_key ? "primary" : column->unique ? "unique" : "");
    add_reference(out, documentation, documented->table, column);
    text_add(out, " | ");
    markdown_add_text(out, description->text);
    text_add(out, " | ");
    add_writer(out, description);
    text_add(out, " |\n");
}

static void add_table(Text *out, const Documentation *documentation, const DocumentedTable *documented)
{
    const CatalogTable *table = documented->table;
    char *name = object_name(table->schema, table->name, NULL);
    text_add(out, "<a id=\"");
    add_id(out, table->schema, table->name);
    text_add(out, "\"></a>\n\n## ");
    markdown_add_inline(out, name);
    text_add(out, "\n\n");
    free(name);
    if (table->kind != CATALOG_TABLE) {
        text_addf(out, "A %s.\n\n", catalog_kind_name(table->kind));
    }
    if (documented->description.state != DESCRIPTION_MISSING) {
        markdown_add_paragraph(out, documented->description.text);
    }
    if (documented->description.state == DESCRIPTION_INHERITED) {
        text_add(out, "That is said of the partitioned table.\n\n");
    }
    if (documented->description.created_by) {
        text_add(out, "Written by ");
        add_writer(out, &documented->description);
        text_add(out, "\n\n");
    }
    if (table->column_count > 0) {
        text_add(out, "| Column | Type | Key | Description | Written by |\n|-|-|-|-|-|\n");
    }
    for (size_t i = 0; i < table->column_count; i++) {
        add_column(out, documentation, documented, i);
    }
    text_add(out, table->column_count > 0 ? "\n" : "");
}

static bool write_md(const ExportJob *job, Text *out, Error *err)
{
    const Documentation *documentation = job->documentation;
    (void)err;
    text_add(out, "# ");
    markdown_add_inline(out, documentation->fingerprint);
    text_add(out, "\n\n");
    add_contents(out, documentation);
    for (size_t i = 0; i < documentation->table_count; i++) {
        add_table(out, documentation, &documentation->tables[i]);
    }
    while (out->length > 1 && out->data[out->length - 1] == '\n' && out->data[out->length - 2] == '\n') {
        out->data[--out->length] = '\0';
    }
    return true;
}

const ExportFormat export_md = {
    .name = "md", .schema = "amx.export-md/1", .names_writers = true, .write = write_md};

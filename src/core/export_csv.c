/* export --csv: a row for each table and column, RFC 4180, as every CSV of amx: text that a spreadsheet would
 * take for a formula gets an apostrophe in front. */
#include "export.h"

#include <string.h>

#include "text.h"

char *export_csv_text(const char *value)
{
    char *visible = text_visible_lines(value);
    bool formula = *visible && strchr("=+-@\t\n", *visible);
    char *text = text_format("%s%s", formula ? "'" : "", visible);
    free(visible);
    return text;
}

void export_csv_add(Text *out, const char *text)
{
    bool quoted = strpbrk(text, ",\"\n\t") != NULL;
    text_add(out, quoted ? "\"" : "");
    for (const char *c = text; *c; c++) {
        text_add(out, *c == '"' ? "\"" : "");
        text_add_char(out, *c);
    }
    text_add(out, quoted ? "\"" : "");
}

static void add_row(Text *out, const CatalogTable *table, const CatalogColumn *column,
                    const Description *description)
{
    const char *const fields[] = {
        table->schema,
        table->name,
        column ? column->name : NULL,
        column ? "column" : catalog_kind_name(table->kind),
        column ? column->type : NULL,
        description->text,
        export_state_name(description->state),
        description->created_by,
        description->hostname,
        description->client_version,
        description->written_at,
    };
    size_t count = sizeof fields / sizeof *fields;
    for (size_t i = 0; i < count; i++) {
        char *text = export_csv_text(fields[i]);
        export_csv_add(out, text);
        text_add(out, i + 1 < count ? "," : "\r\n");
        free(text);
    }
}

static bool write_csv(const ExportJob *job, Text *out, Error *err)
{
    const Documentation *documentation = job->documentation;
    (void)err;
    text_add(out, "schema_name,table_name,column_name,kind,data_type,description,state,created_by,hostname,"
                  "client_version,written_at\r\n");
    for (size_t i = 0; i < documentation->table_count; i++) {
        const DocumentedTable *table = &documentation->tables[i];
        if (!table->is_context) {
            add_row(out, table->table, NULL, &table->description);
        }
        for (size_t c = 0; c < table->table->column_count; c++) {
            add_row(out, table->table, &table->table->columns[c], &table->columns[c]);
        }
    }
    return true;
}

const ExportFormat export_csv = {
    .name = "csv", .schema = "amx.export-csv/1", .names_writers = true, .write = write_csv};

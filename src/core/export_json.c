/* export --json: "amx.export/1", for programs. Written a table at a time: all of it as one value would take
 * several times the memory of the document. */
#include "export.h"

#include <string.h>

#include "text.h"

static json_t *description_of(const Description *description, json_t *object)
{
    row_text(object, "description", description->text);
    row_text(object, "state", export_state_name(description->state));
    row_text(object, "created_by", description->created_by);
    row_text(object, "hostname", description->hostname);
    row_text(object, "client_version", description->client_version);
    row_text(object, "written_at", description->written_at);
    return object;
}

static json_t *reference_of(const ExportJob *job, const CatalogTable *table, const CatalogColumn *column)
{
    size_t place;
    const CatalogForeignKey *key = export_foreign_key(job->documentation, table, column->name, &place);
    if (!key) {
        return json_null();
    }
    json_t *reference = json_object();
    row_text(reference, "schema_name", key->to_schema);
    row_text(reference, "table_name", key->to_table);
    row_text(reference, "column_name", key->to_columns[place]);
    return reference;
}

static json_t *column_of(const ExportJob *job, const DocumentedTable *documented, size_t index)
{
    const CatalogColumn *column = &documented->table->columns[index];
    json_t *object = json_object();
    row_text(object, "column_name", column->name);
    row_text(object, "data_type", column->type);
    row_bool(object, "not_null", column->not_null);
    row_bool(object, "primary_key", column->primary_key);
    row_bool(object, "unique", column->unique);
    row_bool(object, "generated", column->generated);
    row_bool(object, "identity", column->identity);
    row_text(object, "default", column->default_value);
    row_json(object, "references", reference_of(job, documented->table, column));
    return description_of(&documented->columns[index], object);
}

static json_t *table_of(const ExportJob *job, const DocumentedTable *documented)
{
    json_t *object = json_object();
    json_t *columns = json_array();
    row_text(object, "schema_name", documented->table->schema);
    row_text(object, "table_name", documented->table->name);
    row_text(object, "kind", catalog_kind_name(documented->table->kind));
    description_of(&documented->description, object);
    for (size_t i = 0; i < documented->table->column_count; i++) {
        json_array_append_new(columns, column_of(job, documented, i));
    }
    row_json(object, "columns", columns);
    return object;
}

/* Takes over the reference to `value`. A line break in it is never part of a string. */
static void add_value(Text *out, json_t *value, const char *indent)
{
    char *json = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
    char *harmless = text_json_harmless(json ? json : "null");
    for (const char *line = harmless; *line;) {
        size_t length = strcspn(line, "\n");
        text_add_n(out, line, length);
        line += length;
        if (*line == '\n') {
            text_addf(out, "\n%s", indent);
            line++;
        }
    }
    free(harmless);
    free(json);
    json_decref(value);
}

static bool write_json(const ExportJob *job, Text *out, Error *err)
{
    const Documentation *documentation = job->documentation;
    json_t *database = json_object();
    (void)err;
    row_text(database, "database", documentation->fingerprint);
    text_add(out, "{\n  \"schema\": \"amx.export/1\",\n  \"database\": ");
    add_value(out, json_incref(json_object_get(database, "database")), "");
    json_decref(database);
    text_add(out, ",\n  \"tables\": [");
    for (size_t i = 0; i < documentation->table_count; i++) {
        text_add(out, i > 0 ? ",\n    " : "\n    ");
        add_value(out, table_of(job, &documentation->tables[i]), "    ");
    }
    text_add(out, documentation->table_count > 0 ? "\n  ]\n}\n" : "]\n}\n");
    return true;
}

const ExportFormat export_json = {
    .name = "json", .schema = "amx.export-json/1", .names_writers = true, .write = write_json};

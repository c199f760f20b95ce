/* The exports of amx itself, read back: JSON and CSV. */
#include <jansson.h>
#include <string.h>

#include "diff_file.h"
#include "memory.h"

static const char *string_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void add_json_table(const json_t *table, DiffFile *out)
{
    const char *schema = string_of(table, "schema_name");
    const char *name = string_of(table, "table_name");
    const json_t *columns = json_object_get(table, "columns");
    if (!schema || !name) {
        return;
    }
    diff_file_add(out, schema, name, NULL, string_of(table, "description"));
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const json_t *column = json_array_get(columns, i);
        if (string_of(column, "column_name")) {
            diff_file_add(out, schema, name, string_of(column, "column_name"),
                          string_of(column, "description"));
        }
    }
}

bool diff_file_read_json(const char *path, const char *text, DiffFile *out, Error *err)
{
    json_error_t why;
    json_t *root = json_loads(text, 0, &why);
    if (!root) {
        return error_set(err, ERROR_SYSTEM, "%s, line %d: %s", path, why.line, why.text);
    }
    bool ok = text_equal(string_of(root, "schema"), "amx.export/1");
    const json_t *tables = json_object_get(root, "tables");
    for (size_t i = 0; ok && i < json_array_size(tables); i++) {
        add_json_table(json_array_get(tables, i), out);
    }
    json_decref(root);
    return ok || error_set(err, ERROR_SYSTEM, "%s is no amx.export/1", path);
}

/* --- CSV, RFC 4180 ----------------------------------------------------------------------------------- */

enum { SCHEMA, TABLE, COLUMN, DESCRIPTION, NEEDED };

#define MOST_FIELDS 64

typedef struct CsvRow {
    char *fields[MOST_FIELDS];
    size_t count;
    bool open; /* the file ended inside of quotes */
} CsvRow;

static void clear_row(CsvRow *row)
{
    for (size_t i = 0; i < row->count; i++) {
        free(row->fields[i]);
    }
    *row = (CsvRow){0};
}

/* Reads one field at `at`; returns what follows it: a comma, a line end, or the end. */
static const char *read_field(const char *at, CsvRow *row)
{
    Text field = {0};
    bool quoted = *at == '"';
    at += quoted;
    while (quoted && *at && (*at != '"' || at[1] == '"')) {
        at += *at == '"';
        text_add_char(&field, *at++);
    }
    row->open = quoted && !*at;
    at += quoted && *at;
    size_t rest = strcspn(at, ",\r\n");
    text_add_n(&field, at, rest);
    if (row->count < MOST_FIELDS) {
        row->fields[row->count++] = text_take(&field);
    }
    text_free(&field);
    return at + rest;
}

/* Reads the row at `at`; returns the next. */
static const char *read_row(const char *at, CsvRow *row, size_t *lines)
{
    const char *start = at;
    clear_row(row);
    at = read_field(at, row);
    while (*at == ',') {
        at = read_field(at + 1, row);
    }
    at += *at == '\r';
    at += *at == '\n';
    for (; start < at; start++) {
        *lines += *start == '\n';
    }
    return at;
}

/* Where in a row the four columns are that matter. */
static bool find_columns(const CsvRow *head, size_t *place)
{
    static const char *const names[NEEDED] = {"schema_name", "table_name", "column_name", "description"};
    for (size_t n = 0; n < NEEDED; n++) {
        place[n] = head->count;
        for (size_t i = 0; i < head->count; i++) {
            place[n] = text_equal(head->fields[i], names[n]) ? i : place[n];
        }
        if (place[n] == head->count) {
            return false;
        }
    }
    return true;
}

bool diff_file_read_csv(const char *path, const char *text, DiffFile *out, Error *err)
{
    CsvRow row = {0};
    size_t place[NEEDED] = {0}, lines = 0;
    const char *at = read_row(text_starts(text, "\xEF\xBB\xBF") ? text + 3 : text, &row, &lines);
    size_t width = row.count;
    bool ok =
        find_columns(&row, place) ||
        error_set(err, ERROR_SYSTEM,
                  "%s lacks one of the columns schema_name, table_name, column_name, description", path);
    out->csv = true;
    while (ok && *at) {
        size_t line = lines + 1;
        at = read_row(at, &row, &lines);
        ok = (row.count == width && !row.open) ||
             error_set(err, ERROR_SYSTEM, "%s, line %zu: this row is not like the heading", path, line);
        if (ok) {
            const char *column = row.fields[place[COLUMN]];
            diff_file_add(out, row.fields[place[SCHEMA]], row.fields[place[TABLE]],
                          text_is_empty(column) ? NULL : column, row.fields[place[DESCRIPTION]]);
        }
    }
    clear_row(&row);
    return ok;
}

/* What of a catalog a language model is given for a question. */
#include "ask.h"

#include <string.h>

#include "ask_joins.h"
#include "ask_match.h"
#include "catalog_cache.h"
#include "report.h"
#include "text.h"

typedef struct Columns {
    const AskTable *table;
    json_t *told;
    long long left_out;
} Columns;

static bool fits(const AskTable *table, const char *column)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (text_equal(table->columns[i].name, column)) {
            return true;
        }
    }
    return false;
}

static json_t *column_json(const CatalogObject *object)
{
    json_t *row = json_object();
    row_text(row, "name", object->column);
    row_text(row, "type", object->type);
    row_text(row, "description", object->description);
    row_text(row, "refers_to", object->refers_to);
    return row;
}

/* Room is kept for the columns that fit the question, wherever they stand. */
static void add_column(void *context, const CatalogObject *object)
{
    Columns *columns = context;
    if (!object->column) {
        return;
    }
    size_t room = ASK_CONTEXT_COLUMNS - columns->table->column_count;
    bool wanted = fits(columns->table, object->column);
    if (wanted || (columns->left_out == 0 && json_array_size(columns->told) < room)) {
        json_array_append_new(columns->told, column_json(object));
    } else {
        columns->left_out++;
    }
}

static void add_key_column(void *context, const char *column, int64_t position)
{
    (void)position;
    json_array_append_new(context, json_string(column));
}

static bool add_table(const AskQuestion *question, const AskTable *table, AskContext *out, Error *err)
{
    Columns columns = {.table = table, .told = json_array()};
    json_t *row = json_object(), *key = json_array();
    row_text(row, "schema", table->schema);
    row_text(row, "table", table->name);
    row_text(row, "kind", table->kind);
    row_text(row, "description", table->description);
    bool ok = catalog_cache_list(question->local, question->fingerprint, table->schema, table->name,
                                 add_column, &columns, err) &&
              catalog_cache_key(question->local, question->fingerprint, table->schema, table->name,
                                add_key_column, key, err);
    row_json(row, "primary_key", key);
    row_json(row, "columns", columns.told);
    row_int(row, "more_columns", columns.left_out);
    json_array_append_new(out->tables, row);
    return ok;
}

bool ask_context(const AskQuestion *question, AskContext *out, Error *err)
{
    AskMatch match = {0};
    Text joins = {0};
    *out = (AskContext){.tables = json_array(), .joins = json_array()};
    bool ok = catalog_cache_describe(question->local, question->fingerprint, err) &&
              ask_match_find(question->local, question->fingerprint, question->text, ASK_CONTEXT_TABLES,
                             &match, err);
    for (size_t i = 0; ok && i < match.table_count && i < ASK_CONTEXT_TABLES; i++) {
        ok = add_table(question, &match.tables[i], out, err);
    }
    ok = ok && ask_joins_add(question->local, question->fingerprint, &match, &joins, err);
    char *rest = joins.data;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (*line) {
            json_array_append_new(out->joins, json_string(line + strspn(line, " ")));
        }
    }
    text_free(&joins);
    ask_match_free(&match);
    return ok;
}

void ask_context_free(AskContext *context)
{
    json_decref(context->tables);
    json_decref(context->joins);
    *context = (AskContext){0};
}

typedef struct Wanted {
    const char *column;
    bool found;
} Wanted;

static void look_for(void *context, const CatalogObject *object)
{
    Wanted *wanted = context;
    wanted->found = wanted->found || text_equal(object->column, wanted->column);
}

bool ask_exists(Local *local, const char *fingerprint, const char *schema, const char *table,
                const char *column, bool *out, Error *err)
{
    Wanted wanted = {.column = column};
    bool ok =
        !schema || !table || catalog_cache_list(local, fingerprint, schema, table, look_for, &wanted, err);
    *out = wanted.found;
    return ok;
}

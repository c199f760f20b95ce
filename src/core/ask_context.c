/* What of a catalog a language model is given for a question. */
#include "ask.h"

#include <string.h>

#include "ask_joins.h"
#include "ask_match.h"
#include "ask_work.h"
#include "report.h"

typedef struct Telling {
    const AskTable *table;
    json_t *row;
    json_t *columns;
    long long left_out;
} Telling;

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
static void tell(void *context, const CatalogObject *object)
{
    Telling *telling = context;
    if (!object->column) {
        row_text(telling->row, "kind", object->kind);
        row_text(telling->row, "description", object->description);
        return;
    }
    size_t room = ASK_CONTEXT_COLUMNS - telling->table->column_count;
    bool first = telling->left_out == 0 && json_array_size(telling->columns) < room;
    if (first || fits(telling->table, object->column)) {
        json_array_append_new(telling->columns, column_json(object));
    } else {
        telling->left_out++;
    }
}

static void add_key_column(void *context, const char *column, int64_t position)
{
    (void)position;
    json_array_append_new(context, json_string(column));
}

static bool add_table(const AskQuestion *question, const AskTable *table, AskContext *out, Error *err)
{
    json_t *key = json_array();
    Telling telling = {.table = table, .row = json_object(), .columns = json_array()};
    row_text(telling.row, "schema", table->schema);
    row_text(telling.row, "table", table->name);
    bool ok = catalog_cache_list(question->local, question->fingerprint, table->schema, table->name, tell,
                                 &telling, err) &&
              catalog_cache_key(question->local, question->fingerprint, table->schema, table->name,
                                add_key_column, key, err);
    row_json(telling.row, "primary_key", key);
    row_json(telling.row, "columns", telling.columns);
    row_int(telling.row, "more_columns", telling.left_out);
    json_array_append_new(out->tables, telling.row);
    return ok;
}

/* The tables that are given, borrowed from what was found. */
typedef struct Given {
    AskTable tables[ASK_CONTEXT_TABLES];
    AskMatch match;
} Given;

static void give(Given *given, const AskTable *table)
{
    for (size_t i = 0; i < given->match.table_count; i++) {
        if (text_equal(given->tables[i].name, table->name) &&
            text_equal(given->tables[i].schema, table->schema)) {
            return;
        }
    }
    if (given->match.table_count < ASK_CONTEXT_TABLES) {
        given->tables[given->match.table_count++] = *table;
    }
}

static bool add_joins(const AskQuestion *question, const AskMatch *match, AskContext *out, Error *err)
{
    Text joins = {0};
    bool ok = ask_joins_add(question->local, question->fingerprint, match, false, &joins, err);
    char *rest = joins.data;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (*line) {
            json_array_append_new(out->joins, json_string(line + strspn(line, " ")));
        }
    }
    text_free(&joins);
    return ok;
}

/* What the question names or points back to goes before what fits its words. */
static bool give_tables(const AskWork *work, const AskMatch *match, AskContext *out, Error *err)
{
    const AskSubjects *subjects = ask_subjects(work);
    Given given = {0};
    given.match.tables = given.tables;
    for (size_t i = 0; i < subjects->count; i++) {
        AskTable table = {.schema = subjects->items[i].schema, .name = subjects->items[i].table};
        for (size_t m = 0; m < match->table_count; m++) {
            if (text_equal(match->tables[m].name, table.name) &&
                text_equal(match->tables[m].schema, table.schema)) {
                table = match->tables[m];
            }
        }
        give(&given, &table);
    }
    for (size_t i = 0; i < match->table_count; i++) {
        give(&given, &match->tables[i]);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < given.match.table_count; i++) {
        ok = add_table(work->question, &given.tables[i], out, err);
    }
    return ok && add_joins(work->question, &given.match, out, err);
}

bool ask_context(const AskQuestion *question, AskContext *out, Error *err)
{
    AskWork work = {.question = question};
    AskMatch match = {0};
    *out = (AskContext){.tables = json_array(), .joins = json_array()};
    ask_words_read(&work);
    bool ok = catalog_cache_describe(question->local, question->fingerprint, err) &&
              ask_subjects_find(&work, err) &&
              ask_match_find(question->local, question->fingerprint, question->text, ASK_CONTEXT_TABLES,
                             &match, err) &&
              give_tables(&work, &match, out, err);
    ask_match_free(&match);
    ask_work_free(&work);
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

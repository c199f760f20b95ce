/* history table: everything that was ever said about a table and its columns. */
#include "commands.h"

#include <stdlib.h>

#include "memory.h"
#include "object_name.h"
#include "record_report.h"
#include "team.h"
#include "text.h"

#define PAGE 50
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn columns[] = {
    {"created_at", "Drafted", REPORT_AGE},  {"who", "Who@host", REPORT_TEXT},
    {"client_version", "Ver", REPORT_TEXT}, {"run_id", "Run", REPORT_NUMBER},
    {"object", "Object", REPORT_TEXT},      {"state", "State", REPORT_TEXT},
    {"settled_at", "Settled", REPORT_AGE},  {"text", "Text", REPORT_WIDE},
    {"local_id", NULL, REPORT_NUMBER},      {"origin_id", NULL, REPORT_TEXT},
    {"schema_name", NULL, REPORT_TEXT},     {"table_name", NULL, REPORT_TEXT},
    {"column_name", NULL, REPORT_TEXT},     {"kind", NULL, REPORT_TEXT},
    {"data_type", NULL, REPORT_TEXT},       {"level", NULL, REPORT_TEXT},
    {"confidence", NULL, REPORT_NUMBER},    {"base_text", NULL, REPORT_TEXT},
    {"evaluation", NULL, REPORT_TEXT},      {"chosen_text", NULL, REPORT_TEXT},
    {"alternatives", NULL, REPORT_TEXT},    {"evidence", NULL, REPORT_TEXT},
    {"source", NULL, REPORT_TEXT},          {"evaluated_at", NULL, REPORT_TIME},
    {"applied_at", NULL, REPORT_TIME},      {"apply_error", NULL, REPORT_TEXT},
    {"created_by", NULL, REPORT_TEXT},      {"hostname", NULL, REPORT_TEXT},
    {"updated_at", NULL, REPORT_TIME},
};

/* What a result says, what became of it, and when. */
static bool add_fate(void *context, json_t *row, const SyncedTable *table, const Value *values, Error *err)
{
    (void)context;
    (void)err;
    const char *applied = record_text(table, values, "applied_at");
    record_add_result(row, table, values);
    row_text(row, "settled_at", applied ? applied : record_text(table, values, "evaluated_at"));
    return true;
}

static bool fill(App *app, const Args *args, RecordPage *page, Report *report, Error *err)
{
    RecordCollector collector = {.report = report, .page = page, .more = add_fate};
    return record_page_begin(page, args, report, err) && team_read_page(app, page, &collector, err) &&
           record_collected(&collector, err);
}

/* schema.table, as history stats prints it, or a table. */
static bool parse_table(const char *word, ObjectScope *out, Error *err)
{
    if (!object_scope_parse(word, out, err)) {
        return false;
    }
    if (out->count != 1 && out->count != 2) {
        object_scope_free(out);
        error_set(err, ERROR_USAGE, "\"%s\" is no table and no schema.table", word);
        return error_hint(err, "list the tables that have a history with: amx history stats --by table");
    }
    return true;
}

/* The first or last schema, by name, in which somebody drafted such a table; NULL when nobody did. Owned by
 * the caller. */
static bool find_schema(App *app, const RecordPage *page, const char *table, RecordOrder order, char **out,
                        Error *err)
{
    Report rows = {0};
    RecordPage one = {.table = page->table,
                      .team = page->team,
                      .filter = {.fingerprint = page->filter.fingerprint,
                                 .match = {{"table_name", table}},
                                 .sort = "schema_name",
                                 .order = order,
                                 .limit = 1}};
    RecordCollector collector = {.report = &rows};
    report_list(&rows, "amx.table_history/1", columns, COUNT(columns));
    bool ok = team_read_page(app, &one, &collector, err);
    *out = memory_string(json_string_value(json_object_get(json_array_get(rows.items, 0), "schema_name")));
    report_free(&rows);
    return ok;
}

/* Puts the schema before a table that was named alone. ERROR_USAGE when several schemas have it. */
static bool complete(App *app, const RecordPage *page, ObjectScope *scope, Error *err)
{
    char *first = NULL;
    char *last = NULL;
    const char *table = scope->parts[0];
    bool ok = find_schema(app, page, table, RECORD_ASCENDING, &first, err) &&
              find_schema(app, page, table, RECORD_DESCENDING, &last, err);
    if (ok && !text_equal(first, last)) {
        char *one = object_name(first, table, NULL);
        char *other = object_name(last, table, NULL);
        error_set(err, ERROR_USAGE, "there are both %s and %s; say the schema", one, other);
        free(other);
        free(one);
        ok = false;
    }
    free(last);
    scope->parts[1] = scope->parts[0];
    scope->parts[0] = first;
    scope->count = 2;
    return ok;
}

static bool report_history(App *app, const Args *args, RecordPage *page, ObjectScope *scope, Report *report,
                           Error *err)
{
    if (scope->count == 1 && !complete(app, page, scope, err)) {
        return false;
    }
    page->filter.match[0].column = "schema_name";
    page->filter.match[0].value = scope->parts[0];
    page->filter.match[1].column = "table_name";
    page->filter.match[1].value = scope->parts[1];
    char *table = object_name(scope->parts[0], scope->parts[1], NULL);
    report_list(report, "amx.table_history/1", columns, COUNT(columns));
    report->empty = "Nobody has drafted anything about this table.";
    report->title = text_format("History of %s", table);
    free(table);
    return fill(app, args, page, report, err);
}

bool cmd_history_table(App *app, const Args *args, Report *report, Error *err)
{
    ObjectScope scope;
    RecordPage page = {.table = &synced_tables[SYNCED_RUN_RESULTS],
                       .team = args_flag(args, "team"),
                       .limit = PAGE,
                       .filter = {.fingerprint = args_text(args, "fingerprint")},
                       .order = "-created_at"};
    if (!parse_table(args_word(args, 0), &scope, err)) {
        return false;
    }
    bool ok = report_history(app, args, &page, &scope, report, err);
    record_page_free(&page);
    object_scope_free(&scope);
    return ok;
}

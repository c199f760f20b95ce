/* coverage: how much of a database is described, and is it enough? */
#include "commands.h"

#include <stdlib.h>

#include "documentation.h"
#include "object_name.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define NAMED 3 /* tables that lack most, named when it is not enough */

static const ReportColumn columns[] = {
    {"object", "Table", REPORT_TEXT},        {"kind", "Kind", REPORT_TEXT},
    {"objects", "Objects", REPORT_NUMBER},   {"described", "Described", REPORT_NUMBER},
    {"accepted", "To apply", REPORT_NUMBER}, {"percent", "%", REPORT_NUMBER},
    {"schema_name", NULL, REPORT_TEXT},      {"table_name", NULL, REPORT_TEXT},
};

static json_t *add_row(Report *report, const char *object, const Coverage *coverage)
{
    json_t *row = report_row(report);
    row_text(row, "object", object);
    row_text(row, "kind", NULL);
    row_int(row, "objects", (long long)coverage->objects);
    row_int(row, "described", (long long)coverage->present);
    row_int(row, "accepted", (long long)coverage->accepted);
    row_int(row, "percent", coverage_present_percent(coverage));
    row_text(row, "schema_name", NULL);
    row_text(row, "table_name", NULL);
    return row;
}

static void add_table(Report *report, const CatalogTable *table, const Coverage *coverage)
{
    char *object = object_name(table->schema, table->name, NULL);
    json_t *row = add_row(report, object, coverage);
    row_text(row, "kind", catalog_kind_name(table->kind));
    row_text(row, "schema_name", table->schema);
    row_text(row, "table_name", table->name);
    free(object);
}

static Coverage add_tables(Report *report, const Documentation *documentation)
{
    Coverage total = {0};
    for (size_t i = 0; i < documentation->table_count; i++) {
        Coverage coverage = documentation_coverage(&documentation->tables[i]);
        add_table(report, documentation->tables[i].table, &coverage);
        coverage_add_all(&total, &coverage);
    }
    if (documentation->table_count > 0) {
        add_row(report, "total", &total);
    }
    return total;
}

/* A table, and how much of it has no description. */
typedef struct Gap {
    const CatalogTable *table;
    size_t missing;
} Gap;

/* The tables that lack most, the most first; of equals the first by name. */
static size_t find_gaps(const Documentation *documentation, Gap gaps[NAMED])
{
    size_t count = 0;
    for (size_t i = 0; i < documentation->table_count; i++) {
        Coverage coverage = documentation_coverage(&documentation->tables[i]);
        Gap gap = {documentation->tables[i].table, coverage.objects - coverage.present};
        for (size_t place = 0; place < NAMED && gap.missing > 0; place++) {
            if (place == count) {
                gaps[count++] = gap;
                break;
            }
            if (gap.missing > gaps[place].missing) {
                Gap next = gaps[place];
                gaps[place] = gap;
                gap = next;
            }
        }
    }
    return count;
}

static void tell_what_lacks(Report *report, const Documentation *documentation, const Coverage *total,
                            long long least)
{
    Gap gaps[NAMED];
    Text names = {0};
    size_t count = find_gaps(documentation, gaps);
    for (size_t i = 0; i < count; i++) {
        char *object = object_name(gaps[i].table->schema, gaps[i].table->name, NULL);
        text_addf(&names, "%s%s (%zu)", i > 0 ? ", " : "", object, gaps[i].missing);
        free(object);
    }
    size_t missing = total->objects - total->present;
    report_warning(report,
                   "%lld %% is described, less than the %lld %% asked for: %zu of %zu tables and columns "
                   "have no description, most of them in %s",
                   coverage_present_percent(total), least, missing, total->objects, text_string(&names));
    if (total->described < total->objects) {
        report_note(report, "draft what is missing with: amx run");
    }
    text_free(&names);
}

/* What was accepted is known here only, and so it never counts: a workstation and CI find the same. */
static void tell_what_waits(Report *report, const Coverage *total)
{
    if (total->accepted > 0) {
        report_note(report, "%lld %% described, %lld %% once what is accepted is applied (amx apply)",
                    coverage_present_percent(total), coverage_percent(total));
    }
}

bool cmd_coverage(App *app, const Args *args, Report *report, Error *err)
{
    Documentation documentation = {0};
    long long least = args_number(args, "min", 0);
    if (least > 100) {
        error_set(err, ERROR_USAGE, "--min is 0 to 100 percent, not %lld", least);
        return error_hint(err, "for example: --min 80");
    }
    bool ok = documentation_read(app, args_word(args, 0), 0, report, &documentation, err);
    if (ok) {
        report_list(report, "amx.coverage/1", columns, COUNT(columns));
        report->empty = "No tables.";
        Coverage total = add_tables(report, &documentation);
        if (total.present * 100 < (size_t)least * total.objects) {
            report->exit_code = error_exit_code(ERROR_CHECK);
            tell_what_lacks(report, &documentation, &total, least);
        }
        tell_what_waits(report, &total);
    }
    documentation_free(&documentation);
    return ok;
}

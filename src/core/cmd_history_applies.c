/* history applies: what was written to the documented databases and restored there, in place of what. */
#include "commands.h"

#include "record_report.h"
#include "team.h"
#include "text.h"

#define PAGE 50
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn columns[] = {
    {"created_at", "When", REPORT_AGE},     {"who", "Who@host", REPORT_TEXT},
    {"client_version", "Ver", REPORT_TEXT}, {"run_id", "Run", REPORT_NUMBER},
    {"kind", "Kind", REPORT_TEXT},          {"target", "Object", REPORT_TEXT},
    {"outcome", "Outcome", REPORT_TEXT},    {"old_text", "Before", REPORT_TEXT},
    {"new_text", "Written", REPORT_WIDE},   {"error", NULL, REPORT_TEXT},
    {"local_id", NULL, REPORT_NUMBER},      {"origin_id", NULL, REPORT_TEXT},
    {"result_id", NULL, REPORT_NUMBER},     {"created_by", NULL, REPORT_TEXT},
    {"hostname", NULL, REPORT_TEXT},        {"updated_at", NULL, REPORT_TIME},
};

static void add_match(RecordFilter *filter, const char *column, const char *value)
{
    size_t place = 0;
    while (filter->match[place].column) {
        place++;
    }
    if (value) {
        filter->match[place].column = column;
        filter->match[place].value = value;
    }
}

/* A run's number says nothing without its origin, which is one's own unless --origin or --team says
 * otherwise.
 */
static bool choose_origin(App *app, const Args *args, char buffer[ID_SIZE], const char **origin, Error *err)
{
    long long id;
    *origin = NULL;
    if (!args_word(args, 0)) {
        return !args_text(args, "origin") ||
               error_set(err, ERROR_USAGE, "--origin needs the number of a run there");
    }
    return args_id(args, 0, "run number", &id, err) && team_choose_origin(app, args, id, buffer, origin, err);
}

static bool choose(const Args *args, RecordFilter *filter, char since[CLOCK_TEXT_SIZE], Error *err)
{
    filter->who = args_text(args, "who");
    filter->host = args_text(args, "host");
    add_match(filter, "run_id", args_word(args, 0));
    add_match(filter, "target", args_text(args, "target"));
    add_match(filter, "outcome", args_text(args, "outcome"));
    if (!args_text(args, "since")) {
        return true;
    }
    filter->since = since;
    return record_parse_time(args_text(args, "since"), since, err) || error_prefix(err, "--since ");
}

bool cmd_history_applies(App *app, const Args *args, Report *report, Error *err)
{
    char since[CLOCK_TEXT_SIZE];
    char origin[ID_SIZE];
    RecordPage page = {.table = &synced_tables[SYNCED_APPLY_EVENTS],
                       .team = args_flag(args, "team") || args_text(args, "origin"),
                       .limit = PAGE};
    if (!choose_origin(app, args, origin, &page.filter.origin, err) ||
        !choose(args, &page.filter, since, err)) {
        return false;
    }
    report_list(report, "amx.applies/1", columns, COUNT(columns));
    report->empty = "Nothing was applied.";
    RecordCollector collector = {.report = report, .page = &page};
    bool ok = record_page_begin(&page, args, report, err) && team_read_page(app, &page, &collector, err) &&
              record_collected(&collector, err);
    record_page_free(&page);
    return ok;
}

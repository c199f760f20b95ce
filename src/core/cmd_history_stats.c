/* history stats: who did how much, what became of each table, how many runs a day. */
#include "commands.h"

#include <limits.h>
#include <stdlib.h>

#include "activity.h"
#include "object_name.h"
#include "record_report.h"
#include "team.h"
#include "text.h"

#define PAGE 50
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn who_columns[] = {
    {"who", "Who@host", REPORT_TEXT},
    {"client_version", "Ver", REPORT_TEXT},
    {"runs", "Runs", REPORT_NUMBER},
    {"results", "Results", REPORT_NUMBER},
    {"accepted", "Accepted", REPORT_NUMBER},
    {"applied", "Applied", REPORT_NUMBER},
    {"last", "Last", REPORT_AGE},
    {"key", NULL, REPORT_TEXT},
    {"created_by", NULL, REPORT_TEXT},
    {"hostname", NULL, REPORT_TEXT},
};

static const ReportColumn table_columns[] = {
    {"table", "Table", REPORT_WIDE},
    {"who", "Who@host", REPORT_TEXT},
    {"client_version", "Ver", REPORT_TEXT},
    {"what", "Did", REPORT_TEXT},
    {"last", "Last", REPORT_AGE},
    {"results", "Drafted", REPORT_NUMBER},
    {"accepted", "Accepted", REPORT_NUMBER},
    {"applied", "Applied", REPORT_NUMBER},
    {"fingerprint", NULL, REPORT_TEXT},
    {"key", NULL, REPORT_TEXT},
    {"schema_name", NULL, REPORT_TEXT},
    {"table_name", NULL, REPORT_TEXT},
    {"created_by", NULL, REPORT_TEXT},
    {"hostname", NULL, REPORT_TEXT},
};

static const ReportColumn day_columns[] = {
    {"day", "Day", REPORT_TEXT},          {"runs", "Runs", REPORT_NUMBER},
    {"results", "Drafts", REPORT_NUMBER}, {"people", "People", REPORT_NUMBER},
    {"last", "Last", REPORT_AGE},         {"key", NULL, REPORT_TEXT},
};

static void add_who(json_t *row, const ActivityRow *sum)
{
    char *who = text_format("%s@%s", sum->created_by, sum->hostname);
    row_text(row, "who", who);
    row_text(row, "created_by", sum->created_by);
    row_text(row, "hostname", sum->hostname);
    row_text(row, "client_version", sum->client_version);
    free(who);
}

static void add_engineer(json_t *row, const ActivityRow *sum)
{
    add_who(row, sum);
    row_text(row, "key", json_string_value(json_object_get(row, "who")));
    row_int(row, "runs", sum->runs);
    row_int(row, "results", sum->results);
    row_int(row, "accepted", sum->accepted);
    row_int(row, "applied", sum->applied);
    row_text(row, "last", sum->last);
}

static void add_table(json_t *row, const ActivityRow *sum)
{
    char *table = object_name(sum->schema_name, sum->table_name, NULL);
    char *key = text_format("%s/%s", sum->fingerprint, table);
    row_text(row, "table", table);
    row_text(row, "key", key);
    row_text(row, "fingerprint", sum->fingerprint);
    row_text(row, "schema_name", sum->schema_name);
    row_text(row, "table_name", sum->table_name);
    add_who(row, sum);
    row_text(row, "what", sum->what);
    row_text(row, "last", sum->last);
    row_int(row, "results", sum->results);
    row_int(row, "accepted", sum->accepted);
    row_int(row, "applied", sum->applied);
    free(key);
    free(table);
}

static void add_day(json_t *row, const ActivityRow *sum)
{
    row_text(row, "day", sum->day);
    row_text(row, "key", sum->day);
    row_int(row, "runs", sum->runs);
    row_int(row, "results", sum->results);
    row_int(row, "people", sum->people);
    row_text(row, "last", sum->last);
}

static const struct Kind {
    const char *name;
    ActivityBy by;
    const char *schema;
    const ReportColumn *columns;
    size_t column_count;
    void (*add)(json_t *row, const ActivityRow *sum);
} kinds[] = {
    {"who", ACTIVITY_BY_WHO, "amx.activity.who/1", who_columns, COUNT(who_columns), add_engineer},
    {"table", ACTIVITY_BY_TABLE, "amx.activity.table/1", table_columns, COUNT(table_columns), add_table},
    {"day", ACTIVITY_BY_DAY, "amx.activity.day/1", day_columns, COUNT(day_columns), add_day},
};

static const struct Kind *kind_named(const char *name, Error *err)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (text_equal(kinds[i].name, name)) {
            return &kinds[i];
        }
    }
    error_set(err, ERROR_USAGE, "--by %s is unknown", name);
    error_hint(err, "sums are made by who, by table or by day");
    return NULL;
}

typedef struct Collecting {
    Report *report;
    const struct Kind *kind;
    int limit;
    int count;
} Collecting;

/* One sum more than is shown was asked for: it tells that there are more. */
static void collect(void *context, const ActivityRow *sum)
{
    Collecting *collecting = context;
    if (collecting->count++ < collecting->limit) {
        collecting->kind->add(report_row(collecting->report), sum);
    }
}

static bool sum_team(App *app, ActivityBy by, const ActivityFilter *filter, Collecting *collecting,
                     Error *err)
{
    Shared *shared = NULL;
    if (!team_open(app, &shared, err)) {
        return false;
    }
    bool ok = activity_shared(shared, by, filter, app_deliver_deadline(app), collect, collecting, err);
    shared_close(shared);
    return ok;
}

static bool sum_own(App *app, ActivityBy by, const ActivityFilter *filter, Collecting *collecting, Error *err)
{
    Local *local = NULL;
    return app_local_read(app, &local, err) &&
           (!local || activity_local(local, by, filter, collect, collecting, err));
}

bool cmd_history_stats(App *app, const Args *args, Report *report, Error *err)
{
    bool team = args_flag(args, "team");
    const char *by = args_text(args, "by");
    long long limit = args_number(args, "limit", PAGE);
    char since[CLOCK_TEXT_SIZE];
    ActivityFilter filter = {.who = args_text(args, "who"), .host = args_text(args, "host")};
    const struct Kind *kind = kind_named(by ? by : "who", err);
    if (!kind) {
        return false;
    }
    if (limit < 1 || limit >= INT_MAX) {
        return error_set(err, ERROR_USAGE, "--limit is a number from 1");
    }
    if (args_text(args, "since")) {
        filter.since = since;
        if (!record_parse_time(args_text(args, "since"), since, err)) {
            return error_prefix(err, "--since ");
        }
    }
    filter.limit = (int)limit + 1;
    Collecting collecting = {.report = report, .kind = kind, .limit = (int)limit};
    report_list(report, kind->schema, kind->columns, kind->column_count);
    report->empty =
        team ? "Nothing in the shared store yet." : "No runs yet. Draft descriptions with: amx run";
    bool ok = team ? sum_team(app, kind->by, &filter, &collecting, err)
                   : sum_own(app, kind->by, &filter, &collecting, err);
    if (ok && collecting.count > limit) {
        report_note(report, "there are more; see them with --limit");
    }
    return ok;
}

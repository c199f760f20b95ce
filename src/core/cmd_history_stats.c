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
    int64_t first; /* place of the page's first sum and of its last one; 0: it has none */
    int64_t last;
} Collecting;

static void collect(void *context, const ActivityRow *sum)
{
    Collecting *collecting = context;
    collecting->kind->add(report_row(collecting->report), sum);
    collecting->first = collecting->first ? collecting->first : sum->place;
    collecting->last = sum->place;
    collecting->report->total = sum->total;
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

/* --- options --- */

static bool set_sort(ActivityFilter *filter, const Args *args, const struct Kind *kind, Error *err)
{
    const char *sort = args_text(args, "sort");
    Text names = {0};
    bool descending = !sort || *sort == '-'; /* without a name: the last work first */
    bool known = !sort;
    filter->sort = sort && *sort == '-' ? sort + 1 : sort;
    filter->ascending = descending == args_flag(args, "reverse");
    for (size_t i = 0; i < kind->column_count; i++) {
        const char *key = kind->columns[i].key;
        if (activity_can_sort(key)) {
            known = known || text_equal(key, filter->sort);
            text_addf(&names, "%s%s", names.length ? ", " : "", key);
        }
    }
    if (!known) {
        error_set(err, ERROR_USAGE, "--sort \"%s\" is no column to sort by", filter->sort);
        error_hint(err, "sort by one of: %s", text_string(&names));
    }
    text_free(&names);
    return known;
}

/* A page's key is a place among the sums. */
static bool parse_place(const char *option, const char *word, int64_t least, int64_t *out, Error *err)
{
    char *end = NULL;
    *out = strtoll(word, &end, 10);
    if (*out >= least && !*end) {
        return true;
    }
    error_set(err, ERROR_USAGE, "--%s \"%.60s\" is where no page of this listing ended", option, word);
    return error_hint(err,
                      "take what a page printed after \"more\", or \"next\" and \"previous\" of its JSON");
}

static bool set_page(ActivityFilter *filter, const Args *args, Error *err)
{
    const char *after = args_text(args, "after");
    const char *before = args_text(args, "before");
    long long limit = args_number(args, "limit", PAGE);
    filter->last = args_flag(args, "last");
    if ((after && before) || (filter->last && (after || before))) {
        return error_set(err, ERROR_USAGE, "--after, --before and --last: a page begins in one place");
    }
    if (limit < 1 || limit > INT_MAX) {
        return error_set(err, ERROR_USAGE, "--limit is a number from 1");
    }
    filter->limit = (int)limit;
    if (after) {
        return parse_place("after", after, 1, &filter->after, err);
    }
    int64_t place = 1;
    if (before && !parse_place("before", before, 2, &place, err)) {
        return false;
    }
    if (before) { /* a short one where the sums begin */
        filter->limit = place - 1 < limit ? (int)(place - 1) : (int)limit;
        filter->after = place - 1 - filter->limit;
    }
    return true;
}

static void name_neighbours(const Collecting *collecting, Report *report)
{
    if (collecting->first > 1) {
        report->previous = text_format("%lld", (long long)collecting->first);
    }
    if (collecting->last < report->total) {
        report->next = text_format("%lld", (long long)collecting->last);
    }
}

bool cmd_history_stats(App *app, const Args *args, Report *report, Error *err)
{
    bool team = args_flag(args, "team");
    const char *by = args_text(args, "by");
    char since[CLOCK_TEXT_SIZE];
    ActivityFilter filter = {.who = args_text(args, "who"),
                             .host = args_text(args, "host"),
                             .contains = args_text(args, "filter")};
    const struct Kind *kind = kind_named(by ? by : "who", err);
    if (!kind || !set_sort(&filter, args, kind, err) || !set_page(&filter, args, err)) {
        return false;
    }
    if (args_text(args, "since")) {
        filter.since = since;
        if (!record_parse_time(args_text(args, "since"), since, err)) {
            return error_prefix(err, "--since ");
        }
    }
    Collecting collecting = {.report = report, .kind = kind};
    report_list(report, kind->schema, kind->columns, kind->column_count);
    report->empty =
        team ? "Nothing in the shared store yet." : "No runs yet. Draft descriptions with: amx run";
    bool ok = team ? sum_team(app, kind->by, &filter, &collecting, err)
                   : sum_own(app, kind->by, &filter, &collecting, err);
    if (ok) {
        name_neighbours(&collecting, report);
    }
    return ok;
}

#include "record_sql.h"

#include <stdlib.h>
#include <string.h>

/* Stands for a time that is not there in an order; below every other one. */
#define NO_TIME "'0001-01-01T00:00:00.000Z'"
#define WHO "t.created_by || '@' || t.hostname"

/* What follows from a result's columns: its object's name, how sure the drafter was in a word, and what
 * became of it, as record_result_state says it. */
#define OBJECT "coalesce(t.schema_name || '.', '') || t.table_name || coalesce('.' || t.column_name, '')"
#define STRING_OF(number) #number
#define NUMBER_TEXT(number) STRING_OF(number)
#define LEVEL                                                                                                \
    "CASE WHEN t.confidence >= " NUMBER_TEXT(RECORD_HIGH) " THEN 'high' WHEN t.confidence >= " NUMBER_TEXT(  \
        RECORD_MEDIUM) " THEN 'medium' ELSE 'low' END"
#define RESULT_STATE                                                                                         \
    "CASE WHEN t.apply_error IS NOT NULL THEN 'failed' WHEN t.applied_at IS NOT NULL THEN 'applied' "        \
    "ELSE coalesce(t.evaluation, 'undecided') END"

/* What rows are sorted by where that is no column of the declaration. */
static const char *expression_of(const char *sort)
{
    return text_equal(sort, RECORD_OBJECT) ? OBJECT : text_equal(sort, RECORD_LEVEL) ? "t.confidence" : WHO;
}

static const SyncedColumn *find_column(const SyncedTable *table, const char *name)
{
    for (size_t i = 0; i < synced_width(table); i++) {
        if (strcmp(synced_column(table, i)->name, name) == 0) {
            return synced_column(table, i);
        }
    }
    return NULL;
}

/* What history.db orders by time is what has no parent: one result's applies are in the order of their ids.
 */
static const char *default_sort(const RecordDialect *dialect, const SyncedTable *table)
{
    return dialect->shared || table->parent == SYNCED_NO_PARENT ? record_time_column(table) : NULL;
}

/* The column that rows are ordered by before their key; NULL: the key alone. */
static const char *sort_of(const RecordDialect *dialect, const SyncedTable *table, const RecordFilter *filter)
{
    const char *sort = filter->sort ? filter->sort : default_sort(dialect, table);
    return text_equal(sort, "local_id") && !dialect->shared ? NULL : sort;
}

static bool is_descending(const SyncedTable *table, const RecordFilter *filter)
{
    bool descending = filter->order == RECORD_DEFAULT_ORDER ? record_time_column(table) != NULL
                                                            : filter->order == RECORD_DESCENDING;
    return descending != filter->backward;
}

/* Rows of several origins may have the same local_id. */
static bool has_origins(const RecordDialect *dialect, const RecordFilter *filter)
{
    return dialect->shared && !filter->origin;
}

/* FROM and WHERE of the turns of session t, as u. */
static void add_turns(Text *sql, const RecordDialect *dialect)
{
    text_addf(sql, "FROM %ssession_turns u WHERE u.session_id = t.local_id", dialect->prefix);
    if (dialect->shared) {
        text_add(sql, " AND u.origin_id = t.origin_id AND u.deleted_at IS NULL");
    }
}

static void add_turn_count(Text *sql, const RecordDialect *dialect)
{
    text_add(sql, "(SELECT count(*) ");
    add_turns(sql, dialect);
    text_add(sql, ")");
}

/* Run t has a result u of which this holds. Not EXISTS: PostgreSQL would rather read all results once than
 * look for each run's. */
static void add_has_result(Text *sql, const RecordDialect *dialect, const char *condition)
{
    text_addf(sql, "(SELECT 1 FROM %srun_results u WHERE u.run_id = t.local_id%s AND %s LIMIT 1) IS NOT NULL",
              dialect->prefix,
              dialect->shared ? " AND u.origin_id = t.origin_id AND u.deleted_at IS NULL" : "", condition);
}

#define CHOSEN "u.evaluation IN ('accepted', 'edited')"
#define IS_UNDECIDED "u.evaluation IS NULL"
#define IS_DECIDED "u.evaluation IS NOT NULL"
#define IS_APPLIED CHOSEN " AND u.applied_at IS NOT NULL"
#define IS_WAITING CHOSEN " AND u.applied_at IS NULL"

/* A text of run t was restored that was decided before, and not anew since. */
static void add_has_rollback(Text *sql, const RecordDialect *dialect)
{
    text_addf(sql,
              "(SELECT 1 FROM %srun_results u JOIN %sapply_events e ON e.result_id = u.local_id%s "
              "WHERE u.run_id = t.local_id%s AND " CHOSEN " AND u.applied_at IS NULL "
              "AND e.kind = 'rollback' AND e.outcome IN ('applied', 'unchanged') "
              "AND e.created_at >= u.evaluated_at LIMIT 1) IS NOT NULL",
              dialect->prefix, dialect->prefix,
              dialect->shared ? " AND e.origin_id = u.origin_id AND e.deleted_at IS NULL" : "",
              dialect->shared ? " AND u.origin_id = t.origin_id AND u.deleted_at IS NULL" : "");
}

/* Where a run stands, as RECORD_STATE says it: first what its status says, then what its results do. */
typedef enum RunState {
    RUN_RUNNING,
    RUN_CANCELLED,
    RUN_FAILED,
    RUN_INTERRUPTED,
    RUN_READY,
    RUN_REVIEW,
    RUN_REVIEWED,
    RUN_ROLLED_BACK,
    RUN_PARTLY_APPLIED,
    RUN_APPLIED,
    RUN_UNKNOWN,
    RUN_STATES
} RunState;

static const char *const run_states[RUN_STATES] = {
    [RUN_RUNNING] = "running",   [RUN_CANCELLED] = "cancelled",
    [RUN_FAILED] = "failed",     [RUN_INTERRUPTED] = "interrupted",
    [RUN_READY] = "ready",       [RUN_REVIEW] = "review",
    [RUN_REVIEWED] = "reviewed", [RUN_PARTLY_APPLIED] = "partly applied",
    [RUN_APPLIED] = "applied",   [RUN_ROLLED_BACK] = "rolled back",
    [RUN_UNKNOWN] = "unknown",
};

/* Looks for one result at a time: history.db has an index that finds each at once, and one of what is
 * pending, which the shared store lacks. */
static void add_state(Text *sql, const RecordDialect *dialect)
{
    text_add(sql, "(CASE ");
    if (!dialect->shared) {
        text_addf(sql,
                  "WHEN t.local_id IN (SELECT run_id FROM apply_events WHERE outcome = 'pending') THEN '%s' ",
                  run_states[RUN_UNKNOWN]);
    }
    text_addf(sql, "WHEN t.status <> '%s' THEN t.status WHEN ", run_states[RUN_READY]);
    add_has_result(sql, dialect, IS_APPLIED);
    text_add(sql, " THEN CASE WHEN ");
    add_has_result(sql, dialect, IS_UNDECIDED);
    text_add(sql, " OR ");
    add_has_result(sql, dialect, IS_WAITING);
    text_addf(sql, " THEN '%s' ELSE '%s' END WHEN ", run_states[RUN_PARTLY_APPLIED], run_states[RUN_APPLIED]);
    add_has_result(sql, dialect, IS_UNDECIDED);
    text_addf(sql, " THEN '%s' WHEN ", run_states[RUN_REVIEW]);
    add_has_rollback(sql, dialect);
    text_addf(sql, " THEN '%s' WHEN ", run_states[RUN_ROLLED_BACK]);
    add_has_result(sql, dialect, IS_DECIDED);
    text_addf(sql, " THEN '%s' ELSE '%s' END)", run_states[RUN_REVIEWED], run_states[RUN_READY]);
}

static void add_derived(Text *sql, const RecordDialect *dialect, const SyncedTable *table)
{
    if (synced_id(table) == SYNCED_RUNS) {
        add_state(sql, dialect);
    } else {
        add_turn_count(sql, dialect);
    }
}

/* What a NULL counts as, so that rows compare. */
static const char *null_as(SyncedType type)
{
    switch (type) {
    case SYNCED_INT:
    case SYNCED_REAL:
        return "0";
    case SYNCED_TIME:
        return NO_TIME;
    default:
        return "''";
    }
}

/* A required column stays bare: an index may hold it. */
static void add_sort(Text *sql, const RecordDialect *dialect, const SyncedTable *table, const char *sort)
{
    const SyncedColumn *column = find_column(table, sort);
    if (!column && text_equal(sort, record_derived(table))) {
        add_derived(sql, dialect, table);
    } else if (!column) {
        text_addf(sql, "(%s)", expression_of(sort));
    } else if (column->type == SYNCED_JSON) {
        text_addf(sql, "coalesce(CAST(t.%s AS text), '')", sort);
    } else if (column->required) {
        text_addf(sql, "t.%s", sort);
    } else {
        text_addf(sql, "coalesce(t.%s, %s)", sort, null_as(column->type));
    }
}

void record_add_columns(Text *sql, const RecordDialect *dialect, const SyncedTable *table,
                        const RecordFilter *filter)
{
    for (size_t i = 0; i < synced_width(table); i++) {
        const SyncedColumn *column = synced_column(table, i);
        bool time = column->type == SYNCED_TIME;
        text_addf(sql, "%st.%s%s, ", time ? dialect->time_before : "", column->name,
                  time ? dialect->time_after : "");
    }
    if (record_derived(table)) {
        add_derived(sql, dialect, table);
        text_add(sql, ", ");
    }
    const char *sort = sort_of(dialect, table, filter);
    if (!sort) {
        text_add(sql, "NULL");
        return;
    }
    bool time = record_sort_type(table, sort) == SYNCED_TIME;
    text_add(sql, time ? dialect->time_before : "");
    add_sort(sql, dialect, table, sort);
    text_add(sql, time ? dialect->time_after : "");
}

static void add_condition(Text *sql, Value *values, int *count, const char *column, const char *compare,
                          Value value)
{
    values[(*count)++] = value;
    text_addf(sql, " AND t.%s %s $%d", column, compare, *count);
}

char *record_pattern(const char *needle)
{
    Text pattern = {0};
    text_add(&pattern, "%");
    for (; *needle; needle++) {
        if (strchr("%_!", *needle)) {
            text_add(&pattern, "!");
        }
        text_add_n(&pattern, needle, 1);
    }
    text_add(&pattern, "%");
    return text_take(&pattern);
}

/* Of any other text no row need be asked for its state. */
static bool is_in_a_state(const char *needle)
{
    for (RunState i = 0; i < RUN_STATES; i++) {
        if (strcasestr(run_states[i], needle)) {
            return true;
        }
    }
    return false;
}

/* An event's detail as a listing words it: "store id team, marked 12" of {"store_id":"team","marked":12}.
 * Without its underscores, of which only those in names are gone there. */
static void add_event_words(Text *sql)
{
    static const char *const steps[][2] = {
        {"\": ", "\":"}, /* as PostgreSQL writes JSON */
        {", \"", ",\""}, {"\":", " "}, {",\"", ", "},     {"\"", ""},        {"{", "("}, {"}", ")"},
        {"[", "("},      {"]", ")"},   {" true", " yes"}, {" false", " no"}, {"_", " "},
    };
    const size_t count = sizeof steps / sizeof *steps;
    for (size_t i = 0; i < count; i++) {
        text_add(sql, "replace(");
    }
    text_add(sql, "CAST(t.detail AS text)");
    for (size_t i = 0; i < count; i++) {
        text_addf(sql, ", '%s', '%s')", steps[i][0], steps[i][1]);
    }
}

/* What a person can read of a row: its texts, who wrote it where and with what, its number; and what was said
 * in a session. */
static void add_contains(Text *sql, const RecordDialect *dialect, const SyncedTable *table,
                         const char *needle, int number)
{
    bool runs = synced_id(table) == SYNCED_RUNS;
    char *matches = text_format("%s $%d ESCAPE '!'", dialect->like, number);
    text_addf(sql, " AND (" WHO " %s OR t.client_version %s OR CAST(t.local_id AS text) %s", matches, matches,
              matches);
    for (size_t i = 0; i < table->column_count; i++) {
        const SyncedColumn *column = &table->columns[i];
        if (runs && text_equal(column->name, "status")) {
            continue; /* nobody reads it: the state is what is shown */
        }
        if (column->type == SYNCED_TEXT) {
            text_addf(sql, " OR t.%s %s", column->name, matches);
        } else if (column->type == SYNCED_JSON) {
            text_addf(sql, " OR CAST(t.%s AS text) %s", column->name, matches);
        }
    }
    if (synced_id(table) == SYNCED_RUN_RESULTS) {
        text_addf(sql, " OR " OBJECT " %s OR (" LEVEL ") %s OR (" RESULT_STATE ") %s", matches, matches,
                  matches);
    }
    if (synced_id(table) == SYNCED_APP_EVENTS) {
        text_add(sql, " OR ");
        add_event_words(sql);
        text_addf(sql, " %s replace($%d, '!_', ' ') ESCAPE '!'", dialect->like, number);
    }
    if (synced_id(table) == SYNCED_SESSIONS) {
        text_add(sql, " OR EXISTS (SELECT 1 ");
        add_turns(sql, dialect);
        text_addf(sql, " AND u.content %s)", matches);
    }
    if (runs && is_in_a_state(needle)) {
        text_add(sql, " OR ");
        add_state(sql, dialect);
        text_addf(sql, " %s", matches);
    }
    text_add(sql, ")");
    free(matches);
}

void record_add_filter(Text *sql, Value values[RECORD_VALUES], int *count, const RecordDialect *dialect,
                       const SyncedTable *table, const RecordFilter *filter, char **pattern)
{
    *pattern = NULL;
    if (filter->who) {
        add_condition(sql, values, count, "created_by", "=", value_text(filter->who));
    }
    if (filter->host) {
        add_condition(sql, values, count, "hostname", "=", value_text(filter->host));
    }
    if (filter->since) {
        /* the time that orders the listing ends it, too: no older row is read */
        const char *time = record_time_column(table);
        add_condition(sql, values, count, time ? time : "created_at", ">=", value_text(filter->since));
    }
    if (filter->changed_since) {
        add_condition(sql, values, count, "row_version", ">", value_int(filter->changed_since));
    }
    if (filter->origin) {
        add_condition(sql, values, count, "origin_id", "=", value_text(filter->origin));
    }
    if (filter->local_id) {
        add_condition(sql, values, count, "local_id", "=", value_int(filter->local_id));
    }
    if (filter->parent) {
        add_condition(sql, values, count, table->parent_column, "=", value_int(filter->parent));
    }
    if (filter->fingerprint) {
        values[(*count)++] = value_text(filter->fingerprint);
        text_addf(
            sql, " AND EXISTS (SELECT 1 FROM %sruns r WHERE r.local_id = t.run_id AND r.fingerprint = $%d%s)",
            dialect->prefix, *count, dialect->shared ? " AND r.origin_id = t.origin_id" : "");
    }
    for (size_t i = 0; i < sizeof filter->match / sizeof *filter->match && filter->match[i].column; i++) {
        if (text_equal(filter->match[i].column, record_derived(table))) {
            values[(*count)++] = value_text(filter->match[i].value);
            text_add(sql, " AND ");
            add_derived(sql, dialect, table);
            text_addf(sql, " = $%d", *count);
        } else if (filter->match[i].value) {
            add_condition(sql, values, count, filter->match[i].column, "=",
                          value_text(filter->match[i].value));
        } else {
            text_addf(sql, " AND t.%s IS NULL", filter->match[i].column);
        }
    }
    if (!text_is_empty(filter->contains)) {
        *pattern = record_pattern(filter->contains);
        values[(*count)++] = value_text(*pattern);
        add_contains(sql, dialect, table, filter->contains, *count);
    }
}

/* The row comparison that begins a page beside the row that the page before ended with. */
static void add_from(Text *sql, Value *values, int *count, const RecordDialect *dialect,
                     const SyncedTable *table, const RecordFilter *filter)
{
    const char *sort = sort_of(dialect, table, filter);
    Text parameters = {0};
    text_add(sql, " AND (");
    if (sort) {
        add_sort(sql, dialect, table, sort);
        values[(*count)++] = filter->from.value;
        text_addf(&parameters, "$%d, ", *count);
        text_add(sql, ", ");
    }
    if (has_origins(dialect, filter)) {
        values[(*count)++] = value_text(filter->from.origin);
        text_addf(&parameters, "$%d, ", *count);
        text_add(sql, "t.origin_id, ");
    }
    values[(*count)++] = value_int(filter->from.local_id);
    text_addf(sql, "t.local_id) %s (%s$%d)", is_descending(table, filter) ? "<" : ">",
              text_string(&parameters), *count);
    text_free(&parameters);
}

void record_add_page(Text *sql, Value values[RECORD_VALUES], int *count, const RecordDialect *dialect,
                     const SyncedTable *table, const RecordFilter *filter)
{
    if (filter->from.local_id) {
        add_from(sql, values, count, dialect, table, filter);
    }
    const char *direction = is_descending(table, filter) ? " DESC" : "";
    const char *sort = sort_of(dialect, table, filter);
    text_add(sql, " ORDER BY ");
    if (sort) {
        add_sort(sql, dialect, table, sort);
        text_addf(sql, "%s, ", direction);
    }
    if (has_origins(dialect, filter)) {
        text_addf(sql, "t.origin_id%s, ", direction);
    }
    text_addf(sql, "t.local_id%s", direction);
    if (filter->limit > 0) {
        text_addf(sql, " LIMIT %d", filter->limit);
    }
}

#include "fill_sessions.h"

#include <stdlib.h>

#include "local_sqlite.h"
#include "text.h"

#define TIME "'%Y-%m-%dT%H:%M:%fZ'"

/* Session n began at minute n, and was last active up to a thousand minutes later. */
#define STARTED "strftime(" TIME ", '2015-01-01', n || ' minutes')"
#define LAST_ACTIVE "strftime(" TIME ", '2015-01-01', (n + n * 7919 % 1000) || ' minutes')"

static const char sessions_sql[] =
    "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < $1) "
    "INSERT INTO sessions(origin_id, born_origin, created_by, hostname, client_version, created_at, "
    "  updated_at, row_version, db_profile, fingerprint, title, started, last_active, local_only) "
    "SELECT origin_id, origin_id, created_by, hostname, client_version, " STARTED ", " LAST_ACTIVE ", "
    "  row_version + n, iif(n % 5, $2, 'dev_lite'), iif(n % 5, $3, 'sqlite:/var/lib/dev_lite.db'), "
    "  'which tables hold ' || CASE n % 7 WHEN 0 THEN 'customers' WHEN 1 THEN 'orders' WHEN 2 THEN "
    "'invoices' "
    "  WHEN 3 THEN 'prices' WHEN 4 THEN 'stock' WHEN 5 THEN 'addresses' ELSE 'payments' END "
    "  || ' of ticket ' || n || '?', " STARTED ", " LAST_ACTIVE ", 'off' "
    "FROM number CROSS JOIN origin";

/* $1 sessions, $2 turns, $3 the number of the last session before these. */
static const char turns_sql[] =
    "WITH RECURSIVE number(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i + 1 < $2), "
    "turn(i, n, place) AS (SELECT i, i / (($2 + $1 - 1) / $1) + 1, i % (($2 + $1 - 1) / $1) + 1 FROM number) "
    "INSERT INTO session_turns(origin_id, born_origin, created_by, hostname, client_version, created_at, "
    "  updated_at, row_version, session_id, turn_index, role, content, citations) "
    "SELECT origin_id, origin_id, created_by, hostname, client_version, " STARTED ", " STARTED ", "
    "  row_version + i + 1, $3 + n, place, iif(place % 2, 'user', 'assistant'), "
    "  iif(place % 2, 'which tables hold what belongs to ticket ' || n || ', and how do they join?', "
    "    '[1] sales.ticket_' || (n % 1000) || ': one row for each ticket. Joins sales.customer by "
    "customer_id.'), "
    "  iif(place % 2, NULL, '[{\"schema\":\"sales\",\"table\":\"ticket_' || (n % 1000) || "
    "'\",\"column\":null}]') "
    "FROM turn CROSS JOIN origin";

/* The numbers that the triggers would have counted. */
static const char numbers_sql[] =
    "UPDATE origin SET row_version = row_version + $1, seq = seq + $1, position = position + $1";

static bool insert(Sqlite *db, const SessionBinding *binding, int64_t sessions, int64_t turns, Error *err)
{
    int64_t before = 0;
    return sqlite_number(db, err, 0, &before, "SELECT seq FROM sqlite_sequence WHERE name = 'sessions'",
                         NO_VALUES) &&
           sqlite_run(db, err, sessions_sql,
                      VALUES(value_int(sessions), value_text(binding->db_profile),
                             value_text(binding->fingerprint))) &&
           sqlite_run(db, err, numbers_sql, VALUES(value_int(sessions))) &&
           (turns == 0 || sqlite_run(db, err, turns_sql,
                                     VALUES(value_int(sessions), value_int(turns), value_int(before)))) &&
           sqlite_run(db, err, numbers_sql, VALUES(value_int(turns)));
}

/* Row by row, triggers and indexes would take ten times as long. */
bool fill_sessions(Local *local, const SessionBinding *binding, int64_t sessions, int64_t turns, Error *err)
{
    static const char kept[] = "SELECT group_concat(sql, ';' || char(10)) FROM sqlite_schema "
                               "WHERE tbl_name IN ('sessions', 'session_turns') AND sql IS NOT NULL "
                               "AND (type = 'trigger' OR name IN ('sessions_by_activity', "
                               "'sessions_by_profile', 'session_turns_place', 'session_turns_parent'))";
    static const char drop[] = "DROP TRIGGER sessions_insert; DROP TRIGGER session_turns_insert;"
                               "DROP TRIGGER sessions_update; DROP TRIGGER session_turns_update;"
                               "DROP TRIGGER sessions_delete; DROP TRIGGER session_turns_delete;"
                               "DROP TRIGGER sessions_delete_children;"
                               "DROP TRIGGER session_turns_delete_children;"
                               "DROP INDEX sessions_by_activity; DROP INDEX sessions_by_profile;"
                               "DROP INDEX session_turns_place; DROP INDEX session_turns_parent";
    Sqlite *db = local_sqlite(local);
    char *ddl = NULL;
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = sqlite_string(db, err, &ddl, kept, NO_VALUES) && sqlite_script(db, drop, err) &&
              insert(db, binding, sessions, turns, err) && sqlite_script(db, ddl, err);
    free(ddl);
    return local_end(local, ok, err);
}

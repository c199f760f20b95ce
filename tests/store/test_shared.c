/* What every shared store must do: one suite, run over PostgreSQL and over a SQLite file. */
#include "support_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "pg.h"
#include "sqlite.h"
#include "text.h"

#define PATIENCE_MS 20000
#define EVERYTHING 1000

static Backend backend;
static DatabaseTarget target; /* a new empty database for each test */
static Local *local;

static int set_up(void **state)
{
    (void)state;
    target = (DatabaseTarget){.backend = backend};
    if (backend == BACKEND_POSTGRESQL) {
        target.conninfo = support_database();
    } else {
        target.path = support_path("shared.db");
    }
    local = support_local(support_path("history.db"), &support_ada);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    local_close(local);
    return 0;
}

static Deadline patience(void)
{
    return deadline_in(PATIENCE_MS);
}

static Shared *opened(void)
{
    Shared *shared = NULL;
    Error err = {0};
    if (!shared_open(&target, "amx", patience(), &shared, &err)) {
        fail_msg("%s", err.message);
    }
    return shared;
}

/* A store that is there and switched on. */
static Shared *enabled(void)
{
    Shared *shared = support_shared(&target, "amx");
    support_enable(local, shared);
    return shared;
}

/* SQL for either database: "@runs" is the table runs. */
static char *portable(const char *sql)
{
    Text text = {0};
    for (; *sql; sql++) {
        if (*sql == '@') {
            text_add(&text, backend == BACKEND_POSTGRESQL ? "amx." : "");
        } else {
            text_add_char(&text, *sql);
        }
    }
    return text_take(&text);
}

static const char *seen(const char *sql)
{
    char *text = portable(sql);
    const char *value = backend == BACKEND_POSTGRESQL ? support_sql_value(target.conninfo, text)
                                                      : support_sqlite_value(target.path, text);
    free(text);
    return value;
}

static void assert_seen(const char *sql, const char *expected)
{
    const char *value = seen(sql);
    if (strcmp(value, expected) != 0) {
        fail_msg("%s: %s, not %s", sql, value, expected);
    }
}

/* The server refuses this statement; gives the SQLSTATE. */
static void assert_refused(const char *sql, const char *sqlstate)
{
    char *text = portable(sql);
    Error err = {0};
    if (backend == BACKEND_POSTGRESQL) {
        Pg *pg = NULL;
        assert_true(pg_connect(target.conninfo, patience(), &pg, &err));
        assert_false(pg_script(pg, text, patience(), &err));
        pg_close(pg);
    } else {
        Sqlite *db = NULL;
        assert_true(sqlite_open(target.path, SQLITE_MODE_WRITE, 100, ERROR_DATABASE, &db, &err));
        assert_false(sqlite_script(db, text, &err));
        sqlite_close(db);
    }
    assert_string_equal(err.sqlstate, sqlstate);
    free(text);
}

/* ---- bootstrap
 * ----------------------------------------------------------------------------------------------- */

static void nothing_is_there_at_first(void **state)
{
    (void)state;
    SharedState found = {.exists = true};
    Error err = {0};
    Shared *shared = opened();
    bool file = backend == BACKEND_SQLITE;
    assert_int_equal(shared_is_absent(shared), file);
    /* a file that is not there is a server that can't be reached: it may be away, and come back */
    assert_int_equal(shared_inspect(shared, patience(), &found, &err), !file);
    assert_int_equal(err.kind, file ? ERROR_CONNECTION : ERROR_NONE);
    assert_false(found.exists);
    assert_false(found.foreign);
    shared_close(shared);
    if (file) {
        assert_int_equal(access(target.path, F_OK), -1); /* looking makes nothing */
    }
}

static void a_file_that_is_away_is_out_of_reach_and_not_made_anew(void **state)
{
    (void)state;
    if (backend != BACKEND_SQLITE) {
        skip(); /* of a server it is told in test_shared_pg.c */
    }
    shared_close(enabled());
    support_insert(local, SYNCED_APP_EVENTS, 0);
    char *away = text_format("%s.away", target.path);
    assert_int_equal(rename(target.path, away), 0);
    Shared *shared = opened();
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    SharedAnswer answer;
    Error err = {0};
    assert_false(shared_send(shared, batch, patience(), &answer, &err));
    assert_int_equal(err.kind, ERROR_CONNECTION);
    assert_non_null(strstr(err.message, target.path));
    assert_non_null(strstr(err.message, "is the share mounted?"));
    assert_int_equal(shared_failure(&err), SHARED_FAILURE_LATER);
    assert_int_equal(batch->rows[0].result, OUTBOX_UNSENT);
    assert_int_equal(access(target.path, F_OK), -1);
    shared_close(shared);
    assert_int_equal(rename(away, target.path), 0);
    shared = opened();
    assert_true(shared_send(shared, batch, patience(), &answer, &err));
    assert_int_equal(answer.verdict, SHARED_SENT);
    shared_close(shared);
    outbox_free(batch);
    free(away);
}

static void creating_twice_makes_one_store(void **state)
{
    (void)state;
    SharedState first;
    SharedState again;
    Shared *shared = opened();
    assert_true(shared_create(shared, patience(), &first, NULL));
    assert_true(first.exists);
    assert_int_equal(first.version, SYNCED_VERSION);
    assert_true(strlen(first.store_id) >= 32);
    assert_true(shared_create(shared, patience(), &again, NULL));
    assert_string_equal(again.store_id, first.store_id);
    shared_close(shared);
    shared = opened();
    assert_true(shared_inspect(shared, patience(), &again, NULL));
    assert_string_equal(again.store_id, first.store_id);
    shared_close(shared);
}

static void twelve_at_once_make_one_store(void **state)
{
    (void)state;
    pid_t children[12];
    for (size_t i = 0; i < 12; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            Shared *shared = NULL;
            SharedState found = {0};
            Error err = {0};
            bool ok = shared_open(&target, "amx", patience(), &shared, &err) &&
                      shared_create(shared, patience(), &found, &err) && found.exists;
            if (!ok) {
                print_error("%s [%s]\n", err.message, err.sqlstate);
            }
            shared_close(shared);
            _exit(ok ? 0 : 1);
        }
    }
    for (size_t i = 0; i < 12; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_seen("SELECT count(*) FROM @store", "1");
}

static void assert_in_the_way(const char *sql)
{
    SharedState found;
    Error err = {0};
    if (backend == BACKEND_POSTGRESQL) {
        support_sql(target.conninfo, "DROP SCHEMA IF EXISTS amx CASCADE");
        support_sql(target.conninfo, "CREATE SCHEMA amx");
    } else {
        target.path = support_path("shared.db");
    }
    (void)seen(sql);
    Shared *shared = opened();
    assert_true(shared_inspect(shared, patience(), &found, &err));
    assert_false(found.exists);
    assert_true(found.foreign);
    assert_false(shared_create(shared, patience(), &found, &err));
    assert_int_equal(err.kind, ERROR_GUARD);
    assert_true(*err.hint);
    shared_close(shared);
    assert_seen(backend == BACKEND_POSTGRESQL
                    ? "SELECT count(*) FROM pg_class WHERE relnamespace = 'amx'::regnamespace"
                    : "SELECT count(*) FROM sqlite_schema",
                "1");
}

static void tables_of_others_are_left_alone(void **state)
{
    (void)state;
    assert_in_the_way("CREATE TABLE @runs(distance integer)");
    assert_in_the_way("CREATE TABLE @store(street text)");
}

static void a_newer_store_is_left_alone(void **state)
{
    (void)state;
    SharedState found;
    shared_close(enabled());
    support_insert(local, SYNCED_RUNS, 0);
    (void)seen("UPDATE @store SET schema_version = 999");
    Shared *shared = opened();
    assert_true(shared_create(shared, patience(), &found, NULL));
    assert_int_equal(found.version, 999);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    SharedAnswer answer = support_send(shared, batch);
    assert_int_equal(answer.verdict, SHARED_TOO_NEW);
    assert_int_equal(answer.version, 999);
    outbox_free(batch);
    assert_seen("SELECT (SELECT count(*) FROM @runs) + (SELECT count(*) FROM @origins)", "0");
    shared_close(shared);
}

static void another_store_gets_nothing(void **state)
{
    (void)state;
    Shared *shared = enabled();
    support_insert(local, SYNCED_RUNS, 0);
    (void)seen("UPDATE @store SET store_id = 'another'");
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_int_equal(support_send(shared, batch).verdict, SHARED_OTHER_STORE);
    outbox_free(batch);
    assert_seen("SELECT (SELECT count(*) FROM @runs) + (SELECT count(*) FROM @origins)", "0");
    shared_close(shared);
}

/* ---- writing
 * -------------------------------------------------------------------------------------------------- */

static void a_strange_token_is_told(void **state)
{
    (void)state;
    Shared *shared = enabled();
    support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    (void)seen("UPDATE @origins SET token = 'a copy was here'");
    support_insert(local, SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    SharedAnswer answer = support_send(shared, batch);
    assert_int_equal(answer.verdict, SHARED_STRANGE);
    assert_string_equal(answer.token, "a copy was here");
    outbox_free(batch);
    assert_seen("SELECT count(*) FROM @runs", "1");
    shared_close(shared);
}

static void sending_again_changes_nothing(void **state)
{
    (void)state;
    Shared *shared = enabled();
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_insert(local, SYNCED_RUN_RESULTS, run);
    OutboxBatch *lost = support_mint(local, EVERYTHING);
    assert_int_equal(support_send(shared, lost).verdict, SHARED_SENT);
    (void)seen("UPDATE @runs SET error = 'untouched'"); /* shows whether the second sending writes */
    support_deliver(local, shared);
    outbox_free(lost);
    assert_seen("SELECT error || row_version FROM @runs", "untouched1");
    assert_seen("SELECT (SELECT count(*) FROM @runs) + (SELECT count(*) FROM @run_results)", "2");
    shared_close(shared);
}

static void only_a_newer_version_is_written(void **state)
{
    (void)state;
    Shared *shared = enabled();
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    support_touch(local, SYNCED_RUNS, run);
    support_deliver(local, shared);
    assert_seen("SELECT error || row_version FROM @runs", "+2");
    (void)seen("UPDATE @runs SET row_version = 99");
    support_touch(local, SYNCED_RUNS, run);
    support_deliver(local, shared);
    assert_seen("SELECT error || row_version FROM @runs", "+99");
    assert_int_equal(support_counts(local).queued, 0);
    shared_close(shared);
}

static void a_delete_empties_the_row(void **state)
{
    (void)state;
    Shared *shared = enabled();
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        support_insert(local, (SyncedTableId)t, 1);
    }
    support_deliver(local, shared);
    support_delete(local, SYNCED_RUNS, 1);
    support_delete(local, SYNCED_SESSIONS, 1);
    support_delete(local, SYNCED_APP_EVENTS, 1);
    support_deliver(local, shared);
    assert_int_equal(support_counts(local).queued, 0);
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        const SyncedTable *table = &synced_tables[t];
        Text sql = {0};
        text_addf(&sql,
                  "SELECT count(*) FROM @%s WHERE deleted_at IS NOT NULL AND updated_at = deleted_at "
                  "AND created_by = 'ada'",
                  table->name);
        for (size_t i = 0; i < table->column_count; i++) {
            bool parent = text_equal(table->columns[i].name, table->parent_column);
            text_addf(&sql, " AND %s IS %s", table->columns[i].name, parent ? "NOT NULL" : "NULL");
        }
        assert_seen(text_string(&sql), "1");
        text_free(&sql);
    }
    shared_close(shared);
}

static void deletes_never_insert(void **state)
{
    (void)state;
    Shared *shared = enabled();
    support_delete(local, SYNCED_SESSIONS, support_insert(local, SYNCED_SESSIONS, 0));
    support_deliver(local, shared);
    assert_seen("SELECT count(*) FROM @sessions", "0");
    shared_close(shared);
}

static void what_no_store_can_hold_is_parked(void **state)
{
    (void)state;
    Shared *shared = enabled();
    for (int i = 0; i < 20; i++) {
        support_insert(local, SYNCED_RUNS, 0);
    }
    support_local_sql(local, "UPDATE runs SET error = CAST(x'e28228' AS TEXT) WHERE local_id = 3;"
                             "UPDATE runs SET error = CAST(x'610062' AS TEXT) WHERE local_id = 7;"
                             "UPDATE runs SET planned = 'many' WHERE local_id = 8;");
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_int_equal(support_send(shared, batch).refused, 3);
    assert_true(support_acknowledge(local, batch));
    outbox_free(batch);
    assert_seen("SELECT count(*) FROM @runs", "17");
    assert_int_equal(support_counts(local).parked, 3);
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM outbox WHERE state = 'parked' "
                                                 "AND last_error <> '' AND local_id IN (3, 7, 8)"),
                     3);
    shared_close(shared);
}

static void a_row_without_its_parent_waits(void **state)
{
    (void)state;
    Shared *shared = enabled();
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    support_insert(local, SYNCED_RUN_RESULTS, run);
    support_insert(local, SYNCED_SESSIONS, 0);
    (void)seen("DELETE FROM @runs"); /* the store lost it, and nobody noticed yet */
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    SharedAnswer answer = support_send(shared, batch);
    assert_int_equal(answer.verdict, SHARED_SENT);
    assert_int_equal(answer.refused, 0);
    assert_int_equal(batch->rows[0].result, OUTBOX_WAITS);
    assert_int_equal(batch->rows[1].result, OUTBOX_CONFIRMED);
    assert_true(support_acknowledge(local, batch));
    outbox_free(batch);
    assert_int_equal(support_counts(local).queued, 1);
    assert_seen("SELECT count(*) FROM @sessions", "1");
    shared_close(shared);
}

static void nobody_writes_without_saying_who(void **state)
{
    (void)state;
    static const char *const columns[] = {"created_by", "hostname", "client_version", "local_id"};
    Shared *shared = enabled();
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        support_insert(local, (SyncedTableId)t, 1);
    }
    support_deliver(local, shared);
    shared_close(shared);
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            Text names = {0};
            Text values = {0};
            for (size_t i = 0; i < synced_width(&synced_tables[t]); i++) {
                const char *name = synced_column(&synced_tables[t], i)->name;
                if (strcmp(name, columns[c]) != 0) {
                    text_addf(&names, "%s%s", names.length ? ", " : "", name);
                    text_addf(&values, "%s%s", values.length ? ", " : "",
                              strcmp(name, "local_id") == 0 ? "local_id + 100" : name);
                }
            }
            char *sql = text_format("INSERT INTO @%s(%s) SELECT %s FROM @%s", synced_tables[t].name,
                                    text_string(&names), text_string(&values), synced_tables[t].name);
            assert_refused(sql, "23502");
            free(sql);
            text_free(&names);
            text_free(&values);
        }
    }
}

/* ---- reading
 * ---------------------------------------------------------------------------------------------------- */

static const char hostile[] =
    "'; DROP TABLE runs; -- \" \\ \\x41 $1 {NULL} \"NULL\" %s \n\t\r \x1b[2J \x01\x7f "
    "\xe2\x80\xae \xef\xbb\xbf \xf0\x9f\x90\x98 \xcc\x81 \xc2\x85";

static void keep_text(void *context, const SyncedTable *table, const Value *values)
{
    char **texts = context;
    texts[0] = memory_string(record_text(table, values, "content"));
    texts[1] = memory_string(record_text(table, values, "citations"));
    texts[2] = memory_string(record_text(table, values, "created_at"));
}

static void hostile_text_comes_back_byte_for_byte(void **state)
{
    (void)state;
    Shared *shared = enabled();
    int64_t session = support_insert(local, SYNCED_SESSIONS, 0);
    support_insert(local, SYNCED_SESSION_TURNS, session);
    char *doubled = memory_zero(1, sizeof hostile * 2);
    for (size_t i = 0, j = 0; hostile[i]; i++) {
        doubled[j++] = hostile[i];
        if (hostile[i] == '\'') {
            doubled[j++] = '\'';
        }
    }
    char *sql =
        text_format("UPDATE session_turns SET content = '%s', citations = '[\"\\u202e\",1.5]'", doubled);
    support_local_sql(local, sql);
    free(sql);
    free(doubled);
    support_deliver(local, shared);
    char *texts[3] = {NULL};
    RecordFilter filter = {.parent = session};
    assert_true(shared_list(shared, &synced_tables[SYNCED_SESSION_TURNS], &filter, patience(), keep_text,
                            texts, NULL));
    assert_string_equal(texts[0], hostile);
    assert_true(texts[1] && strstr(texts[1], "1.5"));
    assert_string_equal(texts[2], support_local_text(local, "SELECT created_at FROM session_turns"));
    for (size_t i = 0; i < 3; i++) {
        free(texts[i]);
    }
    shared_close(shared);
}

static void keep_id(void *context, const SyncedTable *table, const Value *values)
{
    text_addf(context, "%lld ", (long long)record_int(table, values, "local_id"));
}

static void assert_listed(Shared *shared, SyncedTableId table, const RecordFilter *filter,
                          const char *expected)
{
    Text ids = {0};
    Error err = {0};
    if (!shared_list(shared, &synced_tables[table], filter, patience(), keep_id, &ids, &err)) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(text_string(&ids), expected);
    text_free(&ids);
}

static void listings_filter_and_order(void **state)
{
    (void)state;
    Shared *shared = enabled();
    for (int i = 0; i < 4; i++) {
        support_insert(local, SYNCED_RUNS, 0);
        support_insert(local, SYNCED_RUN_RESULTS, 1);
    }
    support_local_sql(
        local, "UPDATE runs SET started = printf('2026-01-0%d', (local_id * 3) % 5) || 'T10:00:00.000Z';"
               "UPDATE runs SET scope = 'public' WHERE local_id IN (1, 2, 3);"
               "UPDATE runs SET error = 'stopped' WHERE local_id IN (3, 4)");
    Local *other = support_local(support_path("history.db"), &support_bob);
    support_enable(other, shared);
    support_insert(other, SYNCED_RUNS, 0);
    support_local_sql(other, "UPDATE runs SET started = '2026-01-09T10:00:00.000Z'");
    support_deliver(local, shared);
    support_deliver(other, shared);
    RecordFilter all = {0};
    RecordFilter limited = {.limit = 2};
    RecordFilter ada = {.who = "ada", .host = "castle"};
    RecordFilter bob = {.who = "bob"};
    RecordFilter origin = {.origin = local_origin(local), .local_id = 2};
    RecordFilter public_scope = {.match = {{"scope", "public"}, {"error", NULL}}};
    RecordFilter future = {.since = "2999-01-01T00:00:00.000Z"};
    RecordFilter past = {.who = "ada", .since = "2001-01-01T00:00:00.000Z"};
    RecordFilter under = {.parent = 1};
    RecordFilter nowhere = {.parent = 2};
    assert_listed(shared, SYNCED_RUNS, &all, "1 3 1 4 2 "); /* started on the 9th, 4th, 3rd, 2nd, 1st */
    assert_listed(shared, SYNCED_RUNS, &limited, "1 3 ");
    assert_listed(shared, SYNCED_RUNS, &ada, "3 1 4 2 ");
    assert_listed(shared, SYNCED_RUNS, &bob, "1 ");
    assert_listed(shared, SYNCED_RUNS, &origin, "2 ");
    assert_listed(shared, SYNCED_RUNS, &public_scope, "1 2 ");
    assert_listed(shared, SYNCED_RUNS, &future, "");
    assert_listed(shared, SYNCED_RUNS, &past, "3 1 4 2 ");
    assert_listed(shared, SYNCED_RUN_RESULTS, &under, "1 2 3 4 ");
    assert_listed(shared, SYNCED_RUN_RESULTS, &nowhere, "");
    support_delete(local, SYNCED_RUNS, 3);
    support_deliver(local, shared);
    assert_listed(shared, SYNCED_RUNS, &ada, "1 4 2 ");
    local_close(other);
    shared_close(shared);
}

/* ---- failures
 * ------------------------------------------------------------------------------------------------- */

static void failures_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *sqlstate;
        ErrorKind kind;
        SharedFailure failure;
    } cases[] = {
        {"22021", ERROR_DATABASE, SHARED_FAILURE_DATA},    {"22P05", ERROR_DATABASE, SHARED_FAILURE_DATA},
        {"23502", ERROR_DATABASE, SHARED_FAILURE_DATA},    {"23514", ERROR_DATABASE, SHARED_FAILURE_DATA},
        {"23503", ERROR_DATABASE, SHARED_FAILURE_LATER},   {"54000", ERROR_DATABASE, SHARED_FAILURE_DATA},
        {"28P01", ERROR_CONNECTION, SHARED_FAILURE_STOP},  {"28000", ERROR_CONNECTION, SHARED_FAILURE_STOP},
        {"42501", ERROR_DATABASE, SHARED_FAILURE_STOP},    {"42P01", ERROR_DATABASE, SHARED_FAILURE_STOP},
        {"3D000", ERROR_CONNECTION, SHARED_FAILURE_STOP},  {"3F000", ERROR_DATABASE, SHARED_FAILURE_STOP},
        {"40001", ERROR_DATABASE, SHARED_FAILURE_LATER},   {"40P01", ERROR_DATABASE, SHARED_FAILURE_LATER},
        {"53300", ERROR_CONNECTION, SHARED_FAILURE_LATER}, {"57P01", ERROR_CONNECTION, SHARED_FAILURE_LATER},
        {"25006", ERROR_DATABASE, SHARED_FAILURE_LATER},   {"XX000", ERROR_DATABASE, SHARED_FAILURE_LATER},
        {"", ERROR_CONNECTION, SHARED_FAILURE_LATER},      {"", ERROR_TIMEOUT, SHARED_FAILURE_LATER},
        {"", ERROR_INTERRUPTED, SHARED_FAILURE_LATER},     {"", ERROR_CONFIG, SHARED_FAILURE_STOP},
        {"55P03", ERROR_DATABASE, SHARED_FAILURE_LATER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = {.kind = cases[i].kind};
        text_copy(err.sqlstate, sizeof err.sqlstate, cases[i].sqlstate);
        assert_int_equal(shared_failure(&err), cases[i].failure);
    }
}

static void a_table_that_is_gone_stops_the_delivery(void **state)
{
    (void)state;
    Shared *shared = enabled();
    support_insert(local, SYNCED_APP_EVENTS, 0);
    (void)seen("DROP TABLE @app_events");
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    SharedAnswer answer;
    Error err = {0};
    assert_false(shared_send(shared, batch, patience(), &answer, &err));
    assert_string_equal(err.sqlstate, "42P01");
    assert_int_equal(shared_failure(&err), SHARED_FAILURE_STOP);
    assert_int_equal(batch->rows[0].result, OUTBOX_UNSENT);
    outbox_free(batch);
    assert_seen("SELECT count(*) FROM @origins", "0"); /* the token was not left behind */
    shared_close(shared);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_there_at_first),
        TEST(a_file_that_is_away_is_out_of_reach_and_not_made_anew),
        TEST(creating_twice_makes_one_store),
        TEST(twelve_at_once_make_one_store),
        TEST(tables_of_others_are_left_alone),
        TEST(a_newer_store_is_left_alone),
        TEST(another_store_gets_nothing),
        TEST(a_strange_token_is_told),
        TEST(sending_again_changes_nothing),
        TEST(only_a_newer_version_is_written),
        TEST(a_delete_empties_the_row),
        TEST(deletes_never_insert),
        TEST(what_no_store_can_hold_is_parked),
        TEST(a_row_without_its_parent_waits),
        TEST(nobody_writes_without_saying_who),
        TEST(hostile_text_comes_back_byte_for_byte),
        TEST(listings_filter_and_order),
        TEST(failures_are_told_apart),
        TEST(a_table_that_is_gone_stops_the_delivery),
    };
    backend = BACKEND_SQLITE;
    int failed = cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
    backend = BACKEND_POSTGRESQL;
    failed += cmocka_run_group_tests_name("postgresql", tests, NULL, NULL);
    return support_cleanup(failed);
}

/* What every shared store must do, over PostgreSQL and over a SQLite file: it is made once, whoever asks,
 * nothing of others is touched, and each failure is told apart. Its rows: test_shared_rows.c. */
#include "both_stores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text.h"

#define EVERYTHING 1000

/* ---- bootstrap
 * ----------------------------------------------------------------------------------------------- */

static void nothing_is_there_at_first(void **state)
{
    (void)state;
    SharedState found = {.exists = true};
    Error err = {0};
    Shared *shared = both_opened();
    bool file = both.backend == BACKEND_SQLITE;
    assert_int_equal(shared_is_absent(shared), file);
    /* a file that is not there is a server that can't be reached: it may be away, and come back */
    assert_int_equal(shared_inspect(shared, both_patience(), &found, &err), !file);
    assert_int_equal(err.kind, file ? ERROR_CONNECTION : ERROR_NONE);
    assert_false(found.exists);
    assert_false(found.foreign);
    shared_close(shared);
    if (file) {
        assert_int_equal(access(both.target.path, F_OK), -1); /* looking makes nothing */
    }
}

static void a_file_that_is_away_is_out_of_reach_and_not_made_anew(void **state)
{
    (void)state;
    if (both.backend != BACKEND_SQLITE) {
        skip(); /* of a server it is told in test_shared_pg.c */
    }
    shared_close(both_enabled());
    support_insert(both.local, SYNCED_APP_EVENTS, 0);
    char *away = text_format("%s.away", both.target.path);
    assert_int_equal(rename(both.target.path, away), 0);
    Shared *shared = both_opened();
    OutboxBatch *batch = support_mint(both.local, EVERYTHING);
    SharedAnswer answer;
    Error err = {0};
    assert_false(shared_send(shared, batch, both_patience(), &answer, &err));
    assert_int_equal(err.kind, ERROR_CONNECTION);
    assert_non_null(strstr(err.message, both.target.path));
    assert_non_null(strstr(err.message, "is the share mounted?"));
    assert_int_equal(shared_failure(&err), SHARED_FAILURE_LATER);
    assert_int_equal(batch->rows[0].result, OUTBOX_UNSENT);
    assert_int_equal(access(both.target.path, F_OK), -1);
    shared_close(shared);
    assert_int_equal(rename(away, both.target.path), 0);
    shared = both_opened();
    assert_true(shared_send(shared, batch, both_patience(), &answer, &err));
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
    Shared *shared = both_opened();
    assert_true(shared_create(shared, both_patience(), &first, NULL));
    assert_true(first.exists);
    assert_int_equal(first.version, SYNCED_VERSION);
    assert_true(strlen(first.store_id) >= 32);
    assert_true(shared_create(shared, both_patience(), &again, NULL));
    assert_string_equal(again.store_id, first.store_id);
    shared_close(shared);
    shared = both_opened();
    assert_true(shared_inspect(shared, both_patience(), &again, NULL));
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
            bool ok = shared_open(&both.target, "amx", both_patience(), &shared, &err) &&
                      shared_create(shared, both_patience(), &found, &err) && found.exists;
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
    both_assert_seen("SELECT count(*) FROM @store", "1");
}

static void assert_in_the_way(const char *sql)
{
    SharedState found;
    Error err = {0};
    if (both.backend == BACKEND_POSTGRESQL) {
        support_sql(both.target.conninfo, "DROP SCHEMA IF EXISTS amx CASCADE");
        support_sql(both.target.conninfo, "CREATE SCHEMA amx");
    } else {
        both.target.path = support_path("shared.db");
    }
    (void)both_seen(sql);
    Shared *shared = both_opened();
    assert_true(shared_inspect(shared, both_patience(), &found, &err));
    assert_false(found.exists);
    assert_true(found.foreign);
    assert_false(shared_create(shared, both_patience(), &found, &err));
    assert_int_equal(err.kind, ERROR_GUARD);
    assert_true(*err.hint);
    shared_close(shared);
    both_assert_seen(both.backend == BACKEND_POSTGRESQL
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
    shared_close(both_enabled());
    support_insert(both.local, SYNCED_RUNS, 0);
    (void)both_seen("UPDATE @store SET schema_version = 999");
    Shared *shared = both_opened();
    assert_true(shared_create(shared, both_patience(), &found, NULL));
    assert_int_equal(found.version, 999);
    OutboxBatch *batch = support_mint(both.local, EVERYTHING);
    SharedAnswer answer = support_send(shared, batch);
    assert_int_equal(answer.verdict, SHARED_TOO_NEW);
    assert_int_equal(answer.version, 999);
    outbox_free(batch);
    both_assert_seen("SELECT (SELECT count(*) FROM @runs) + (SELECT count(*) FROM @origins)", "0");
    shared_close(shared);
}

static void another_store_gets_nothing(void **state)
{
    (void)state;
    Shared *shared = both_enabled();
    support_insert(both.local, SYNCED_RUNS, 0);
    (void)both_seen("UPDATE @store SET store_id = 'another'");
    OutboxBatch *batch = support_mint(both.local, EVERYTHING);
    assert_int_equal(support_send(shared, batch).verdict, SHARED_OTHER_STORE);
    outbox_free(batch);
    both_assert_seen("SELECT (SELECT count(*) FROM @runs) + (SELECT count(*) FROM @origins)", "0");
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
    Shared *shared = both_enabled();
    support_insert(both.local, SYNCED_APP_EVENTS, 0);
    (void)both_seen("DROP TABLE @app_events");
    OutboxBatch *batch = support_mint(both.local, EVERYTHING);
    SharedAnswer answer;
    Error err = {0};
    assert_false(shared_send(shared, batch, both_patience(), &answer, &err));
    assert_string_equal(err.sqlstate, "42P01");
    assert_int_equal(shared_failure(&err), SHARED_FAILURE_STOP);
    assert_int_equal(batch->rows[0].result, OUTBOX_UNSENT);
    outbox_free(batch);
    both_assert_seen("SELECT count(*) FROM @origins", "0"); /* the token was not left behind */
    shared_close(shared);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, both_set_up, both_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_there_at_first),
        TEST(a_file_that_is_away_is_out_of_reach_and_not_made_anew),
        TEST(creating_twice_makes_one_store),
        TEST(twelve_at_once_make_one_store),
        TEST(tables_of_others_are_left_alone),
        TEST(a_newer_store_is_left_alone),
        TEST(another_store_gets_nothing),
        TEST(failures_are_told_apart),
        TEST(a_table_that_is_gone_stops_the_delivery),
    };
    both.backend = BACKEND_SQLITE;
    int failed = cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
    both.backend = BACKEND_POSTGRESQL;
    failed += cmocka_run_group_tests_name("postgresql", tests, NULL, NULL);
    return support_cleanup(failed);
}

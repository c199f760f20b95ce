/* What only PostgreSQL can do to a shared store: rights, refusals by type, one statement a table, peers that
 * are mute or gone; and that both schemas say what the declaration says. */
#include "support_store.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "pg.h"
#include "text.h"

#define PATIENCE_MS 20000
#define EVERYTHING 1000

static DatabaseTarget target;
static Local *local;

static int set_up(void **state)
{
    (void)state;
    target = (DatabaseTarget){.backend = BACKEND_POSTGRESQL, .conninfo = support_database()};
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

static Shared *enabled(void)
{
    Shared *shared = support_shared(&target, "amx");
    support_enable(local, shared);
    return shared;
}

static void assert_seen(const char *sql, const char *expected)
{
    const char *value = support_sql_value(target.conninfo, sql);
    if (strcmp(value, expected) != 0) {
        fail_msg("%s: %s, not %s", sql, value, expected);
    }
}

/* ---- refused data
 * ----------------------------------------------------------------------------------------------- */

static void what_the_server_refuses_is_parked_with_its_words(void **state)
{
    (void)state;
    static const struct {
        const char *spoil;
        const char *sqlstate;
    } cases[] = {
        {"UPDATE session_turns SET citations = '[\"\\u0000\"]' WHERE local_id = 3", "22P05"},
        {"UPDATE session_turns SET citations = '{not json' WHERE local_id = 8", "22P02"},
        {"UPDATE sessions SET last_active = 'yesterday, or so' WHERE local_id = 2", "22007"},
        /* longer than an index can hold, and it does not compress */
        {"UPDATE apply_events SET target = (WITH RECURSIVE r(i, t) AS (SELECT 0, '' UNION ALL SELECT i + 1, "
         "t || hex(randomblob(16)) FROM r WHERE i < 400) SELECT t FROM r WHERE i = 400) WHERE local_id = 1",
         "54000"},
    };
    Shared *shared = enabled();
    support_insert(local, SYNCED_RUNS, 0);
    support_insert(local, SYNCED_RUN_RESULTS, 1);
    for (int i = 0; i < 20; i++) {
        support_insert(local, SYNCED_SESSIONS, 0);
        support_insert(local, SYNCED_SESSION_TURNS, 1);
        support_insert(local, SYNCED_APPLY_EVENTS, 1);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        support_local_sql(local, cases[i].spoil);
    }
    support_deliver(local, shared);
    OutboxCounts counts = support_counts(local);
    assert_int_equal(counts.parked, 4);
    assert_int_equal(counts.queued, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *sql = text_format("SELECT count(*) FROM outbox WHERE last_error LIKE '%%(SQLSTATE %s)'",
                                cases[i].sqlstate);
        assert_int_equal(support_local_number(local, sql), 1);
        free(sql);
    }
    assert_seen("SELECT (SELECT count(*) FROM amx.sessions) || ' ' || (SELECT count(*) FROM "
                "amx.session_turns) || ' ' || "
                "(SELECT count(*) FROM amx.apply_events)",
                "19 18 19");
    shared_close(shared);
}

/* ---- one statement for each table
 * ---------------------------------------------------------------------------------- */

static void a_batch_is_one_statement_for_each_table(void **state)
{
    (void)state;
    Shared *shared = enabled();
    support_sql(
        target.conninfo,
        "CREATE TABLE public.statements(what text);"
        "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO public.statements VALUES (TG_OP || '' '' || TG_TABLE_NAME); RETURN NULL; END';"
        "CREATE TRIGGER n AFTER INSERT ON amx.runs FOR EACH STATEMENT EXECUTE FUNCTION public.note();"
        "CREATE TRIGGER n AFTER INSERT ON amx.run_results FOR EACH STATEMENT EXECUTE FUNCTION public.note();"
        "CREATE TRIGGER d AFTER UPDATE ON amx.run_results FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) "
        "EXECUTE FUNCTION public.note();");
    for (int i = 0; i < 50; i++) {
        support_insert(local, SYNCED_RUNS, 0);
        support_insert(local, SYNCED_RUN_RESULTS, i + 1);
    }
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_int_equal(batch->row_count, 100);
    assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
    assert_true(support_acknowledge(local, batch));
    outbox_free(batch);
    assert_seen(
        "SELECT string_agg(what, ', ' ORDER BY what) FROM public.statements WHERE what LIKE 'INSERT%'",
        "INSERT run_results, INSERT runs");
    assert_seen("SELECT (SELECT count(*) FROM amx.runs) + (SELECT count(*) FROM amx.run_results)", "100");
    support_sql(target.conninfo, "DELETE FROM public.statements");
    support_local_sql(local, "DELETE FROM run_results");
    batch = support_mint(local, EVERYTHING);
    assert_int_equal(batch->row_count, 50);
    assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
    assert_true(support_acknowledge(local, batch));
    outbox_free(batch);
    assert_seen("SELECT string_agg(what, ', ') FROM public.statements", "UPDATE run_results");
    assert_seen("SELECT count(*) FROM amx.run_results WHERE deleted_at IS NOT NULL", "50");
    shared_close(shared);
}

/* ---- rights
 * -------------------------------------------------------------------------------------------------------- */

static void without_the_right_a_dba_runs_the_script(void **state)
{
    (void)state;
    support_sql(target.conninfo, "DROP ROLE IF EXISTS engineers; CREATE ROLE engineers LOGIN;");
    char *conninfo = text_format("%s user=engineers", target.conninfo);
    DatabaseTarget mine = {.backend = BACKEND_POSTGRESQL, .conninfo = conninfo};
    Shared *shared = NULL;
    SharedState found;
    Error err = {0};
    assert_true(shared_open(&mine, "amx", patience(), &shared, &err));
    assert_false(shared_create(shared, patience(), &found, &err));
    assert_string_equal(err.sqlstate, "42501");
    assert_int_equal(shared_failure(&err), SHARED_FAILURE_STOP);

    Text script = {0};
    assert_true(shared_ddl(BACKEND_POSTGRESQL, "amx", &script, &err));
    support_sql(target.conninfo, text_string(&script));
    support_sql(target.conninfo, text_string(&script)); /* again: changes nothing */
    text_free(&script);
    assert_false(shared_inspect(shared, patience(), &found, &err)); /* no right to look into the schema yet */
    assert_string_equal(err.sqlstate, "42501");
    support_sql(target.conninfo, "GRANT USAGE ON SCHEMA amx TO engineers;"
                                 "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA amx TO engineers;");
    assert_true(shared_create(shared, patience(), &found, &err));
    assert_true(found.exists);
    support_enable(local, shared);
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    support_delete(local, SYNCED_RUNS, run);
    support_deliver(local, shared);
    assert_seen("SELECT count(*) FROM amx.runs WHERE deleted_at IS NOT NULL", "1");

    /* a right that is taken away stops the delivery and leaves the row queued */
    support_sql(target.conninfo, "REVOKE INSERT ON amx.runs FROM engineers");
    support_insert(local, SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    SharedAnswer answer;
    assert_false(shared_send(shared, batch, patience(), &answer, &err));
    assert_string_equal(err.sqlstate, "42501");
    outbox_free(batch);
    assert_int_equal(support_counts(local).queued, 1);
    support_sql(target.conninfo, "GRANT INSERT ON amx.runs TO engineers");
    support_deliver(local, shared);
    shared_close(shared);
    free(conninfo);
    support_sql(target.conninfo, "DROP OWNED BY engineers; DROP ROLE engineers");
}

static void a_read_only_server_is_tried_again_later(void **state)
{
    (void)state;
    Shared *shared = enabled();
    support_insert(local, SYNCED_RUNS, 0);
    shared_close(shared);
    char *conninfo = text_format("%s options='-c default_transaction_read_only=on'", target.conninfo);
    DatabaseTarget standby = {.backend = BACKEND_POSTGRESQL, .conninfo = conninfo};
    Error err = {0};
    SharedAnswer answer;
    assert_true(shared_open(&standby, "amx", patience(), &shared, &err));
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_false(shared_send(shared, batch, patience(), &answer, &err));
    assert_string_equal(err.sqlstate, "25006");
    assert_int_equal(shared_failure(&err), SHARED_FAILURE_LATER);
    outbox_free(batch);
    shared_close(shared);
    free(conninfo);
}

static void any_schema_name_is_only_a_name(void **state)
{
    (void)state;
    static const char *const names[] = {"Team \"A\"; DROP TABLE x; --", "two\nlines; SELECT 1/0; --",
                                        "select", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        target.conninfo = support_database();
        Text script = {0};
        SharedState found;
        Error err = {0};
        assert_true(shared_ddl(BACKEND_POSTGRESQL, names[i], &script, &err));
        support_sql(target.conninfo, text_string(&script));
        text_free(&script);
        Shared *shared = NULL;
        assert_true(shared_open(&target, names[i], patience(), &shared, &err));
        assert_true(shared_inspect(shared, patience(), &found, &err));
        assert_true(found.exists);
        shared_close(shared);
    }
    Shared *shared = NULL;
    Error err = {0};
    char too_long[80];
    memset(too_long, 'x', sizeof too_long);
    too_long[sizeof too_long - 1] = '\0';
    assert_false(shared_open(&target, too_long, patience(), &shared, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_false(shared_open(&target, "", patience(), &shared, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
}

/* ---- out of reach
 * ---------------------------------------------------------------------------------------------------- */

/* A socket on 127.0.0.1 that never answers. */
static int mute_socket(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void a_mute_peer_is_given_up_at_the_deadline(void **state)
{
    (void)state;
    int port;
    int fd = mute_socket(&port);
    char *conninfo = text_format("host=127.0.0.1 port=%d dbname=x user=x", port);
    DatabaseTarget mute = {.backend = BACKEND_POSTGRESQL, .conninfo = conninfo};
    Shared *shared = NULL;
    Error err = {0};
    assert_false(shared_open(&mute, "amx", deadline_in(300), &shared, &err));
    assert_null(shared);
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    assert_int_equal(shared_failure(&err), SHARED_FAILURE_LATER);
    close(fd);
    assert_false(shared_open(&mute, "amx", patience(), &shared, &err)); /* nobody listens any more */
    assert_int_equal(err.kind, ERROR_CONNECTION);
    assert_int_equal(shared_failure(&err), SHARED_FAILURE_LATER);
    free(conninfo);
}

static void a_delivery_that_is_held_up_ends_at_the_deadline(void **state)
{
    (void)state;
    Shared *shared = enabled();
    support_insert(local, SYNCED_RUNS, 0);
    Pg *other = NULL;
    Error err = {0};
    assert_true(pg_connect(target.conninfo, patience(), &other, &err));
    assert_true(pg_script(other, "BEGIN; LOCK TABLE amx.runs", patience(), &err));
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    SharedAnswer answer;
    assert_false(shared_send(shared, batch, deadline_in(300), &answer, &err));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    assert_int_equal(batch->rows[0].result, OUTBOX_UNSENT);
    outbox_free(batch);
    shared_close(shared);
    pg_close(other);
    assert_true(shared_open(&target, "amx", patience(), &shared, &err));
    support_deliver(local, shared);
    assert_seen("SELECT count(*) FROM amx.runs", "1");
    shared_close(shared);
}

static void a_server_that_dies_loses_nothing(void **state)
{
    (void)state;
    Shared *shared = enabled();
    support_insert(local, SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    SharedAnswer answer;
    Error err = {0};
    support_server_stop("immediate");
    assert_false(shared_send(shared, batch, patience(), &answer, &err));
    assert_int_equal(shared_failure(&err), SHARED_FAILURE_LATER);
    shared_close(shared);
    outbox_free(batch);
    assert_false(shared_open(&target, "amx", patience(), &shared, &err));
    assert_int_equal(err.kind, ERROR_CONNECTION);
    support_server_start();
    assert_true(shared_open(&target, "amx", patience(), &shared, &err));
    support_deliver(local, shared);
    assert_seen("SELECT count(*) || ' ' || max(row_version) FROM amx.runs", "1 1");
    shared_close(shared);
}

static void of_two_deliveries_at_once_each_row_is_there_once(void **state)
{
    (void)state;
    Shared *first = enabled();
    Shared *second = support_shared(&target, "amx");
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    OutboxBatch *early = support_mint(local, EVERYTHING);
    support_touch(local, SYNCED_RUNS, run);
    OutboxBatch *late = support_mint(local, EVERYTHING);
    assert_int_equal(support_send(second, late).verdict, SHARED_SENT);
    assert_int_equal(support_send(first, early).verdict, SHARED_STRANGE);
    assert_true(support_acknowledge(local, late));
    assert_false(support_acknowledge(local, early));
    assert_seen("SELECT count(*) || ' ' || max(row_version) FROM amx.runs", "1 2");
    outbox_free(early);
    outbox_free(late);
    shared_close(first);
    shared_close(second);
}

/* ---- the declaration
 * ----------------------------------------------------------------------------------------------- */

static void both_schemas_say_what_is_declared(void **state)
{
    (void)state;
    static const char *const types[][2] = {[SYNCED_INT] = {"bigint", "INTEGER"},
                                           [SYNCED_REAL] = {"double precision", "REAL"},
                                           [SYNCED_TEXT] = {"text", "TEXT"},
                                           [SYNCED_TIME] = {"timestamp with time zone", "TEXT"},
                                           [SYNCED_JSON] = {"jsonb", "TEXT"}};
    shared_close(enabled());
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        const SyncedTable *table = &synced_tables[t];
        for (size_t i = 0; i < synced_width(table); i++) {
            const SyncedColumn *column = synced_column(table, i);
            char *sql = text_format(
                "SELECT data_type || CASE is_nullable WHEN 'NO' THEN '!' ELSE '' END || ' ' || "
                "col_description('amx.%s'::regclass, ordinal_position) "
                "FROM information_schema.columns WHERE table_schema = 'amx' AND table_name = '%s' "
                "AND column_name = '%s'",
                table->name, table->name, column->name);
            char *expected =
                text_format("%s%s %s", types[column->type][0],
                            i < SYNCED_COMMON_COUNT && column->required ? "!" : "", column->comment);
            assert_seen(sql, expected);
            free(sql);
            free(expected);
            sql = text_format(
                "SELECT type FROM pragma_table_info('%s') WHERE name = '%s' AND (\"notnull\" OR pk) = %d",
                table->name, column->name, column->required);
            assert_string_equal(support_local_text(local, sql), types[column->type][1]);
            free(sql);
        }
        char *sql = text_format(
            "SELECT count(*) || obj_description('amx.%s'::regclass) FROM information_schema.columns "
            "WHERE table_schema = 'amx' AND table_name = '%s'",
            table->name, table->name);
        char *expected = text_format("%zu%s", synced_width(table), table->comment);
        assert_seen(sql, expected);
        free(sql);
        free(expected);
    }
    assert_seen(
        "SELECT count(*) FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
        "WHERE c.relnamespace = 'amx'::regnamespace AND c.relkind = 'r' AND (obj_description(c.oid) IS NULL "
        "OR col_description(c.oid, a.attnum) IS NULL)",
        "0");
    assert_seen("SELECT count(*) FROM pg_class WHERE relnamespace = 'amx'::regnamespace AND relkind = 'S'",
                "0");
}

static void keep_times(void *context, const SyncedTable *table, const Value *values)
{
    text_addf(context, "%s %s", record_text(table, values, "started"),
              record_text(table, values, "created_at"));
}

static void times_come_back_as_they_were_written(void **state)
{
    (void)state;
    char *conninfo =
        text_format("%s options='-c timezone=Asia/Kolkata -c datestyle=German'", target.conninfo);
    target.conninfo = conninfo;
    Shared *shared = enabled();
    support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    Text times = {0};
    assert_true(shared_list(shared, &synced_tables[SYNCED_RUNS], &(RecordFilter){0}, patience(), keep_times,
                            &times, NULL));
    assert_string_equal(
        text_string(&times),
        support_local_text(local, "SELECT '2026-01-02T03:04:05.678Z ' || created_at FROM runs"));
    text_free(&times);
    shared_close(shared);
    free(conninfo);
}

/* ---- the file
 * ------------------------------------------------------------------------------------------------------- */

static void a_shared_file_is_for_its_owner_until_widened(void **state)
{
    (void)state;
    DatabaseTarget file = {.backend = BACKEND_SQLITE, .path = support_path("shared.db")};
    struct stat found;
    mode_t old = umask(0);
    shared_close(support_shared(&file, "amx"));
    umask(old);
    assert_int_equal(stat(file.path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
}

static void a_shared_file_without_a_folder_is_told(void **state)
{
    (void)state;
    DatabaseTarget file = {.backend = BACKEND_SQLITE, .path = support_path("missing/shared.db")};
    Shared *shared = NULL;
    SharedState found;
    Error err = {0};
    assert_true(shared_open(&file, "amx", patience(), &shared, &err));
    assert_false(shared_create(shared, patience(), &found, &err));
    assert_non_null(strstr(err.message, file.path));
    assert_true(*err.hint);
    shared_close(shared);
}

static void a_file_of_another_kind_is_left_alone(void **state)
{
    (void)state;
    DatabaseTarget file = {
        .backend = BACKEND_SQLITE,
        .path = support_file(support_folder(), "notes.txt", "Dear diary, today was a long day ...")};
    Shared *shared = NULL;
    Error err = {0};
    assert_false(shared_open(&file, "amx", patience(), &shared, &err));
    assert_non_null(strstr(err.hint, "no SQLite database"));
    assert_string_equal(support_read(file.path), "Dear diary, today was a long day ...");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_the_server_refuses_is_parked_with_its_words),
        TEST(a_batch_is_one_statement_for_each_table),
        TEST(without_the_right_a_dba_runs_the_script),
        TEST(a_read_only_server_is_tried_again_later),
        TEST(any_schema_name_is_only_a_name),
        TEST(a_mute_peer_is_given_up_at_the_deadline),
        TEST(a_delivery_that_is_held_up_ends_at_the_deadline),
        TEST(a_server_that_dies_loses_nothing),
        TEST(of_two_deliveries_at_once_each_row_is_there_once),
        TEST(both_schemas_say_what_is_declared),
        TEST(times_come_back_as_they_were_written),
        TEST(a_shared_file_is_for_its_owner_until_widened),
        TEST(a_shared_file_without_a_folder_is_told),
        TEST(a_file_of_another_kind_is_left_alone),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* Ways in which a program that writes everything twice can lose rows, second part: between the queue and the
 * shared store. Each test provokes one of them, and is named after what amx does instead. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_scene.h"
#include "command.h"
#include "synced.h"
#include "text.h"

#define PRELOAD "env ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0 LD_PRELOAD="
#define FAKETIME "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"

static const char *status(const Cli *cli, const char *key)
{
    return cli_json(cli_ok(cli, "db history-store status --json").out, key);
}

static void sqlite(const CliScene *scene, const char *sql)
{
    support_sqlite(scene->ann.history, sql);
}

static bool hosts_can_be_chosen(void)
{
    return geteuid() == 0 && support_shell(NULL, "unshare -u true").exit_code == 0;
}

/* amx where the machine has a name of the test's choice, which takes root; others keep the machine's own. */
static void on_host(const Cli *cli, const char *host, const char *words)
{
    char *command = hosts_can_be_chosen()
                        ? text_format("exec unshare -u sh -c 'hostname %s && exec %s'", host, words)
                        : text_format("exec %s", words);
    SupportRun run = support_shell(cli->env, command);
    if (run.exit_code != 0) {
        fail_msg("%s: exit %d: %s", command, run.exit_code, run.err);
    }
    free(command);
}

/* The store takes the rows, and clearing the queue fails; then four flushers come at once. */
static void what_could_not_be_acknowledged_is_there_once(void **state)
{
    CliScene *scene = *state;
    cli_scene_cut(scene);
    cli_team_work(&scene->ann);
    cli_scene_mend(scene);
    sqlite(scene, "CREATE TRIGGER keep BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'stays'); END");
    for (int tries = 0; tries < 2; tries++) {
        cli_shows(cli_expect(&scene->ann, 1, "db history-store flush-pending").err, "stays");
        assert_int_equal(cli_queued(&scene->ann), CLI_TEAM_ROWS);
        cli_scene_expect(scene, "SELECT count(*) FROM @run_results", "4");
    }
    assert_string_equal(status(&scene->ann, "in_sync"), "false");
    sqlite(scene, "DROP TRIGGER keep");
    CliProcess flushers[4];
    for (size_t i = 0; i < 4; i++) {
        flushers[i] = cli_start(&scene->ann, "db history-store flush-pending");
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(cli_wait(&flushers[i]).exit_code, 0);
    }
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT count(*) FROM @runs", "1");
    cli_scene_expect(scene, "SELECT count(*) FROM @run_results", "4");
}

/* Somebody has removed rows from the store behind the back of amx, and they are written again here. */
static void a_change_to_a_row_that_is_gone_is_no_success(void **state)
{
    CliScene *scene = *state;
    cli_team_work(&scene->ann);
    cli_store_value(&scene->store, "DELETE FROM @run_results");
    cli_ok(&scene->ann, "review 1 --accept low");
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT count(*) FROM @run_results WHERE evaluation = 'accepted'", "4");

    cli_store_value(&scene->store, "DELETE FROM @run_results");
    cli_store_value(&scene->store, "DELETE FROM @runs");
    cli_ok(&scene->ann, "apply 1 --yes");
    cli_shows(cli_expect(&scene->ann, 5, "db history-store flush-pending").err, "could not go");
    cli_shows(cli_ok(&scene->ann, "db history-store list-pending").out, "does not have the row");
    assert_string_equal(status(&scene->ann, "in_sync"), "false");
    assert_true(cli_queued(&scene->ann) >= 8); /* four results and four applies, and none given up */
    cli_team_assert_sound(&scene->ann);
}

/* Who, where, with what and when, of every row, as text. */
static const char *attribution(const CliScene *scene, bool shared)
{
    Text all = {0};
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        const char *name = synced_tables[i].name;
        char *sql =
            shared
                ? text_format("SELECT string_agg(concat_ws(' ', created_by, hostname, client_version, "
                              "to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), "
                              "to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')), "
                              "'|' ORDER BY local_id) FROM @%s",
                              name)
                : text_format("SELECT group_concat(created_by || ' ' || hostname || ' ' || client_version "
                              "|| ' ' || created_at || ' ' || updated_at, '|') FROM (SELECT * FROM %s "
                              "ORDER BY local_id)",
                              name);
        text_addf(&all, "%s: %s\n", name,
                  shared ? cli_store_value(&scene->store, sql)
                         : support_sqlite_value(scene->ann.history, sql));
        free(sql);
    }
    const char *kept = support_read(support_file(support_folder(), "attribution", text_string(&all)));
    text_free(&all);
    return kept;
}

/* Written by ann on one machine ten years ago, with an older version; delivered by eve on another, in ten
 * years. */
static void who_where_and_when_come_from_the_write(void **state)
{
    CliScene *scene = *state;
    if (access(FAKETIME, R_OK)) {
        skip();
    }
    cli_scene_cut(scene);
    on_host(&scene->ann, "desk", PRELOAD FAKETIME " FAKETIME=-3650d \"$AMX\" run --all customer");
    on_host(&scene->ann, "desk", PRELOAD FAKETIME " FAKETIME=-3650d \"$AMX\" review 1 --accept low");
    on_host(&scene->ann, "desk", PRELOAD FAKETIME " FAKETIME=-3650d \"$AMX\" ask who orders?");
    sqlite(scene, "UPDATE runs SET client_version = '0.0.9'");
    const char *written = attribution(scene, false);
    cli_scene_mend(scene);
    Cli eve = scene->ann;
    eve.env[1] = "LOGNAME=eve";
    on_host(&eve, "lap", PRELOAD FAKETIME " FAKETIME=+3650d \"$AMX\" db history-store flush-pending");

    cli_scene_expect(scene, "SELECT created_by || ' ' || client_version FROM @runs", "ann 0.0.9");
    cli_scene_expect(scene,
                     "SELECT count(*) FROM @runs WHERE ended - started < interval '1 minute' AND ended < "
                     "now() - interval '9 years'",
                     "1");
    if (hosts_can_be_chosen()) {
        cli_scene_expect(scene, "SELECT DISTINCT hostname FROM @run_results", "desk");
        cli_scene_expect(scene, "SELECT hostname FROM @app_events WHERE kind = 'flush'", "lap");
    }
    sqlite(scene, "DELETE FROM app_events WHERE kind = 'flush'");
    cli_store_value(&scene->store, "DELETE FROM @app_events WHERE kind = 'flush'");
    assert_string_equal(attribution(scene, true), written);
}

#define ALL_OF_IT                                                                                            \
    "SELECT coalesce((SELECT string_agg(r::text, '|' ORDER BY r.local_id) FROM @run_results r WHERE "        \
    "origin_id = '%s'), '') || (SELECT string_agg(r::text, '|' ORDER BY r.local_id) FROM @runs r WHERE "     \
    "origin_id = '%s')"

/* All that the store holds of one history.db. */
static const char *rows_of(const CliScene *scene, const char *origin)
{
    char *sql = text_format(ALL_OF_IT, origin, origin);
    const char *rows = cli_store_value(&scene->store, sql);
    free(sql);
    return rows;
}

static const char *origin_of(const Cli *cli)
{
    return support_sqlite_value(cli->history, "SELECT origin_id FROM origin");
}

/* The machine is renamed; a twin of the same name shares too; history.db is deleted and begins again at 1. */
static void rows_belong_to_their_file_and_not_to_a_host_name(void **state)
{
    CliScene *scene = *state;
    const char *first = origin_of(&scene->ann);
    on_host(&scene->ann, "desk", "\"$AMX\" run --all customer");
    on_host(&scene->ann, "renamed", "\"$AMX\" review 1 --accept low");
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT count(*) FROM @run_results WHERE evaluation = 'accepted'", "4");
    cli_scene_expect(scene, "SELECT count(*) FROM @runs", "1");
    const char *before = rows_of(scene, first);

    Cli twin = cli_team_person("ann", &scene->store);
    on_host(&twin, "desk", "\"$AMX\" run --all customer");
    on_host(&twin, "desk", "\"$AMX\" review 1 --accept low");
    on_host(&twin, "desk", "\"$AMX\" apply 1 --yes");
    assert_string_equal(rows_of(scene, first), before);
    const char *twins = rows_of(scene, origin_of(&twin));

    assert_int_equal(support_shell(scene->ann.env, "rm \"$AMX_HOME\"/history.db*").exit_code, 0);
    cli_ok(&scene->ann, "db history-store enable");
    on_host(&scene->ann, "desk", "\"$AMX\" run --all customer");
    on_host(&scene->ann, "desk", "\"$AMX\" review 1 --accept low");
    assert_string_not_equal(origin_of(&scene->ann), first);
    assert_string_equal(rows_of(scene, first), before);
    assert_string_equal(rows_of(scene, origin_of(&twin)), twins);
    cli_scene_expect(scene, "SELECT count(*) FROM @runs WHERE local_id = 1", "3");
    cli_scene_heal(scene);
    cli_team_assert_heals(&twin, &scene->store);
}

/* Older rows, rows changed while sharing was off, and a teammate's, which were looked at. */
static void migrating_twice_sends_mine_once_and_nobody_elses(void **state)
{
    CliScene *scene = *state;
    cli_team_work(&scene->ann); /* before sharing */
    cli_ok(&scene->ann, "db history-store enable");
    Cli bob = cli_team_person("bob", &scene->store);
    cli_team_work(&bob);
    cli_team_work(&scene->ann);
    cli_shows(cli_ok(&scene->ann, "history list --team").out, "bob@");
    cli_ok(&scene->ann, "history show 1 --origin %s", origin_of(&bob));
    const char *bobs = rows_of(scene, origin_of(&bob));
    cli_ok(&scene->ann, "db history-store disable");
    cli_ok(&scene->ann, "review 2 --accept low"); /* the store has an older state of these */
    cli_ok(&scene->ann, "db history-store enable");
    for (int again = 0; again < 2; again++) {
        cli_ok(&scene->ann, "db history-store migrate-from-local");
        cli_scene_heal(scene);
        cli_scene_expect(scene, "SELECT string_agg(created_by, ',' ORDER BY created_by) FROM @runs",
                         "ann,ann,bob");
        cli_scene_expect(scene, "SELECT count(*) FROM @run_results", "12");
        cli_scene_expect(scene, "SELECT count(*) FROM @run_results WHERE evaluation = 'accepted'", "4");
        assert_string_equal(rows_of(scene, origin_of(&bob)), bobs);
    }
    cli_scene_expect(scene,
                     "SELECT string_agg(kind, ',' ORDER BY local_id) FROM @app_events WHERE created_by = "
                     "'ann' AND kind <> 'flush'",
                     "enable,disable,enable,migrate");
    cli_team_assert_heals(&bob, &scene->store);
}

/* What is queued for one store is never delivered to another, not even once it is given up. */
static void a_queue_is_only_for_its_store(void **state)
{
    CliScene *scene = *state;
    const char *bobs_runs = "SELECT count(*) FROM @runs";
    CliStore other = cli_store_new(false);
    Cli bob = cli_team_person("bob", &other);
    cli_scene_cut(scene);
    cli_team_work(&scene->ann);
    cli_team_configure(&scene->ann, &other, NULL, 30000);
    SupportRun refused = cli_expect(&scene->ann, 6, "db history-store enable");
    cli_shows(refused.err, "amx db history-store disable, then drop-pending");
    refused = cli_expect(&scene->ann, 6, "db history-store flush-pending");
    cli_shows(refused.err, "amx db history-store disable, then drop-pending");
    cli_team_assert_queued(&scene->ann, "is not the shared store the queue is for");
    assert_string_equal(cli_store_value(&other, bobs_runs), "0");

    /* giving it up as the message says: the record of a drop is queued too while sharing is on */
    cli_ok(&scene->ann, "db history-store disable");
    cli_ok(&scene->ann, "db history-store drop-pending");
    cli_ok(&scene->ann, "db history-store enable");
    cli_ok(&scene->ann, "db history-store flush-pending");
    assert_string_equal(cli_store_value(&other, bobs_runs), "0");
    cli_team_work(&scene->ann);
    assert_string_equal(cli_store_value(&other, bobs_runs), "1");
    cli_scene_expect(scene, "SELECT count(*) FROM @runs", "0");
    cli_team_assert_sound(&scene->ann);
    cli_team_assert_heals(&bob, &other);
}

/* The administrator drops the schema, and a teammate makes it anew: it is another store, and filled only when
 * that is asked for. */
static void a_schema_made_anew_is_another_store(void **state)
{
    CliScene *scene = *state;
    cli_team_work(&scene->ann);
    support_sql(scene->store.where, "DROP SCHEMA amx CASCADE");
    cli_team_assert_queued(&scene->ann, "amx.");
    Cli bob = cli_team_person("bob", &scene->store);
    cli_shows(cli_expect(&scene->ann, 6, "db history-store flush-pending").err, "it was made anew");
    cli_scene_expect(scene, "SELECT count(*) FROM @runs", "0");
    assert_string_equal(status(&scene->ann, "in_sync"), "false");
    cli_ok(&scene->ann, "db history-store disable");
    cli_ok(&scene->ann, "db history-store drop-pending");
    cli_ok(&scene->ann, "db history-store enable");
    cli_ok(&scene->ann, "db history-store migrate-from-local");
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT count(*) FROM @runs", "2");
    cli_team_assert_heals(&bob, &scene->store);
}

/* JSON columns of a table whose content the two stores hold differently. */
static void assert_same_json(const CliScene *scene, const char *table, const char *column)
{
    char *sql = text_format("SELECT json_group_array(json_array(local_id, json(%s))) FROM %s", column, table);
    const char *local = support_sqlite_value(scene->ann.history, sql);
    Text question = {0};
    text_addf(&question,
              "SELECT count(*) FILTER (WHERE t.%s = l->1) || '/' || count(*) FROM jsonb_array_elements('",
              column);
    for (const char *c = local; *c; c++) {
        text_add_n(&question, "''", *c == '\'' ? 1 : 0);
        text_add_char(&question, *c);
    }
    text_addf(&question, "') l JOIN @%s t ON t.local_id = (l->>0)::int AND t.%s IS NOT NULL", table, column);
    char *count = text_format("SELECT count(%s) || '/' || count(%s) FROM %s", column, column, table);
    cli_scene_expect(scene, text_string(&question), support_sqlite_value(scene->ann.history, count));
    text_free(&question);
    free(count);
    free(sql);
}

/* What people type arrives as it was typed; what no store can hold is parked and told, and the rest flows. */
static void strange_text_arrives_and_broken_json_is_told(void **state)
{
    static const char decisions[] =
        "{\"table\":\"customer\",\"column\":\"name\",\"decision\":\"edit\",\"text\":\"O'Neil \\\\N {} $1 %s "
        "\\\"q\\\" \\\\u0000 caf\\u00e9 \\ud83d\\ude00 NaN 1e999 'x' || 'y'\"}\n";
    CliScene *scene = *state;
    support_sqlite(
        support_shell(scene->ann.env, "printf %s \"$AMX_HOME/shop.db\"").out,
        "CREATE TABLE \"o'dd\\N{}\" (id INTEGER PRIMARY KEY, \"a\"\"b, $1\" TEXT, \"\xc3\xa9\" REAL)");
    cli_ok(&scene->ann, "run --all");
    cli_ok(&scene->ann, "review 1 --from %s", support_file(scene->ann.home, "decisions", decisions));
    cli_ok(
        &scene->ann, "ask - <%s",
        support_file(scene->ann.home, "question", "who's \"o'dd\" \\N \xf0\x9f\x98\x80 {\"a\": NaN} $1?\n"));
    cli_ok(&scene->ann, "session new --title '\\\\x00 \"{[' ");
    cli_scene_heal(scene);
    assert_same_json(scene, "run_results", "alternatives");
    assert_same_json(scene, "run_results", "evidence");
    assert_same_json(scene, "session_turns", "citations");
    assert_same_json(scene, "app_events", "detail");

    static const char *const broken[] = {"{\"a\":", "[NaN]", "[\"\\u0000\"]", ""};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char *spoil = text_format("UPDATE run_results SET evidence = '%s' WHERE local_id = 1", broken[i]);
        sqlite(scene, spoil);
        cli_ok(&scene->ann, "session new");
        cli_shows(cli_expect(&scene->ann, 5, "db history-store flush-pending").err, "could not go");
        assert_string_equal(status(&scene->ann, "parked"), "1");
        assert_string_equal(status(&scene->ann, "in_sync"), "false");
        const char *list = cli_ok(&scene->ann, "db history-store list-pending --json").out;
        assert_string_equal(cli_json(list, "items.#"), "1");
        cli_shows(cli_json(list, "items.0.last_error"), "SQLSTATE 22");
        free(spoil);
    }
    sqlite(scene, "UPDATE run_results SET evidence = '[]' WHERE local_id = 1");
    cli_scene_heal(scene);
    assert_same_json(scene, "run_results", "evidence");
}

/* Every table of the file is either synced, with the three triggers that queue, or known to stay here. */
static void every_synced_table_queues_by_itself(void **state)
{
    static const char *const events[] = {"INSERT", "UPDATE", "DELETE"};
    CliScene *scene = *state;
    Text known = {0};
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        const char *name = synced_tables[i].name;
        text_addf(&known, "'%s', ", name);
        for (size_t e = 0; e < sizeof events / sizeof *events; e++) {
            char *sql =
                text_format("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = "
                            "'%s' AND sql LIKE '%%AFTER %s%%INSERT INTO outbox%%'",
                            name, events[e]);
            cli_scene_expect_local(scene, sql, "1");
            free(sql);
        }
    }
    char *others = text_format(
        "SELECT coalesce(group_concat(name), '') FROM sqlite_schema WHERE type = 'table' AND name NOT IN "
        "(%s'outbox', 'outbox_depth', 'delivered', 'tombstones', 'tokens', 'origin', 'settings') AND name "
        "NOT LIKE "
        "'catalog_%%' AND name NOT LIKE 'sqlite_%%'",
        text_string(&known));
    cli_scene_expect_local(scene, others, "");
    text_free(&known);
    free(others);
}

/* In this order each of them writes a row. A command that comes to write belongs here. */
static const struct {
    const char *command;
    const char *words;
} writers[] = {
    {"run", "run --all customer"},
    {"review", "review 1 --accept low"},
    {"apply", "apply 1 --yes"},
    {"rollback", "rollback 1 --yes"},
    {"ask", "ask who orders?"},
    {"session new", "session new"},
    {"session end", "session end 1"},
    {"session resume", "session resume 1"},
    {"session rename", "session rename 1 --title Orders"},
    {"session fork", "session fork 1"},
    {"history redact", "history redact orders --yes"},
    {"session delete", "session delete 1 --yes"},
    {"db history-store drop-pending", "db history-store drop-pending"},
    {"db history-store migrate-from-local", "db history-store migrate-from-local"},
    {"db history-store flush-pending", "db history-store flush-pending"},
    {"db history-store disable", "db history-store disable"},
    {"db history-store enable", "db history-store enable"},
};

static bool is_listed(const char *command)
{
    bool found = strcmp(command, "db use") == 0; /* the one that writes a setting of this machine, no row */
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        found |= strcmp(command, writers[i].command) == 0;
    }
    return found;
}

static void every_command_that_writes_queues(void **state)
{
    CliScene *scene = *state;
    size_t count;
    const Command *table = command_table(&count);
    for (size_t i = 0; i < count; i++) {
        if ((table[i].flags & COMMAND_WRITES) && !is_listed(table[i].name)) {
            fail_msg("nobody has looked whether \"%s\" queues what it writes", table[i].name);
        }
    }
    char *conf = text_format("%s/amx.conf", scene->ann.home);
    const char *as_written = support_read(conf);
    cli_scene_cut(scene);
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        if (strcmp(writers[i].command, "db history-store flush-pending") == 0) {
            cli_scene_mend(scene); /* it records what it sent */
        }
        const char *seq = support_sqlite_value(scene->ann.history, "SELECT seq FROM origin");
        const char *version = support_sqlite_value(scene->ann.history, "SELECT row_version FROM origin");
        char *moved =
            text_format("SELECT EXISTS (SELECT 1 FROM outbox WHERE seq > %s) OR EXISTS (SELECT 1 FROM "
                        "delivered WHERE row_version > %s)",
                        seq, version);
        cli_ok(&scene->ann, "%s", writers[i].words);
        if (strcmp(support_sqlite_value(scene->ann.history, moved), "1") != 0) {
            fail_msg("%s: wrote no row, or queued none", writers[i].command);
        }
        cli_team_assert_sound(&scene->ann);
        free(moved);
    }
    cli_scene_heal(scene);
    assert_string_equal(support_read(conf), as_written); /* amx never writes to a person's file */
    free(conf);
}

/* No table is without them, and the store itself insists; that the picker asks is for a terminal to see. */
static void every_shared_row_must_say_who_where_and_with_what(void **state)
{
    CliScene *scene = *state;
    cli_scene_expect(
        scene,
        "SELECT string_agg(c.relname || '.' || w.name, ', ') FROM pg_class c CROSS JOIN (VALUES "
        "('created_by'), ('hostname'), ('client_version'), ('local_id')) w(name) WHERE "
        "c.relnamespace = 'amx'::regnamespace AND c.relkind = 'r' AND c.relname <> 'store' AND NOT "
        "(c.relname = 'origins' AND w.name = 'local_id') AND NOT EXISTS (SELECT 1 FROM "
        "pg_attribute a WHERE a.attrelid = c.oid AND a.attname = w.name AND a.attnotnull)",
        "");
    cli_ok(&scene->ann, "run --all customer");
    cli_ok(&scene->ann, "review 1 --accept low");
    cli_ok(&scene->ann, "apply 1 --yes");
    cli_ok(&scene->ann, "ask who orders?");
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        char *sql = text_format("SELECT count(*) > 0 AND bool_and(created_by = 'ann' AND hostname <> '' AND "
                                "client_version = '" AMX_VERSION "' AND local_id > 0) FROM @%s",
                                synced_tables[i].name);
        cli_scene_expect(scene, sql, "t");
        free(sql);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_scene_set_up, cli_scene_tear_down)
#define TEST_OFF(name) cmocka_unit_test_setup_teardown(name, cli_scene_set_up_off, cli_scene_tear_down)

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        TEST(what_could_not_be_acknowledged_is_there_once),
        TEST(a_change_to_a_row_that_is_gone_is_no_success),
        TEST(who_where_and_when_come_from_the_write),
        TEST(rows_belong_to_their_file_and_not_to_a_host_name),
        TEST_OFF(migrating_twice_sends_mine_once_and_nobody_elses),
        TEST(a_queue_is_only_for_its_store),
        TEST(a_schema_made_anew_is_another_store),
        TEST(strange_text_arrives_and_broken_json_is_told),
        TEST(every_synced_table_queues_by_itself),
        TEST(every_command_that_writes_queues),
        TEST(every_shared_row_must_say_who_where_and_with_what),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* history_store { share_sessions = false }: what is asked stays on the machine, checked in the shared schema
 * itself; and what a delete leaves there. */
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "synced.h"
#include "text.h"

static void configure(const Cli *cli, const CliStore *store, bool share)
{
    const char *team = cli_store_conf(store);
    const char *section = strstr(team, "history_store {");
    assert_non_null(section);
    const char *inside = section + strlen("history_store {");
    cli_configure(cli,
                  "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n"
                  "%.*s share_sessions = %s\n%s",
                  (int)(inside - team), team, share ? "true" : "false", inside);
}

static Cli person(const char *name, const CliStore *store, bool share)
{
    Cli cli = cli_new(name, "%s", "");
    support_sqlite(support_file(cli.home, "shop.db", ""),
                   "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);"
                   "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer);");
    configure(&cli, store, share);
    cli_ok(&cli, "db history-store enable");
    return cli;
}

static void assert_shared(const CliStore *store, const char *sessions, const char *turns)
{
    assert_string_equal(cli_store_value(store, "SELECT count(*) FROM @sessions"), sessions);
    assert_string_equal(cli_store_value(store, "SELECT count(*) FROM @session_turns"), turns);
}

static void both_stores(void (*test)(const CliStore *store))
{
    for (int file = 0; file <= 1; file++) {
        CliStore store = cli_store_new(file);
        test(&store);
    }
}

static void keep_them(const CliStore *store)
{
    Cli ann = person("ann", store, false);
    cli_ok(&ann, "ask which tables hold an email?");
    cli_ok(&ann, "ask who orders?");
    cli_ok(&ann, "session new --title Mine");
    cli_ok(&ann, "session fork 1");
    cli_ok(&ann, "session rename 1 --title Other");
    cli_ok(&ann, "session end 1");
    cli_ok(&ann, "run"); /* everything else is shared as before */
    cli_ok(&ann, "db history-store migrate-from-local");
    cli_ok(&ann, "db history-store flush-pending");
    assert_shared(store, "0", "0");
    assert_string_equal(cli_store_value(store, "SELECT count(*) FROM @runs"), "1");
    assert_int_equal(cli_queued(&ann), 0);

    configure(&ann, store, true); /* nothing of them comes along later */
    cli_ok(&ann, "ask who orders?");
    cli_ok(&ann, "db history-store migrate-from-local");
    cli_ok(&ann, "db history-store flush-pending");
    assert_shared(store, "0", "0");
    cli_ok(&ann, "session new");
    cli_ok(&ann, "ask who orders?");
    assert_shared(store, "1", "2");
}

static void sessions_begun_while_it_is_off_are_never_shared(void **state)
{
    (void)state;
    both_stores(keep_them);
}

static void keep_new_turns(const CliStore *store)
{
    Cli ann = person("ann", store, true);
    cli_ok(&ann, "ask which tables hold an email?");
    assert_shared(store, "1", "2");
    configure(&ann, store, false);
    SupportRun refused = cli_expect(&ann, 6, "ask --session 1 who orders?");
    cli_shows(refused.err, "share_sessions = false");
    assert_string_equal(cli_json(cli_ok(&ann, "ask --json who orders?").out, "session"), "2");
    assert_string_equal(cli_json(cli_ok(&ann, "ask --json and customers?").out, "session"), "2");
    cli_expect(&ann, 6, "session rename 1 --title secret");
    cli_ok(&ann, "session fork 1");
    cli_ok(&ann, "ask who orders?");
    assert_shared(store, "1", "2");
    assert_string_equal(cli_store_value(store, "SELECT title FROM @sessions"), "which tables hold an email?");
    cli_store_same(store, &ann);
}

static void a_session_that_is_shared_gets_no_turn_while_it_is_off(void **state)
{
    (void)state;
    both_stores(keep_new_turns);
}

static void leave_out(const CliStore *store)
{
    Cli ann = person("ann", store, true);
    cli_ok(&ann, "db history-store disable");
    cli_ok(&ann, "ask which tables hold an email?");
    cli_ok(&ann, "run");
    configure(&ann, store, false);
    cli_ok(&ann, "db history-store enable");
    cli_shows(cli_ok(&ann, "db history-store migrate-from-local").err, "1 session left out");
    assert_shared(store, "0", "0");
    assert_string_equal(cli_store_value(store, "SELECT count(*) FROM @runs"), "1");
    assert_int_equal(cli_queued(&ann), 0);

    configure(&ann, store, true);
    cli_hides(cli_ok(&ann, "db history-store migrate-from-local").err, "left out");
    assert_shared(store, "1", "2");
    cli_store_same(store, &ann);
}

static void migrate_leaves_sessions_out_while_it_is_off(void **state)
{
    (void)state;
    both_stores(leave_out);
}

static void leave_out_dropped(const CliStore *store)
{
    Cli ann = person("ann", store, true);
    cli_ok(&ann, "ask which tables hold an email?");
    configure(&ann, &(CliStore){store->file, store->file ? "/nowhere/store.db" : "port=1"}, true);
    cli_ok(&ann, "ask --session 1 who orders?");
    cli_ok(&ann, "session new --title Mine");
    cli_ok(&ann, "db history-store drop-pending");
    configure(&ann, store, false);
    cli_shows(cli_ok(&ann, "db history-store migrate-from-local").err, "1 session left out");
    cli_ok(&ann, "db history-store flush-pending");
    assert_shared(store, "1", "2");
}

static void migrate_revives_no_dropped_turn_while_it_is_off(void **state)
{
    (void)state;
    both_stores(leave_out_dropped);
}

static void go_on_while_off(const CliStore *store)
{
    Cli ann = person("ann", store, true);
    cli_ok(&ann, "ask which tables hold an email?");
    cli_ok(&ann, "session end 1");
    configure(&ann, store, false);
    cli_ok(&ann, "session resume 1");
    cli_shows(cli_expect(&ann, 6, "session rename 1 --title secret").err, "share_sessions = false");
    assert_string_equal(cli_json(cli_ok(&ann, "ask --json who orders?").out, "session"), "2");
    cli_ok(&ann, "session rename 2 --title secret");
    assert_shared(store, "1", "2");
    assert_string_equal(cli_store_value(store, "SELECT title FROM @sessions"), "which tables hold an email?");
    cli_ok(&ann, "session delete 1 --yes");
    assert_shared(store, "1", "2");
    assert_string_equal(cli_store_value(store, "SELECT count(*) FROM @sessions WHERE title IS NOT NULL"),
                        "0");
    assert_string_equal(
        cli_store_value(store, "SELECT count(*) FROM @session_turns WHERE content IS NOT NULL"), "0");
    cli_store_same(store, &ann);
}

static void what_is_shared_keeps_its_title_and_is_deleted_there_while_it_is_off(void **state)
{
    (void)state;
    both_stores(go_on_while_off);
}

static void delete_one(const CliStore *store)
{
    Cli ann = person("ann", store, true);
    cli_ok(&ann, "ask which tables hold an email?");
    cli_ok(&ann, "session fork 1");
    cli_ok(&ann, "session delete 1 --yes");
    cli_ok(&ann, "session delete 2 --yes");
    assert_shared(store, "2", "4");
    for (int t = SYNCED_SESSIONS; t <= SYNCED_SESSION_TURNS; t++) {
        const SyncedTable *table = &synced_tables[t];
        for (size_t i = 0; i < table->column_count; i++) {
            char *sql = text_format("SELECT count(*) FROM @%s WHERE deleted_at IS NULL OR %s IS NOT NULL",
                                    table->name, table->columns[i].name);
            if (!text_equal(table->columns[i].name, table->parent_column)) {
                assert_string_equal(cli_store_value(store, sql), "0");
            }
            free(sql);
        }
    }
    cli_store_same(store, &ann);
}

static void a_deleted_session_leaves_no_content_in_the_store(void **state)
{
    (void)state;
    both_stores(delete_one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_begun_while_it_is_off_are_never_shared),
        cmocka_unit_test(a_session_that_is_shared_gets_no_turn_while_it_is_off),
        cmocka_unit_test(migrate_leaves_sessions_out_while_it_is_off),
        cmocka_unit_test(migrate_revives_no_dropped_turn_while_it_is_off),
        cmocka_unit_test(what_is_shared_keeps_its_title_and_is_deleted_there_while_it_is_off),
        cmocka_unit_test(a_deleted_session_leaves_no_content_in_the_store),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

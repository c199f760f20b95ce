/* The daily work, as a person does it: run, look, review, apply, roll back; on PostgreSQL and on SQLite. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "terminal.h"
#include "text.h"

static const char shop[] =
    "CREATE SCHEMA sales; CREATE SCHEMA stock;"
    "CREATE TABLE sales.customer (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE);"
    "CREATE TABLE sales.orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES "
    "sales.customer, "
    "  placed_at timestamptz NOT NULL DEFAULT now());"
    "CREATE TABLE stock.item (id integer PRIMARY KEY, price numeric CHECK (price > 0));"
    "COMMENT ON TABLE sales.customer IS 'People who buy.';"
    "COMMENT ON COLUMN sales.customer.email IS 'Where invoices go.'";

static const char shop_file[] =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer);";

#define POSTGRESQL "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n"
#define SQLITE_FILE "db_profile shop { backend = sqlite\n path = \"%s\" }\n"
#define TEAM                                                                                                 \
    "db_profile team { backend = sqlite\n path = \"%s\" }\nhistory_store { profile = team }\n"               \
    "active_db_profile = shop\n"

static const char *new_shop(void)
{
    const char *conninfo = support_database();
    support_sql(conninfo, shop);
    return conninfo;
}

static const char *new_file(const char *sql)
{
    const char *path = support_file(support_folder(), "data.db", "");
    support_sqlite(path, sql);
    return path;
}

static const char *comment(const char *conninfo, const char *table, const char *column)
{
    char *sql =
        text_format("SELECT coalesce(col_description('%s'::regclass, (SELECT attnum FROM pg_attribute WHERE "
                    "attrelid = '%s'::regclass AND attname = '%s')), '(none)')",
                    table, table, column);
    const char *text = support_sql_value(conninfo, sql);
    free(sql);
    return text;
}

static long long planned(const Cli *ann, const char *words)
{
    return cli_json_number(cli_ok(ann, "run --json %s", words).out, "planned");
}

static void test_scopes(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", POSTGRESQL, new_shop());
    assert_int_equal(planned(&ann, "--dry-run"), 11 - 2);
    assert_int_equal(planned(&ann, "--dry-run --all"), 11);
    assert_int_equal(planned(&ann, "--dry-run --all sales"), 8);
    assert_int_equal(planned(&ann, "--dry-run --all item"), 3);
    assert_int_equal(planned(&ann, "--dry-run --all sales.orders"), 4);
    assert_int_equal(planned(&ann, "--dry-run --all customer.email"), 1);
    assert_int_equal(planned(&ann, "--dry-run --all sales.customer.email"), 1);
    cli_shows(cli_json(cli_ok(&ann, "history list --json").out, "items.#"),
              "0"); /* nothing of it was recorded */

    assert_string_equal(cli_json(cli_ok(&ann, "run --json customer.email").out, "status"), "nothing to do");
    cli_shows(cli_expect(&ann, 2, "run nowhere").err, "nowhere");
    cli_shows(cli_expect(&ann, 2, "run sales.customer.nowhere").err, "nowhere");
    cli_expect(&ann, 2, "run a.b.c.d");
    assert_string_equal(cli_json(cli_ok(&ann, "history list --json").out, "items.#"), "0");

    assert_int_equal(planned(&ann, "sales"), 6);
    assert_string_equal(cli_json(cli_ok(&ann, "history results 1 --json").out, "items.#"), "6");
}

/* Statements that a run sends to a database of so many tables, by the server's own log. */
static int statements_of_run(int tables)
{
    const char *conninfo = support_database();
    char *make =
        text_format("DO $$ BEGIN FOR i IN 1..%d LOOP EXECUTE format('CREATE TABLE t%%s (id int PRIMARY KEY, "
                    "name text, t1_id int REFERENCES t1)', i); END LOOP; END $$",
                    tables);
    support_sql(conninfo, make);
    free(make);
    char *log_all = text_format("ALTER DATABASE %s SET log_statement = 'all'",
                                support_sql_value(conninfo, "SELECT current_database()"));
    support_sql(conninfo, log_all);
    free(log_all);
    const char *log = text_format("%s/server.log", support_server()->folder);
    size_t before = strlen(support_read(log));
    Cli ann = cli_new("ann", POSTGRESQL, conninfo);
    assert_int_equal(planned(&ann, ""), tables * 4);
    int count = 0;
    for (const char *at = support_read(log) + before; (at = strstr(at, "LOG:  ")); at++) {
        count += text_starts(at, "LOG:  statement:") || text_starts(at, "LOG:  execute");
    }
    free((char *)(uintptr_t)log);
    return count;
}

static void test_query_count_does_not_grow(void **state)
{
    (void)state;
    int few = statements_of_run(5);
    assert_true(few > 0);
    assert_int_equal(statements_of_run(200), few);
}

static void parse_lines(const char *lines, int wanted)
{
    int count = 0;
    char *copy = text_format("%s", lines);
    char *rest = NULL;
    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), count++) {
        assert_string_not_equal(cli_json(line, "local_id"), "");
    }
    free(copy);
    assert_int_equal(count, wanted);
}

static void test_history(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", SQLITE_FILE, new_file(shop_file));
    cli_ok(&ann, "run customer");
    cli_ok(&ann, "run orders");
    const char *list = cli_ok(&ann, "history list --json").out;
    assert_string_equal(cli_json(list, "schema"), "amx.runs/1");
    assert_string_equal(cli_json(list, "items.#"), "2");
    assert_string_equal(cli_json(list, "items.0.scope"), "orders"); /* newest first */
    assert_string_equal(cli_json(list, "items.0.created_by"), "ann");
    assert_string_equal(cli_json(list, "items.0.db_profile"), "shop");
    assert_string_equal(cli_json(list, "items.0.synced"), "false");
    parse_lines(cli_ok(&ann, "history list --jsonl").out, 2);
    parse_lines(cli_ok(&ann, "history results 1 --jsonl").out, 4);
    cli_shows(cli_ok(&ann, "history list --csv").out, "local_id,");
    cli_shows(cli_ok(&ann, "history results 2 --csv").out, "customer_id");
    assert_string_equal(cli_json(cli_ok(&ann, "history show 2 --json").out, "drafted"), "3");
    cli_shows(cli_ok(&ann, "history results 2").out, "main.orders.customer_id");
    cli_shows(cli_expect(&ann, 2, "history show 9").err, "9");
    assert_string_equal(cli_json(cli_ok(&ann, "history list --json --who bob").out, "items.#"), "0");
    const char *page = cli_ok(&ann, "history list --json -n 1").out;
    const char *next = cli_ok(&ann, "history list --json -n 1 --after %s", cli_json(page, "next")).out;
    assert_string_equal(cli_json(next, "items.0.scope"), "customer");
}

/* Text as decided, by result. */
static const char *chosen(const Cli *cli, int result)
{
    return support_sqlite_value(
        cli->history,
        result == 1
            ? "SELECT evaluation || ':' || coalesce(chosen_text, '') FROM run_results WHERE local_id = 1"
        : result == 2
            ? "SELECT evaluation || ':' || coalesce(chosen_text, '') FROM run_results WHERE local_id = 2"
            : "SELECT count(evaluation) FROM run_results");
}

static void test_review(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", SQLITE_FILE, new_file(shop_file));
    cli_ok(&ann, "run");
    const char *bad = support_file(ann.home, "bad.jsonl",
                                   "{\"result\":1,\"decision\":\"accept\"}\n"
                                   "\n"
                                   "{\"result\":2,\"decision\":\"perhaps\"}\n");
    SupportRun refused = cli_expect(&ann, 2, "review 1 --from %s", bad);
    cli_shows(refused.err, "bad.jsonl:3:");
    assert_string_equal(chosen(&ann, 0), "0");
    support_file(ann.home, "bad.jsonl",
                 "{\"result\":1,\"decision\":\"accept\"}\n{\"result\":77,\"decision\":\"skip\"}\n");
    cli_shows(cli_expect(&ann, 2, "review 1 --from %s", bad).err, "bad.jsonl:2:");
    support_file(ann.home, "bad.jsonl", "{\"result\":1,\"decision\":\"accept\",\"choice\":9}\n");
    cli_shows(cli_expect(&ann, 2, "review 1 --from %s", bad).err, "bad.jsonl:1:");
    support_file(ann.home, "bad.jsonl", "{\"result\":1,\n");
    cli_shows(cli_expect(&ann, 2, "review 1 --from %s", bad).err, "bad.jsonl:1:");
    assert_string_equal(chosen(&ann, 0), "0");
    cli_expect(&ann, 2, "review 1 --from %s/nowhere", ann.home);
    cli_expect(&ann, 2, "review 1 --accept everything");
    cli_expect(&ann, 2, "review 1");
    cli_expect(&ann, 2, "review 99 --accept high");

    const char *good =
        support_file(ann.home, "good.jsonl",
                     "{\"result\":1,\"decision\":\"edit\",\"text\":\"Who buys \xe2\x80\x94 or did.\"}\n"
                     "{\"table\":\"customer\",\"column\":\"id\",\"decision\":\"skip\"}\n"
                     "{\"table\":\"orders\",\"schema\":\"main\",\"decision\":\"accept\",\"choice\":1}\n");
    const char *done = cli_ok(&ann, "review 1 --json --from - <%s", good).out;
    assert_string_equal(cli_json(done, "accepted"), "1");
    assert_string_equal(cli_json(done, "edited"), "1");
    assert_string_equal(cli_json(done, "skipped"), "1");
    assert_string_equal(cli_json(done, "undecided"), "4");
    assert_string_equal(chosen(&ann, 1), "edited:Who buys \xe2\x80\x94 or did.");
    assert_string_equal(chosen(&ann, 2), "skipped:");

    /* accepting by confidence keeps what was decided, and the rest goes out and comes back unchanged */
    cli_ok(&ann, "review 1 --accept high");
    assert_string_equal(chosen(&ann, 2), "skipped:");
    const char *decided = "SELECT group_concat(coalesce(chosen_text, '-'), '|') FROM run_results";
    const char *before = support_sqlite_value(ann.history, decided);
    cli_ok(&ann, "review 1 --export --jsonl >%s/round.jsonl", ann.home);
    cli_ok(&ann, "review 1 --from %s/round.jsonl", ann.home);
    assert_string_equal(support_sqlite_value(ann.history, decided), before);
    cli_ok(&ann, "review 1 --export >%s/round.jsonl", ann.home);
    cli_ok(&ann, "review 1 --from %s/round.jsonl", ann.home);
    cli_ok(&ann, "review 1 --accept low");
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT count(*) FROM run_results WHERE evaluation IS NULL"), "0");
}

static void test_apply_and_rollback(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = cli_new("ann", POSTGRESQL, db);
    cli_ok(&ann, "run --all sales.customer");
    const char *edits = support_file(
        ann.home, "e.jsonl",
        "{\"table\":\"customer\",\"decision\":\"edit\",\"text\":\"It's a \\\\ 'customer'.\"}\n"
        "{\"table\":\"customer\",\"column\":\"name\",\"decision\":\"edit\",\"text\":\"Full name.\"}\n"
        "{\"table\":\"customer\",\"column\":\"email\",\"decision\":\"edit\",\"text\":\"Mail.\"}\n");
    cli_ok(&ann, "review 1 --from %s", edits);
    const char *sql = cli_ok(&ann, "apply 1 --dry-run").out;
    cli_shows(sql, "COMMENT ON COLUMN");
    cli_shows(sql, "'Full name.'");
    assert_string_equal(comment(db, "sales.customer", "name"), "(none)");

    SupportRun refused = cli_expect(&ann, 2, "apply 1");
    cli_shows(refused.err, "--yes");
    cli_expect(&ann, 6, "apply 1 --yes --read-only");
    assert_string_equal(comment(db, "sales.customer", "name"), "(none)");

    assert_string_equal(cli_json(cli_ok(&ann, "apply 1 --yes --json").out, "applied"), "3");
    assert_string_equal(comment(db, "sales.customer", "name"), "Full name.");
    assert_string_equal(comment(db, "sales.customer", "email"), "Mail.");
    assert_string_equal(support_sql_value(db, "SELECT obj_description('sales.customer'::regclass)"),
                        "It's a \\ 'customer'.");
    assert_string_equal(cli_json(cli_ok(&ann, "apply 1 --yes --json").out, "applied"), "0");

    cli_shows(cli_expect(&ann, 2, "rollback 1").err, "--yes");
    assert_string_equal(cli_json(cli_ok(&ann, "rollback 1 --yes --json").out, "applied"), "3");
    assert_string_equal(comment(db, "sales.customer", "name"), "(none)");
    assert_string_equal(comment(db, "sales.customer", "email"), "Where invoices go.");
    assert_string_equal(support_sql_value(db, "SELECT obj_description('sales.customer'::regclass)"),
                        "People who buy.");
    assert_string_equal(
        support_sql_value(db,
                          "SELECT count(*) FROM pg_description WHERE objoid = 'sales.customer'::regclass"),
        "2");
    assert_string_equal(cli_json(cli_ok(&ann, "rollback 1 --yes --json").out, "applied"), "0");

    /* applied twice with a change between: rollback goes back to what stood before the first */
    cli_ok(&ann, "apply 1 --yes");
    support_sql(db, "COMMENT ON COLUMN sales.customer.name IS 'By hand.'; ALTER TABLE sales.customer DROP "
                    "COLUMN email CASCADE");
    SupportRun partly = cli_expect(&ann, 5, "rollback 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "applied"), "1");
    assert_string_equal(cli_json(partly.out, "changed"), "1");
    assert_string_equal(cli_json(partly.out, "missing"), "1");
    cli_shows(partly.err, "sales.customer.name: says something else");
    assert_string_equal(comment(db, "sales.customer", "name"), "By hand.");
}

static void test_apply_refused(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = cli_new("ann", POSTGRESQL "apply { enabled = false }\n", db);
    cli_ok(&ann, "run item");
    cli_ok(&ann, "review 1 --accept low");
    cli_shows(cli_expect(&ann, 6, "apply 1 --yes").err, "switched off");
    cli_expect(&ann, 6, "rollback 1 --yes");
    cli_shows(cli_ok(&ann, "apply 1 --dry-run").out, "COMMENT ON");
    assert_string_equal(comment(db, "stock.item", "price"), "(none)");

    const char *other = new_shop();
    cli_configure(&ann, POSTGRESQL "db_profile other { backend = postgresql\n conninfo = \"%s\" }\n", db,
                  other);
    SupportRun refused = cli_expect(&ann, 6, "-p other apply 1 --yes");
    cli_shows(refused.err, "shop");
    cli_shows(refused.err, "other");
    cli_configure(&ann, POSTGRESQL, other); /* the same name, pointing elsewhere */
    cli_expect(&ann, 6, "apply 1 --yes");
    assert_string_equal(comment(other, "stock.item", "price"), "(none)");
    support_sql(db, "DROP TABLE stock.item");
    cli_configure(&ann, POSTGRESQL, db);
    cli_expect(&ann, 1, "apply 1 --yes"); /* nothing of it could be done */
}

static void test_apply_partly(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = cli_new("ann", POSTGRESQL, db);
    cli_ok(&ann, "run item");
    cli_ok(&ann, "review 1 --accept low");
    support_sql(db, "ALTER TABLE stock.item DROP COLUMN price");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "missing"), "1");
    assert_string_equal(cli_json(partly.out, "applied"), "2");
    cli_shows(partly.err, "stock.item.price: is not there any more");
    cli_shows(cli_ok(&ann, "history results 1").out, "failed");
}

static void test_sqlite_side_table(void **state)
{
    (void)state;
    const char *db = new_file(shop_file);
    Cli ann = cli_new("ann", SQLITE_FILE, db);
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --accept low");
    cli_ok(&ann, "apply 1 --yes");
    assert_string_equal(support_sqlite_value(db, "SELECT count(*) FROM amx_comments"), "7");
    assert_string_equal(support_sqlite_value(db, "SELECT comment <> '' FROM amx_comments WHERE table_name = "
                                                 "'orders' AND column_name = 'customer_id'"),
                        "1");
    assert_string_equal(cli_json(cli_ok(&ann, "run --json").out, "status"),
                        "nothing to do"); /* the side table too */
    cli_ok(&ann, "rollback 1 --yes");
    assert_string_equal(
        support_sqlite_value(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'amx_comments'"), "0");
}

static void decide_price(const Cli *cli, const char *text)
{
    char *line = text_format(
        "{\"table\":\"item\",\"column\":\"price\",\"decision\":\"edit\",\"text\":\"%s\"}\n", text);
    cli_ok(cli, "review 1 --from %s", support_file(cli->home, "decisions.jsonl", line));
    free(line);
}

static void test_second_write_wins_and_names_the_first(void **state)
{
    (void)state;
    const char *db = new_shop();
    const char *team = support_file(support_folder(), "team.db", "");
    Cli ann = cli_new("ann", POSTGRESQL TEAM, db, team);
    Cli bob = cli_new("bob", POSTGRESQL TEAM, db, team);
    for (int i = 0; i < 2; i++) {
        cli_ok(i ? &bob : &ann, "db history-store enable");
        cli_ok(i ? &bob : &ann, "run item.price");
    }
    decide_price(&ann, "Price of ann.");
    decide_price(&bob, "Price of bob.");
    cli_hides(cli_ok(&ann, "apply 1 --yes").err, "replaced");
    SupportRun won = cli_ok(&bob, "apply 1 --yes --json");
    assert_string_equal(cli_json(won.out, "replaced"), "1");
    cli_shows(won.err, "stock.item.price");
    cli_shows(won.err, "ann@");
    cli_shows(won.err, "Price of ann.");
    assert_string_equal(comment(db, "stock.item", "price"), "Price of bob.");
    /* ann's rollback does not undo bob's text; bob's restores ann's */
    cli_expect(&ann, 1, "rollback 1 --yes");
    assert_string_equal(comment(db, "stock.item", "price"), "Price of bob.");
    cli_ok(&bob, "rollback 1 --yes");
    assert_string_equal(comment(db, "stock.item", "price"), "Price of ann.");

    support_sql(db, "COMMENT ON COLUMN stock.item.price IS 'With psql.'");
    SupportRun outside = cli_ok(&bob, "apply 1 --yes");
    cli_shows(outside.err, "outside amx");
    cli_shows(outside.err, "With psql.");
    cli_shows(cli_ok(&bob, "history list --team").out, "ann@");
}

/* Drafting it takes long enough to be stopped in the middle. */
static const char *big_database(void)
{
    static const char *conninfo;
    if (conninfo) {
        return conninfo;
    }
    conninfo = support_database();
    support_sql(conninfo, "DO $$ DECLARE columns text; BEGIN SELECT string_agg('customer_name_' || i || ' "
                          "text', ', ') INTO columns "
                          "FROM generate_series(1, 400) i; FOR t IN 1..60 LOOP EXECUTE format('CREATE TABLE "
                          "big_%s (id int PRIMARY "
                          "KEY, %s)', t, columns); END LOOP; END $$");
    return conninfo;
}

typedef struct Running {
    const Cli *cli;
} Running;

/* Some results are committed, and the run goes on. */
static bool has_results(void *context)
{
    const Cli *cli = ((Running *)context)->cli;
    return strcmp(support_sqlite_value(cli->history,
                                       "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'run_results'"),
                  "1") == 0 &&
           strcmp(support_sqlite_value(cli->history, "SELECT count(*) > 0 FROM run_results"), "1") == 0;
}

static void test_interrupt(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", POSTGRESQL, big_database());
    CliProcess run = cli_start(&ann, "run");
    assert_true(support_wait(has_results, &(Running){&ann}));
    kill(run.pid, SIGINT);
    SupportRun ended = cli_wait(&run);
    assert_int_equal(ended.exit_code, 130);
    cli_shows(ended.err, "cancelled");
    const char *shown = cli_ok(&ann, "history show 1 --json").out;
    assert_string_equal(cli_json(shown, "status"), "cancelled");
    long long drafted = cli_json_number(shown, "drafted");
    assert_true(drafted > 0 && drafted < cli_json_number(shown, "planned"));
    assert_int_equal(strtoll(support_sqlite_value(ann.history, "SELECT count(*) FROM run_results"), NULL, 10),
                     drafted);
    cli_ok(&ann, "review 1 --accept low"); /* what it had is good for work */
}

static void test_progress_and_interrupt_on_a_terminal(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", POSTGRESQL, big_database());
    Terminal *terminal = terminal_start(ann.env, 100, 24, "run");
    terminal_expect(terminal, "drafting");
    terminal_signal(terminal, SIGINT);
    terminal_expect(terminal, "cancelled");
    terminal_expect(terminal, "left with 130");
    terminal_stop(terminal);
    assert_string_equal(cli_json(cli_ok(&ann, "history show 1 --json").out, "status"), "cancelled");
}

static void test_kill(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", POSTGRESQL, big_database());
    CliProcess run = cli_start(&ann, "run");
    assert_true(support_wait(has_results, &(Running){&ann}));
    kill(run.pid, SIGKILL);
    assert_int_equal(cli_wait(&run).exit_code, 128 + SIGKILL);
    assert_string_equal(support_sqlite_value(ann.history, "SELECT status FROM runs"), "running");
    cli_shows(cli_ok(&ann, "history list").err, "interrupted");
    const char *shown = cli_ok(&ann, "history show 1 --json").out;
    assert_string_equal(cli_json(shown, "status"), "interrupted");
    assert_string_equal(cli_json(shown, "drafted"),
                        support_sqlite_value(ann.history, "SELECT count(*) FROM run_results"));
    cli_hides(cli_ok(&ann, "history list").err, "interrupted"); /* once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_query_count_does_not_grow),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_review),
        cmocka_unit_test(test_apply_and_rollback),
        cmocka_unit_test(test_apply_refused),
        cmocka_unit_test(test_apply_partly),
        cmocka_unit_test(test_sqlite_side_table),
        cmocka_unit_test(test_second_write_wins_and_names_the_first),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test_teardown(test_progress_and_interrupt_on_a_terminal, terminal_teardown),
        cmocka_unit_test(test_kill),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

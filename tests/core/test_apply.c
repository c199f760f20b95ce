/* Applying and rolling back, where something stands in the way: what can't be written is reported by name,
 * whoever's text is replaced or left alone is named, and the rest goes on or all stops. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli.h"
#include "review_decide.h"
#include "text.h"

static const char shop_sql[] =
    "CREATE SCHEMA sales;"
    "CREATE TABLE sales.customer (id integer PRIMARY KEY, name text NOT NULL, email varchar(200));"
    "CREATE TABLE sales.orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES "
    "sales.customer, placed date);"
    "COMMENT ON COLUMN sales.customer.email IS 'Where invoices go.'";

static const char shop_file[] =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email VARCHAR(200));"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer, placed "
    "DATE);";

#define POSTGRESQL "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\nactive_db_profile = shop\n"
#define SQLITE_FILE "db_profile shop { backend = sqlite\n path = \"%s\" }\n"
#define TEAM "db_profile team { backend = sqlite\n path = \"%s\" }\nhistory_store { profile = team }\n"

static const char *new_shop(void)
{
    const char *conninfo = support_database();
    support_sql(conninfo, shop_sql);
    return conninfo;
}

/* The comment of sales.TABLE.COLUMN, or without a column the table's. */
static const char *comment(const char *conninfo, const char *table, const char *column)
{
    char *sql = text_format("SELECT coalesce((SELECT d.description FROM pg_description d WHERE d.objoid = "
                            "'sales.%s'::regclass AND d.objsubid = coalesce((SELECT attnum FROM pg_attribute "
                            "WHERE attrelid = 'sales.%s'::regclass AND attname = '%s'), 0)), '(none)')",
                            table, table, column);
    const char *text = support_sql_value(conninfo, sql);
    free(sql);
    return text;
}

static void decide(const Cli *cli, const char *table, const char *column, const char *text)
{
    char *line = *column
                     ? text_format("{\"table\":\"%s\",\"column\":\"%s\",\"decision\":\"edit\",\"text\":"
                                   "\"%s\"}\n",
                                   table, column, text)
                     : text_format("{\"table\":\"%s\",\"decision\":\"edit\",\"text\":\"%s\"}\n", table, text);
    cli_ok(cli, "review 1 --from %s", support_file(cli->home, "decisions.jsonl", line));
    free(line);
}

/* A run over everything with three texts of customer and one of orders decided. */
static Cli reviewed(const char *name, const char *conf, const char *where)
{
    Cli cli = cli_new(name, POSTGRESQL "%s", where, conf);
    cli_ok(&cli, "run --all");
    decide(&cli, "customer", "", "Who buys.");
    decide(&cli, "customer", "name", "Full name.");
    decide(&cli, "customer", "email", "Mail.");
    decide(&cli, "orders", "placed", "Day of the order.");
    return cli;
}

static const char *events(const Cli *cli, const char *kind)
{
    char *sql =
        text_format("SELECT group_concat(n || ' ' || outcome, ', ') FROM (SELECT outcome, count(*) n FROM "
                    "apply_events WHERE kind = '%s' GROUP BY outcome ORDER BY outcome)",
                    kind);
    const char *text = support_sqlite_value(cli->history, sql);
    free(sql);
    return text;
}

/* --- what changed since --- */

static void if_unchanged_leaves_alone_what_somebody_wrote_since_the_draft(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    support_sql(db, "COMMENT ON COLUMN sales.customer.name IS 'By hand.'");
    const char *sql = cli_ok(&ann, "apply 1 --dry-run --if-unchanged").out;
    cli_shows(sql, "'Mail.'");
    cli_hides(sql, "'Full name.'");

    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --if-unchanged --json");
    assert_string_equal(cli_json(partly.out, "applied"), "3");
    assert_string_equal(cli_json(partly.out, "changed"), "1");
    assert_string_equal(cli_json(partly.out, "replaced"), "0");
    cli_shows(partly.err, "sales.customer.name: says something else than when it was drafted; left alone");
    cli_shows(partly.err, "outside amx: By hand.");
    assert_string_equal(comment(db, "customer", "name"), "By hand.");
    assert_string_equal(comment(db, "customer", "email"), "Mail.");
    cli_shows(cli_ok(&ann, "history results 1 --json").out, "left alone");

    /* the second write still wins when that is wanted, and says over what */
    SupportRun won = cli_ok(&ann, "apply 1 --yes --json");
    assert_string_equal(cli_json(won.out, "replaced"), "1");
    cli_shows(won.err, "By hand.");
    assert_string_equal(comment(db, "customer", "name"), "Full name.");
}

static void ones_own_earlier_text_is_nobody_elses(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    cli_ok(&ann, "apply 1 --yes");
    decide(&ann, "customer", "name", "First and last name.");
    cli_shows(cli_ok(&ann, "apply 1 --dry-run --if-unchanged").out, "'First and last name.'");
    SupportRun again = cli_ok(&ann, "apply 1 --yes --if-unchanged --json");
    assert_string_equal(cli_json(again.out, "applied"), "1");
    assert_string_equal(cli_json(again.out, "replaced"), "0");
    assert_string_equal(comment(db, "customer", "name"), "First and last name.");
    cli_ok(&ann, "rollback 1 --yes");
    assert_string_equal(comment(db, "customer", "name"), "(none)");
}

static void what_has_another_type_since_the_draft_is_left_alone_unless_forced(void **state)
{
    (void)state;
    const char *db = new_shop();
    support_sql(db, "CREATE TYPE public.mood AS ENUM ('glad'); ALTER TABLE sales.customer ADD mood mood");
    Cli ann = reviewed("ann", "", db);
    decide(&ann, "customer", "mood", "How glad.");
    support_sql(db, "ALTER TABLE sales.customer ALTER email TYPE text;"
                    "ALTER TABLE sales.orders RENAME placed TO day; ALTER TABLE sales.orders ADD placed int");
    cli_hides(cli_ok(&ann, "apply 1 --dry-run").out, "'Mail.'");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "applied"), "3");
    assert_string_equal(cli_json(partly.out, "changed"), "2");
    assert_string_equal(cli_json(partly.out, "items.#"), "2");
    assert_string_equal(cli_json(partly.out, "items.0.object"), "sales.customer.email");
    assert_string_equal(cli_json(partly.out, "items.0.outcome"), "changed");
    assert_string_equal(cli_json(partly.out, "items.0.reason"),
                        "was character varying(200) when drafted, is text now");
    assert_string_equal(cli_json(partly.out, "items.0.old_text"), "Where invoices go.");
    cli_shows(partly.err, "sales.orders.placed: was date when drafted, is integer now; left alone (--force");
    assert_string_equal(comment(db, "customer", "email"), "Where invoices go.");
    assert_string_equal(comment(db, "customer", "mood"), "How glad.");
    assert_string_equal(comment(db, "orders", "placed"), "(none)");
    SupportRun forced = cli_ok(&ann, "apply 1 --yes --force --json");
    assert_string_equal(cli_json(forced.out, "applied"), "2");
    assert_string_equal(comment(db, "orders", "placed"), "Day of the order.");
}

static void texts_that_are_overwritten_are_counted_and_named(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    cli_shows(cli_ok(&ann, "apply 1 --dry-run").err,
              "1 of them replaces a text that is there: sales.customer.email");
    SupportRun told = cli_ok(&ann, "apply 1 --yes --json");
    assert_string_equal(cli_json(told.out, "overwritten"), "1");
    assert_string_equal(cli_json(told.out, "replaced"), "0");
    assert_string_equal(cli_json(told.out, "items.#"), "0");
    cli_shows(told.err, "4 descriptions written, 1 over a text that was there; undo with: amx rollback 1");
}

static void what_stood_there_already_is_not_told_as_written(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    support_sql(db, "COMMENT ON COLUMN sales.customer.name IS 'Full name.'");
    SupportRun told = cli_ok(&ann, "apply 1 --yes");
    cli_shows(told.err, "3 descriptions written");
    cli_shows(told.err, "1 description stood there already; nothing to write");
    support_sql(db, "COMMENT ON COLUMN sales.customer.email IS 'Where invoices go.';"
                    "COMMENT ON TABLE sales.customer IS NULL; COMMENT ON COLUMN sales.orders.placed IS NULL");
    SupportRun back = cli_ok(&ann, "rollback 1 --yes");
    cli_shows(back.err, "3 texts stood there again already; nothing to restore");
    cli_hides(back.err, "restored");
}

static const char *run_state(const Cli *cli)
{
    return cli_json(cli_ok(cli, "history list --json").out, "items.0.state");
}

static void run_that_was_rolled_back_says_so_until_it_is_decided_anew(void **state)
{
    (void)state;
    Cli ann = reviewed("ann", "", new_shop());
    support_sqlite(ann.history, "UPDATE run_results SET evaluation = 'skipped', evaluated_at = created_at "
                                "WHERE evaluation IS NULL");
    assert_string_equal(run_state(&ann), "reviewed");
    cli_ok(&ann, "apply 1 --yes");
    assert_string_equal(run_state(&ann), "applied");
    cli_ok(&ann, "rollback 1 --yes");
    assert_string_equal(run_state(&ann), "rolled back");
    assert_string_equal(cli_json(cli_ok(&ann, "history list --state 'rolled back' --json").out, "items.#"),
                        "1");
    decide(&ann, "customer", "", "Who orders.");
    decide(&ann, "customer", "name", "First and last name.");
    decide(&ann, "customer", "email", "Mail address.");
    decide(&ann, "orders", "placed", "Day.");
    assert_string_equal(run_state(&ann), "reviewed");
    cli_ok(&ann, "apply 1 --yes");
    assert_string_equal(run_state(&ann), "applied");
}

/* A rollback that restored a text did not write it first. */
static void restored_text_is_the_text_of_who_wrote_it_first(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    cli_ok(&ann, "apply 1 --yes");
    cli_ok(&ann, "rollback 1 --yes");
    decide(&ann, "customer", "email", "Mail address.");
    support_sqlite(ann.history, "UPDATE run_results SET base_text = 'Something else.'");
    cli_shows(cli_ok(&ann, "apply 1 --yes").err,
              "sales.customer.email: replaced a text that was written outside amx");
}

static void rollback_restores_what_a_teammate_wrote_between_two_applies(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    cli_ok(&ann, "apply 1 --yes");
    support_sql(db, "COMMENT ON COLUMN sales.customer.email IS 'By hand.'");
    decide(&ann, "customer", "email", "Mail address.");
    decide(&ann, "customer", "name", "First and last name.");
    cli_ok(&ann, "apply 1 --yes");
    cli_ok(&ann, "rollback 1 --yes");
    assert_string_equal(comment(db, "customer", "email"), "By hand.");
    assert_string_equal(comment(db, "customer", "name"), "(none)");
}

static void forced_rollback_keeps_what_it_overwrote(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    cli_ok(&ann, "apply 1 --yes");
    support_sql(db, "COMMENT ON COLUMN sales.customer.email IS 'By hand.'");
    SupportRun partly = cli_expect(&ann, 5, "rollback 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "restored"), "3");
    assert_string_equal(cli_json(partly.out, "changed"), "1");
    cli_shows(partly.err, "sales.customer.email: says something else than what was applied; left alone");
    assert_string_equal(comment(db, "customer", "email"), "By hand.");

    SupportRun forced = cli_ok(&ann, "rollback 1 --yes --force --json");
    assert_string_equal(cli_json(forced.out, "restored"), "1");
    assert_string_equal(cli_json(forced.out, "replaced"), "1");
    cli_shows(forced.err, "sales.customer.email: replaced a text that was written outside amx");
    assert_string_equal(comment(db, "customer", "email"), "Where invoices go.");
    const char *told = cli_ok(&ann, "history applies 1 --json --target sales.customer.email").out;
    assert_string_equal(cli_json(told, "items.0.kind"), "rollback");
    assert_string_equal(cli_json(told, "items.0.outcome"), "applied");
    assert_string_equal(cli_json(told, "items.0.old_text"), "By hand.");
    assert_string_equal(cli_json(told, "items.0.new_text"), "Where invoices go.");
    assert_string_equal(cli_json(told, "items.1.outcome"), "changed");
    cli_shows(cli_json(told, "items.1.error"), "left alone");
    assert_string_equal(cli_json(told, "items.2.kind"), "apply");
    assert_string_equal(cli_json(told, "items.2.old_text"), "Where invoices go.");
}

/* --- what can't be written --- */

static void all_or_nothing_writes_nothing_when_something_is_refused(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    support_sql(db, "ALTER TABLE sales.orders DROP COLUMN placed");
    SupportRun none = cli_expect(&ann, 1, "apply 1 --yes --all-or-nothing --json");
    cli_shows(none.err, "sales.orders.placed: is not there any more");
    cli_shows(none.err, "nothing was written");
    assert_string_equal(cli_json(none.out, "applied"), "0");
    assert_string_equal(cli_json(none.out, "held"), "3");
    assert_string_equal(comment(db, "customer", "name"), "(none)");
    assert_string_equal(comment(db, "customer", "email"), "Where invoices go.");
    assert_string_equal(events(&ann, "apply"), "3 held, 1 missing");
    cli_expect(&ann, 5, "apply 1 --yes");
    assert_string_equal(comment(db, "customer", "name"), "Full name.");

    support_sql(db, "COMMENT ON COLUMN sales.customer.name IS 'By hand.'");
    cli_expect(&ann, 1, "rollback 1 --yes --all-or-nothing");
    assert_string_equal(comment(db, "customer", "email"), "Mail.");
    cli_ok(&ann, "rollback 1 --yes --all-or-nothing --force");
    assert_string_equal(comment(db, "customer", "email"), "Where invoices go.");
    assert_string_equal(comment(db, "customer", "name"), "(none)");
}

static void all_or_nothing_leaves_a_file_as_it_was(void **state)
{
    (void)state;
    const char *db = support_file(support_folder(), "shop.db", "");
    support_sqlite(db, shop_file);
    Cli ann = cli_new("ann", SQLITE_FILE, db);
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --accept low");
    support_sqlite(db, "ALTER TABLE orders DROP COLUMN placed");
    cli_expect(&ann, 1, "apply 1 --yes --all-or-nothing");
    assert_string_equal(
        support_sqlite_value(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'amx_comments'"), "0");
    cli_expect(&ann, 5, "apply 1 --yes");
}

static void what_was_renamed_is_told_where_one_name_fits(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    support_sql(db, "ALTER TABLE sales.customer RENAME COLUMN email TO mail;"
                    "ALTER TABLE sales.orders RENAME TO purchase");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes");
    cli_shows(partly.err,
              "sales.customer.email: is not there any more; the only new column of its type there "
              "is mail");
    cli_shows(partly.err, "sales.orders.placed: is not there any more; the only new table with the same "
                          "columns is sales.purchase");
    cli_shows(cli_ok(&ann, "history applies 1 --json --outcome missing").out, "sales.purchase");
    assert_string_equal(comment(db, "customer", "mail"), "Where invoices go.");
}

static void nothing_is_guessed_where_two_names_fit(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    support_sql(db, "ALTER TABLE sales.customer RENAME COLUMN name TO first;"
                    "ALTER TABLE sales.customer ADD last text;"
                    "CREATE TABLE sales.a (LIKE sales.orders); CREATE TABLE sales.b (LIKE sales.orders);"
                    "DROP TABLE sales.orders");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes");
    cli_shows(partly.err, "sales.customer.name: is not there any more");
    cli_shows(partly.err, "sales.orders.placed: is not there any more");
    cli_hides(partly.err, "renamed");
}

static void missing_right_is_named_with_who_has_it(void **state)
{
    (void)state;
    const char *db = new_shop();
    support_sql(db,
                "DO $$ BEGIN CREATE ROLE clerk LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
                "DO $$ BEGIN CREATE ROLE keeper; EXCEPTION WHEN duplicate_object THEN END $$;"
                "GRANT USAGE ON SCHEMA sales TO clerk; GRANT SELECT ON ALL TABLES IN SCHEMA sales TO clerk;"
                "ALTER TABLE sales.customer OWNER TO keeper; ALTER TABLE sales.orders OWNER TO clerk");
    char *as_clerk = text_format("%s user=clerk", db);
    Cli ann = reviewed("ann", "", as_clerk);
    free(as_clerk);
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "failed"), "3");
    assert_string_equal(cli_json(partly.out, "applied"), "1");
    cli_shows(partly.err, "sales.customer: only the owner of customer may describe it: keeper");
    cli_shows(partly.err, "sales.customer.name: only the owner");
    cli_shows(partly.err, "you are clerk");
    assert_string_equal(comment(db, "orders", "placed"), "Day of the order.");

    support_sql(db, "REVOKE USAGE ON SCHEMA sales FROM clerk");
    decide(&ann, "orders", "placed", "Day.");
    SupportRun none = cli_expect(&ann, 1, "apply 1 --yes");
    cli_shows(none.err, "clerk has no right to use the schema sales; its owner can grant it: ");
}

static char *long_text(size_t length)
{
    char *text = calloc(length + 1, 1);
    memset(text, 'x', length);
    return text;
}

static void text_that_is_too_long_is_refused_alone_and_restored_whole(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    char *fits = long_text(REVIEW_LONGEST_TEXT);
    decide(&ann, "customer", "email", fits);
    support_sqlite(ann.history,
                   "UPDATE run_results SET chosen_text = chosen_text || hex(zeroblob(5000)) WHERE "
                   "column_name = 'name'");
    support_sql(db, "DO $$ BEGIN EXECUTE format('COMMENT ON COLUMN sales.customer.email IS %L', repeat('y', "
                    "200000)); END $$");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "failed"), "1");
    cli_shows(partly.err, "sales.customer.name: the text has 10010 bytes; a description has at most 10000");
    assert_string_equal(comment(db, "customer", "email"), fits);
    cli_ok(&ann, "rollback 1 --yes");
    assert_string_equal(
        support_sql_value(db, "SELECT length(col_description('sales.customer'::regclass, 3))"), "200000");
    free(fits);
}

static PGconn *holder(const char *conninfo, const char *sql)
{
    PGconn *other = PQconnectdb(conninfo);
    PGresult *result = PQexec(other, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    return other;
}

static void locked_table_is_reported_and_the_rest_is_written(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    PGconn *other = holder(db, "BEGIN; LOCK TABLE sales.customer IN ACCESS EXCLUSIVE MODE");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    PQfinish(other);
    assert_string_equal(cli_json(partly.out, "failed"), "3");
    assert_string_equal(cli_json(partly.out, "applied"), "1");
    cli_shows(partly.err, "sales.customer.name: somebody else keeps customer locked");
    assert_string_equal(comment(db, "orders", "placed"), "Day of the order.");
    cli_ok(&ann, "apply 1 --yes");
    assert_string_equal(comment(db, "customer", "name"), "Full name.");
}

typedef struct Waits {
    const char *db;
    pid_t pid;
    char seen[10][64]; /* when each began */
    size_t count;
} Waits;

/* Takes in the wait for a lock that is on, if one is; true once the process has ended. */
static bool watch_waits(void *context)
{
    Waits *waits = context;
    const char *began =
        support_sql_value(waits->db, "SELECT coalesce(max(waitstart)::text, '') FROM pg_locks "
                                     "WHERE NOT granted AND relation = "
                                     "'sales.customer'::regclass::oid");
    size_t last = waits->count;
    if (*began && last < 10 && (last == 0 || strcmp(waits->seen[last - 1], began))) {
        text_copy(waits->seen[waits->count++], sizeof waits->seen[0], began);
    }
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)waits->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

static void locked_table_is_waited_for_twice_and_not_once_per_column(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "apply { statement_timeout_ms = 800 }\n", db);
    PGconn *other = holder(db, "BEGIN; LOCK TABLE sales.customer IN SHARE ROW EXCLUSIVE MODE");
    CliProcess process = cli_start(&ann, "apply 1 --yes");
    Waits waits = {.db = db, .pid = process.pid};
    assert_true(support_wait(watch_waits, &waits));
    PQfinish(other);
    SupportRun partly = cli_wait(&process);
    assert_int_equal(partly.exit_code, 5);
    cli_shows(partly.err, "sales.customer.name: somebody else keeps customer locked");
    assert_in_range(waits.count, 1, 2); /* with the others, and alone */
}

static void statement_that_takes_too_long_is_given_up_alone(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "apply { statement_timeout_ms = 300 }\n", db);
    support_sql(db, "CREATE FUNCTION linger() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN "
                    "PERFORM pg_sleep(60) FROM pg_event_trigger_ddl_commands() WHERE object_identity = "
                    "'sales.customer.name'; END $$;"
                    "CREATE EVENT TRIGGER linger ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION "
                    "linger()");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "failed"), "1");
    assert_string_equal(cli_json(partly.out, "applied"), "3");
    cli_shows(partly.err, "sales.customer.name: ");
    cli_shows(partly.err, "one statement may take 300 ms");
    assert_string_equal(comment(db, "customer", "name"), "(none)");
    assert_string_equal(comment(db, "customer", "email"), "Mail.");
}

static void what_only_exports_and_what_only_reads_writes_nothing(void **state)
{
    (void)state;
    const char *db = new_shop();
    Cli ann = reviewed("ann", "", db);
    cli_ok(&ann, "apply 1 --yes");
    static const char *const verbs[] = {"apply", "rollback"};
    for (size_t i = 0; i < 2; i++) {
        cli_shows(cli_expect(&ann, 6, "%s 1 --yes --read-only", verbs[i]).err, "read-only");
        cli_expect(&ann, 6, "%s 1 --yes --read-only --force", "rollback");
    }
    cli_configure(&ann, POSTGRESQL "ui { read_only = true }\n", db);
    for (size_t i = 0; i < 2; i++) {
        cli_shows(cli_expect(&ann, 6, "%s 1 --yes", verbs[i]).err, "read_only");
    }
    cli_configure(&ann, POSTGRESQL "apply { enabled = false }\n", db);
    for (size_t i = 0; i < 2; i++) {
        SupportRun refused = cli_expect(&ann, 6, "%s 1 --yes", verbs[i]);
        cli_shows(refused.err, "switched off");
    }
    cli_shows(cli_ok(&ann, "rollback 1 --dry-run").out, "'Where invoices go.'");
    assert_string_equal(comment(db, "customer", "name"), "Full name.");
    assert_string_equal(events(&ann, "rollback"), "");
}

/* --- two engineers --- */

typedef struct Pair {
    const char *db;
    Cli people[2];
} Pair;

static const char *const names[] = {"ann", "bob"};

static Pair new_pair(void)
{
    Pair pair = {.db = new_shop()};
    char *team = text_format(TEAM, support_file(support_folder(), "team.db", ""));
    for (int i = 0; i < 2; i++) {
        pair.people[i] = cli_new(names[i], POSTGRESQL "%s", pair.db, team);
        cli_ok(&pair.people[i], "db history-store enable");
        cli_ok(&pair.people[i], "run --all");
        const char *const columns[] = {"id", "name", "email"};
        for (int c = 0; c < 3; c++) {
            char *text = text_format("%s about %s.", names[i], columns[c]);
            decide(&pair.people[i], "customer", columns[c], text);
            free(text);
        }
    }
    free(team);
    return pair;
}

/* The history of one column as the team sees it, newest first. */
static const char *team_history(const Cli *cli, const char *target)
{
    return cli_ok(cli, "history applies --team --json --outcome applied --target %s", target).out;
}

/* Both see that the first wrote where nothing of amx was, and that the second replaced it. */
static void expect_history(const Pair *pair, int first, int second, const char *column, const char *base)
{
    char *target = text_format("sales.customer.%s", column);
    char *texts[2] = {text_format("%s about %s.", names[0], column),
                      text_format("%s about %s.", names[1], column)};
    for (int i = 0; i < 2; i++) {
        const char *told = team_history(&pair->people[i], target);
        assert_string_equal(cli_json(told, "items.#"), "2");
        assert_string_equal(cli_json(told, "items.0.created_by"), names[second]);
        assert_string_equal(cli_json(told, "items.0.old_text"), texts[first]);
        assert_string_equal(cli_json(told, "items.0.new_text"), texts[second]);
        assert_string_equal(cli_json(told, "items.1.created_by"), names[first]);
        assert_string_equal(cli_json(told, "items.1.old_text"), base);
        assert_string_equal(cli_json(told, "items.1.new_text"), texts[first]);
    }
    assert_string_equal(comment(pair->db, "customer", column), texts[second]);
    for (int i = 0; i < 2; i++) {
        free(texts[i]);
    }
    free(target);
}

static void two_engineers_have_runs_of_their_own_and_the_second_apply_wins(void **state)
{
    (void)state;
    Pair pair = new_pair();
    const Cli *ann = &pair.people[0], *bob = &pair.people[1];
    for (int i = 0; i < 2; i++) {
        assert_string_equal(cli_json(cli_ok(&pair.people[i], "history list --team --json").out, "items.#"),
                            "2");
        const char *results = cli_ok(&pair.people[i], "history table sales.customer --team --json").out;
        assert_string_equal(cli_json(results, "items.#"), "8"); /* the table and three columns, twice */
    }
    cli_hides(cli_ok(ann, "apply 1 --yes").err, "replaced");
    SupportRun left = cli_expect(bob, 1, "apply 1 --yes --if-unchanged");
    cli_shows(left.err, "sales.customer.name: says something else than when it was drafted; left alone, the "
                        "text of ann@");
    SupportRun won = cli_ok(bob, "apply 1 --yes --json");
    assert_string_equal(cli_json(won.out, "replaced"), "3");
    cli_shows(won.err, "sales.customer.name: replaced the text of ann@");
    cli_shows(won.err, "ann about name.");
    expect_history(&pair, 0, 1, "id", "null");
    expect_history(&pair, 0, 1, "name", "null");
    expect_history(&pair, 0, 1, "email", "Where invoices go.");

    SupportRun refused = cli_expect(ann, 1, "rollback 1 --yes");
    cli_shows(refused.err, "sales.customer.name: says something else than what was applied; left alone, the "
                           "text of bob@");
    cli_ok(bob, "rollback 1 --yes");
    assert_string_equal(comment(pair.db, "customer", "name"), "ann about name.");
    cli_ok(ann, "rollback 1 --yes");
    assert_string_equal(comment(pair.db, "customer", "name"), "(none)");
    assert_string_equal(comment(pair.db, "customer", "email"), "Where invoices go.");
}

static bool both_wait(void *context)
{
    return strcmp(support_sql_value(context, "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                                             "'amx' AND wait_event_type = 'Lock' AND datname = "
                                             "current_database()"),
                  "2") == 0;
}

static void two_applies_at_the_same_time_follow_each_other(void **state)
{
    (void)state;
    Pair pair = new_pair();
    PGconn *other = holder(pair.db, "BEGIN; LOCK TABLE sales.customer IN ACCESS EXCLUSIVE MODE");
    CliProcess both[2];
    for (int i = 0; i < 2; i++) {
        both[i] = cli_start(&pair.people[i], "apply 1 --yes --json");
    }
    char *db = text_format("%s", pair.db);
    assert_true(support_wait(both_wait, db));
    free(db);
    PQfinish(other);
    SupportRun ended[2];
    for (int i = 0; i < 2; i++) {
        ended[i] = cli_wait(&both[i]);
        assert_int_equal(ended[i].exit_code, 0);
        assert_string_equal(cli_json(ended[i].out, "applied"), "3");
    }
    int second = strcmp(cli_json(ended[1].out, "replaced"), "3") == 0;
    assert_string_equal(cli_json(ended[second].out, "replaced"), "3");
    assert_string_equal(cli_json(ended[!second].out, "replaced"), "0");
    cli_shows(ended[second].err, second ? "ann about name." : "bob about name.");
    for (int i = 0; i < 2; i++) {
        cli_ok(&pair.people[i], "db history-store flush-pending");
    }
    static const char *const columns[] = {"id", "name", "email"};
    for (int c = 0; c < 3; c++) {
        expect_history(&pair, !second, second, columns[c], c == 2 ? "Where invoices go." : "null");
    }
    cli_ok(&pair.people[second], "rollback 1 --yes");
    cli_ok(&pair.people[!second], "rollback 1 --yes");
    assert_string_equal(comment(pair.db, "customer", "email"), "Where invoices go.");
    assert_string_equal(comment(pair.db, "customer", "name"), "(none)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(if_unchanged_leaves_alone_what_somebody_wrote_since_the_draft),
        cmocka_unit_test(ones_own_earlier_text_is_nobody_elses),
        cmocka_unit_test(what_has_another_type_since_the_draft_is_left_alone_unless_forced),
        cmocka_unit_test(texts_that_are_overwritten_are_counted_and_named),
        cmocka_unit_test(what_stood_there_already_is_not_told_as_written),
        cmocka_unit_test(run_that_was_rolled_back_says_so_until_it_is_decided_anew),
        cmocka_unit_test(restored_text_is_the_text_of_who_wrote_it_first),
        cmocka_unit_test(rollback_restores_what_a_teammate_wrote_between_two_applies),
        cmocka_unit_test(forced_rollback_keeps_what_it_overwrote),
        cmocka_unit_test(all_or_nothing_writes_nothing_when_something_is_refused),
        cmocka_unit_test(all_or_nothing_leaves_a_file_as_it_was),
        cmocka_unit_test(what_was_renamed_is_told_where_one_name_fits),
        cmocka_unit_test(nothing_is_guessed_where_two_names_fit),
        cmocka_unit_test(missing_right_is_named_with_who_has_it),
        cmocka_unit_test(text_that_is_too_long_is_refused_alone_and_restored_whole),
        cmocka_unit_test(locked_table_is_reported_and_the_rest_is_written),
        cmocka_unit_test(locked_table_is_waited_for_twice_and_not_once_per_column),
        cmocka_unit_test(statement_that_takes_too_long_is_given_up_alone),
        cmocka_unit_test(what_only_exports_and_what_only_reads_writes_nothing),
        cmocka_unit_test(two_engineers_have_runs_of_their_own_and_the_second_apply_wins),
        cmocka_unit_test(two_applies_at_the_same_time_follow_each_other),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* A delivery that takes longer than a command waits for it. */
#include "cli_store.h"
#include "text.h"

enum { TABLES = 3, COLUMNS = 1500 }; /* more results than one batch holds */

/* A database of which a run has thousands of results. */
static void make_wide(const char *path)
{
    Text sql = {0};
    for (int table = 0; table < TABLES; table++) {
        text_addf(&sql, "CREATE TABLE wide_%d (c0 INTEGER", table);
        for (int column = 1; column < COLUMNS; column++) {
            text_addf(&sql, ", c%d INTEGER", column);
        }
        text_add(&sql, ");");
    }
    support_sqlite(path, text_string(&sql));
    text_free(&sql);
}

static void a_store_that_answers_but_takes_long_is_no_trouble(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = cli_new("ann", "%s", "");
    cli_configure(&ann,
                  "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n"
                  "timeouts { deliver_ms = 6000\n connect_ms = 6000 }\n%s",
                  cli_store_conf(&store));
    make_wide(support_file(ann.home, "shop.db", ""));
    cli_ok(&ann, "db history-store enable");
    /* the first batch goes through, the next one not in time */
    support_sql(store.where, "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS "
                             "'BEGIN PERFORM pg_sleep(60); RETURN NEW; END';"
                             "CREATE TRIGGER dawdle BEFORE INSERT ON amx.run_results FOR EACH ROW "
                             "WHEN (NEW.local_id > 4400) EXECUTE FUNCTION dawdle()");
    SupportRun run = cli_ok(&ann, "run");
    cli_shows(run.err, "out of time, the next command goes on");
    cli_hides(run.err, "no answer");
    assert_string_equal(cli_store_value(&store, "SELECT CAST(count(*) > 0 AS int) FROM @run_results"), "1");
    support_sql(store.where, "DROP TRIGGER dawdle ON amx.run_results");
    SupportRun status = cli_ok(&ann, "db history-store status --json");
    assert_string_equal(cli_json(status.out, "last_error"), "null");
    cli_ok(&ann, "db history-store flush-pending");
    assert_int_equal(cli_queued(&ann), 0);
    cli_store_same(&store, &ann);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_that_answers_but_takes_long_is_no_trouble),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* amx on a machine without a usable libpq: what needs no PostgreSQL works, and the rest says what is missing.
 */
#include <dlfcn.h>
#include <sqlite3.h>
#include <unistd.h>

#include "cli.h"
#include "support_internal.h"
#include "text.h"

/* Somebody with a SQLite and a PostgreSQL profile, whose loader looks for libraries in `folder` first. */
static Cli person(const char *folder)
{
    Cli cli = cli_new("ann", "db_profile shop { backend = sqlite\n path = shop.db }\n"
                             "db_profile big { backend = postgresql\n conninfo = \"host=db.example\" }\n"
                             "active_db_profile = shop\n");
    support_sqlite(support_file(cli.home, "shop.db", ""), "CREATE TABLE customer (id INTEGER PRIMARY KEY)");
    cli_set(&cli, support_keep(text_format("LD_LIBRARY_PATH=%s", folder)));
    return cli;
}

/* The loader refuses a program outright when a library that it is linked with can't be used, so this also
 * sees that amx is not linked with libpq. */
static void assert_sqlite_works(const Cli *cli)
{
    cli_ok(cli, "run --all");
    cli_shows(cli_ok(cli, "db history-store status --json").out, "\"enabled\": false");
}

static void what_needs_no_postgresql_works_without_libpq(void **state)
{
    (void)state;
    const char *folder = support_folder();
    support_file(folder, "libpq.so.5", "no library");
    Cli cli = person(folder);
    assert_sqlite_works(&cli);
    SupportRun run = cli_expect(&cli, 1, "-p big run --all");
    cli_shows(run.err, "can't use PostgreSQL");
    cli_shows(run.err, "libpq.so.5");
    cli_shows(run.err, "install PostgreSQL's client library");
}

static void a_libpq_that_lacks_functions_is_named(void **state)
{
    (void)state;
    const char *folder = support_folder();
    const char *link = support_keep(text_format("%s/libpq.so.5", folder));
    Dl_info other; /* any library that is not libpq */
    assert_int_not_equal(dladdr((const void *)sqlite3_libversion, &other), 0);
    assert_int_equal(symlink(other.dli_fname, link), 0);
    Cli cli = person(folder);
    assert_sqlite_works(&cli);
    SupportRun run = cli_expect(&cli, 1, "-p big run --all");
    cli_shows(run.err, "can't use PostgreSQL");
    cli_shows(run.err, "undefined symbol: PQ");
    cli_shows(run.err, "upgrade it");
}

static void sharing_goes_on_queueing_without_libpq(void **state)
{
    (void)state;
    const char *folder = support_folder();
    Cli cli = person(folder);
    cli_configure(&cli,
                  "db_profile shop { backend = sqlite\n path = shop.db }\n"
                  "db_profile team { backend = postgresql\n conninfo = \"%s\" }\n"
                  "active_db_profile = shop\nhistory_store { profile = team }\n",
                  support_database());
    cli_ok(&cli, "db history-store enable");
    support_file(folder, "libpq.so.5", "no library");
    cli_shows(cli_ok(&cli, "session new --title x").err, "can't use PostgreSQL");
    SupportRun status = cli_ok(&cli, "db history-store status --json");
    assert_string_equal(cli_json(status.out, "reachable"), "false");
    assert_int_equal(cli_json_number(status.out, "pending"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_needs_no_postgresql_works_without_libpq),
        cmocka_unit_test(a_libpq_that_lacks_functions_is_named),
        cmocka_unit_test(sharing_goes_on_queueing_without_libpq),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

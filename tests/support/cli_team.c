#include "cli_team.h"

#include "support_store.h"

#include <stdlib.h>
#include <string.h>

#include "support_internal.h"
#include "synced.h"
#include "text.h"

static const char shop_sql[] =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer);";

#define CONF                                                                                                 \
    "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n"                      \
    "timeouts { deliver_ms = %d\n connect_ms = %d\n busy_ms = %d }\n%s"

static void configure(const Cli *cli, const CliStore *store, const char *where, int patience_ms, int busy_ms)
{
    CliStore place = {store->file, where ? where : store->where};
    cli_configure(cli, CONF, patience_ms, patience_ms, busy_ms, cli_store_conf(&place));
}

void cli_team_configure(const Cli *cli, const CliStore *store, const char *where, int busy_ms)
{
    configure(cli, store, where, 3000, busy_ms);
}

void cli_team_configure_impatient(const Cli *cli, const CliStore *store, const char *where)
{
    configure(cli, store, where, 1000, 30000);
}

Cli cli_team_newcomer(const char *name)
{
    Cli cli = cli_new(name, "%s", "");
    support_sqlite(support_file(cli.home, "shop.db", ""), shop_sql);
    return cli;
}

Cli cli_team_person(const char *name, const CliStore *store)
{
    Cli cli = cli_team_newcomer(name);
    cli_team_configure(&cli, store, NULL, 30000);
    cli_ok(&cli, "db history-store enable");
    return cli;
}

SupportRun cli_team_work(const Cli *cli)
{
    return cli_ok(cli, "run --all --json customer");
}

void cli_team_assert_queued(const Cli *cli, const char *reason)
{
    long long wanted = cli_queued(cli) + CLI_TEAM_ROWS;
    SupportRun run = cli_team_work(cli);
    char *told = text_format("queued, %lld pending", wanted);
    assert_string_equal(cli_json(run.out, "drafted"), "4");
    assert_int_equal(cli_queued(cli), wanted);
    cli_shows(run.err, told);
    cli_shows(run.err, reason);
    free(told);
    cli_team_assert_sound(cli);
}

void cli_team_assert_heals(const Cli *cli, const CliStore *store)
{
    cli_ok(cli, "db history-store flush-pending");
    assert_int_equal(cli_queued(cli), 0);
    assert_string_equal(cli_json(cli_ok(cli, "db history-store status --json").out, "in_sync"), "true");
    cli_store_same(store, cli);
    cli_team_assert_sound(cli);
}

static void add_lost_marks(Text *sql, const SyncedTable *table)
{
    const char *name = table->name;
    text_addf(sql,
              " UNION ALL SELECT 'a row of %s without a mark' FROM %s AS r WHERE %s IS NULL AND local_id NOT "
              "IN (SELECT local_id FROM outbox WHERE tbl = '%s') AND local_id NOT IN (SELECT local_id FROM "
              "delivered WHERE tbl = '%s')",
              name, name, support_local_only(table), name, name);
    text_addf(sql,
              " UNION ALL SELECT 'a mark of %s without a row' FROM outbox WHERE tbl = '%s' AND op = 'u' AND "
              "local_id NOT IN (SELECT local_id FROM %s)",
              name, name, name);
}

/* Everything in one question: it is asked after each of thousands of runs. */
void cli_team_assert_sound(const Cli *cli)
{
    Text sql = {0};
    text_add(&sql,
             "SELECT group_concat(problem, '; ') FROM (SELECT quick_check AS problem FROM "
             "pragma_quick_check WHERE quick_check <> 'ok' UNION ALL SELECT 'a broken reference from ' || "
             "\"table\" FROM pragma_foreign_key_check");
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        add_lost_marks(&sql, &synced_tables[i]);
    }
    text_add(&sql, ")");
    assert_string_equal(support_sqlite_value(cli->history, text_string(&sql)), "");
    text_free(&sql);
}

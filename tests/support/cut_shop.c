#include "cut_shop.h"

#include <stdlib.h>
#include <string.h>

#include "terminal.h"
#include "text.h"

#define COLUMNS 40

static const char comments_sql[] =
    "SELECT string_agg(objoid::regclass || '.' || objsubid || ' ' || description, chr(10) ORDER BY objoid, "
    "objsubid) FROM pg_description WHERE objoid IN (SELECT oid FROM pg_class WHERE relnamespace = "
    "'public'::regnamespace)";

const char *cut_shop_comments(const CutShop *shop)
{
    if (shop->relay) {
        return support_sql_value(shop->where, comments_sql);
    }
    bool some = strcmp(support_sqlite_value(shop->where, "SELECT count(*) FROM sqlite_schema WHERE name = "
                                                         "'amx_comments'"),
                       "0") != 0;
    return some ? support_sqlite_value(shop->where, "SELECT group_concat(table_name || '.' || column_name || "
                                                    "' ' || comment, char(10)) FROM (SELECT * FROM "
                                                    "amx_comments ORDER BY table_name, column_name)")
                : "";
}

static char *tables(bool postgresql)
{
    Text sql = {0};
    for (int table = 0; table < 3; table++) {
        text_addf(&sql, "CREATE TABLE part_%d (id INTEGER PRIMARY KEY", table);
        for (int column = 0; column < COLUMNS; column++) {
            text_addf(&sql, ", customer_name_%d TEXT", column);
        }
        text_add(&sql, ");");
        for (int column = 0; postgresql && column < COLUMNS; column += 7) {
            text_addf(&sql, "COMMENT ON COLUMN part_%d.customer_name_%d IS 'Old text %d.';", table, column,
                      column);
        }
    }
    return text_take(&sql);
}

/* A run is reviewed; what an apply of it writes is known. */
static int set_up(void **state, bool postgresql)
{
    CutShop *shop = calloc(1, sizeof *shop);
    char *sql = tables(postgresql);
    char *profile;
    if (postgresql) {
        char *path = text_format("%s/.s.PGSQL.%d", support_server()->socket, support_server()->port);
        shop->relay = relay_start(path);
        shop->where = support_database();
        support_sql(shop->where, sql);
        profile =
            text_format("backend = postgresql\n conninfo = \"host=127.0.0.1 port=%d user=tester "
                        "dbname=%s\"",
                        relay_port(shop->relay), support_sql_value(shop->where, "SELECT current_database()"));
        free(path);
    } else {
        shop->where = support_file(support_folder(), "shop.db", "");
        support_sqlite(shop->where, sql);
        profile = text_format("backend = sqlite\n path = \"%s\"", shop->where);
    }
    shop->ann = cli_new("ann", "db_profile shop {\n %s\n}\n", profile);
    cli_ok(&shop->ann, "run --all");
    cli_ok(&shop->ann, "review 1 --accept low");
    shop->before = cut_shop_comments(shop);
    cli_ok(&shop->ann, "apply 1 --yes");
    shop->after = cut_shop_comments(shop);
    cli_ok(&shop->ann, "rollback 1 --yes");
    assert_string_equal(cut_shop_comments(shop), shop->before);
    support_sqlite(shop->ann.history, "DELETE FROM apply_events");
    free(profile);
    free(sql);
    *state = shop;
    return 0;
}

int cut_shop_set_up(void **state)
{
    return set_up(state, true);
}

int cut_shop_set_up_file(void **state)
{
    return set_up(state, false);
}

int cut_shop_tear_down(void **state)
{
    CutShop *shop = *state;
    terminal_teardown(NULL);
    if (shop->relay) {
        relay_stop(shop->relay);
    }
    free(shop);
    return 0;
}

const char *cut_shop_events(const CutShop *shop)
{
    return support_sqlite_value(
        shop->ann.history, "SELECT group_concat(kind || ' ' || outcome, ', ') FROM (SELECT kind, outcome "
                           "FROM apply_events GROUP BY kind, outcome ORDER BY min(local_id))");
}

void cut_shop_mend(const CutShop *shop)
{
    if (shop->relay) {
        relay_set(shop->relay, RELAY_PASS, 0, NULL);
    }
}

bool cut_shop_nobody_writes(void *context)
{
    const CutShop *shop = context;
    return !shop->relay ||
           strcmp(support_sql_value(shop->where, "SELECT count(*) FROM pg_locks WHERE mode = "
                                                 "'ShareUpdateExclusiveLock' AND database = (SELECT oid FROM "
                                                 "pg_database WHERE datname = current_database())"),
                  "0") == 0;
}

void cut_shop_expect_restored(CutShop *shop, const char *story)
{
    cut_shop_mend(shop);
    assert_true(support_wait(cut_shop_nobody_writes, shop));
    cli_ok(&shop->ann, "rollback 1 --yes");
    assert_string_equal(cut_shop_comments(shop), shop->before);
    assert_string_equal(cut_shop_events(shop), story);
    assert_string_equal(support_sqlite_value(shop->ann.history,
                                             "SELECT count(*) FROM run_results WHERE applied_at IS NOT NULL"),
                        "0");
    cli_shows(cli_ok(&shop->ann, "rollback 1 --yes").err, "nothing to do");
    cli_ok(&shop->ann, "apply 1 --yes");
    assert_string_equal(cut_shop_comments(shop), shop->after);
    cli_ok(&shop->ann, "rollback 1 --yes");
    assert_string_equal(cut_shop_comments(shop), shop->before);
    assert_string_equal(
        support_sqlite_value(shop->ann.history, "SELECT count(*) FROM settings WHERE key LIKE 'applying.%'"),
        "0");
}

bool cut_shop_has_struck(void *context)
{
    return relay_strikes(((CutShop *)context)->relay) > 0;
}

bool cut_shop_has_looked(void *context)
{
    const CutShop *shop = context;
    return strcmp(support_sql_value(shop->where,
                                    "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                    "current_database() AND state = 'idle' AND query = 'ROLLBACK' "
                                    "AND application_name = 'amx'"),
                  "0") != 0;
}

bool cut_shop_waits_for_a_lock(void *context)
{
    const CutShop *shop = context;
    return strcmp(support_sql_value(shop->where, "SELECT count(*) FROM pg_stat_activity WHERE "
                                                 "wait_event_type = 'Lock' AND datname = current_database()"),
                  "0") != 0;
}

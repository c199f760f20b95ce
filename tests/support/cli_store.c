#include "cli_store.h"

#include "support_store.h"

#include <stdlib.h>
#include <string.h>

#include "support_internal.h"
#include "synced.h"
#include "text.h"

CliStore cli_store_new(bool file)
{
    return file ? (CliStore){true, support_keep(text_format("%s/team.db", support_folder()))}
                : (CliStore){false, support_database()};
}

const char *cli_store_conf(const CliStore *store)
{
    return support_keep(text_format("db_profile team { backend = %s\n %s = \"%s\" }\n"
                                    "history_store { profile = team }\n",
                                    store->file ? "sqlite" : "postgresql", store->file ? "path" : "conninfo",
                                    store->where));
}

const char *cli_store_value(const CliStore *store, const char *sql)
{
    Text text = {0};
    for (; *sql; sql++) {
        if (*sql != '@') {
            text_add_char(&text, *sql);
        } else if (!store->file) {
            text_add(&text, "amx.");
        }
    }
    const char *value = store->file ? support_sqlite_value(store->where, text_string(&text))
                                    : support_sql_value(store->where, text_string(&text));
    text_free(&text);
    return value;
}

/* A time as amx writes it into SQLite. */
#define TIME_ON_POSTGRESQL "to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

/* All that can be compared as text on both databases: no reals or JSON. */
static char *content_sql(const SyncedTable *table, bool postgresql, const char *from)
{
    Text sql = {0};
    text_addf(&sql, "SELECT coalesce(%s(line, '|'), '') FROM (SELECT ''",
              postgresql ? "string_agg" : "group_concat");
    for (size_t i = 0; i < synced_width(table); i++) {
        const SyncedColumn *column = synced_column(table, i);
        if (column->type == SYNCED_TIME && postgresql) {
            text_addf(&sql, " || coalesce(" TIME_ON_POSTGRESQL ", '~') || ';'", column->name);
        } else if (column->type != SYNCED_REAL && column->type != SYNCED_JSON) {
            text_addf(&sql, " || coalesce(CAST(%s AS text), '~') || ';'", column->name);
        }
    }
    text_addf(&sql, " AS line FROM %s ORDER BY local_id) AS rows", from);
    return text_take(&sql);
}

void cli_store_same(const CliStore *store, const Cli *cli)
{
    const char *origin = support_sqlite_value(cli->history, "SELECT origin_id FROM origin");
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        const SyncedTable *table = &synced_tables[i];
        char *mine = text_format("%s AS r WHERE %s IS NULL", table->name, support_local_only(table));
        char *theirs = text_format("@%s WHERE origin_id = '%s' AND deleted_at IS NULL", table->name, origin);
        char *local_sql = content_sql(table, false, mine);
        char *shared_sql = content_sql(table, !store->file, theirs);
        const char *local = support_sqlite_value(cli->history, local_sql);
        const char *shared = cli_store_value(store, shared_sql);
        if (strcmp(local, shared) != 0) {
            fail_msg("%s differ:\nlocal  %s\nshared %s", table->name, local, shared);
        }
        free(mine);
        free(theirs);
        free(local_sql);
        free(shared_sql);
    }
}

long long cli_queued(const Cli *cli)
{
    return strtoll(support_sqlite_value(cli->history, "SELECT count(*) FROM outbox WHERE state <> 'dropped'"),
                   NULL, 10);
}

#include "both_stores.h"

#include <stdlib.h>
#include <string.h>

#include "pg.h"
#include "sqlite.h"
#include "text.h"

#define PATIENCE_MS 20000

BothStores both;

int both_set_up(void **state)
{
    (void)state;
    both.target = (DatabaseTarget){.backend = both.backend};
    if (both.backend == BACKEND_POSTGRESQL) {
        both.target.conninfo = support_database();
    } else {
        both.target.path = support_path("shared.db");
    }
    both.local = support_local(support_path("history.db"), &support_ada);
    return 0;
}

int both_tear_down(void **state)
{
    (void)state;
    local_close(both.local);
    return 0;
}

Deadline both_patience(void)
{
    return deadline_in(PATIENCE_MS);
}

Shared *both_opened(void)
{
    Shared *shared = NULL;
    Error err = {0};
    if (!shared_open(&both.target, "amx", both_patience(), &shared, &err)) {
        fail_msg("%s", err.message);
    }
    return shared;
}

Shared *both_enabled(void)
{
    Shared *shared = support_shared(&both.target, "amx");
    support_enable(both.local, shared);
    return shared;
}

static char *portable(const char *sql)
{
    Text text = {0};
    for (; *sql; sql++) {
        if (*sql == '@') {
            text_add(&text, both.backend == BACKEND_POSTGRESQL ? "amx." : "");
        } else {
            text_add_char(&text, *sql);
        }
    }
    return text_take(&text);
}

const char *both_seen(const char *sql)
{
    char *text = portable(sql);
    const char *value = both.backend == BACKEND_POSTGRESQL ? support_sql_value(both.target.conninfo, text)
                                                           : support_sqlite_value(both.target.path, text);
    free(text);
    return value;
}

void both_assert_seen(const char *sql, const char *expected)
{
    const char *value = both_seen(sql);
    if (strcmp(value, expected) != 0) {
        fail_msg("%s: %s, not %s", sql, value, expected);
    }
}

void both_assert_refused(const char *sql, const char *sqlstate)
{
    char *text = portable(sql);
    Error err = {0};
    if (both.backend == BACKEND_POSTGRESQL) {
        Pg *pg = NULL;
        assert_true(pg_connect(both.target.conninfo, both_patience(), &pg, &err));
        assert_false(pg_script(pg, text, both_patience(), &err));
        pg_close(pg);
    } else {
        Sqlite *db = NULL;
        assert_true(sqlite_open(both.target.path, SQLITE_MODE_WRITE, 100, ERROR_DATABASE, &db, &err));
        assert_false(sqlite_script(db, text, &err));
        sqlite_close(db);
    }
    assert_string_equal(err.sqlstate, sqlstate);
    free(text);
}

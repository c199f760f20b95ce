/* Looking at the outbox: how much waits, what, and why. */
#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include "local_sqlite.h"
#include "text.h"

/* A condition on outbox o: does its row lie under a parent that is parked or dropped? */
static void add_waits(Text *sql)
{
    text_add(sql, "(o.op = 'u' AND o.state = 'queued' AND CASE o.tbl");
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        Text id = {0};
        text_add(&id, "o.local_id");
        if (synced_tables[i].parent == SYNCED_NO_PARENT) {
            text_free(&id);
            continue;
        }
        text_addf(sql, " WHEN '%s' THEN 0", synced_tables[i].name);
        for (int at = i; synced_tables[at].parent != SYNCED_NO_PARENT; at = synced_tables[at].parent) {
            char *inner = text_take(&id);
            text_addf(&id, "(SELECT %s FROM %s WHERE local_id = %s)", synced_tables[at].parent_column,
                      synced_tables[at].name, inner);
            free(inner);
            text_addf(sql,
                      " OR EXISTS (SELECT 1 FROM outbox a WHERE a.store_id = o.store_id AND a.tbl = '%s' "
                      "AND a.local_id = %s AND a.state <> 'queued' AND NOT EXISTS (SELECT 1 FROM delivered d "
                      "WHERE d.store_id = a.store_id AND d.tbl = a.tbl AND d.local_id = a.local_id))",
                      synced_tables[synced_tables[at].parent].name, text_string(&id));
        }
        text_free(&id);
    }
    text_add(sql, " ELSE 0 END)");
}

/* Answered by the index outbox_queue alone; reading the marks takes several times as long. One statement: a
 * mark that changes its state meanwhile must not be missed. */
static const char counts[] =
    "WITH mine AS NOT MATERIALIZED (SELECT state, position, queued_at FROM outbox "
    "  WHERE store_id = (SELECT store_id FROM origin)) "
    "SELECT (SELECT count(*) FROM mine WHERE state = 'queued'), "
    "  (SELECT count(*) FROM mine WHERE state = 'parked'), "
    "  (SELECT count(*) FROM mine WHERE state = 'dropped'), "
    "  (SELECT queued_at FROM mine WHERE state = 'queued' ORDER BY position LIMIT 1), "
    "  (SELECT queued_at FROM mine WHERE state = 'parked' ORDER BY position LIMIT 1)";

static const char *earlier(const char *time, const char *other)
{
    return !time || (other && strcmp(other, time) < 0) ? other : time;
}

bool outbox_count(Local *local, OutboxCounts *out, Error *err)
{
    *out = (OutboxCounts){0};
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(db, err, counts, NO_VALUES);
    if (sqlite_next(rows)) {
        out->queued = sqlite_int(rows, 0);
        out->parked = sqlite_int(rows, 1);
        out->dropped = sqlite_int(rows, 2);
        text_copy(out->oldest, sizeof out->oldest, earlier(sqlite_text(rows, 3), sqlite_text(rows, 4)));
    }
    if (!sqlite_done(db, rows, err)) {
        return false;
    }
    if (out->parked == 0 && out->dropped == 0) {
        return true; /* then nothing can wait */
    }
    Text sql = {0};
    text_add(&sql, "SELECT count(*) FROM outbox o WHERE o.store_id = (SELECT store_id FROM origin) AND ");
    add_waits(&sql);
    bool ok = sqlite_number(db, err, 0, &out->waiting, text_string(&sql), NO_VALUES);
    text_free(&sql);
    return ok;
}

bool outbox_list(Local *local, int64_t after, int limit,
                 void (*each)(void *context, const OutboxEntry *entry), void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    Text sql = {0};
    text_add(&sql, "SELECT o.tbl, o.local_id, CASE o.op WHEN 'd' THEN 'delete' ELSE 'write' END, CASE WHEN ");
    add_waits(&sql);
    text_add(&sql, " THEN 'waiting' ELSE o.state END, o.queued_at, o.attempts, o.last_error, o.position "
                   "FROM outbox o WHERE o.store_id = (SELECT store_id FROM origin) AND o.position > $1 "
                   "ORDER BY o.position LIMIT $2");
    SqliteRows *rows = sqlite_query(db, err, text_string(&sql), VALUES(value_int(after), value_int(limit)));
    while (sqlite_next(rows)) {
        each(context, &(OutboxEntry){.table = sqlite_text(rows, 0),
                                     .local_id = sqlite_int(rows, 1),
                                     .op = sqlite_text(rows, 2),
                                     .state = sqlite_text(rows, 3),
                                     .queued_at = sqlite_text(rows, 4),
                                     .attempts = sqlite_int(rows, 5),
                                     .last_error = sqlite_text(rows, 6),
                                     .position = sqlite_int(rows, 7)});
    }
    bool ok = sqlite_done(db, rows, err);
    text_free(&sql);
    return ok;
}

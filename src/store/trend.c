#include "trend.h"

#include <time.h>

#include "local_sqlite.h"
#include "text.h"

#define MINUTES_KEPT ((int64_t)24 * 60)

const char trend_table[] = "CREATE TABLE IF NOT EXISTS outbox_depth(\n"
                           "  minute INTEGER PRIMARY KEY,\n" /* since 1970 */
                           "  depth INTEGER NOT NULL,\n"
                           "  position INTEGER NOT NULL);\n"; /* marks behind it were added later */

/* Minutes since the last note in which the queue grew, and how deep it was then. Nothing leaves the queue
 * without a note. */
#define GROWN                                                                                                \
    "WITH noted AS (SELECT minute, depth, position FROM outbox_depth ORDER BY minute DESC LIMIT 1), "        \
    "added AS (SELECT max(noted.minute, min($1, strftime('%s', b.queued_at) / 60)) AS minute, "              \
    "    count(*) AS marks, noted.depth FROM outbox b JOIN noted "                                           \
    "    WHERE b.store_id = (SELECT store_id FROM origin) AND b.state = 'queued' "                           \
    "    AND b.position > noted.position GROUP BY 1), "                                                      \
    "grown AS (SELECT minute, depth + sum(marks) OVER (ORDER BY minute) AS depth FROM added) "

#define DEPTH                                                                                                \
    "(SELECT count(*) FROM outbox WHERE store_id = o.store_id AND state = 'queued') + "                      \
    "(SELECT count(*) FROM outbox WHERE store_id = o.store_id AND state = 'parked')"

static int64_t minute_now(void)
{
    return (int64_t)time(NULL) / 60;
}

bool trend_note_after(Local *local, Error *err)
{
    /* an empty queue that stays empty is not written again: the last note holds until the next */
    return sqlite_run(
        local_sqlite(local), err,
        "INSERT INTO outbox_depth(minute, depth, position) "
        "SELECT $1, " DEPTH ", o.position FROM origin o "
        "WHERE o.store_id IS NOT NULL AND ("
        "    EXISTS (SELECT 1 FROM outbox WHERE store_id = o.store_id AND state IN ('queued', 'parked')) OR "
        "    coalesce((SELECT depth FROM outbox_depth ORDER BY minute DESC LIMIT 1), 1) > 0) "
        "ON CONFLICT(minute) DO UPDATE SET depth = excluded.depth, position = excluded.position",
        VALUES(value_int(minute_now())));
}

bool trend_note_before(Local *local, Error *err)
{
    Sqlite *db = local_sqlite(local);
    int64_t now = minute_now();
    int64_t noted = 0;
    if (!sqlite_number(db, err, 0, &noted, "SELECT max(minute) FROM outbox_depth", NO_VALUES)) {
        return false;
    }
    if (noted == now) {
        return true;
    }
    /* The newest note stays, however old. What a clock that was set back left in the future goes, too. */
    return sqlite_run(db, err,
                      "DELETE FROM outbox_depth WHERE minute > $2 OR (minute < $1 AND minute < "
                      "(SELECT max(minute) FROM outbox_depth WHERE minute <= $2))",
                      VALUES(value_int(now - MINUTES_KEPT), value_int(now))) &&
           sqlite_run(db, err,
                      GROWN
                      "INSERT INTO outbox_depth(minute, depth, position) "
                      "SELECT minute, depth, (SELECT position FROM origin) FROM grown WHERE minute < $1 "
                      "ON CONFLICT(minute) DO UPDATE SET depth = excluded.depth, "
                      "position = excluded.position",
                      VALUES(value_int(now))) &&
           trend_note_after(local, err);
}

static bool has_table(Local *local, bool *out, Error *err)
{
    int64_t found = 0;
    bool ok = sqlite_number(local_sqlite(local), err, 0, &found,
                            "SELECT count(*) FROM sqlite_schema WHERE name = 'outbox_depth'", NO_VALUES);
    *out = found > 0;
    return ok;
}

/* From `from` on the queue is this deep, until a later note says otherwise. */
static void fill(int64_t out[TREND_MINUTES], int64_t from, int64_t depth)
{
    for (int64_t i = from > 0 ? from : 0; i < TREND_MINUTES; i++) {
        out[i] = depth;
    }
}

bool trend_outbox(Local *local, int64_t out[TREND_MINUTES], Error *err)
{
    bool there = false;
    int64_t now = minute_now();
    fill(out, 0, TREND_UNKNOWN);
    if (!has_table(local, &there, err)) {
        return false;
    }
    if (!there) {
        return true;
    }
    Sqlite *db = local_sqlite(local);
    /* `place` after the notes: the marks know more than the note of the same minute */
    SqliteRows *rows =
        sqlite_query(db, err,
                     GROWN "SELECT minute, depth, 1 AS place FROM outbox_depth WHERE minute >= coalesce("
                           "(SELECT max(minute) FROM outbox_depth WHERE minute <= $1 - 60), 0) "
                           "UNION ALL SELECT minute, depth, 2 FROM grown ORDER BY minute, place",
                     VALUES(value_int(now)));
    while (sqlite_next(rows)) {
        int64_t age = now - sqlite_int(rows, 0);
        fill(out, TREND_MINUTES - 1 - age, sqlite_int(rows, 1));
    }
    return sqlite_done(db, rows, err);
}

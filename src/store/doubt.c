#include "doubt.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "events.h"
#include "local_sqlite.h"
#include "rules.h"
#include "schema_local.h"
#include "sharing.h"
#include "text.h"

#define DELETES_LISTED 100

typedef struct Doubt {
    Local *local;
    Sqlite *db;
    const OutboxBatch *batch;
    char seen[ID_SIZE]; /* token the store shows, "" = none */
    DoubtFinding *out;
    Error *err;
} Doubt;

/* --- what the store holds --- */

typedef struct Inventory {
    Doubt *doubt;
    bool ok;
} Inventory;

static void take_holding(void *context, const SyncedTable *table, int64_t local_id, int64_t row_version,
                         bool dead)
{
    Inventory *inventory = context;
    inventory->ok =
        inventory->ok &&
        sqlite_run(
            inventory->doubt->db, inventory->doubt->err,
            "INSERT INTO temp.inventory(tbl, local_id, row_version, dead) VALUES ($1, $2, $3, $4)",
            VALUES(value_text(table->name), value_int(local_id), value_int(row_version), value_int(dead)));
}

/* Into a temporary table: an origin may have a million rows there. */
static bool take_inventory(Doubt *doubt, Shared *shared, Deadline deadline)
{
    Inventory inventory = {.doubt = doubt, .ok = true};
    if (!sqlite_script(
            doubt->db,
            "CREATE TEMP TABLE IF NOT EXISTS inventory(tbl TEXT, local_id INTEGER, row_version INTEGER, "
            "dead INTEGER, PRIMARY KEY(tbl, local_id)) WITHOUT ROWID; DELETE FROM temp.inventory; "
            "SAVEPOINT inventory",
            doubt->err)) {
        return false;
    }
    bool ok = shared_inventory(shared, doubt->batch->origin_id, deadline, doubt->seen, take_holding,
                               &inventory, doubt->err) &&
              inventory.ok;
    return sqlite_script(doubt->db, "RELEASE inventory", ok ? doubt->err : NULL) && ok;
}

/* --- the store went back in time --- */

#define NOT_DROPPED                                                                                          \
    " AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.store_id = g.store_id AND b.tbl = '%s' "                \
    "AND b.local_id = %s.local_id AND b.state = '%s')"
#define DROPPED (rule_holds(RULE_STAYS_DROPPED) ? "dropped" : "")

/* What it was known to have, and has not, or has in an older state. Nothing it never had. */
static bool mark_lacking(Doubt *doubt, const SyncedTable *table)
{
    Text only = {0};
    schema_local_only(&only, table, "r");
    char *writes =
        text_format("SELECT r.local_id FROM delivered d JOIN %s r ON r.local_id = d.local_id JOIN origin g "
                    "LEFT JOIN temp.inventory i ON i.tbl = d.tbl AND i.local_id = d.local_id WHERE "
                    "d.store_id = g.store_id "
                    "AND d.tbl = '%s' AND d.origin_id = g.origin_id AND r.origin_id = g.origin_id AND "
                    "%s IS NULL "
                    "AND (i.local_id IS NULL OR i.row_version < r.row_version)" NOT_DROPPED,
                    table->name, table->name, text_string(&only), table->name, "r", DROPPED);
    char *deletes = text_format(
        "SELECT t.local_id FROM tombstones t JOIN origin g JOIN temp.inventory i ON i.tbl = t.tbl "
        "AND i.local_id = t.local_id WHERE t.tbl = '%s' AND t.origin_id = g.origin_id "
        "AND t.local_only IS NULL AND NOT i.dead" NOT_DROPPED,
        table->name, table->name, "t", DROPPED);
    bool ok = (!rule_holds(RULE_HEAL_WRITES) ||
               sharing_mark_all(doubt->local, table, 'u', writes, &doubt->out->marked, doubt->err)) &&
              (!rule_holds(RULE_HEAL_DELETES) ||
               sharing_mark_all(doubt->local, table, 'd', deletes, &doubt->out->marked, doubt->err));
    text_free(&only);
    free(writes);
    free(deletes);
    return ok;
}

/* From now on `delivered` says what the store has. */
static bool correct_delivered(Doubt *doubt)
{
    return sqlite_run(
               doubt->db, doubt->err,
               "DELETE FROM delivered WHERE store_id = $1 AND origin_id = $2 AND NOT EXISTS (SELECT 1 FROM "
               "temp.inventory i WHERE i.tbl = delivered.tbl AND i.local_id = delivered.local_id)",
               VALUES(value_text(doubt->batch->store_id), value_text(doubt->batch->origin_id))) &&
           sqlite_run(doubt->db, doubt->err,
                      "UPDATE delivered SET row_version = (SELECT i.row_version FROM temp.inventory i "
                      "WHERE i.tbl = delivered.tbl AND i.local_id = delivered.local_id) "
                      "WHERE store_id = $1 AND origin_id = $2",
                      VALUES(value_text(doubt->batch->store_id), value_text(doubt->batch->origin_id))) &&
           sqlite_run(doubt->db, doubt->err,
                      "INSERT INTO delivered(store_id, tbl, local_id, origin_id, row_version) "
                      "SELECT $1, i.tbl, i.local_id, $2, i.row_version FROM temp.inventory i "
                      "JOIN tombstones t ON t.tbl = i.tbl AND t.local_id = i.local_id AND t.origin_id = $2 "
                      "WHERE NOT i.dead ON CONFLICT(store_id, tbl, local_id) DO UPDATE SET "
                      "origin_id = excluded.origin_id, row_version = excluded.row_version",
                      VALUES(value_text(doubt->batch->store_id), value_text(doubt->batch->origin_id)));
}

static bool heal_store(Doubt *doubt)
{
    doubt->out->verdict = DOUBT_STORE_WENT_BACK;
    if (!sqlite_run(doubt->db, doubt->err,
                    "UPDATE tokens SET state = CASE WHEN token = $3 THEN 'acked' ELSE 'old' END "
                    "WHERE store_id = $1 AND origin_id = $2 AND (state <> 'old' OR token = $3)",
                    VALUES(value_text(doubt->batch->store_id), value_text(doubt->batch->origin_id),
                           value_text(doubt->seen)))) {
        return false;
    }
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        if (!mark_lacking(doubt, &synced_tables[i])) {
            return false;
        }
    }
    return !rule_holds(RULE_HEAL_CORRECTS) || correct_delivered(doubt);
}

/* --- the file is a copy --- */

/* Deletes of rows that belong to the old origin: this file can't withdraw them any more. */
static json_t *list_unwithdrawn(Doubt *doubt)
{
    json_t *list = json_array();
    SqliteRows *rows =
        sqlite_query(doubt->db, doubt->err,
                     "SELECT tbl, local_id FROM outbox WHERE store_id = $1 AND op = 'd' ORDER BY position",
                     VALUES(value_text(doubt->batch->store_id)));
    while (sqlite_next(rows)) {
        if (doubt->out->unwithdrawn++ < DELETES_LISTED) {
            json_array_append_new(list, json_pack("{s:s, s:I}", "table", sqlite_text(rows, 0), "local_id",
                                                  (json_int_t)sqlite_int(rows, 1)));
        }
    }
    if (!sqlite_done(doubt->db, rows, doubt->err)) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* Only origin_id changes: no trigger fires, so versions, times, author and host stay those of the writes. */
static bool restamp(Doubt *doubt, const SyncedTable *table)
{
    Text only = {0};
    schema_local_only(&only, table, "r");
    char *sql =
        text_format(RULE_SQL(RULE_COPY_WHOLE, "UPDATE %1$s SET origin_id = $1", "",
                             " WHERE local_id IN (SELECT local_id FROM outbox WHERE tbl = '%1$s')", ""),
                    table->name);
    char *delivered =
        text_format("SELECT d.local_id FROM delivered d JOIN %s r ON r.local_id = d.local_id JOIN origin g "
                    "WHERE d.store_id = g.store_id AND d.tbl = '%s' AND %s IS NULL" NOT_DROPPED,
                    table->name, table->name, text_string(&only), table->name, "r", DROPPED);
    bool ok = sqlite_run(doubt->db, doubt->err, sql, VALUES(value_text(doubt->out->new_origin))) &&
              (!rule_holds(RULE_COPY_MARKS) ||
               sharing_mark_all(doubt->local, table, 'u', delivered, &doubt->out->marked, doubt->err));
    text_free(&only);
    free(sql);
    free(delivered);
    return ok;
}

static bool forget_old_origin(Doubt *doubt)
{
    Value store = value_text(doubt->batch->store_id);
    return sqlite_run(doubt->db, doubt->err, "DELETE FROM outbox WHERE store_id = $1 AND op = 'd'", &store,
                      1) &&
           sqlite_run(doubt->db, doubt->err,
                      "DELETE FROM outbox WHERE store_id = $1 AND EXISTS (SELECT 1 FROM tombstones t "
                      "WHERE t.tbl = outbox.tbl AND t.local_id = outbox.local_id)",
                      &store, 1) &&
           sqlite_run(doubt->db, doubt->err, "DELETE FROM delivered WHERE store_id = $1", &store, 1) &&
           sqlite_run(doubt->db, doubt->err,
                      "DELETE FROM delivered WHERE EXISTS (SELECT 1 FROM tombstones t "
                      "WHERE t.tbl = delivered.tbl AND t.local_id = delivered.local_id)",
                      NO_VALUES) &&
           sqlite_run(doubt->db, doubt->err, "UPDATE outbox SET sent = 0 WHERE sent", NO_VALUES);
}

static bool record_event(Doubt *doubt, const char *what, json_t *unwithdrawn)
{
    json_t *detail =
        json_pack("{s:s, s:s, s:s?, s:I, s:I}", "finding", what, "old_origin", doubt->out->old_origin,
                  "new_origin", *doubt->out->new_origin ? doubt->out->new_origin : NULL, "queued_again",
                  (json_int_t)doubt->out->marked, "unwithdrawn_deletes", (json_int_t)doubt->out->unwithdrawn);
    if (unwithdrawn) {
        json_object_set(detail, "deletes", unwithdrawn);
    }
    char *text = json_dumps(detail, JSON_COMPACT);
    bool ok = events_add(doubt->local, "origin change", "ok", text, doubt->err);
    free(text);
    json_decref(detail);
    return ok;
}

static bool become_new_origin(Doubt *doubt)
{
    DoubtFinding *out = doubt->out;
    out->verdict = DOUBT_FILE_IS_COPY;
    id_random(out->new_origin);
    json_t *unwithdrawn = list_unwithdrawn(doubt);
    bool ok = unwithdrawn && sqlite_run(doubt->db, doubt->err, "UPDATE origin SET origin_id = $1",
                                        VALUES(value_text(out->new_origin)));
    for (int i = 0; ok && i < SYNCED_TABLE_COUNT; i++) {
        ok = restamp(doubt, &synced_tables[i]);
    }
    ok = ok && forget_old_origin(doubt) &&
         record_event(doubt, "this history.db was copied or restored", unwithdrawn);
    json_decref(unwithdrawn);
    return ok;
}

/* --- judging --- */

/* Has nobody else of this file been there since the batch was minted? */
static bool is_current(Doubt *doubt, bool *current)
{
    Sharing sharing;
    char *acked = NULL;
    if (!sharing_read(doubt->local, &sharing, doubt->err) ||
        !sqlite_string(doubt->db, doubt->err, &acked,
                       "SELECT token FROM tokens WHERE store_id = $1 AND origin_id = $2 AND state = 'acked'",
                       VALUES(value_text(doubt->batch->store_id), value_text(doubt->batch->origin_id)))) {
        return false;
    }
    *current = sharing.enabled && text_equal(sharing.store_id, doubt->batch->store_id) &&
               text_equal(sharing.origin_id, doubt->batch->origin_id) &&
               text_equal(acked ? acked : "", doubt->batch->acked);
    free(acked);
    return true;
}

/* Was the store's token minted here? `state` is "" when it was not. */
static bool recall_token(Doubt *doubt, char state[8])
{
    char *known = NULL;
    bool ok = sqlite_string(doubt->db, doubt->err, &known,
                            "SELECT state FROM tokens WHERE store_id = $1 AND origin_id = $2 AND token = $3",
                            VALUES(value_text(doubt->batch->store_id), value_text(doubt->batch->origin_id),
                                   value_text(doubt->seen)));
    text_copy(state, 8, known);
    free(known);
    return ok;
}

static bool judge(Doubt *doubt)
{
    bool current = false;
    char state[8];
    if (!is_current(doubt, &current) || !recall_token(doubt, state)) {
        return false;
    }
    bool none = !*doubt->seen;
    bool meanwhile = !current || text_equal(state, "acked") || text_equal(state, "pending");
    if ((meanwhile && rule_holds(RULE_REREAD)) || (none && doubt->batch->first)) {
        doubt->out->verdict = DOUBT_TRY_AGAIN;
        return true;
    }
    if (none || text_equal(state, "old")) {
        return heal_store(doubt) && record_event(doubt, "the shared store went back in time", NULL);
    }
    return become_new_origin(doubt);
}

bool doubt_judge(Local *local, const OutboxBatch *batch, Shared *shared, Deadline deadline, DoubtFinding *out,
                 Error *err)
{
    Doubt doubt = {.local = local, .db = local_sqlite(local), .batch = batch, .out = out, .err = err};
    *out = (DoubtFinding){0};
    text_copy(out->old_origin, sizeof out->old_origin, batch->origin_id);
    return take_inventory(&doubt, shared, deadline) && local_begin(local, err) &&
           local_end(local, judge(&doubt), err);
}

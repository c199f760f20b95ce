#include "applies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "local_sqlite.h"
#include "memory.h"
#include "process.h"
#include "text.h"

/* --- who works on what --- */

#define KEY_SIZE 64

/* Several may work on one run. */
static void own_key(const char *what, int64_t run_id, char out[KEY_SIZE])
{
    snprintf(out, KEY_SIZE, "%s.%lld.%d", what, (long long)run_id, (int)gettid());
}

bool applies_begin(Local *local, int64_t run_id, Error *err)
{
    char key[KEY_SIZE];
    char process[PROCESS_NAME_SIZE];
    own_key("applying", run_id, key);
    process_name(process);
    return local_expect_many(local, err) && local_set_setting(local, key, process, err);
}

static bool forget_transactions(Local *local, int64_t run_id, Error *err)
{
    return sqlite_run(local_sqlite(local), err,
                      "DELETE FROM settings WHERE key >= 'committing.' || $1 || '.' "
                      "AND key < 'committing.' || $1 || '/' AND NOT EXISTS "
                      "(SELECT 1 FROM apply_events WHERE outcome = 'pending' AND run_id = $1)",
                      VALUES(value_int(run_id)));
}

bool applies_end(Local *local, int64_t run_id, Error *err)
{
    char key[KEY_SIZE];
    own_key("applying", run_id, key);
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = local_set_setting(local, key, NULL, err) && forget_transactions(local, run_id, err);
    return local_end(local, ok, err);
}

bool applies_commit(Local *local, int64_t run_id, const char *transaction, Error *err)
{
    char key[KEY_SIZE];
    own_key("committing", run_id, key);
    return local_set_setting(local, key, transaction, err);
}

/* Does somebody still work on what he noted? Who settles now applies nothing. */
static bool is_at_work(const char *process)
{
    char own[PROCESS_NAME_SIZE];
    process_name(own);
    return !text_equal(process, own) && process_is_alive(process);
}

static bool forget_idle(Local *local, Error *err)
{
    char *key = memory_string("applying.");
    bool ok = true;
    while (ok && key) {
        char *next = NULL;
        char *process = NULL;
        ok = sqlite_string(local_sqlite(local), err, &next,
                           "SELECT min(key) FROM settings WHERE key > $1 AND key < 'applying/'",
                           VALUES(value_text(key))) &&
             (!next || local_setting(local, next, &process, err)) &&
             (!next || is_at_work(process) || local_set_setting(local, next, NULL, err));
        free(key);
        free(process);
        key = next;
    }
    free(key);
    return ok;
}

/* --- events --- */

static const char insert_events[] =
    "INSERT INTO apply_events(run_id, result_id, kind, target, old_text, new_text, outcome) VALUES ";
enum { EVENT_VALUES = 7 };

static void event_values(const void *rows, size_t row, Value *out)
{
    const Applied *applied = (const Applied *)rows + row;
    const Value values[EVENT_VALUES] = {
        value_int(applied->run_id),  value_int(applied->result_id), value_text(applied->kind),
        value_text(applied->target), value_text(applied->old_text), value_text(applied->new_text),
        value_text("pending"),
    };
    memcpy(out, values, sizeof values);
}

/* The ids of one transaction follow one another: nobody else writes meanwhile, and none is used twice. */
static void take_ids(Sqlite *db, Applied *applied, size_t count)
{
    int64_t last = sqlite_last_id(db);
    for (size_t i = 0; i < count; i++) {
        applied[i].event_id = last - (int64_t)(count - 1 - i);
    }
}

bool applies_plan_all(Local *local, Applied *applied, size_t count, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    Sqlite *db = local_sqlite(local);
    bool ok = sqlite_insert_rows(db, err, insert_events, EVENT_VALUES, event_values, applied, count);
    if (ok) {
        take_ids(db, applied, count);
    }
    return local_end(local, ok, err);
}

bool applies_found(Local *local, int64_t event_id, const char *old_text, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok =
        sqlite_run(local_sqlite(local), err, "UPDATE apply_events SET old_text = $2 WHERE local_id = $1",
                   VALUES(value_int(event_id), value_text(old_text)));
    return local_end(local, ok, err);
}

/* Does the result stay as it is? */
static bool leaves_result(const Applied *applied)
{
    return !applied->written &&
           (!text_equal(applied->kind, "apply") || text_equal(applied->outcome, APPLIES_INTERRUPTED));
}

/* What events that came to the same mean for their results. Who decided anew while one was under way has a
 * text that was neither written nor refused. $4 NULL: they were written when they were planned. */
static bool settle_results(Sqlite *db, int64_t first, int64_t last, bool written, const char *applied_at,
                           const char *error, Error *err)
{
    return sqlite_run(
        db, err,
        "UPDATE run_results SET apply_error = $5, applied_at = CASE WHEN e.kind = 'rollback' THEN NULL "
        "WHEN $3 THEN coalesce($4, e.created_at) ELSE applied_at END FROM apply_events e "
        "WHERE e.local_id BETWEEN $1 AND $2 AND run_results.local_id = e.result_id AND "
        "(e.kind = 'rollback' OR ifnull(run_results.chosen_text, '') = ifnull(e.new_text, ''))",
        VALUES(value_int(first), value_int(last), value_int(written), value_text(applied_at),
               value_text(error)));
}

static bool settle_one(Sqlite *db, const Applied *applied, const char *applied_at, Error *err)
{
    int64_t id = applied->event_id;
    return sqlite_run(db, err,
                      "UPDATE apply_events SET outcome = $2, error = $5, "
                      "old_text = CASE WHEN $4 THEN $3 ELSE coalesce($3, old_text) END WHERE local_id = $1",
                      VALUES(value_int(id), value_text(applied->outcome), value_text(applied->old_text),
                             value_int(applied->written), value_text(applied->error))) &&
           (leaves_result(applied) ||
            settle_results(db, id, id, applied->written, applied_at, applied->error, err));
}

/* Of events that follow one another, came to the same, replaced nothing and met no error. */
static bool settle_stretch(Sqlite *db, const Applied *applied, size_t count, const char *applied_at,
                           Error *err)
{
    int64_t first = applied->event_id;
    int64_t last = applied[count - 1].event_id;
    return sqlite_run(db, err,
                      "UPDATE apply_events SET outcome = $3, error = NULL, "
                      "old_text = CASE WHEN $4 THEN NULL ELSE old_text END WHERE local_id BETWEEN $1 AND $2",
                      VALUES(value_int(first), value_int(last), value_text(applied->outcome),
                             value_int(applied->written))) &&
           (leaves_result(applied) ||
            settle_results(db, first, last, applied->written, applied_at, NULL, err));
}

/* How many from the first on can be settled together; at least 1. */
static size_t stretch_of(const Applied *applied, size_t count)
{
    size_t length = 0;
    while (length < count && !applied[length].old_text && !applied[length].error &&
           applied[length].event_id == applied->event_id + (int64_t)length &&
           applied[length].written == applied->written &&
           text_equal(applied[length].outcome, applied->outcome) &&
           text_equal(applied[length].kind, applied->kind)) {
        length++;
    }
    return length ? length : 1;
}

bool applies_settle_all(Local *local, const Applied *applied, size_t count, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    if (!local_begin(local, err)) {
        return false;
    }
    Sqlite *db = local_sqlite(local);
    bool ok = true;
    for (size_t i = 0, length; ok && i < count; i += length) {
        length = stretch_of(applied + i, count - i);
        ok = length > 1 ? settle_stretch(db, applied + i, length, now, err)
                        : settle_one(db, applied + i, now, err);
    }
    return local_end(local, ok, err);
}

bool applies_settle(Local *local, const Applied *applied, Error *err)
{
    return applies_settle_all(local, applied, 1, err);
}

/* --- events in doubt --- */

/* Does a process work on the run? */
static bool find_worker(Local *local, int64_t run_id, bool *found, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(db, err,
                                    "SELECT value FROM settings WHERE key >= 'applying.' || $1 || '.' "
                                    "AND key < 'applying.' || $1 || '/'",
                                    VALUES(value_int(run_id)));
    *found = false;
    while (rows && sqlite_next(rows)) {
        *found = *found || is_at_work(sqlite_text(rows, 0));
    }
    return sqlite_done(db, rows, err);
}

bool applies_standing(Local *local, int64_t run_id, AppliesStanding *out, Error *err)
{
    int64_t pending = 0;
    bool at_work = false;
    *out = APPLIES_SETTLED;
    if (!sqlite_number(local_sqlite(local), err, 0, &pending,
                       "SELECT EXISTS (SELECT 1 FROM apply_events WHERE outcome = 'pending' AND run_id = $1)",
                       VALUES(value_int(run_id)))) {
        return false;
    }
    if (pending) {
        if (!find_worker(local, run_id, &at_work, err)) {
            return false;
        }
        *out = at_work ? APPLIES_UNDER_WAY : APPLIES_CUT_OFF;
    }
    return true;
}

static void add_doubt(ApplyDoubts *doubts, SqliteRows *row)
{
    memory_grow((void **)&doubts->items, doubts->count, &doubts->capacity, sizeof *doubts->items);
    doubts->items[doubts->count++] = (ApplyDoubt){
        .event_id = sqlite_int(row, 0),
        .run_id = sqlite_int(row, 1),
        .result_id = sqlite_int(row, 2),
        .rollback = text_equal(sqlite_text(row, 3), "rollback"),
        .target = memory_string(sqlite_text(row, 4)),
        .old_text = memory_string(sqlite_text(row, 5)),
        .new_text = memory_string(sqlite_text(row, 6)),
        .schema = memory_string(sqlite_text(row, 7)),
        .table = memory_string(sqlite_text(row, 8)),
        .column = memory_string(sqlite_text(row, 9)),
    };
}

/* Of an event e of a run u: it is pending, and nobody works on it. */
#define IN_DOUBT                                                                                             \
    "e.outcome = 'pending' AND u.fingerprint = $1 AND NOT EXISTS (SELECT 1 FROM settings "                   \
    "WHERE key >= 'applying.' || e.run_id || '.' AND key < 'applying.' || e.run_id || '/')"

static const char transactions_sql[] =
    "SELECT group_concat(s.value) FROM settings s WHERE s.key > 'committing.' AND s.key < 'committing/' "
    "AND EXISTS (SELECT 1 FROM apply_events e JOIN runs u ON u.local_id = e.run_id "
    "WHERE s.key >= 'committing.' || e.run_id || '.' AND s.key < 'committing.' || e.run_id || '/' "
    "AND " IN_DOUBT ")";

bool applies_doubts(Local *local, const char *fingerprint, ApplyDoubts *out, Error *err)
{
    Sqlite *db = local_sqlite(local);
    int64_t pending = 0;
    *out = (ApplyDoubts){0};
    if (!sqlite_number(db, err, 0, &pending,
                       "SELECT EXISTS (SELECT 1 FROM apply_events WHERE outcome = 'pending')", NO_VALUES)) {
        return false;
    }
    if (!pending) {
        return true;
    }
    if (!local_begin(local, err)) {
        return false;
    }
    if (!forget_idle(local, err) ||
        !sqlite_string(db, err, &out->transactions, transactions_sql, VALUES(value_text(fingerprint)))) {
        return local_end(local, false, err);
    }
    SqliteRows *rows =
        sqlite_query(db, err,
                     "SELECT e.local_id, e.run_id, e.result_id, e.kind, e.target, e.old_text, e.new_text, "
                     "r.schema_name, r.table_name, r.column_name FROM apply_events e "
                     "JOIN run_results r ON r.local_id = e.result_id JOIN runs u ON u.local_id = e.run_id "
                     "WHERE " IN_DOUBT " ORDER BY e.local_id",
                     VALUES(value_text(fingerprint)));
    while (rows && sqlite_next(rows)) {
        add_doubt(out, rows);
    }
    return local_end(local, sqlite_done(db, rows, err), err);
}

void applies_doubts_free(ApplyDoubts *doubts)
{
    for (size_t i = 0; i < doubts->count; i++) {
        ApplyDoubt *doubt = &doubts->items[i];
        free(doubt->target);
        free(doubt->old_text);
        free(doubt->new_text);
        free(doubt->schema);
        free(doubt->table);
        free(doubt->column);
    }
    free(doubts->items);
    free(doubts->transactions);
    *doubts = (ApplyDoubts){0};
}

static bool resolve_result(Sqlite *db, const ApplyDoubt *doubt, const char *outcome, const char *error,
                           Error *err)
{
    bool written = text_equal(outcome, "applied") || text_equal(outcome, "unchanged");
    /* an interrupted one leaves the result as it is, and a rollback that restored nothing leaves it applied
     */
    return (!written && (!error || doubt->rollback)) ||
           settle_results(db, doubt->event_id, doubt->event_id, written, NULL, written ? NULL : error, err);
}

bool applies_resolve(Local *local, const ApplyDoubt *doubt, const char *outcome, const char *error,
                     Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    Sqlite *db = local_sqlite(local);
    bool ok = sqlite_run(
        db, err,
        "UPDATE apply_events SET outcome = $2, error = $3 WHERE local_id = $1 AND outcome = 'pending'",
        VALUES(value_int(doubt->event_id), value_text(outcome), value_text(error)));
    if (ok && sqlite_changes(db) > 0) {
        ok = resolve_result(db, doubt, outcome, error, err) && forget_transactions(local, doubt->run_id, err);
    }
    return local_end(local, ok, err);
}

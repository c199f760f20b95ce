/* Step 2 of a delivery: one shared transaction (rule D2 of docs/protocol.md). */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rules.h"
#include "shared_claim.h"

/* A statement that lost a race (serialization failure, deadlock) is tried again this often. */
#define RACE_TRIES 5

bool shared_query(Shared *shared, const char *sql, const Value *values, int count, Deadline deadline,
                  int64_t *affected, Error *err)
{
    return shared->ops->query(shared->connection, sql, values, count, deadline, NULL, NULL, affected, err);
}

static void rollback(Shared *shared, Deadline deadline)
{
    shared_query(shared, "ROLLBACK", NO_VALUES, deadline, NULL, NULL);
}

void shared_add_assignments(Text *sql, const SyncedTable *table)
{
    bool first = true;
    for (size_t i = 0; i < synced_width(table); i++) {
        if (i != SYNCED_ORIGIN_ID && i != SYNCED_LOCAL_ID && shared_is_written(i)) {
            const char *name = synced_column(table, i)->name;
            text_addf(sql, "%s%s = excluded.%s", first ? "" : ", ", name, name);
            first = false;
        }
    }
}

bool shared_is_written(size_t column)
{
    return column != SYNCED_DELETED_AT;
}

void shared_add_emptied(Text *sql, const SyncedTable *table)
{
    bool first = true;
    for (size_t i = 0; i < table->column_count; i++) {
        if (!text_equal(table->columns[i].name, table->parent_column)) {
            text_addf(sql, "%s%s = NULL", first ? "" : ", ", table->columns[i].name);
            first = false;
        }
    }
}

/* --- step 2: the rows --- */

/* What no server would take: found here, so that it does not cost a batch its fast path. */
static void refuse_unsendable(OutboxBatch *batch)
{
    for (size_t r = 0; r < batch->row_count; r++) {
        OutboxRow *row = &batch->rows[r];
        size_t width = row->erase ? SYNCED_COMMON_COUNT : synced_width(row->table);
        for (size_t i = 0; i < width && row->result != OUTBOX_REFUSED; i++) {
            const SyncedColumn *column = synced_column(row->table, i);
            const Value *value = &row->values[i];
            const char *problem = NULL;
            if (value->type == VALUE_TEXT && !text_is_utf8(value->text, value->length)) {
                problem = "holds bytes that are no UTF-8 text";
            } else if (value->type != VALUE_NULL && column->type == SYNCED_INT && value->type != VALUE_INT) {
                problem = "is no whole number";
            } else if (value->type == VALUE_TEXT && column->type == SYNCED_REAL) {
                problem = "is no number";
            }
            if (problem) {
                row->result = OUTBOX_REFUSED;
                row->error = text_format("%s %s", column->name, problem);
            }
        }
    }
}

typedef struct Group {
    OutboxRow **rows;
    size_t count;
} Group;

/* The rows of one table and op that are still to be sent, in the batch's order. */
static Group group_of(OutboxBatch *batch, const SyncedTable *table, bool erase)
{
    Group group = {.rows = memory_zero(batch->row_count, sizeof(OutboxRow *))};
    for (size_t i = 0; i < batch->row_count; i++) {
        OutboxRow *row = &batch->rows[i];
        if (row->table == table && row->erase == erase && row->result == OUTBOX_UNSENT) {
            group.rows[group.count++] = row;
        }
    }
    return group;
}

static bool write_rows(Shared *shared, OutboxRow *const *rows, size_t count, Deadline deadline, Error *err)
{
    const SyncedTable *table = rows[0]->table;
    const char *prefix = text_string(&shared->prefix);
    return rows[0]->erase ? shared->ops->erase(shared->connection, prefix, table, rows, count, deadline, err)
                          : shared->ops->write(shared->connection, prefix, table, rows, count, deadline, err);
}

/* From here on appending is worth its statement. */
#define APPEND_ROWS 50

/* The fence token is compared and set in the same transaction, so all that the store has of this origin came
 * from this file, and the file knows what it sent: a fresh row can't be there. If it is all the same, the
 * append fails, and the batch goes another way. */
static bool may_append(const Shared *shared, const Group *group)
{
    if (!shared->ops->append || group->count < APPEND_ROWS) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        if (!group->rows[i]->fresh) {
            return false;
        }
    }
    return true;
}

static bool append_rows(Shared *shared, const Group *group, Deadline deadline, Error *err)
{
    return shared->ops->append(shared->connection, text_string(&shared->prefix), group->rows[0]->table,
                               group->rows, group->count, deadline, err);
}

/* Writes a group in savepoints, halving it where the server refuses data, down to the rows at fault. */
static bool write_bisecting(Shared *shared, OutboxRow *const *rows, size_t count, Deadline deadline,
                            Error *err)
{
    Error why = {0};
    if (!shared_query(shared, "SAVEPOINT part", NO_VALUES, deadline, NULL, err)) {
        return false;
    }
    if (write_rows(shared, rows, count, deadline, &why)) {
        return shared_query(shared, "RELEASE SAVEPOINT part", NO_VALUES, deadline, NULL, err);
    }
    bool parent_missing = strcmp(why.sqlstate, "23503") == 0;
    if (!parent_missing && shared_failure(&why) != SHARED_FAILURE_DATA) {
        if (err) {
            *err = why;
        }
        return false;
    }
    if (!shared_query(shared, "ROLLBACK TO SAVEPOINT part", NO_VALUES, deadline, NULL, err) ||
        !shared_query(shared, "RELEASE SAVEPOINT part", NO_VALUES, deadline, NULL, err)) {
        return false;
    }
    if (count == 1) {
        rows[0]->result = parent_missing ? OUTBOX_WAITS : OUTBOX_REFUSED;
        rows[0]->error = parent_missing ? NULL : text_format("%s (SQLSTATE %s)", why.message, why.sqlstate);
        return true;
    }
    return write_bisecting(shared, rows, count / 2, deadline, err) &&
           write_bisecting(shared, rows + count / 2, count - count / 2, deadline, err);
}

/* How the rows are written, from the quickest to the one that finds the rows at fault. */
typedef enum Writing { QUICKLY, WRITING, BISECTING } Writing;

static bool write_group(Shared *shared, OutboxBatch *batch, const SyncedTable *table, bool erase, Writing how,
                        Deadline deadline, Error *err)
{
    Group group = group_of(batch, table, erase);
    bool ok = true;
    if (group.count > 0) {
        ok = how == BISECTING ? write_bisecting(shared, group.rows, group.count, deadline, err)
             : how == QUICKLY && may_append(shared, &group)
                 ? append_rows(shared, &group, deadline, err)
                 : write_rows(shared, group.rows, group.count, deadline, err);
    }
    free(group.rows);
    return ok;
}

/* Parents before children; deletes of children before deletes of parents. */
static bool write_all(Shared *shared, OutboxBatch *batch, Writing how, Deadline deadline, Error *err)
{
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        if (!write_group(shared, batch, &synced_tables[i], false, how, deadline, err)) {
            return false;
        }
    }
    for (int i = SYNCED_TABLE_COUNT - 1; i >= 0; i--) {
        if (!write_group(shared, batch, &synced_tables[i], true, how, deadline, err)) {
            return false;
        }
    }
    return true;
}

/* Few rows, all of one table and all writes, of a file that the store knows. */
static bool may_write_claiming(const Shared *shared, const OutboxBatch *batch)
{
    if (!shared->ops->write_claiming || batch->first || batch->row_count > APPEND_ROWS) {
        return false;
    }
    for (size_t i = 0; i < batch->row_count; i++) {
        const OutboxRow *row = &batch->rows[i];
        if (row->erase || row->table != batch->rows[0].table || row->result != OUTBOX_UNSENT) {
            return false;
        }
    }
    return true;
}

static bool write_claiming(Shared *shared, OutboxBatch *batch, Deadline deadline, bool *claimed, Error *err)
{
    SharedClaim claim;
    Group group = group_of(batch, batch->rows[0].table, false);
    shared_make_claim(&claim, shared, batch);
    bool ok = shared->ops->write_claiming(
        shared->connection, text_string(&shared->prefix), text_string(&claim.sql), claim.values, claim.count,
        batch->rows[0].table, group.rows, group.count, deadline, claimed, err);
    shared_free_claim(&claim);
    free(group.rows);
    return ok;
}

/* Commits what was claimed and written; takes the rest back. */
static bool end_transaction(Shared *shared, bool ok, Deadline deadline, const SharedAnswer *answer,
                            Error *err)
{
    if (ok && answer->verdict == SHARED_SENT) {
        ok = shared_query(shared, "COMMIT", NO_VALUES, deadline, NULL, err);
        if (ok) {
            return true;
        }
        /* SQLite leaves the transaction open when a reader is in the way */
    }
    rollback(shared, deadline);
    return ok;
}

static bool transaction(Shared *shared, OutboxBatch *batch, Writing how, Deadline deadline,
                        SharedAnswer *answer, Error *err)
{
    bool claimed = false;
    if (how == QUICKLY && may_write_claiming(shared, batch)) {
        if (!write_claiming(shared, batch, deadline, &claimed, err)) {
            return false;
        }
        if (claimed) {
            answer->verdict = SHARED_SENT;
            return true;
        }
    }
    if (!shared_query(shared, shared->ops->begin, NO_VALUES, deadline, NULL, err)) {
        return false;
    }
    bool ok = shared_claim(shared, batch, deadline, answer, err) &&
              (answer->verdict != SHARED_SENT || write_all(shared, batch, how, deadline, err));
    return end_transaction(shared, ok, deadline, answer, err);
}

static void forget_results(OutboxBatch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        batch->rows[i].result = OUTBOX_UNSENT;
        free(batch->rows[i].error);
        batch->rows[i].error = NULL;
    }
}

static void confirm_sent(OutboxBatch *batch, SharedAnswer *answer)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        if (batch->rows[i].result == OUTBOX_UNSENT) {
            batch->rows[i].result = OUTBOX_CONFIRMED;
        }
        answer->refused += batch->rows[i].result == OUTBOX_REFUSED;
    }
}

static bool lost_race(const Error *err)
{
    return strcmp(err->sqlstate, "40001") == 0 || strcmp(err->sqlstate, "40P01") == 0;
}

/* The server itself refused, and a slower way of writing may get through: past policies that do not let COPY
 * in (0A000), an engine without COPY or writing WITHs (0A000, 42601), an older schema that the
 * claim would have noticed (42703), or past the rows at fault. */
static bool is_worth_another_way(const Error *err, Writing how)
{
    if (err->kind != ERROR_DATABASE) {
        return false; /* nobody is there to try it on */
    }
    if (how == QUICKLY) {
        bool not_understood = text_starts(err->sqlstate, "42") && strcmp(err->sqlstate, "42501") != 0;
        return *err->sqlstate && (not_understood || shared_failure(err) != SHARED_FAILURE_STOP) &&
               !text_starts(err->sqlstate, "08") && !text_starts(err->sqlstate, "40") &&
               !text_starts(err->sqlstate, "53") && !text_starts(err->sqlstate, "57");
    }
    return how == WRITING &&
           (strcmp(err->sqlstate, "23503") == 0 || shared_failure(err) == SHARED_FAILURE_DATA);
}

/* --- the rows first --- */

bool shared_may_stage(const Shared *shared, OutboxBatch *ahead)
{
    bool worth = shared->ops->append && ahead->row_count >= APPEND_ROWS;
    for (size_t i = 0; worth && i < ahead->row_count; i++) {
        worth = ahead->rows[i].fresh && !ahead->rows[i].erase;
    }
    if (!worth) {
        return false;
    }
    refuse_unsendable(ahead);
    for (size_t i = 0; i < ahead->row_count; i++) {
        worth &= ahead->rows[i].result == OUTBOX_UNSENT;
    }
    forget_results(ahead);
    return worth;
}

void shared_stage(Shared *shared, OutboxBatch *ahead, Deadline deadline)
{
    error_clear(&shared->stage_trouble);
    shared->staged = ahead;
    shared->stage_open =
        shared_query(shared, shared->ops->begin, NO_VALUES, deadline, NULL, &shared->stage_trouble);
    if (shared->stage_open && !write_all(shared, ahead, QUICKLY, deadline, &shared->stage_trouble)) {
        rollback(shared, deadline);
        shared->stage_open = false;
    }
}

bool shared_unstage(Shared *shared, Deadline deadline, Error *err)
{
    shared->staged = NULL;
    if (shared->stage_open) {
        shared->stage_open = false;
        return shared_query(shared, "ROLLBACK", NO_VALUES, deadline, NULL, err);
    }
    if (shared->stage_trouble.kind == ERROR_DATABASE) {
        return true; /* the server refused the rows; nobody needs to know any more */
    }
    if (err) {
        *err = shared->stage_trouble;
    }
    return false;
}

/* What is left of the transaction that shared_stage began. Only the token that the store showed before the
 * rows set out may be there now: with a second one that is accepted, another delivery of this file could have
 * come between the rows and the claim unnoticed. */
static bool staged_transaction(Shared *shared, OutboxBatch *batch, Deadline deadline, SharedAnswer *answer,
                               Error *err)
{
    shared->staged = NULL;
    if (!shared->stage_open) {
        *err = shared->stage_trouble;
        return false;
    }
    shared->stage_open = false;
    if (batch->accepted_count != 1) {
        rollback(shared, deadline);
        error_set(err, ERROR_DATABASE, "%s: another delivery of this history.db came in between",
                  shared_target(shared));
        return error_sqlstate(err, "40001");
    }
    return end_transaction(shared, shared_claim(shared, batch, deadline, answer, err), deadline, answer, err);
}

bool shared_send(Shared *shared, OutboxBatch *batch, Deadline deadline, SharedAnswer *out, Error *err)
{
    *out = (SharedAnswer){0};
    if (batch->row_count == 0) {
        return shared_question(shared, batch, deadline, out, err);
    }
    Error why = {0};
    bool ok = false;
    Writing how = shared->ops->append ? QUICKLY : WRITING;
    int races = 0;
    for (bool again = true; again;) {
        error_clear(&why);
        if (shared->staged == batch) {
            ok = staged_transaction(shared, batch, deadline, out, &why);
        } else {
            forget_results(batch);
            refuse_unsendable(batch);
            ok = transaction(shared, batch, how, deadline, out, &why);
        }
        if (!ok && lost_race(&why)) {
            again = ++races < RACE_TRIES;
        } else {
            again = !ok && is_worth_another_way(&why, how);
            how += again;
        }
    }
    if (!ok) {
        forget_results(batch);
        if (err) {
            *err = why;
        }
        return false;
    }
    if (out->verdict == SHARED_SENT) {
        confirm_sent(batch, out);
    } else {
        forget_results(batch);
    }
    return true;
}

SharedFailure shared_failure(const Error *err)
{
    const char *state = err->sqlstate;
    if (strcmp(state, "23503") == 0) {
        return SHARED_FAILURE_LATER;
    }
    if (text_starts(state, "22") || text_starts(state, "23") || text_starts(state, "54")) {
        return SHARED_FAILURE_DATA;
    }
    if (text_starts(state, "28") || text_starts(state, "42") || text_starts(state, "3D") ||
        text_starts(state, "3F") || err->kind == ERROR_GUARD || err->kind == ERROR_CONFIG ||
        err->kind == ERROR_USAGE) {
        return SHARED_FAILURE_STOP;
    }
    return SHARED_FAILURE_LATER;
}

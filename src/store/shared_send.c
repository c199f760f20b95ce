/* Step 2 of a delivery: one shared transaction (rule D2 of docs/protocol.md). */
#include <string.h>

#include "memory.h"
#include "rules.h"
#include "shared_ops.h"

/* A statement that lost a race (serialization failure, deadlock) is tried again this often. */
#define RACE_TRIES 5

static bool query(Shared *shared, const char *sql, const Value *values, int count, Deadline deadline,
                  int64_t *affected, Error *err)
{
    return shared->ops->query(shared->connection, sql, values, count, deadline, NULL, NULL, affected, err);
}

static void rollback(Shared *shared, Deadline deadline)
{
    query(shared, "ROLLBACK", NO_VALUES, deadline, NULL, NULL);
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

/* --- step 2: the token --- */

typedef struct Look {
    bool has_store;
    char store_id[ID_SIZE];
    int64_t version;
    bool has_token;
    char token[ID_SIZE];
} Look;

static void take_look(void *context, const Value *values, int count)
{
    Look *look = context;
    (void)count;
    look->has_store = true;
    text_copy(look->store_id, sizeof look->store_id, values[0].text);
    look->version = values[1].text ? strtoll(values[1].text, NULL, 10) : 0;
    look->has_token = values[2].type != VALUE_NULL;
    text_copy(look->token, sizeof look->token, values[2].text);
}

static bool look(Shared *shared, const OutboxBatch *batch, Deadline deadline, Look *out, Error *err)
{
    *out = (Look){0};
    const char *prefix = text_string(&shared->prefix);
    char *sql = text_format("SELECT s.store_id, s.schema_version, (SELECT o.token FROM %sorigins o "
                            "WHERE o.origin_id = $1) FROM %sstore s",
                            prefix, prefix);
    bool ok = shared->ops->query(shared->connection, sql, VALUES(value_text(batch->origin_id)), deadline,
                                 take_look, out, NULL, err);
    free(sql);
    return ok;
}

static bool is_accepted(const OutboxBatch *batch, const Look *seen)
{
    if (!seen->has_token) {
        return batch->first || !rule_holds(RULE_FIRST_ONCE);
    }
    for (size_t i = 0; i < batch->accepted_count; i++) {
        if (strcmp(batch->accepted[i], seen->token) == 0) {
            return true;
        }
    }
    return false;
}

static SharedVerdict judge(const OutboxBatch *batch, const Look *seen, SharedAnswer *answer)
{
    if (!seen->has_store || strcmp(seen->store_id, batch->store_id) != 0) {
        answer->verdict = SHARED_OTHER_STORE;
    } else if (seen->version != SYNCED_VERSION) {
        answer->verdict = seen->version > SYNCED_VERSION ? SHARED_TOO_NEW : SHARED_TOO_OLD;
        answer->version = seen->version;
    } else if (!is_accepted(batch, seen)) {
        answer->verdict = SHARED_STRANGE;
        text_copy(answer->token, sizeof answer->token, seen->token);
    } else {
        answer->verdict = SHARED_SENT;
    }
    return answer->verdict;
}

/* UPDATE .. WHERE the token is one we know: the compare and the set are one statement. */
typedef struct Claim {
    Text sql;
    Value *values;
    int count;
    char now[CLOCK_TEXT_SIZE];
} Claim;

static void make_claim(Claim *claim, const Shared *shared, const OutboxBatch *batch)
{
    const char *prefix = text_string(&shared->prefix);
    size_t accepted = rule_holds(RULE_COMPARE_TOKEN) ? batch->accepted_count : 0;
    size_t count = 8 + accepted;
    Value *values = memory_zero(count, sizeof *values);
    *claim = (Claim){.values = values, .count = (int)count};
    clock_now(claim->now);
    text_addf(&claim->sql,
              "UPDATE %sorigins SET token = $1, created_by = $2, hostname = $3, client_version = $4, "
              "last_seen = $5 "
              "WHERE origin_id = $6 AND EXISTS (SELECT 1 FROM %sstore s WHERE s.store_id = $7 "
              "AND s.schema_version = $8) AND token %s (''",
              prefix, prefix, rule_holds(RULE_COMPARE_TOKEN) ? "IN" : "NOT IN");
    values[0] = value_text(batch->token);
    values[1] = value_text(batch->who.created_by);
    values[2] = value_text(batch->who.hostname);
    values[3] = value_text(batch->who.client_version);
    values[4] = value_text(claim->now);
    values[5] = value_text(batch->origin_id);
    values[6] = value_text(batch->store_id);
    values[7] = value_int(SYNCED_VERSION);
    for (size_t i = 0; i < accepted; i++) {
        values[8 + i] = value_text(batch->accepted[i]);
        text_addf(&claim->sql, ", $%zu", 9 + i);
    }
    text_add(&claim->sql, ")");
}

static void free_claim(Claim *claim)
{
    text_free(&claim->sql);
    free(claim->values);
}

static bool set_token(Shared *shared, const OutboxBatch *batch, Deadline deadline, int64_t *affected,
                      Error *err)
{
    Claim claim;
    make_claim(&claim, shared, batch);
    bool ok = query(shared, text_string(&claim.sql), claim.values, claim.count, deadline, affected, err);
    free_claim(&claim);
    return ok;
}

static bool insert_origin(Shared *shared, const OutboxBatch *batch, Deadline deadline, int64_t *affected,
                          Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    char *sql =
        text_format("INSERT INTO %sorigins (origin_id, token, created_by, hostname, client_version, "
                    "first_seen, last_seen) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                    text_string(&shared->prefix));
    bool ok = query(shared, sql,
                    VALUES(value_text(batch->origin_id), value_text(batch->token),
                           value_text(batch->who.created_by), value_text(batch->who.hostname),
                           value_text(batch->who.client_version), value_text(now), value_text(now)),
                    deadline, affected, err);
    free(sql);
    return ok;
}

/* Zero rows changed is no error to SQL: look why, before a row is sent. */
static bool claim(Shared *shared, const OutboxBatch *batch, Deadline deadline, SharedAnswer *answer,
                  Error *err)
{
    int64_t affected = 0;
    Look seen;
    if (!batch->first || batch->accepted_count > 0) {
        if (!set_token(shared, batch, deadline, &affected, err)) {
            return false;
        }
    }
    if (affected == 1) {
        answer->verdict = SHARED_SENT;
        return true;
    }
    if (!look(shared, batch, deadline, &seen, err)) {
        return false;
    }
    if (judge(batch, &seen, answer) != SHARED_SENT) {
        return true;
    }
    if (!seen.has_token) {
        if (!insert_origin(shared, batch, deadline, &affected, err)) {
            return false;
        }
        if (affected == 1) {
            return true;
        }
    }
    error_set(err, ERROR_DATABASE, "%s: another delivery of this history.db came in between",
              shared_target(shared));
    error_sqlstate(err, "40001");
    return false;
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

/* The fence token has just been compared and set, so all that the store has of this origin came from this
 * file, and the file knows what it sent: a fresh row can't be there, nor come while the transaction holds the
 * origin's row. */
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
    if (!query(shared, "SAVEPOINT part", NO_VALUES, deadline, NULL, err)) {
        return false;
    }
    if (write_rows(shared, rows, count, deadline, &why)) {
        return query(shared, "RELEASE SAVEPOINT part", NO_VALUES, deadline, NULL, err);
    }
    bool parent_missing = strcmp(why.sqlstate, "23503") == 0;
    if (!parent_missing && shared_failure(&why) != SHARED_FAILURE_DATA) {
        if (err) {
            *err = why;
        }
        return false;
    }
    if (!query(shared, "ROLLBACK TO SAVEPOINT part", NO_VALUES, deadline, NULL, err) ||
        !query(shared, "RELEASE SAVEPOINT part", NO_VALUES, deadline, NULL, err)) {
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
    Claim claim;
    Group group = group_of(batch, batch->rows[0].table, false);
    make_claim(&claim, shared, batch);
    bool ok = shared->ops->write_claiming(
        shared->connection, text_string(&shared->prefix), text_string(&claim.sql), claim.values, claim.count,
        batch->rows[0].table, group.rows, group.count, deadline, claimed, err);
    free_claim(&claim);
    free(group.rows);
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
    if (!query(shared, shared->ops->begin, NO_VALUES, deadline, NULL, err)) {
        return false;
    }
    if (!claim(shared, batch, deadline, answer, err) ||
        (answer->verdict == SHARED_SENT && !write_all(shared, batch, how, deadline, err))) {
        rollback(shared, deadline);
        return false;
    }
    if (answer->verdict != SHARED_SENT) {
        rollback(shared, deadline);
        return true;
    }
    if (!query(shared, "COMMIT", NO_VALUES, deadline, NULL, err)) {
        rollback(shared, deadline); /* SQLite leaves the transaction open when a reader is in the way */
        return false;
    }
    return true;
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
    if (how == QUICKLY) {
        bool not_understood = text_starts(err->sqlstate, "42") && strcmp(err->sqlstate, "42501") != 0;
        return *err->sqlstate && (not_understood || shared_failure(err) != SHARED_FAILURE_STOP) &&
               !text_starts(err->sqlstate, "08") && !text_starts(err->sqlstate, "40") &&
               !text_starts(err->sqlstate, "53") && !text_starts(err->sqlstate, "57");
    }
    return how == WRITING &&
           (strcmp(err->sqlstate, "23503") == 0 || shared_failure(err) == SHARED_FAILURE_DATA);
}

bool shared_send(Shared *shared, OutboxBatch *batch, Deadline deadline, SharedAnswer *out, Error *err)
{
    *out = (SharedAnswer){0};
    if (batch->row_count == 0) {
        Look seen;
        if (!look(shared, batch, deadline, &seen, err)) {
            return false;
        }
        if (rule_holds(RULE_EMPTY_LOOKS)) {
            judge(batch, &seen, out);
        }
        return true;
    }
    Error why = {0};
    bool ok = false;
    Writing how = shared->ops->append ? QUICKLY : WRITING;
    int races = 0;
    for (bool again = true; again;) {
        error_clear(&why);
        forget_results(batch);
        refuse_unsendable(batch);
        ok = transaction(shared, batch, how, deadline, out, &why);
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

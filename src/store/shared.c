#include "shared.h"

#include <string.h>

#include "memory.h"
#include "pg.h"
#include "schema_shared.h"
#include "shared_ops.h"

struct Shared {
    const SharedOps *ops;
    SharedConnection *connection;
    Text prefix;
    char *schema;
};

/* A statement that lost a race (serialization failure, deadlock) is tried again this often. */
#define RACE_TRIES 5
/* Two bootstraps at once meet in the system catalogs, where IF NOT EXISTS does not help the loser. */
#define CREATE_TRIES 20

/* ---- statements -------------------------------------------------------------------------------------------
 */

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

/* ---- opening and bootstrap ------------------------------------------------------------------------------
 */

static const SharedOps *ops_of(Backend backend)
{
    return backend == BACKEND_SQLITE ? &shared_sqlite_ops : &shared_pg_ops;
}

bool shared_open(const DatabaseTarget *target, const char *schema, Deadline deadline, Shared **out,
                 Error *err)
{
    Shared *shared = memory_zero(1, sizeof *shared);
    shared->ops = ops_of(target->backend);
    shared->schema = memory_string(schema);
    if (!shared->ops->open(target, deadline, &shared->connection, err) ||
        !shared->ops->prefix(shared->connection, schema, &shared->prefix, err)) {
        shared_close(shared);
        return false;
    }
    *out = shared;
    return true;
}

void shared_close(Shared *shared)
{
    if (shared) {
        shared->ops->close(shared->connection);
        text_free(&shared->prefix);
        free(shared->schema);
        free(shared);
    }
}

const char *shared_target(const Shared *shared)
{
    return shared->ops->target(shared->connection);
}

static void take_state(void *context, const Value *values, int count)
{
    SharedState *state = context;
    (void)count;
    state->exists = true;
    text_copy(state->store_id, sizeof state->store_id, values[0].text);
    state->version = values[1].text ? strtoll(values[1].text, NULL, 10) : 0;
}

static void take_foreign(void *context, const Value *values, int count)
{
    (void)count;
    ((SharedState *)context)->foreign = values[0].text && strcmp(values[0].text, "0") != 0;
}

static bool is_missing(const Error *err)
{
    return strcmp(err->sqlstate, "42P01") == 0 || strcmp(err->sqlstate, "3F000") == 0;
}

/* The store table is made with the others, in one transaction: tables with our names and no store table are
 * somebody else's. One statement sees both, so that a bootstrap which commits just now is not taken for that.
 */
static bool look_for_foreign(Shared *shared, Deadline deadline, SharedState *out, Error *err)
{
    bool file = shared->ops->backend == BACKEND_SQLITE;
    Text sql = {0};
    text_addf(&sql, "WITH tables(name) AS (%s) SELECT count(*) FROM tables WHERE name IN ('origins'",
              file ? "SELECT name FROM sqlite_schema WHERE type = 'table'"
                   : "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                     "ON n.oid = c.relnamespace WHERE n.nspname = $1");
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        text_addf(&sql, ", '%s'", synced_tables[i].name);
    }
    text_add(&sql, ") AND NOT EXISTS (SELECT 1 FROM tables WHERE name = 'store')");
    Value schema = value_text(shared->schema);
    bool ok = shared->ops->query(shared->connection, text_string(&sql), &schema, file ? 0 : 1, deadline,
                                 take_foreign, out, NULL, err);
    text_free(&sql);
    return ok;
}

bool shared_inspect(Shared *shared, Deadline deadline, SharedState *out, Error *err)
{
    Error why = {0};
    *out = (SharedState){0};
    char *sql = text_format("SELECT store_id, schema_version FROM %sstore", text_string(&shared->prefix));
    bool ok = shared->ops->query(shared->connection, sql, NO_VALUES, deadline, take_state, out, NULL, &why);
    free(sql);
    if (ok) {
        return true;
    }
    if (is_missing(&why)) {
        return look_for_foreign(shared, deadline, out, err);
    }
    if (strcmp(why.sqlstate, "42703") == 0) {
        out->foreign = true; /* a table of that name, without our columns */
        return true;
    }
    if (err) {
        *err = why;
    }
    return false;
}

static bool lost_bootstrap_race(const Error *err)
{
    static const char *const states[] = {"23505", "42P06", "42P07", "42710",
                                         "40001", "40P01", "XX000", "55P03"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(err->sqlstate, states[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool shared_create(Shared *shared, Deadline deadline, SharedState *out, Error *err)
{
    if (!shared_inspect(shared, deadline, out, err)) {
        return false;
    }
    if (out->foreign) {
        error_set(err, ERROR_GUARD, "%s holds tables with the names amx uses, but they are not amx's",
                  shared_target(shared));
        return error_hint(err, "name an empty schema with --schema, or another file");
    }
    if (out->exists && out->version >= SYNCED_VERSION) {
        return true;
    }
    Text sql = {0};
    Error why = {0};
    char *prefix =
        memory_string_n(text_string(&shared->prefix), shared->prefix.length ? shared->prefix.length - 1 : 0);
    schema_shared_script(&sql, shared->ops->backend, *prefix ? prefix : NULL);
    bool ok = false;
    for (int i = 0; !ok && i < CREATE_TRIES; i++) {
        error_clear(&why);
        ok = shared->ops->script(shared->connection, text_string(&sql), deadline, &why);
        if (!ok && (!lost_bootstrap_race(&why) || deadline_left(deadline) == 0)) {
            break;
        }
    }
    text_free(&sql);
    free(prefix);
    if (!ok) {
        if (err) {
            *err = why;
        }
        return false;
    }
    return shared_inspect(shared, deadline, out, err);
}

bool shared_ddl(Backend backend, const char *schema, Text *out, Error *err)
{
    if (backend == BACKEND_SQLITE) {
        schema_shared_document(out, backend, NULL, NULL);
        return true;
    }
    Text quoted = {0};
    bool ok = pg_add_identifier(NULL, &quoted, schema, err);
    if (ok) {
        schema_shared_document(out, backend, text_string(&quoted), schema);
    }
    text_free(&quoted);
    return ok;
}

/* ---- step 2: the token ------------------------------------------------------------------------------------
 */

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
        return batch->first;
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
    } else if (seen->version > SYNCED_VERSION) {
        answer->verdict = SHARED_TOO_NEW;
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
static bool set_token(Shared *shared, const OutboxBatch *batch, Deadline deadline, int64_t *affected,
                      Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    const char *prefix = text_string(&shared->prefix);
    size_t count = 8 + batch->accepted_count;
    Value *values = memory_zero(count, sizeof *values);
    Text sql = {0};
    text_addf(&sql,
              "UPDATE %sorigins SET token = $1, created_by = $2, hostname = $3, client_version = $4, "
              "last_seen = $5 "
              "WHERE origin_id = $6 AND EXISTS (SELECT 1 FROM %sstore s WHERE s.store_id = $7 "
              "AND s.schema_version <= $8) AND token IN (''",
              prefix, prefix);
    values[0] = value_text(batch->token);
    values[1] = value_text(batch->who.created_by);
    values[2] = value_text(batch->who.hostname);
    values[3] = value_text(batch->who.client_version);
    values[4] = value_text(now);
    values[5] = value_text(batch->origin_id);
    values[6] = value_text(batch->store_id);
    values[7] = value_int(SYNCED_VERSION);
    for (size_t i = 0; i < batch->accepted_count; i++) {
        values[8 + i] = value_text(batch->accepted[i]);
        text_addf(&sql, ", $%zu", 9 + i);
    }
    text_add(&sql, ")");
    bool ok = query(shared, text_string(&sql), values, (int)count, deadline, affected, err);
    text_free(&sql);
    free(values);
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
    text_copy(err ? err->sqlstate : (char[6]){0}, 6, "40001");
    return false;
}

/* ---- step 2: the rows
 * ---------------------------------------------------------------------------------------- */

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

static bool write_group(Shared *shared, OutboxBatch *batch, const SyncedTable *table, bool erase, bool bisect,
                        Deadline deadline, Error *err)
{
    Group group = group_of(batch, table, erase);
    bool ok = true;
    if (group.count > 0) {
        ok = bisect ? write_bisecting(shared, group.rows, group.count, deadline, err)
                    : write_rows(shared, group.rows, group.count, deadline, err);
    }
    free(group.rows);
    return ok;
}

/* Parents before children; deletes of children before deletes of parents. */
static bool write_all(Shared *shared, OutboxBatch *batch, bool bisect, Deadline deadline, Error *err)
{
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        if (!write_group(shared, batch, &synced_tables[i], false, bisect, deadline, err)) {
            return false;
        }
    }
    for (int i = SYNCED_TABLE_COUNT - 1; i >= 0; i--) {
        if (!write_group(shared, batch, &synced_tables[i], true, bisect, deadline, err)) {
            return false;
        }
    }
    return true;
}

static bool transaction(Shared *shared, OutboxBatch *batch, bool bisect, Deadline deadline,
                        SharedAnswer *answer, Error *err)
{
    if (!query(shared, shared->ops->begin, NO_VALUES, deadline, NULL, err)) {
        return false;
    }
    if (!claim(shared, batch, deadline, answer, err) ||
        (answer->verdict == SHARED_SENT && !write_all(shared, batch, bisect, deadline, err))) {
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

bool shared_send(Shared *shared, OutboxBatch *batch, Deadline deadline, SharedAnswer *out, Error *err)
{
    *out = (SharedAnswer){0};
    if (batch->row_count == 0) {
        Look seen;
        if (!look(shared, batch, deadline, &seen, err)) {
            return false;
        }
        judge(batch, &seen, out);
        return true;
    }
    Error why = {0};
    bool ok = false;
    bool bisect = false;
    for (int i = 0; !ok && i < RACE_TRIES; i++) {
        error_clear(&why);
        forget_results(batch);
        refuse_unsendable(batch);
        ok = transaction(shared, batch, bisect, deadline, out, &why);
        if (!ok && !bisect &&
            (strcmp(why.sqlstate, "23503") == 0 || shared_failure(&why) == SHARED_FAILURE_DATA)) {
            bisect = true;
        } else if (!ok && !lost_race(&why)) {
            break;
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
        text_starts(state, "3F") || err->kind == ERROR_CONFIG || err->kind == ERROR_USAGE) {
        return SHARED_FAILURE_STOP;
    }
    return SHARED_FAILURE_LATER;
}

/* ---- the team's reads
 * ---------------------------------------------------------------------------------------- */

typedef struct Listing {
    const SyncedTable *table;
    RecordEach each;
    void *context;
} Listing;

static void take_row(void *context, const Value *values, int count)
{
    Listing *listing = context;
    (void)count;
    listing->each(listing->context, listing->table, values);
}

static void add_condition(Text *sql, Value *values, int *count, const char *condition, Value value)
{
    values[(*count)++] = value;
    text_addf(sql, " AND %s $%d", condition, *count);
}

static void add_order(Text *sql, const SyncedTable *table)
{
    switch (synced_id(table)) {
    case SYNCED_RUNS:
        text_add(sql, " ORDER BY t.started DESC, t.origin_id, t.local_id DESC");
        break;
    case SYNCED_SESSIONS:
        text_add(sql, " ORDER BY t.last_active DESC, t.origin_id, t.local_id DESC");
        break;
    case SYNCED_APP_EVENTS:
    case SYNCED_APPLY_EVENTS:
        text_add(sql, " ORDER BY t.created_at DESC, t.origin_id, t.local_id DESC");
        break;
    default:
        text_add(sql, " ORDER BY t.origin_id, t.local_id");
    }
}

bool shared_list(Shared *shared, const SyncedTable *table, const RecordFilter *filter, Deadline deadline,
                 RecordEach each, void *context, Error *err)
{
    Value values[16];
    int count = 0;
    Text sql = {0};
    for (size_t i = 0; i < synced_width(table); i++) {
        const SyncedColumn *column = synced_column(table, i);
        char *name = text_format("t.%s", column->name);
        text_add(&sql, i ? ", " : "SELECT ");
        if (column->type == SYNCED_TIME) {
            text_add(&sql, shared->ops->time_before);
            text_add(&sql, name);
            text_add(&sql, shared->ops->time_after);
        } else {
            text_add(&sql, name);
        }
        free(name);
    }
    text_addf(&sql, " FROM %s%s t WHERE t.deleted_at IS NULL", text_string(&shared->prefix), table->name);
    if (filter->who) {
        add_condition(&sql, values, &count, "t.created_by =", value_text(filter->who));
    }
    if (filter->host) {
        add_condition(&sql, values, &count, "t.hostname =", value_text(filter->host));
    }
    if (filter->since) {
        add_condition(&sql, values, &count, "t.created_at >=", value_text(filter->since));
    }
    if (filter->origin) {
        add_condition(&sql, values, &count, "t.origin_id =", value_text(filter->origin));
    }
    if (filter->local_id) {
        add_condition(&sql, values, &count, "t.local_id =", value_int(filter->local_id));
    }
    if (filter->parent) {
        char *condition = text_format("t.%s =", table->parent_column);
        add_condition(&sql, values, &count, condition, value_int(filter->parent));
        free(condition);
    }
    for (size_t i = 0; i < 4 && filter->match[i].column; i++) {
        char *condition = text_format("t.%s %s", filter->match[i].column,
                                      filter->match[i].value ? "=" : "IS NOT DISTINCT FROM");
        add_condition(&sql, values, &count, condition, value_text(filter->match[i].value));
        free(condition);
    }
    add_order(&sql, table);
    if (filter->limit > 0) {
        text_addf(&sql, " LIMIT %d", filter->limit);
    }
    Listing listing = {.table = table, .each = each, .context = context};
    bool ok = shared->ops->query(shared->connection, text_string(&sql), values, count, deadline, take_row,
                                 &listing, NULL, err);
    text_free(&sql);
    return ok;
}

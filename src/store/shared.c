#include "shared.h"

#include <string.h>

#include "memory.h"
#include "pg.h"
#include "schema_shared.h"
#include "shared_ops.h"

/* Two bootstraps at once meet in the system catalogs, where IF NOT EXISTS does not help the loser. */
#define CREATE_TRIES 20

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

bool shared_is_absent(const Shared *shared)
{
    return shared->ops->absent && shared->ops->absent(shared->connection);
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

static void take_found(void *context, const Value *values, int count)
{
    (void)values;
    (void)count;
    *(bool *)context = true;
}

/* A schema that is there is not made again: CREATE SCHEMA IF NOT EXISTS asks for a right that only making it
 * needs. */
static bool has_schema(Shared *shared, Deadline deadline, bool *out, Error *err)
{
    *out = shared->ops->backend == BACKEND_SQLITE;
    return *out ||
           shared->ops->query(shared->connection, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1",
                              VALUES(value_text(shared->schema)), deadline, take_found, out, NULL, err);
}

static bool explain_no_usage(const Shared *shared, Error *err)
{
    if (err && strcmp(err->sqlstate, "42501") == 0) {
        error_prefix(err, "the shared schema is there, but not open to you: ");
        error_hint(
            err,
            "ask its owner to run: GRANT USAGE ON SCHEMA %.*s TO the_role_you_log_in_as; GRANT SELECT, "
            "INSERT, UPDATE ON ALL TABLES IN SCHEMA %.*s TO the_role_you_log_in_as",
            (int)shared->prefix.length - 1, shared->prefix.data, (int)shared->prefix.length - 1,
            shared->prefix.data);
    }
    return false;
}

bool shared_create(Shared *shared, Deadline deadline, SharedState *out, Error *err)
{
    *out = (SharedState){0};
    if (!shared_is_absent(shared) && !shared_inspect(shared, deadline, out, err)) {
        return explain_no_usage(shared, err);
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
    bool there = false;
    if (!has_schema(shared, deadline, &there, err)) {
        return false;
    }
    schema_shared_script(&sql, shared->ops->backend, text_string(&shared->prefix), !there);
    bool ok = false;
    for (int i = 0; !ok && i < CREATE_TRIES; i++) {
        error_clear(&why);
        ok = shared->ops->script(shared->connection, text_string(&sql), deadline, &why);
        if (!ok && (!lost_bootstrap_race(&why) || deadline_left(deadline) == 0)) {
            break;
        }
    }
    text_free(&sql);
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

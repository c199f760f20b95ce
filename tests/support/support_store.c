#include "support_store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "local_sqlite.h"
#include "memory.h"
#include "schema_local.h"
#include "support_internal.h"
#include "text.h"

#define PATIENCE_MS 20000

const Identity support_ada = {.created_by = "ada", .hostname = "castle", .client_version = "9.8.7"};
const Identity support_bob = {.created_by = "bob", .hostname = "tower", .client_version = "9.9.0"};

const char *support_path(const char *name)
{
    return support_keep(text_format("%s/%s", support_folder(), name));
}

SupportBytes support_bytes(const char *path)
{
    struct stat file;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &file), 0);
    SupportBytes bytes = {.data = memory_alloc((size_t)file.st_size), .length = (size_t)file.st_size};
    assert_int_equal(read(fd, bytes.data, bytes.length), file.st_size);
    close(fd);
    return bytes;
}

void support_assert_same_bytes(const char *path, SupportBytes before)
{
    SupportBytes after = support_bytes(path);
    assert_int_equal(after.length, before.length);
    assert_memory_equal(after.data, before.data, before.length);
    free(after.data);
}

static void must(bool ok, const Error *err)
{
    if (!ok) {
        fail_msg("%s [%s]", err->message, err->sqlstate);
    }
}

/* ---- the local store -------------------------------------------------------------------------------------
 */

Local *support_local(const char *path, const Identity *who)
{
    Local *local = NULL;
    Error err = {0};
    must(local_open(path, LOCAL_WRITE, who, 10000, &local, &err), &err);
    return local;
}

void support_local_sql(Local *local, const char *sql)
{
    Error err = {0};
    must(local_begin(local, &err), &err);
    must(sqlite_script(local_sqlite(local), sql, &err), &err);
    must(local_commit(local, &err), &err);
}

int64_t support_local_number(Local *local, const char *sql)
{
    Error err = {0};
    int64_t number = 0;
    must(sqlite_number(local_sqlite(local), &err, 0, &number, sql, NO_VALUES), &err);
    return number;
}

const char *support_local_text(Local *local, const char *sql)
{
    Error err = {0};
    char *text = NULL;
    must(sqlite_string(local_sqlite(local), &err, &text, sql, NO_VALUES), &err);
    return support_keep(text ? text : memory_string(""));
}

static void add_value(Text *sql, const SyncedColumn *column, int number)
{
    switch (column->type) {
    case SYNCED_INT:
        text_addf(sql, "%d", number);
        break;
    case SYNCED_REAL:
        text_add(sql, "0.25");
        break;
    case SYNCED_TEXT:
        text_addf(sql, "'%s %d'", column->name, number);
        break;
    case SYNCED_TIME:
        text_add(sql, "'2026-01-02T03:04:05.678Z'");
        break;
    case SYNCED_JSON:
        text_addf(sql, "'[%d]'", number);
        break;
    }
}

void support_assert_value(const char *sql, const char *value, const char *expected)
{
    if (strcmp(value, expected) != 0) {
        fail_msg("%s: %s, not %s", sql, value, expected);
    }
}

const char *support_insert_sql(const SyncedTable *table, int64_t parent)
{
    static int number; /* makes the values of each row its own */
    Text names = {0};
    Text values = {0};
    number++;
    for (size_t i = 0; i < table->column_count; i++) {
        const SyncedColumn *column = &table->columns[i];
        if (column->required) {
            text_addf(&names, "%s%s", names.length ? ", " : "", column->name);
            text_add(&values, values.length ? ", " : "");
            if (text_equal(column->name, table->parent_column)) {
                text_addf(&values, "%lld", (long long)parent);
            } else {
                add_value(&values, column, number);
            }
        }
    }
    char *sql =
        text_format("INSERT INTO %s(%s) VALUES (%s)", table->name, text_string(&names), text_string(&values));
    text_free(&names);
    text_free(&values);
    return support_keep(sql);
}

int64_t support_insert(Local *local, SyncedTableId table, int64_t parent)
{
    support_local_sql(local, support_insert_sql(&synced_tables[table], parent));
    const char *sql = support_keep(text_format("SELECT max(local_id) FROM %s", synced_tables[table].name));
    return support_local_number(local, sql);
}

void support_touch(Local *local, SyncedTableId table, int64_t local_id)
{
    static const char *const columns[] = {[SYNCED_RUNS] = "error",
                                          [SYNCED_RUN_RESULTS] = "chosen_text",
                                          [SYNCED_SESSIONS] = "title",
                                          [SYNCED_SESSION_TURNS] = "content",
                                          [SYNCED_APPLY_EVENTS] = "old_text",
                                          [SYNCED_APP_EVENTS] = "status"};
    char *sql = text_format("UPDATE %s SET %s = ifnull(%s, '') || '+' WHERE local_id = %lld",
                            synced_tables[table].name, columns[table], columns[table], (long long)local_id);
    support_local_sql(local, sql);
    free(sql);
}

void support_delete(Local *local, SyncedTableId table, int64_t local_id)
{
    char *sql =
        text_format("DELETE FROM %s WHERE local_id = %lld", synced_tables[table].name, (long long)local_id);
    support_local_sql(local, sql);
    free(sql);
}

/* ---- the shared store ------------------------------------------------------------------------------------
 */

const char *support_local_only(const SyncedTable *table)
{
    static char *made[SYNCED_TABLE_COUNT];
    char **expression = &made[synced_id(table)];
    if (!*expression) {
        Text sql = {0};
        schema_local_only(&sql, table, "r");
        *expression = text_take(&sql);
    }
    return *expression;
}

Shared *support_shared(const DatabaseTarget *target, const char *schema)
{
    Shared *shared = NULL;
    SharedState state;
    Error err = {0};
    Deadline deadline = deadline_in(PATIENCE_MS);
    must(shared_open(target, schema, deadline, &shared, &err), &err);
    must(shared_create(shared, deadline, &state, &err), &err);
    assert_true(state.exists);
    return shared;
}

const char *support_store_id(Shared *shared)
{
    SharedState state;
    Error err = {0};
    must(shared_inspect(shared, deadline_in(PATIENCE_MS), &state, &err), &err);
    return support_keep(memory_string(state.store_id));
}

void support_enable(Local *local, Shared *shared)
{
    Error err = {0};
    must(local_begin(local, &err), &err);
    must(sharing_enable(local, support_store_id(shared), &err), &err);
    must(local_commit(local, &err), &err);
}

OutboxBatch *support_mint(Local *local, size_t max_rows)
{
    OutboxBatch *batch = NULL;
    Error err = {0};
    must(outbox_mint(local, (OutboxLimit){max_rows, 1u << 20}, &batch, &err), &err);
    return batch;
}

SharedAnswer support_send(Shared *shared, OutboxBatch *batch)
{
    SharedAnswer answer;
    Error err = {0};
    must(shared_send(shared, batch, deadline_in(PATIENCE_MS), &answer, &err), &err);
    return answer;
}

bool support_acknowledge(Local *local, OutboxBatch *batch)
{
    bool counted = false;
    Error err = {0};
    must(outbox_acknowledge(local, batch, &counted, &err), &err);
    return counted;
}

void support_deliver(Local *local, Shared *shared)
{
    for (size_t moved = 1; moved > 0;) {
        OutboxBatch *batch = support_mint(local, 7);
        SharedAnswer answer = support_send(shared, batch);
        assert_int_equal(answer.verdict, SHARED_SENT);
        moved = answer.refused;
        for (size_t i = 0; i < batch->row_count; i++) {
            moved += batch->rows[i].result == OUTBOX_CONFIRMED;
        }
        assert_true(batch->row_count == 0 || support_acknowledge(local, batch));
        outbox_free(batch);
    }
}

OutboxCounts support_counts(Local *local)
{
    OutboxCounts counts;
    Error err = {0};
    must(outbox_count(local, &counts, &err), &err);
    return counts;
}

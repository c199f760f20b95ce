/* Rule W: whatever writes a synced table, even SQL typed by hand, numbers the row, says who wrote it, and
 * marks it. */
#include "support_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local_sqlite.h"
#include "memory.h"
#include "text.h"

static const char *path;
static Local *local;

/* A file that is on store "s", and nothing in it. */
static int set_up(void **state)
{
    (void)state;
    path = support_path("history.db");
    local = support_local(path, &support_ada);
    support_local_sql(local, "UPDATE origin SET store_id = 's', enabled = 1");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    local_close(local);
    local = NULL;
    return 0;
}

/* Raw SQL on a connection of its own, as a person with the sqlite3 shell would. */
__attribute__((format(printf, 1, 2))) static void raw(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = text_vformat(format, args);
    va_end(args);
    support_sqlite(path, sql);
    free(sql);
}

__attribute__((format(printf, 1, 2))) static int64_t number(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = text_vformat(format, args);
    va_end(args);
    int64_t value = support_local_number(local, sql);
    free(sql);
    return value;
}

static int64_t insert(SyncedTableId table, int64_t parent)
{
    return support_insert(local, table, parent);
}

/* A row of a table, with the ancestors that it needs. */
static int64_t insert_with_ancestors(SyncedTableId table)
{
    int parent = synced_tables[table].parent;
    return insert(table, parent == SYNCED_NO_PARENT ? 0 : insert_with_ancestors((SyncedTableId)parent));
}

typedef struct Mark {
    int64_t position;
    int64_t seq;
    char op[2];
    char state[8];
} Mark;

static Mark mark_of(SyncedTableId table, int64_t id)
{
    Mark mark = {0};
    char *where = text_format("FROM outbox WHERE store_id = 's' AND tbl = '%s' AND local_id = %lld",
                              synced_tables[table].name, (long long)id);
    mark.position = number("SELECT position %s", where);
    mark.seq = number("SELECT seq %s", where);
    char *what = text_format("SELECT op || ' ' || state %s", where);
    const char *text = support_local_text(local, what);
    if (*text) {
        assert_int_equal(sscanf(text, "%1s %7s", mark.op, mark.state), 2);
    }
    free(what);
    free(where);
    return mark;
}

static void assert_mark(SyncedTableId table, int64_t id, const char *op, const char *mark_state)
{
    Mark mark = mark_of(table, id);
    assert_string_equal(mark.op, op);
    assert_string_equal(mark.state, mark_state);
}

/* ---- marks -----------------------------------------------------------------------------------------------
 */

static void every_statement_on_every_table_is_marked(void **state)
{
    (void)state;
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        SyncedTableId table = (SyncedTableId)t;
        const char *name = synced_tables[t].name;
        int64_t parent = synced_tables[t].parent == SYNCED_NO_PARENT
                             ? 0
                             : insert_with_ancestors((SyncedTableId)synced_tables[t].parent);
        int64_t version = number("SELECT row_version FROM origin");
        support_sqlite(path, support_insert_sql(&synced_tables[t], parent));
        int64_t id = number("SELECT max(local_id) FROM %s", name);
        Mark inserted = mark_of(table, id);
        assert_string_equal(inserted.op, "u");
        assert_string_equal(inserted.state, "queued");
        assert_int_equal(number("SELECT row_version FROM %s WHERE local_id = %lld", name, (long long)id),
                         version + 1);
        for (size_t c = 0; c < synced_tables[t].column_count; c++) {
            /* each column of content, so that none is forgotten by the trigger */
            Mark before = mark_of(table, id);
            raw("UPDATE %s SET %s = %s WHERE local_id = %lld", name, synced_tables[t].columns[c].name,
                synced_tables[t].columns[c].name, (long long)id);
            Mark updated = mark_of(table, id);
            assert_true(updated.seq > before.seq);
            assert_int_equal(updated.position, inserted.position);
            version = number("SELECT row_version FROM origin");
            assert_int_equal(number("SELECT row_version FROM %s WHERE local_id = %lld", name, (long long)id),
                             version);
        }
        Mark before = mark_of(table, id);
        raw("DELETE FROM %s WHERE local_id = %lld", name, (long long)id);
        Mark deleted = mark_of(table, id);
        assert_string_equal(deleted.op, "d");
        assert_true(deleted.seq > before.seq);
        assert_int_equal(deleted.position, inserted.position);
        assert_int_equal(number("SELECT row_version FROM tombstones WHERE tbl = '%s' AND local_id = %lld",
                                name, (long long)id),
                         version + 1);
    }
}

static void versions_are_numbered_over_the_whole_origin(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    int64_t session = insert(SYNCED_SESSIONS, 0);
    support_touch(local, SYNCED_RUNS, run);
    support_touch(local, SYNCED_SESSIONS, session);
    assert_int_equal(number("SELECT row_version FROM runs"), 3);
    assert_int_equal(number("SELECT row_version FROM sessions"), 4);
    assert_int_equal(number("SELECT row_version FROM origin"), 4);
}

static void a_changed_row_is_stamped_with_the_time(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    raw("UPDATE runs SET updated_at = '2001-01-01T00:00:00.000Z' WHERE local_id = %lld", (long long)run);
    support_touch(local, SYNCED_RUNS, run);
    assert_int_equal(number("SELECT updated_at > '2026' AND length(updated_at) = 24 FROM runs"), 1);
}

static void a_mark_is_for_the_store_that_is_on(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    support_local_sql(local, "UPDATE origin SET store_id = 'other'");
    support_touch(local, SYNCED_RUNS, run);
    assert_int_equal(number("SELECT count(*) FROM outbox WHERE store_id = 's'"), 1);
    assert_int_equal(number("SELECT count(*) FROM outbox WHERE store_id = 'other'"), 1);
}

static void without_a_store_nothing_is_marked(void **state)
{
    (void)state;
    support_local_sql(local, "UPDATE origin SET store_id = NULL, enabled = 0");
    int64_t run = insert_with_ancestors(SYNCED_APPLY_EVENTS);
    support_touch(local, SYNCED_APPLY_EVENTS, run);
    assert_int_equal(number("SELECT count(*) FROM outbox"), 0);
}

/* ---- local only ------------------------------------------------------------------------------------------
 */

/* One row of the table belongs to a family that is local only in this way. */
static void assert_family(SyncedTableId table, const char *how)
{
    assert_int_equal(number("SELECT count(*) FROM %s r WHERE %s = '%s'", synced_tables[table].name,
                            support_local_only(&synced_tables[table]), how),
                     1);
}

static void rows_written_while_sharing_is_off_say_so(void **state)
{
    (void)state;
    int64_t shared = insert(SYNCED_RUNS, 0);
    support_local_sql(local, "UPDATE origin SET enabled = 0");
    int64_t run = insert(SYNCED_RUNS, 0);
    int64_t result = insert(SYNCED_RUN_RESULTS, run);
    insert(SYNCED_APPLY_EVENTS, result);
    insert(SYNCED_APP_EVENTS, 0);
    assert_family(SYNCED_RUNS, "off");
    assert_family(SYNCED_RUN_RESULTS, "off");
    assert_family(SYNCED_APPLY_EVENTS, "off");
    assert_family(SYNCED_APP_EVENTS, "off");
    /* what belongs to a shared family stays with it, and waits in the queue */
    int64_t child = insert(SYNCED_RUN_RESULTS, shared);
    assert_mark(SYNCED_RUN_RESULTS, child, "u", "queued");
    assert_int_equal(number("SELECT count(*) FROM outbox"), 2);
}

static void a_family_is_private_as_a_whole(void **state)
{
    (void)state;
    const char *sql = support_insert_sql(&synced_tables[SYNCED_RUNS], 0);
    support_local_sql(local, sql);
    support_local_sql(local, "DELETE FROM runs");
    support_local_sql(local, "DELETE FROM outbox");
    /* the same run as `--local-only` writes it */
    Text private_run = {0};
    text_add_n(&private_run, sql, (size_t)(strstr(sql, ") VALUES") - sql));
    text_add(&private_run, ", local_only) VALUES");
    text_add_n(&private_run, strstr(sql, " VALUES") + 7, strlen(strstr(sql, " VALUES") + 7) - 1);
    text_add(&private_run, ", 'private')");
    support_local_sql(local, text_string(&private_run));
    text_free(&private_run);
    int64_t run = number("SELECT max(local_id) FROM runs");
    int64_t result = insert(SYNCED_RUN_RESULTS, run);
    int64_t event = insert(SYNCED_APPLY_EVENTS, result);
    support_touch(local, SYNCED_RUNS, run);
    support_touch(local, SYNCED_APPLY_EVENTS, event);
    assert_family(SYNCED_RUN_RESULTS, "private");
    assert_family(SYNCED_APPLY_EVENTS, "private");
    support_delete(local, SYNCED_RUNS, run);
    assert_int_equal(number("SELECT count(*) FROM outbox"), 0);
}

/* ---- who -------------------------------------------------------------------------------------------------
 */

static void the_writer_is_stamped_on_every_row(void **state)
{
    (void)state;
    static const char who[] = "SELECT created_by || '@' || hostname || ' ' || client_version FROM %s "
                              "ORDER BY local_id DESC LIMIT 1";
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        insert_with_ancestors((SyncedTableId)t);
        char *sql = text_format(who, synced_tables[t].name);
        assert_string_equal(support_local_text(local, sql), "ada@castle 9.8.7");
        free(sql);
        assert_int_equal(number("SELECT count(*) FROM %s t, origin o WHERE t.origin_id <> o.origin_id "
                                "OR t.born_origin <> o.origin_id",
                                synced_tables[t].name),
                         0);
    }
    /* the next program on the same file is somebody else's */
    Local *other = support_local(path, &support_bob);
    support_insert(other, SYNCED_SESSIONS, 0);
    support_insert(local, SYNCED_RUNS, 0);
    local_close(other);
    assert_string_equal(support_local_text(local,
                                           "SELECT created_by || hostname || client_version FROM sessions "
                                           "ORDER BY local_id DESC LIMIT 1"),
                        "bobtower9.9.0");
    assert_string_equal(
        support_local_text(local, "SELECT created_by FROM runs ORDER BY local_id DESC LIMIT 1"), "ada");
}

static void a_delete_says_who_deleted(void **state)
{
    (void)state;
    int64_t session = insert(SYNCED_SESSIONS, 0);
    Local *other = support_local(path, &support_bob);
    support_delete(other, SYNCED_SESSIONS, session);
    local_close(other);
    assert_string_equal(support_local_text(local,
                                           "SELECT deleted_by || '@' || hostname || ' ' || client_version "
                                           "FROM tombstones"),
                        "bob@tower 9.9.0");
}

/* ---- deletes ---------------------------------------------------------------------------------------------
 */

static void a_delete_takes_the_children_first(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    int64_t keep = insert_with_ancestors(SYNCED_APPLY_EVENTS);
    for (int i = 0; i < 3; i++) {
        int64_t result = insert(SYNCED_RUN_RESULTS, run);
        insert(SYNCED_APPLY_EVENTS, result);
        insert(SYNCED_APPLY_EVENTS, result);
    }
    raw("DELETE FROM runs WHERE local_id = %lld", (long long)run);
    assert_int_equal(number("SELECT count(*) FROM tombstones"), 1 + 3 + 6);
    assert_int_equal(number("SELECT count(*) FROM apply_events"), 1);
    assert_int_equal(number("SELECT local_id FROM apply_events"), keep);
    assert_int_equal(
        number("SELECT count(*) FROM tombstones c JOIN tombstones p ON p.local_id = c.parent "
               "AND (c.tbl, p.tbl) IN (VALUES ('apply_events', 'run_results'), ('run_results', 'runs')) "
               "WHERE c.row_version < p.row_version"),
        9);
    assert_int_equal(number("SELECT count(*) FROM outbox WHERE op = 'd' AND state = 'queued'"), 10);
}

static void an_id_is_never_used_again(void **state)
{
    (void)state;
    int64_t first = insert(SYNCED_SESSIONS, 0);
    support_delete(local, SYNCED_SESSIONS, first);
    assert_true(insert(SYNCED_SESSIONS, 0) > first);
}

static void a_child_needs_its_parent(void **state)
{
    (void)state;
    Error err = {0};
    const char *sql = support_insert_sql(&synced_tables[SYNCED_RUN_RESULTS], 4711);
    assert_false(sqlite_script(local_sqlite(local), sql, &err));
    assert_string_equal(err.sqlstate, "23503");
}

/* ---- what was dropped comes back
 * ----------------------------------------------------------------------------- */

static void drop_all(void)
{
    support_local_sql(local, "UPDATE outbox SET state = 'dropped'");
}

static void a_write_brings_its_dropped_ancestors_back(void **state)
{
    (void)state;
    for (int with_insert = 0; with_insert < 2; with_insert++) {
        int64_t run = insert(SYNCED_RUNS, 0);
        int64_t result = insert(SYNCED_RUN_RESULTS, run);
        int64_t sibling = insert(SYNCED_RUN_RESULTS, run);
        int64_t event = insert(SYNCED_APPLY_EVENTS, result);
        drop_all();
        Mark dropped = mark_of(SYNCED_RUNS, run);
        if (with_insert) {
            insert(SYNCED_APPLY_EVENTS, result);
            assert_mark(SYNCED_APPLY_EVENTS, event, "u", "dropped");
        } else {
            support_touch(local, SYNCED_APPLY_EVENTS, event);
            assert_mark(SYNCED_APPLY_EVENTS, event, "u", "queued");
        }
        assert_mark(SYNCED_RUN_RESULTS, result, "u", "queued");
        assert_mark(SYNCED_RUNS, run, "u", "queued");
        assert_mark(SYNCED_RUN_RESULTS, sibling, "u", "dropped");
        assert_true(mark_of(SYNCED_RUNS, run).seq > dropped.seq);
        assert_int_equal(mark_of(SYNCED_RUNS, run).position, dropped.position);
    }
}

static void a_delete_brings_dropped_deletes_below_back(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    int64_t result = insert(SYNCED_RUN_RESULTS, run);
    int64_t event = insert(SYNCED_APPLY_EVENTS, result);
    int64_t other = insert_with_ancestors(SYNCED_APPLY_EVENTS);
    support_delete(local, SYNCED_APPLY_EVENTS, event);
    support_delete(local, SYNCED_APPLY_EVENTS, other);
    drop_all();
    support_delete(local, SYNCED_RUNS, run);
    assert_mark(SYNCED_APPLY_EVENTS, event, "d", "queued");
    assert_mark(SYNCED_RUN_RESULTS, result, "d", "queued");
    assert_mark(SYNCED_RUNS, run, "d", "queued");
    assert_mark(SYNCED_APPLY_EVENTS, other, "d", "dropped");
}

static void a_delete_that_is_queued_again_brings_them_back_too(void **state)
{
    (void)state;
    int64_t run = insert_with_ancestors(SYNCED_APPLY_EVENTS);
    run = number("SELECT max(local_id) FROM runs");
    int64_t event = number("SELECT max(local_id) FROM apply_events");
    support_delete(local, SYNCED_RUNS, run);
    drop_all();
    assert_true(local_begin(local, NULL));
    assert_true(sharing_mark(local, &synced_tables[SYNCED_RUNS], run, 'd', NULL));
    assert_true(local_commit(local, NULL));
    assert_mark(SYNCED_RUNS, run, "d", "queued");
    assert_mark(SYNCED_APPLY_EVENTS, event, "d", "queued");
}

/* A delete of a child is none of its dropped parent's business: nothing is inserted by a delete. */
static void a_delete_leaves_dropped_ancestors_alone(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    int64_t result = insert(SYNCED_RUN_RESULTS, run);
    drop_all();
    support_delete(local, SYNCED_RUN_RESULTS, result);
    assert_mark(SYNCED_RUNS, run, "u", "dropped");
    assert_mark(SYNCED_RUN_RESULTS, result, "d", "queued");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_statement_on_every_table_is_marked),
        TEST(versions_are_numbered_over_the_whole_origin),
        TEST(a_changed_row_is_stamped_with_the_time),
        TEST(a_mark_is_for_the_store_that_is_on),
        TEST(without_a_store_nothing_is_marked),
        TEST(rows_written_while_sharing_is_off_say_so),
        TEST(a_family_is_private_as_a_whole),
        TEST(the_writer_is_stamped_on_every_row),
        TEST(a_delete_says_who_deleted),
        TEST(a_delete_takes_the_children_first),
        TEST(an_id_is_never_used_again),
        TEST(a_child_needs_its_parent),
        TEST(a_write_brings_its_dropped_ancestors_back),
        TEST(a_delete_brings_dropped_deletes_below_back),
        TEST(a_delete_that_is_queued_again_brings_them_back_too),
        TEST(a_delete_leaves_dropped_ancestors_alone),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

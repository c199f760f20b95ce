/* A question while others write: it is answered from one moment's catalog, and what is read for it may be
 * read from a file that nobody may write. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "asked.h"
#include "memory.h"
#include "search.h"
#include "support_store.h"
#include "text.h"
#include "thread.h"

enum { TABLES = 40, CONTEXTS = 60 };

/* Customers everywhere. */
static char *many_tables(void)
{
    Text sql = {0};
    for (int i = 0; i < TABLES; i++) {
        text_addf(&sql, "CREATE TABLE customer_%d(id INTEGER PRIMARY KEY, email TEXT, name TEXT);", i);
    }
    return text_take(&sql);
}

typedef struct Writer {
    const char *history;
    const Catalog *catalog;
    atomic_bool stop;
    bool ok;
    Error err;
} Writer;

/* Reads two catalogs anew, again and again: each gets other ids than it had. */
static void *write_catalogs(void *context)
{
    Writer *writer = context;
    Local *local = NULL;
    writer->ok = local_open(writer->history, LOCAL_WRITE, &support_ada, 20000, &local, &writer->err);
    while (writer->ok && !atomic_load(&writer->stop)) {
        writer->ok = search_keep(local, ASKED_PRINT, writer->catalog, &writer->err) &&
                     search_keep(local, "sqlite:/other", writer->catalog, &writer->err);
    }
    local_close(local);
    return NULL;
}

static AskQuestion question_to(Local *local, const char *text)
{
    return (AskQuestion){.local = local, .fingerprint = ASKED_PRINT, .profile = "shop", .text = text};
}

/* Every table that is told of is there as a whole. */
static void assert_whole(const AskContext *told)
{
    size_t index;
    json_t *table;
    assert_int_equal(json_array_size(told->tables), ASK_CONTEXT_TABLES);
    json_array_foreach(told->tables, index, table)
    {
        assert_string_equal(json_string_value(json_object_get(table, "kind")), "table");
        assert_int_equal(json_array_size(json_object_get(table, "columns")), 3);
    }
}

static void a_prompt_is_of_one_moment_while_the_catalog_is_read_anew(void **state)
{
    (void)state;
    char *sql = many_tables();
    Asked asked = asked_open(sql);
    Writer writer = {.history = local_path(asked.local), .catalog = asked.catalog};
    pthread_t thread;
    const AskQuestion question = question_to(asked.local, "which tables have the email of a customer?");
    assert_true(thread_start(&thread, write_catalogs, &writer));
    for (int i = 0; i < CONTEXTS; i++) {
        AskContext told;
        Error err = {0};
        if (!ask_context(&question, &told, &err)) {
            fail_msg("%s", err.message);
        }
        assert_whole(&told);
        ask_context_free(&told);
    }
    atomic_store(&writer.stop, true);
    pthread_join(thread, NULL);
    if (!writer.ok) {
        fail_msg("%s", writer.err.message);
    }
    asked_close(&asked);
    free(sql);
}

/* What the index has and the catalog has not. */
static void a_table_that_only_the_index_has_is_told_to_nobody(void **state)
{
    (void)state;
    Asked asked = asked_open("CREATE TABLE customer_a(id INTEGER); CREATE TABLE customer_b(id INTEGER);"
                             "CREATE TABLE customer_c(id INTEGER)");
    AskContext told;
    Error err = {0};
    const AskQuestion question = question_to(asked.local, "which table has a customer?");
    support_sqlite(local_path(asked.local), "DELETE FROM catalog_object WHERE table_name <> 'customer_c'");
    assert_true(ask_context(&question, &told, &err));
    assert_int_equal(json_array_size(told.tables), 1);
    ask_context_free(&told);
    asked_says(&asked, "which table has a customer?", "customer_c (table)");
    asked_close(&asked);
}

/* Of a file that is opened for reading, and may be. */
static char *told_to_a_reader(const char *history, const char *text)
{
    Local *local = NULL;
    AskContext told;
    Error err = {0};
    assert_true(local_open(history, LOCAL_READ, &support_ada, 1000, &local, &err));
    const AskQuestion question = question_to(local, text);
    if (!ask_context(&question, &told, &err)) {
        fail_msg("%s", err.message);
    }
    char *tables = json_dumps(told.tables, JSON_COMPACT);
    ask_context_free(&told);
    local_close(local);
    return tables;
}

static char *told_to_a_writer(Local *local, const char *text)
{
    AskContext told;
    Error err = {0};
    const AskQuestion question = question_to(local, text);
    assert_true(ask_context(&question, &told, &err));
    char *tables = json_dumps(told.tables, JSON_COMPACT);
    ask_context_free(&told);
    return tables;
}

/* Found by a word that stands in the accepted text only, by everybody. */
static void who_may_only_read_finds_what_was_accepted_since(void **state)
{
    static const char text[] = "where are the invoices?";
    (void)state;
    Asked asked = asked_open("CREATE TABLE t1(a INTEGER); CREATE TABLE t2(a INTEGER)");
    const char *history = local_path(asked.local);
    char *before = told_to_a_reader(history, text);
    asked_decide(&asked, "t2", NULL, "Invoices that were sent.");
    SupportBytes bytes = support_bytes(history);
    char *read = told_to_a_reader(history, text);
    char *again = told_to_a_reader(history, text);
    support_assert_same_bytes(history, bytes);
    char *written = told_to_a_writer(asked.local, text);
    assert_string_equal(before, "[]");
    assert_non_null(strstr(read, "Invoices that were sent."));
    assert_string_equal(read, again);
    assert_string_equal(read, written);
    free(bytes.data);
    free(before);
    free(read);
    free(again);
    free(written);
    asked_close(&asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prompt_is_of_one_moment_while_the_catalog_is_read_anew),
        cmocka_unit_test(a_table_that_only_the_index_has_is_told_to_nobody),
        cmocka_unit_test(who_may_only_read_finds_what_was_accepted_since),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* Questions as FTS5 expressions, tried on the real FTS5. */
#include "support.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"
#include "text.h"

/* How many of these descriptions an expression finds; -1 when SQLite refuses it. */
static int matches(const char *expression, const char *const *documents)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE VIRTUAL TABLE d USING fts5(text)", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO d VALUES (?)", -1, &statement, NULL), SQLITE_OK);
    for (; *documents; documents++) {
        sqlite3_bind_text(statement, 1, *documents, -1, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM d WHERE d MATCH ?", -1, &statement, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(statement, 1, expression, -1, SQLITE_STATIC);
    int found = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return found;
}

/* All words of a question in all their forms; owned by the caller. */
static char *expression_of(const char *question)
{
    Words words = {0}, forms = {0};
    Text expression = {0};
    words_split(question, &words);
    for (size_t i = 0; i < words.count; i++) {
        if (!search_is_stop_word(words.items[i])) {
            search_add_forms(&forms, words.items[i]);
        }
    }
    search_add_expression(&expression, &forms);
    words_free(&forms);
    words_free(&words);
    return text_take(&expression);
}

static void assert_found(const char *question, const char *document, int expected)
{
    char *expression = expression_of(question);
    const char *const documents[] = {document, NULL};
    if (*expression == '\0' || matches(expression, documents) != expected) {
        fail_msg("\"%s\" became %s", question, expression);
    }
    free(expression);
}

static void test_words_are_found_in_all_their_forms(void **state)
{
    (void)state;
    assert_found("Which tables hold addresses?", "customer address", 1);
    assert_found("Which tables hold addresses?", "cust_addr", 1);
    assert_found("cust addr", "Address of the customer.", 1);
    assert_found("how many people", "a person", 1);
    assert_found("dob", "Date of birth.", 1);
    assert_found("dob", "Date of shipment.", 0);
    assert_found("quantities", "qty", 1);
    assert_found("orderDate", "order_date", 1);
    assert_found("Straßen", "straßen", 1);
    assert_found("orders", "invoice", 0);
}

static void test_a_question_without_content_gives_nothing(void **state)
{
    (void)state;
    static const char *const empty[] = {"", "   ", "what is the table?", "?!*", "\"", "a b c", "\xff\xfe"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        char *expression = expression_of(empty[i]);
        assert_string_equal(expression, "");
        free(expression);
    }
}

static void test_stop_words_do_not_match_everything(void **state)
{
    (void)state;
    assert_found("where is the price of an order stored in this database", "the table is in this database",
                 0);
}

static void test_nothing_in_a_question_acts_as_an_operator(void **state)
{
    (void)state;
    static const char *const hostile[] = {"price NEAR(order",
                                          "price*",
                                          "^price",
                                          "text: price",
                                          "price AND NOT price",
                                          "\"price\" OR \"",
                                          "price\" OR \"x",
                                          "{price}",
                                          "-price",
                                          "price + price",
                                          "'price'; DROP TABLE d",
                                          "price\n\x1b[31m",
                                          "price \xff\xfe",
                                          "price 💥",
                                          "price\\\"",
                                          "xPrice"};
    const char *const documents[] = {"price", "nothing", NULL};
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        char *expression = expression_of(hostile[i]);
        if (matches(expression, documents) != 1) {
            fail_msg("\"%s\" became %s", hostile[i], expression);
        }
        free(expression);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_found_in_all_their_forms),
        cmocka_unit_test(test_a_question_without_content_gives_nothing),
        cmocka_unit_test(test_stop_words_do_not_match_everything),
        cmocka_unit_test(test_nothing_in_a_question_acts_as_an_operator),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

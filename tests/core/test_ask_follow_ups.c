/* ask: questions that hang on what the session was about before. */
#include <stdlib.h>

#include "asked.h"
#include "memory.h"
#include "support_internal.h"
#include "support_store.h"
#include "text.h"

static const char shop_sql[] =
    "CREATE TABLE customer(id INTEGER PRIMARY KEY, email TEXT, born DATE);"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer(id),"
    "  placed TIMESTAMP);"
    "CREATE TABLE region(code TEXT);"
    "CREATE VIEW open_orders AS SELECT id, placed FROM orders;"
    "CREATE VIEW regions_now AS SELECT code FROM region;"
    "CREATE TABLE amx_comments(table_name TEXT NOT NULL, column_name TEXT NOT NULL, comment TEXT NOT NULL,"
    "  updated_at TEXT NOT NULL, PRIMARY KEY(table_name, column_name));"
    "INSERT INTO amx_comments VALUES('customer', '', 'Everybody who bought.', '2026-01-01');";

static void a_question_that_found_nothing_was_about_the_table_it_names(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_answer(&shop, "describe orders");
    asked_says(&shop, "who described customer", "0 tables or columns");
    asked_says(&shop, "and its columns?", "3 columns of customer:");
    asked_answer(&shop, "describe orders");
    asked_says(&shop, "vouchers", "I do not know");
    asked_says(&shop, "and its columns?", "3 columns of orders:");
    asked_close(&shop);
}

static void what_was_listed_is_narrowed(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "tables without descriptions", "2 tables, 2 views without a description:");
    asked_says(&shop, "only the views",
               "2 of 4 tables that answer \"tables without descriptions\" are left: only views."
               "\n    [1] open_orders (view)");
    asked_says(&shop, "only those with a date?",
               "1 of 2 tables that answer \"only the views\" is left: only of type "
               "date.\n    [1] open_orders (view): no description yet\n"
               "        [2] open_orders.placed (TIMESTAMP)");
    asked_answer(&shop, "tables without descriptions");
    asked_says(&shop, "only the tables in main", "2 of 4 tables");
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "only those with an email", "[2] customer.email (TEXT)");
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "only those without a primary key", "3 of 5 tables");
    asked_answer(&shop, "columns of customer");
    asked_says(&shop, "only the ones of type date",
               "1 of 3 columns that answer \"columns of customer\" is left");
    asked_says(&shop, "which of them have no description?", "1 of 1 column");
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "only the columns",
               "0 of 0 columns that answer \"which tables are there?\" are left: only columns.");
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "only the second one", "[1] open_orders (view)");
    asked_close(&shop);
}

static void a_filter_that_is_not_understood_is_said(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_answer(&shop, "columns of customer");
    asked_says(&shop, "only the shiny ones", "meant by: shiny.");
    asked_says(&shop, "only the glittering views", "meant by: glittering.");
    asked_says(&shop, "only those with an email",
               "1 of 3 columns that answer \"columns of customer\" is left");
    asked_close(&shop);
}

static void what_the_answer_left_out_is_narrowed_too(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    for (int i = 0; i < 30; i++) {
        support_sqlite(shop.path, support_keep(text_format("CREATE TABLE t%02d(a INTEGER)", i)));
    }
    support_sqlite(shop.path, "CREATE TABLE zz(stamp DATE)");
    asked_read(&shop);
    asked_says(&shop, "which tables are there?", "34 tables, 2 views:");
    asked_says(&shop, "only those with a date", "4 of 36 tables");
    asked_close(&shop);
}

/* Two ask in one session: the turn before an answer is another one's question. */
static void an_answer_is_narrowed_by_the_name_of_its_own_question(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_answer(&shop, "tables without descriptions");
    char *answer = memory_string(shop.turns[1].content), *cited = memory_string(shop.turns[1].citations);
    asked_forget(&shop);
    asked_keep_turn(&shop, "user", "tables without descriptions", NULL);
    asked_keep_turn(&shop, "user", "what did bob describe?", NULL);
    asked_keep_turn(&shop, "assistant", answer, cited);
    for (size_t i = 0; i < shop.turn_count; i++) {
        shop.turns[i].turn_index = (int64_t)i + 1;
    }
    shop.turns[2].answers = 1;
    asked_says(&shop, "only the views", "2 of 4 tables that answer \"tables without descriptions\" are left");
    free(cited);
    free(answer);
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_that_found_nothing_was_about_the_table_it_names),
        cmocka_unit_test(what_was_listed_is_narrowed),
        cmocka_unit_test(a_filter_that_is_not_understood_is_said),
        cmocka_unit_test(an_answer_is_narrowed_by_the_name_of_its_own_question),
        cmocka_unit_test(what_the_answer_left_out_is_narrowed_too),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

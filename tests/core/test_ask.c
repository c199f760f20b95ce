/* ask: what it finds, what it cites, what it records, and what it refuses. */
#include "support_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asked.h"
#include "memory.h"
#include "runs.h"
#include "search.h"
#include "support_store.h"
#include "text.h"

static const char shop[] =
    "CREATE TABLE customer(customer_id INTEGER PRIMARY KEY, full_name TEXT, birth_date TEXT, seg TEXT);"
    "CREATE TABLE cust_addr(addr_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer,"
    "  street TEXT, zip TEXT);"
    "CREATE TABLE sales_order(order_id INTEGER PRIMARY KEY,"
    "  customer_id INTEGER NOT NULL REFERENCES customer(customer_id), placed TEXT);"
    "CREATE TABLE product(product_id INTEGER PRIMARY KEY, sku TEXT, x7 INTEGER);"
    "CREATE TABLE order_line(order_id INTEGER REFERENCES sales_order(order_id), line_no INTEGER,"
    "  product_id INTEGER REFERENCES product(product_id), qty INTEGER, PRIMARY KEY(order_id, line_no));"
    "CREATE TABLE lost(a INTEGER REFERENCES nowhere(gone));"
    "CREATE TABLE amx_comments(table_name TEXT NOT NULL, column_name TEXT NOT NULL, comment TEXT NOT NULL,"
    "  updated_at TEXT NOT NULL, PRIMARY KEY(table_name, column_name));"
    "INSERT INTO amx_comments VALUES"
    "  ('customer', 'seg', 'Price list that applies: retail or wholesale.', '2026-01-01'),"
    "  ('customer', '', 'Everybody who bought something.', '2026-01-01');";

/* Of these questions, what cites nothing says that it does not know. */
static void assert_says(Asked *opened, const char *question, const char *words)
{
    asked_says(opened, question, words);
    assert_int_equal(opened->known, opened->cited > 0);
    assert_int_equal(opened->known,
                     !text_starts(opened->turns[opened->turn_count - 1].content, "I do not know"));
}

static void names_are_found_however_they_are_written(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    assert_says(&opened, "which tables hold customers?", "[1] customer (table): Everybody who bought");
    assert_says(&opened, "Where are the addresses of a customer?", "[1] cust_addr (table)");
    assert_says(&opened, "addr", "cust_addr (table)");
    assert_says(&opened, "quantity per line", "qty (INTEGER)");
    assert_says(&opened, "dob", "birth_date (TEXT)");
    assert_says(&opened, "SKU", "1 table has a column SKU:\n    [1] product.sku (TEXT)");
    asked_close(&opened);
}

static void comments_are_searched_and_told(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    assert_says(&opened, "who is wholesale?", "seg (TEXT): Price list that applies: retail or wholesale.");
    asked_close(&opened);
}

static void accepted_descriptions_count_at_once(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    Error err = {0};
    assert_says(&opened, "warranty", "I do not know");
    asked_decide(&opened, "product", "x7", "Warranty in months.");
    assert_says(&opened, "warranty", "x7 (INTEGER): Warranty in months. (accepted in review)");
    int64_t second = asked_decide(&opened, "product", "x7", "Guarantee in years.");
    assert_says(&opened, "warranty", "I do not know");
    assert_says(&opened, "guarantee", "Guarantee in years.");
    assert_true(runs_evaluate(opened.local, second, "skipped", NULL, &err));
    assert_says(&opened, "warranty", "Warranty in months.");
    asked_decide(&opened, "sales_order", NULL, "A purchase.");
    assert_says(&opened, "purchases", "[1] sales_order (table): A purchase. (accepted in review)");
    asked_read(&opened);
    assert_says(&opened, "warranty", "Warranty in months.");
    asked_close(&opened);
}

static void a_comment_of_the_database_goes_before_a_review(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    asked_decide(&opened, "customer", "seg", "Leftover of a migration.");
    assert_says(&opened, "seg", "Price list that applies");
    assert_says(&opened, "leftover migration", "I do not know");
    asked_close(&opened);
}

static void reviews_of_another_database_do_not_count(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    asked_decide(&opened, "product", "x7", "Warranty in months.");
    support_sqlite(local_path(opened.local), "UPDATE runs SET fingerprint = 'sqlite:/other'");
    assert_says(&opened, "warranty", "I do not know");
    asked_close(&opened);
}

static void joins_follow_foreign_keys(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    assert_says(&opened, "customers and sales orders",
                "They join by:\n    sales_order.customer_id = customer.customer_id");
    assert_says(&opened, "cust addr street", "cust_addr (table)");
    assert_says(&opened, "product and sales order",
                "order_line.order_id = sales_order.order_id\n    order_line.product_id = product.product_id");
    asked_says_not(&opened, "lost product", "nowhere");
    asked_close(&opened);
}

static void what_nothing_fits_is_said(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    assert_says(&opened, "xyzzy", "I do not know: nothing in profile shop fits: xyzzy.");
    assert_says(&opened, "what is the table?", "I do not know: the question holds no word to look for");
    assert_says(&opened, "custommer",
                "Nothing is called custommer; customer is near it.\n[1] customer (table)");
    assert_says(&opened, "produkts", "product (table)");
    assert_says(&opened, "prod", "The nearest names: product");
    asked_says_not(&opened, "xyzzy", "nearest");
    assert_says(&opened, "favourite colour of a customer",
                "Nothing in profile shop fits: favourite, colour.");
    asked_close(&opened);
}

static void a_slip_of_a_word_that_every_question_has_is_no_word_to_look_for(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    assert_says(&opened, "whcih tabels contian colums of a customer?", "[1] customer (table)");
    asked_says_not(&opened, "whcih tabels contian colums of a customer?", "Nothing");
    assert_says(&opened, "wheere are the tabels?", "the question holds no word to look for");
    assert_says(&opened, "the form of a customer", "Nothing in profile shop fits: form.");
    assert_says(&opened, "tablets of a customer", "Nothing in profile shop fits: tablets.");
    support_sqlite(opened.path, "CREATE TABLE tabel(lengte INTEGER)");
    asked_read(&opened);
    assert_says(&opened, "tabel", "[1] tabel (table)");
    asked_close(&opened);
}

static void every_question_is_answered(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    static const char *const odd[] = {"?",
                                      "and",
                                      "only",
                                      "the second one",
                                      "what is",
                                      "describe",
                                      "which columns",
                                      "how many",
                                      "join",
                                      "who described",
                                      "primary key of",
                                      "columns of type",
                                      "in june",
                                      "without",
                                      "only the",
                                      "most",
                                      "largest",
                                      "tables in",
                                      "who",
                                      ". . .",
                                      "is that all",
                                      "keys of it",
                                      "references"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        asked_answer(&opened, odd[i]);
    }
    asked_close(&opened);
}

static void a_question_that_is_not_english_is_told_so_once(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    asked_says(&opened, "Wo liegen eigentlich Gutscheine?", "Only English is understood.");
    asked_says_not(&opened, "Wo liegen eigentlich Rabatte?", "Only English");
    asked_forget(&opened);
    asked_says_not(&opened, "where are the vouchers?", "Only English");
    asked_says_not(&opened, "vouchers", "Only English");
    asked_says_not(&opened, "wo ist customer gespeichert", "Only English");
    asked_close(&opened);
}

static void an_ordinary_word_is_not_taken_for_a_slip_of_a_name(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    assert_says(&opened, "personal data", "I do not know: nothing in profile shop fits: personal, data.");
    assert_says(&opened, "daate of birth", "Nothing is called daate; date is near it.");
    asked_close(&opened);
}

static void letters_are_found_without_their_marks(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    support_sqlite(opened.path, "CREATE TABLE \"prämie\"(x INTEGER)");
    asked_read(&opened);
    assert_says(&opened, "pramie", "[1] \"prämie\" (table)");
    asked_close(&opened);
}

static void names_are_found_in_any_case_of_any_letter(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    support_sqlite(opened.path, "CREATE TABLE \"Örders\"(\"Größe\" INTEGER, plain TEXT);"
                                "CREATE TABLE \"über\"(x INTEGER);"
                                "CREATE TABLE kunde(\"kundé_nr\" INTEGER);"
                                "CREATE TABLE kunde_gruppe(nr INTEGER);");
    asked_read(&opened);
    asked_says(&opened, "describe ÖRDERS", "[1] \"Örders\" (table)");
    asked_says(&opened, "describe örders", "[1] \"Örders\" (table)");
    asked_says(&opened, "columns of ÖRDERS", "2 columns of \"Örders\":");
    asked_says(&opened, "what is ÖRDERS.GRÖßE", "[1] \"Örders\".\"Größe\" (INTEGER)");
    asked_says(&opened, "which tables have a column größe", "1 table has a column größe:");
    asked_says(&opened, "describe ÜBER", "[1] \"über\" (table)");
    asked_says(&opened, "where is the uber kept", "[1] \"über\" (table)");
    asked_says(&opened, "where is the KUNDÉ kept", "[1] kunde (table)");
    asked_says(&opened, "which größe is there", "Größe\" (INTEGER)");
    asked_close(&opened);
}

static void a_name_that_many_words_begin_is_read_in_no_time(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    static const char letters[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (int length = 3; length <= 11; length++) {
        support_sqlite(opened.path,
                       support_keep(text_format("CREATE TABLE \"%.*s\"(x INTEGER)", length, letters)));
    }
    support_sqlite(opened.path, support_keep(text_format("CREATE TABLE long(\"%.*sbq\" INT, \"%sbq\" INT)",
                                                         60, letters, letters)));
    asked_read(&opened);
    assert_says(&opened, support_keep(text_format("%.*sbq", 60, letters)), "bq (INT)");
    assert_says(&opened, support_keep(text_format("%sbq", letters)), "[1] long.");
    asked_close(&opened);
}

static void an_interrupt_ends_the_indexing_and_leaves_what_was_kept(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    Error err = {0};
    interrupt_request();
    assert_false(search_keep(opened.local, ASKED_PRINT, opened.catalog, &err));
    interrupt_clear();
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    assert_says(&opened, "addr", "cust_addr (table)");
    asked_close(&opened);
}

static void the_same_question_has_the_same_answer(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    char *first = memory_string(asked_answer(&opened, "how do customers, orders and products join?"));
    asked_read(&opened);
    const char *second = asked_answer(&opened, "how do customers, orders and products join?");
    assert_string_equal(first, second);
    free(first);
    asked_close(&opened);
}

static void no_question_acts_on_the_index(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    static const char *const hostile[] = {"customer\" OR \"x",   "customer'; DROP TABLE catalog_object; --",
                                          "customer NEAR(order", "name: customer*",
                                          "NOT customer AND",    "^customer + (",
                                          "{customer} : -x",     "customer \x1b[31m\u202e"};
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        assert_says(&opened, hostile[i], "customer (table)");
    }
    char page[10240];
    size_t length = 0;
    while (length < sizeof page - 20) {
        length += (size_t)snprintf(page + length, sizeof page - length, "w%zu\" ", length);
    }
    assert_says(&opened, page, "I do not know");
    asked_close(&opened);
}

static void hostile_names_and_comments_are_told_harmlessly(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    support_sqlite(opened.path,
                   "CREATE TABLE \"gift \x1b[2J\"(\"note\n\u202e\" TEXT);"
                   "INSERT INTO amx_comments VALUES('gift \x1b[2J', '', 'Red\x1b[31m\nink', '2026-01-01')");
    asked_read(&opened);
    assert_says(&opened, "gift", "Red\\x1b[31m ink");
    asked_says_not(&opened, "gift note", "\x1b");
    asked_says_not(&opened, "gift note", "\u202e");
    asked_close(&opened);
}

static void a_new_reading_replaces_the_old_one(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    support_sqlite(opened.path, "DROP TABLE cust_addr; CREATE TABLE voucher(code TEXT);");
    asked_read(&opened);
    assert_says(&opened, "addresses", "I do not know");
    assert_says(&opened, "vouchers", "[1] voucher (table)");
    assert_string_equal(support_sqlite_value(local_path(opened.local),
                                             "SELECT (SELECT count(*) FROM catalog_object WHERE "
                                             "column_name = '') = (SELECT count(*) FROM catalog_topic)"),
                        "1");
    assert_string_equal(support_sqlite_value(local_path(opened.local), "SELECT count(*) FROM outbox"), "0");
    asked_close(&opened);
}

static void profiles_do_not_see_each_other(void **state)
{
    (void)state;
    Asked opened = asked_open(shop);
    Answer answer = {0};
    Error err = {0};
    AskQuestion asked = {
        .local = opened.local, .fingerprint = "sqlite:/other", .profile = "other", .text = "customer"};
    assert_true(ask_answer(&asked, &answer, &err));
    assert_false(answer.known);
    answer_free(&answer);
    asked_close(&opened);
}

/* The command, in a home of its own. */
typedef struct Home {
    const char *folder;
    const char *history;
    char *env[2];
} Home;

static void point_at(const Home *home, const char *file)
{
    char *conf = text_format("db_profile shop {\n  backend = sqlite\n  path = \"%s\"\n}\n", file);
    support_file(home->folder, "amx.conf", conf);
    free(conf);
}

static Home open_home(void)
{
    Home home = {.folder = support_folder()};
    support_sqlite(support_file(home.folder, "shop.db", ""), shop);
    support_sqlite(support_file(home.folder, "other.db", ""), shop);
    home.env[0] = text_format("AMX_HOME=%s", home.folder);
    home.history = text_format("%s/history.db", home.folder);
    point_at(&home, "shop.db");
    return home;
}

static void close_home(Home *home)
{
    free(home->env[0]);
    free((char *)home->history);
}

#define AMX(home, input, ...) support_amx((const char *const *)(home).env, input, __VA_ARGS__, NULL)

static void assert_value(const Home *home, const char *sql, const char *expected)
{
    assert_string_equal(support_sqlite_value(home->history, sql), expected);
}

static void question_and_answer_are_recorded(void **state)
{
    (void)state;
    Home home = open_home();
    SupportRun run = AMX(home, NULL, "--json", "ask", "which", "tables", "hold", "addresses");
    assert_int_equal(run.exit_code, 0);
    json_t *body = json_loads(run.out, 0, NULL);
    json_t *citations = json_object_get(body, "citations");
    assert_string_equal(json_string_value(json_object_get(body, "schema")), "amx.answer/1");
    assert_int_equal(json_integer_value(json_object_get(body, "session")), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(citations, 0), "table")),
                        "cust_addr");
    assert_value(&home, "SELECT group_concat(role || turn_index) FROM session_turns", "user1,assistant2");
    assert_value(&home, "SELECT content FROM session_turns WHERE turn_index = 1",
                 "which tables hold addresses");
    assert_value(&home, "SELECT citations FROM session_turns WHERE turn_index = 2",
                 "[{\"schema\":\"main\",\"table\":\"cust_addr\",\"column\":null},"
                 "{\"schema\":\"main\",\"table\":\"cust_addr\",\"column\":\"addr_id\"}]");
    json_decref(body);
    run = AMX(home, " which sku?\n", "ask", "-");
    assert_int_equal(run.exit_code, 0);
    assert_non_null(strstr(run.out, "[2] sku (TEXT)"));
    assert_value(&home, "SELECT content FROM session_turns WHERE turn_index = 3", "which sku?");
    assert_value(&home, "SELECT count(*) FROM sessions", "1");
    close_home(&home);
}

static void what_is_no_question_is_refused(void **state)
{
    (void)state;
    Home home = open_home();
    size_t size = 70 * 1024;
    char *page = malloc(size + 1);
    assert_non_null(page);
    memset(page, 'x', size);
    page[size] = '\0';
    assert_int_equal(AMX(home, NULL, "ask", "sku").exit_code, 0);
    assert_int_equal(AMX(home, " \n\t", "ask", "-").exit_code, 2);
    assert_int_equal(AMX(home, NULL, "ask", "").exit_code, 2);
    assert_int_equal(AMX(home, "\xff\xfe", "ask", "-").exit_code, 2);
    assert_int_equal(AMX(home, page, "ask", "-").exit_code, 2);
    assert_value(&home, "SELECT count(*) FROM session_turns", "2");
    free(page);
    close_home(&home);
}

static void a_session_of_another_database_takes_no_question(void **state)
{
    (void)state;
    Home home = open_home();
    assert_int_equal(AMX(home, NULL, "ask", "customers").exit_code, 0);
    point_at(&home, "other.db");
    SupportRun run = AMX(home, NULL, "ask", "--session", "1", "products");
    assert_int_equal(run.exit_code, 6);
    assert_non_null(strstr(run.err, "shop.db"));
    assert_non_null(strstr(run.err, "other.db"));
    assert_value(&home, "SELECT count(*) FROM session_turns", "2");
    assert_value(&home, "SELECT count(*) FROM catalog_cache", "1");
    /* nor does it go into a session of its own, until somebody begins one for the other database */
    assert_int_equal(AMX(home, NULL, "ask", "products").exit_code, 6);
    assert_int_equal(AMX(home, NULL, "session", "new").exit_code, 0);
    assert_int_equal(AMX(home, NULL, "ask", "products").exit_code, 0);
    assert_value(&home, "SELECT count(*) FROM session_turns WHERE session_id = 1", "2");
    assert_value(&home, "SELECT count(*) FROM sessions", "2");
    assert_int_equal(AMX(home, NULL, "ask", "--session", "99", "products").exit_code, 2);
    assert_value(&home, "SELECT count(*) FROM sessions", "2");
    close_home(&home);
}

static void a_question_that_cannot_be_answered_leaves_nothing(void **state)
{
    (void)state;
    Home home = open_home();
    char *path = text_format("%s/shop.db", home.folder);
    assert_int_equal(unlink(path), 0);
    assert_int_not_equal(AMX(home, NULL, "ask", "customers").exit_code, 0);
    assert_value(&home, "SELECT count(*) FROM sessions", "0");
    assert_value(&home, "SELECT count(*) FROM session_turns", "0");
    assert_value(&home, "SELECT count(*) FROM outbox", "0");
    free(path);
    close_home(&home);
}

static void a_database_out_of_reach_is_answered_from_the_last_reading(void **state)
{
    (void)state;
    Home home = open_home();
    char *path = text_format("%s/shop.db", home.folder);
    assert_int_equal(AMX(home, NULL, "ask", "customers").exit_code, 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(AMX(home, NULL, "ask", "customers").exit_code, 0);
    SupportRun run = AMX(home, NULL, "ask", "--refresh", "customers");
    assert_int_equal(run.exit_code, 0);
    assert_non_null(strstr(run.out, "customer (table)"));
    assert_non_null(strstr(run.err, "from the catalog as it was read at"));
    support_sqlite(home.history, "DELETE FROM catalog_cache");
    run = AMX(home, NULL, "ask", "customers");
    assert_int_equal(run.exit_code, 3);
    assert_value(&home, "SELECT count(*) FROM session_turns", "6");
    free(path);
    close_home(&home);
}

static void an_old_reading_is_renewed(void **state)
{
    (void)state;
    Home home = open_home();
    char *path = text_format("%s/shop.db", home.folder);
    AMX(home, NULL, "ask", "customers");
    support_sqlite(path, "CREATE TABLE voucher(code TEXT)");
    assert_null(strstr(AMX(home, NULL, "ask", "vouchers").out, "voucher (table)"));
    support_sqlite(home.history, "UPDATE catalog_cache SET taken_at = '2020-01-01T00:00:00.000Z'");
    assert_non_null(strstr(AMX(home, NULL, "ask", "vouchers").out, "voucher (table)"));
    support_sqlite(home.history, "UPDATE catalog_cache SET taken_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', "
                                 "'-3 minutes', '-10 seconds')");
    assert_non_null(strstr(AMX(home, NULL, "ask", "vouchers").err, "3 minutes ago"));
    support_sqlite(path, "CREATE TABLE coupon(code TEXT)");
    assert_non_null(strstr(AMX(home, NULL, "ask", "--refresh", "coupons").out, "coupon (table)"));
    free(path);
    close_home(&home);
}

static void local_only_stays_out_of_a_shared_session(void **state)
{
    (void)state;
    Home home = open_home();
    AMX(home, NULL, "ask", "customers");
    SupportRun run = AMX(home, NULL, "--local-only", "ask", "--session", "1", "secret");
    assert_int_equal(run.exit_code, 6);
    assert_int_equal(AMX(home, NULL, "--local-only", "ask", "secret products").exit_code, 0);
    assert_int_equal(AMX(home, NULL, "--local-only", "ask", "more secrets").exit_code, 0);
    assert_value(&home, "SELECT count(*) FROM session_turns WHERE session_id = 1", "2");
    assert_value(&home,
                 "SELECT count(*) FROM session_turns WHERE session_id = (SELECT local_id FROM sessions "
                 "WHERE local_id = 2 AND local_only = 'private')",
                 "4");
    close_home(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_however_they_are_written),
        cmocka_unit_test(comments_are_searched_and_told),
        cmocka_unit_test(accepted_descriptions_count_at_once),
        cmocka_unit_test(a_comment_of_the_database_goes_before_a_review),
        cmocka_unit_test(reviews_of_another_database_do_not_count),
        cmocka_unit_test(joins_follow_foreign_keys),
        cmocka_unit_test(what_nothing_fits_is_said),
        cmocka_unit_test(a_slip_of_a_word_that_every_question_has_is_no_word_to_look_for),
        cmocka_unit_test(every_question_is_answered),
        cmocka_unit_test(a_question_that_is_not_english_is_told_so_once),
        cmocka_unit_test(an_ordinary_word_is_not_taken_for_a_slip_of_a_name),
        cmocka_unit_test(letters_are_found_without_their_marks),
        cmocka_unit_test(names_are_found_in_any_case_of_any_letter),
        cmocka_unit_test(a_name_that_many_words_begin_is_read_in_no_time),
        cmocka_unit_test(an_interrupt_ends_the_indexing_and_leaves_what_was_kept),
        cmocka_unit_test(the_same_question_has_the_same_answer),
        cmocka_unit_test(no_question_acts_on_the_index),
        cmocka_unit_test(hostile_names_and_comments_are_told_harmlessly),
        cmocka_unit_test(a_new_reading_replaces_the_old_one),
        cmocka_unit_test(profiles_do_not_see_each_other),
        cmocka_unit_test(question_and_answer_are_recorded),
        cmocka_unit_test(what_is_no_question_is_refused),
        cmocka_unit_test(a_session_of_another_database_takes_no_question),
        cmocka_unit_test(a_question_that_cannot_be_answered_leaves_nothing),
        cmocka_unit_test(a_database_out_of_reach_is_answered_from_the_last_reading),
        cmocka_unit_test(an_old_reading_is_renewed),
        cmocka_unit_test(local_only_stays_out_of_a_shared_session),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* What a model answers, checked: form, citations, and every name in the text. */
#include "ask_llm_check.h"

#include <string.h>

#include "database.h"
#include "memory.h"
#include "search.h"
#include "support.h"
#include "text.h"

#define PRINT "sqlite:/shop"
#define CITED "[{\"schema\": \"main\", \"table\": \"customer\", \"column\": \"email\"}]"

static const char shop[] = "CREATE TABLE customer(id INTEGER PRIMARY KEY, email TEXT, \"odd name\" TEXT);"
                           "CREATE TABLE sales_order(id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES "
                           "customer(id));";

typedef struct Shop {
    Local *local;
    AskQuestion question;
    AskContext context;
} Shop;

static int start(void **state)
{
    static Shop opened;
    Error err = {0};
    Catalog *catalog = NULL;
    Database *database = NULL;
    DatabaseScope all = {0};
    const Identity who = {"ann", "web1", "0.1.0"};
    const char *folder = support_folder();
    const char *path = support_file(folder, "shop.db", "");
    DatabaseTarget target = {.backend = BACKEND_SQLITE, .path = (char *)path};
    char *history = text_format("%s/history.db", folder);
    support_sqlite(path, shop);
    assert_true(local_open(history, LOCAL_WRITE, &who, 1000, &opened.local, &err));
    assert_true(database_open(&target, DEADLINE_NONE, &database, &err));
    assert_true(database_read_catalog(database, &all, DEADLINE_NONE, &catalog, &err));
    assert_true(search_keep(opened.local, PRINT, catalog, &err));
    opened.question = (AskQuestion){.local = opened.local,
                                    .fingerprint = PRINT,
                                    .profile = "shop",
                                    .text = "email of a customer, and orders"};
    assert_true(ask_context(&opened.question, &opened.context, &err));
    database_close(database);
    catalog_free(catalog);
    free(history);
    *state = &opened;
    return 0;
}

static int stop(void **state)
{
    Shop *opened = *state;
    ask_context_free(&opened->context);
    local_close(opened->local);
    return 0;
}

/* "" when the answer is good; else what is wrong with it. */
static void expect(const Shop *opened, const char *said, const char *wrong)
{
    Answer answer = {0};
    Error err = {0};
    char *found = NULL;
    assert_true(ask_llm_check(&opened->question, &opened->context, said, &answer, &found, &err));
    if (*wrong ? !found || !strstr(found, wrong) : found != NULL) {
        fail_msg("%s\nshould be \"%s\" and is \"%s\"", said, wrong, found ? found : "");
    }
    assert_true((answer.text == NULL) == (found != NULL));
    free(found);
    answer_free(&answer);
}

/* The same of a text, with good citations. */
static void expect_text(const Shop *opened, const char *text, const char *wrong)
{
    json_t *root =
        json_pack("{s:s, s:o, s:b}", "answer", text, "citations", json_loads(CITED, 0, NULL), "known", 1);
    char *said = json_dumps(root, 0);
    expect(opened, said, wrong);
    free(said);
    json_decref(root);
}

static void the_form_is_what_was_asked_for(void **state)
{
    expect(*state, "{\"answer\": \"In `customer.email`.\", \"citations\": " CITED ", \"known\": true}", "");
    expect(*state, "```json\n{\"answer\": \"x\", \"citations\": " CITED ", \"known\": true}\n```\n", "");
    expect(*state,
           "<think>Hm, {\"answer\"}?</think>Here:\n{\"answer\": \"x\", \"citations\": " CITED
           ", \"known\": true}\nAnything else?",
           "");
    expect(*state, "{\"answer\": \"No idea.\", \"citations\": [], \"known\": false}", "");
    expect(*state, "{\"answer\": \"No idea.\", \"citations\": null, \"known\": false}", "");
    expect(*state, "The table customer.", "as JSON");
    expect(*state, "[1]", "as JSON");
    expect(*state, "", "as JSON");
    expect(*state, "{\"answer\": \"x\", \"citations\": " CITED ", \"known\": tru", "as JSON");
    expect(*state, "{\"answer\": \"x\", \"citations\": " CITED ", \"known\": \"yes\"}", "as JSON");
    expect(*state, "{\"answer\": \"x\", \"citations\": [\"customer\"], \"known\": true}", "as JSON");
    expect(*state, "{\"answer\": 7, \"citations\": " CITED ", \"known\": true}", "as JSON");
    expect(*state, "{\"answer\": \"a\", \"answer\": \"b\", \"citations\": " CITED ", \"known\": true}",
           "as JSON");
    expect(*state, "{\"answer\": \" \\n\", \"citations\": " CITED ", \"known\": true}", "is empty");
    expect(*state, "{\"answer\": \"It is so.\", \"citations\": [], \"known\": true}", "cites no table");
}

static void hostile_and_endless_texts_are_refused(void **state)
{
    expect_text(*state, "a\x1b[31mred", "control characters");
    expect_text(*state, "\xe2\x80\xaetxet", "control characters");
    expect_text(*state, "first\nsecond\tthird", "");
    char *longest = memory_zero(ASK_LLM_ANSWER_BYTES + 2, 1);
    memset(longest, 'a', ASK_LLM_ANSWER_BYTES);
    expect_text(*state, longest, "");
    longest[ASK_LLM_ANSWER_BYTES] = 'a';
    expect_text(*state, longest, "longer than 16 KiB");
    free(longest);
}

static void what_is_cited_has_to_exist(void **state)
{
#define CITES(schema, table, column)                                                                         \
    "{\"answer\": \"x\", \"known\": true, \"citations\": [{\"schema\": \"" schema "\", \"table\": \"" table  \
    "\", \"column\": " column "}]}"
    expect(*state, CITES("main", "customer", "null"), "");
    expect(*state, CITES("main", "customer", "\"odd name\""), "");
    expect(*state, CITES("main", "customer", "\"secret\""), "does not exist: main.customer.secret");
    expect(*state, CITES("main", "invoice", "null"), "does not exist: main.invoice");
    expect(*state, CITES("other", "customer", "null"), "does not exist: other.customer");
#undef CITES
}

static void names_in_the_text_have_to_exist(void **state)
{
    expect_text(*state, "See `customer`, `sales_order.customer_id` and `main.customer.email`.", "");
    expect_text(*state, "`CUSTOMER.Email`, `email`, `TEXT`, `main`, `\"odd name\"`, `customer.\"odd name\"`",
                "");
    expect_text(*state, "It is in `invoice`.", "does not exist: invoice");
    expect_text(*state, "It is in `customer.phone`.", "does not exist: customer.phone");
    expect_text(*state, "It is in main.customer.phone, or main.invoice.",
                "main.customer.phone, main.invoice");
    expect_text(*state, "Look at customers.email.", "does not exist: customers.email");
    expect_text(*state, "Look at `a.b.c.d`.", "does not exist: a.b.c.d");
    expect_text(*state, "Read http://evil.example.com/x first.", "does not exist: evil.example.com");
    expect_text(*state, "`phone`, `phone` again", "does not exist: phone");
}

static void prose_and_sql_are_not_taken_for_names(void **state)
{
    expect_text(*state,
                "E.g. 3.14 of v1.2, i.e. customers\xe2\x80\x94"
                "and orders. Done.",
                "");
    expect_text(*state,
                "Join sales_order.customer_id\xe2\x86\x92"
                "customer.id",
                "");
    expect_text(*state, "`SELECT c.email FROM customer c JOIN sales_order o ON o.customer_id = c.id`", "");
    expect_text(*state, "```sql\nSELECT email FROM customer WHERE id = 1.5\n```", "");
    expect_text(*state, "```sql\nSELECT customer.phone FROM customer\n```", "does not exist: customer.phone");
    expect_text(*state, "`SELECT c.phone FROM customer c`", "does not exist: c.phone");
    expect_text(*state, "an open ` backtick and a \" quote", "");
    expect_text(*state, "`count(*)` and `` and `varchar(40)`", "");
}

static void names_in_statements_and_odd_names_have_to_exist(void **state)
{
    expect_text(*state, "Run `SELECT iban FROM bank_accounts`.", "iban, bank_accounts");
    expect_text(*state, "See `2fa_tokens` and `user-secrets`.", "2fa_tokens, user-secrets");
    expect_text(*state, "See the table bank_accounts, and column tax_id.", "bank_accounts, tax_id");
    expect_text(*state, "Look at ab.email.", "does not exist: ab.email");
    expect_text(*state, "`SELECT email FROM customer WHERE phone = 'none'`", "does not exist: phone");
    expect_text(*state, "`INSERT INTO secrets(email) VALUES ('x')`", "does not exist: secrets");
    expect_text(*state, "`x.email`", "does not exist: x.email");
}

static void words_of_sql_and_aliases_are_known(void **state)
{
    expect_text(*state, "`NULL`, `true`, `JOIN`, `PRIMARY KEY`, `not null`, `1`, `2026-01-01`, `$1`, `:id`",
                "");
    expect_text(*state, "`SELECT cust.email AS mail FROM customer AS cust WHERE cust.id = $1 ORDER BY mail`",
                "");
    expect_text(*state,
                "```sql\nWITH busy AS (SELECT customer_id, count(*) AS orders FROM sales_order GROUP BY 1)"
                "\nSELECT c.email, busy.orders FROM busy, customer c\n```",
                "");
    expect_text(*state,
                "`SELECT json_strange(email) FROM main.customer WHERE email LIKE '%@nowhere.example'`", "");
    expect_text(*state, "The table holds emails; column email of table sales_order has none. `odd name`", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_is_what_was_asked_for),
        cmocka_unit_test(hostile_and_endless_texts_are_refused),
        cmocka_unit_test(what_is_cited_has_to_exist),
        cmocka_unit_test(names_in_the_text_have_to_exist),
        cmocka_unit_test(prose_and_sql_are_not_taken_for_names),
        cmocka_unit_test(names_in_statements_and_odd_names_have_to_exist),
        cmocka_unit_test(words_of_sql_and_aliases_are_known),
    };
    return support_cleanup(cmocka_run_group_tests(tests, start, stop));
}

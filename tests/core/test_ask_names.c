/* ask: names in quotes, and names that need them. */
#include "asked.h"
#include "support_store.h"

static const char odd_sql[] =
    "CREATE TABLE events(clock INTEGER, \"Day\" DATE);"
    "CREATE TABLE \"main.weird.name\"(\"a.b\" INTEGER, plain INTEGER);"
    "CREATE TABLE \"two words\"(\"x\"\"y\" INTEGER, ref INTEGER REFERENCES \"main.weird.name\"(\"a.b\"));";

static void quotes_are_not_part_of_a_column(void **state)
{
    static const char there[] = "1 table has a column clock:\n    [1] events.clock (INTEGER)";
    (void)state;
    Asked shop = asked_open(odd_sql);
    asked_says(&shop, "which tables have a column called \"clock\"", there);
    asked_says(&shop, "which tables have a column called 'clock'?", there);
    asked_says(&shop, "which tables have a column named `clock`", there);
    asked_says(&shop,
               "which tables have a column \xe2\x80\x9c"
               "clock\xe2\x80\x9d",
               there);
    asked_says(&shop, "columns named \"clock\"", there);
    asked_says(&shop, "what is \"clock\"", there);
    asked_says(&shop, "tables with a column called \"clok\"", "No column is called clok in profile shop.");
    asked_says(&shop, "columns called \"a.b\"", "1 table has a column \"a.b\":");
    asked_says(&shop, "what is \"x\"\"y\"", "[1] \"two words\".\"x\"\"y\" (INTEGER)");
    asked_close(&shop);
}

static void a_name_that_needs_quotes_is_found_with_and_without(void **state)
{
    static const char columns[] = "2 columns of \"weird.name\":\n    [1] \"weird.name\".\"a.b\" (INTEGER)";
    (void)state;
    Asked shop = asked_open(odd_sql);
    asked_says(&shop, "columns of weird.name", columns);
    asked_says(&shop, "columns of \"weird.name\"", columns);
    asked_says(&shop, "columns of main.weird.name", columns);
    asked_says(&shop, "columns of \"two words\"", "2 columns of \"two words\":");
    asked_says(&shop, "what is weird.name.a.b", "[1] \"weird.name\".\"a.b\" (INTEGER)");
    asked_says(&shop, "what is \"weird.name\".\"a.b\"", "[1] \"weird.name\".\"a.b\" (INTEGER)");
    asked_says(&shop, "describe events.day", "[1] events.\"Day\" (DATE)");
    asked_says(&shop, "foreign keys of \"two words\"", "\"two words\".ref = \"weird.name\".\"a.b\"");
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_are_not_part_of_a_column),
        cmocka_unit_test(a_name_that_needs_quotes_is_found_with_and_without),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* ask: columns of a type, as it is called in SQL and by people. */
#include "asked.h"
#include "memory.h"
#include "search.h"
#include "support_store.h"
#include "text.h"

static const char entry_sql[] = "CREATE TABLE entry(zoned TEXT, unzoned TEXT, precise TEXT, name TEXT, price "
                                "TEXT, rate TEXT, doc TEXT, docs "
                                "TEXT, size TEXT, note TEXT);";

/* Types as PostgreSQL names them. */
static Asked open_typed(void)
{
    static const char *const types[] = {"timestamp with time zone",
                                        "timestamp without time zone",
                                        "timestamp(3) with time zone",
                                        "character varying(20)",
                                        "numeric(10,2)",
                                        "numeric(5,4)",
                                        "json",
                                        "jsonb",
                                        "double precision",
                                        "text"};
    Asked shop = asked_open(entry_sql);
    Error err = {0};
    CatalogTable *entry = &shop.catalog->tables[0];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        free(entry->columns[i].type);
        entry->columns[i].type = memory_string(types[i]);
    }
    assert_true(search_keep(shop.local, ASKED_PRINT, shop.catalog, &err));
    return shop;
}

static void a_time_zone_is_part_of_a_type(void **state)
{
    static const char zoned[] = "2 columns of type timestamptz:\n"
                                "    [1] entry.zoned (timestamp with time zone)\n"
                                "    [2] entry.precise (timestamp(3) with time zone)";
    (void)state;
    Asked shop = open_typed();
    asked_says(&shop, "columns of type timestamptz", zoned);
    asked_says(&shop, "timestamptz columns", zoned);
    asked_says(&shop, "columns of type timestamp with time zone",
               "2 columns of type timestamp with time zone:\n    [1] entry.zoned");
    asked_says(&shop, "which columns of entry are timestamp with time zone?",
               "2 columns of entry of type timestamp with time zone:");
    asked_says(&shop, "columns of type timestamp without time zone",
               "1 column of type timestamp without time zone:\n    [1] entry.unzoned");
    asked_says(&shop, "columns of type timestamp(3) with time zone",
               "1 column of type timestamp(3) with time zone:\n    [1] entry.precise");
    asked_says(&shop, "columns of type timestamp", "3 columns of type timestamp, with or without time zone:");
    asked_says(&shop, "datetime columns", "3 columns of type datetime, with or without time zone:");
    asked_close(&shop);
}

static void a_length_is_part_of_a_type(void **state)
{
    (void)state;
    Asked shop = open_typed();
    asked_says(&shop, "columns of type numeric(10,2)",
               "1 column of type numeric(10,2):\n    [1] entry.price (numeric(10,2))");
    asked_says(&shop, "columns of type numeric(10, 2) in entry", "1 column of entry of type numeric(10,2):");
    asked_says(&shop, "columns of type decimal(10,2)",
               "1 column of type decimal(10,2):\n    [1] entry.price");
    asked_says(&shop, "columns of type numeric(12,2)", "I do not know a column of type numeric(12,2).");
    asked_says(&shop, "columns of type numeric", "2 columns of type numeric:");
    asked_says(&shop, "varchar(20) columns", "1 column of type varchar(20):\n    [1] entry.name");
    asked_says(&shop, "columns of type character varying", "1 column of type character varying:");
    asked_says(&shop, "columns of type varchar(30)", "I do not know a column of type varchar(30).");
    asked_says(&shop, "columns of type double precision", "1 column of type double precision:");
    asked_close(&shop);
}

static void a_type_that_is_another_one_is_not_listed(void **state)
{
    (void)state;
    Asked shop = open_typed();
    asked_says(&shop, "columns of type json", "1 column of type json:\n    [1] entry.doc (json)");
    asked_says(&shop, "columns of type jsonb", "1 column of type jsonb:\n    [1] entry.docs (jsonb)");
    asked_says(&shop, "columns of type real", "I do not know a column of type real.");
    asked_says(&shop, "string columns", "2 columns of type string:");
    asked_close(&shop);
}

static void a_type_and_what_else_is_asked_of_columns_are_kept(void **state)
{
    (void)state;
    Asked shop = open_typed();
    asked_decide(&shop, "entry", "zoned", "When.");
    asked_says(&shop, "columns of type timestamptz without a description",
               "1 column of type timestamptz without a description:\n    [1] entry.precise");
    asked_says(&shop, "columns of type timestamptz with a description",
               "1 column of type timestamptz with a description:\n    [1] entry.zoned");
    asked_says(&shop, "columns of type uuid without a description", "I do not know a column of type uuid.");
    asked_says(&shop, "columns of type text named url", "Not understood, and not taken into account: url.");
    asked_says(&shop, "columns of type json in entry that are not null",
               "0 columns of entry of type json that may not be null.");
    asked_says(&shop, "which tables do not have a json column?", "0 tables without a column of type json.");
    asked_says_not(&shop, "which columns of entry are of type numeric(10,2)?", "Not understood");
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_zone_is_part_of_a_type),
        cmocka_unit_test(a_length_is_part_of_a_type),
        cmocka_unit_test(a_type_that_is_another_one_is_not_listed),
        cmocka_unit_test(a_type_and_what_else_is_asked_of_columns_are_kept),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

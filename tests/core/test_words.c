/* Names as words. */
#include "support.h"

#include <string.h>

#include "text.h"
#include "words.h"

static void assert_words(const char *name, const char *expected)
{
    Words words = {0};
    words_split(name, &words);
    char *joined = words_join(&words, 0, words.count);
    assert_string_equal(joined, expected);
    free(joined);
    words_free(&words);
}

static void assert_phrase(const char *name, const char *type, const char *expected)
{
    char *phrase = words_phrase(name, type);
    assert_string_equal(phrase, expected);
    free(phrase);
}

static void test_names_are_split_into_words(void **state)
{
    (void)state;
    assert_words("order_date", "order date");
    assert_words("orderDate", "order date");
    assert_words("OrderDate", "order date");
    assert_words("ORDER_DATE", "order date");
    assert_words("HTTPServerName", "http server name");
    assert_words("customerID", "customer id");
    assert_words("customerIDs", "customer ids");
    assert_words("Order Details", "order details");
    assert_words("address2", "address 2");
    assert_words("line_2_text", "line 2 text");
    assert_words("ipv4_address", "ipv4 address");
    assert_words("IPv4Address", "ipv4 address");
    assert_words("md5", "md5");
    assert_words("__x__", "x");
    assert_words("42", "42");
    assert_words("", "");
    assert_words("$%!", "");
}

static void test_words_beyond_ascii_stay_whole(void **state)
{
    (void)state;
    assert_words("Größe_Änderung", "größe änderung");
    assert_words("größeÄndern", "größe ändern");
    assert_words("名前", "名前");
}

static void test_hostile_names_give_harmless_words(void **state)
{
    (void)state;
    assert_words("a\x1b[31mb", "a 31mb");
    assert_words("user\u202eeman", "user eman");
    assert_words("bad\xff\xfe_name", "bad name");
    assert_words("line\nbreak", "line break");
}

static void test_abbreviations_are_expanded(void **state)
{
    (void)state;
    assert_phrase("cust_addr", NULL, "customer address");
    assert_phrase("ordQty", NULL, "order quantity");
    assert_phrase("invoice_no", NULL, "invoice number");
    assert_phrase("no_show", NULL, "no show");
    assert_phrase("no", NULL, "no");
    assert_phrase("customer_id", NULL, "customer ID");
    assert_phrase("callback_url", NULL, "callback URL");
    assert_phrase("dob", NULL, "date of birth");
}

static void test_prefixes_go_only_where_they_are_certain(void **state)
{
    (void)state;
    assert_phrase("tbl_customers", NULL, "customers");
    assert_phrase("fk_customer", NULL, "customer");
    assert_phrase("dtCreated", "date", "created");
    assert_phrase("dtCreated", "integer", "dt created");
    assert_phrase("b_active", "boolean", "active");
    assert_phrase("b_active", "numeric", "b active");
    assert_phrase("tbl", NULL, "table");
}

static void test_singular_and_plural(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"order", "orders"},       {"category", "categories"},
        {"box", "boxes"},          {"address", "addresses"},
        {"batch", "batches"},      {"cache", "caches"},
        {"house", "houses"},       {"status", "statuses"},
        {"person", "people"},      {"child", "children"},
        {"key", "keys"},           {"hash", "hashes"},
        {"movie", "movies"},       {"purchase", "purchases"},
        {"database", "databases"}, {"size", "sizes"},
        {"process", "processes"},  {"alias", "aliases"},
        {"day", "days"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *singular = words_singular(pairs[i][1]);
        char *plural = words_plural(pairs[i][0]);
        char *same = words_singular(pairs[i][0]);
        char *still = words_plural(pairs[i][1]);
        assert_string_equal(singular, pairs[i][0]);
        assert_string_equal(plural, pairs[i][1]);
        assert_string_equal(same, pairs[i][0]);
        assert_string_equal(still, pairs[i][1]);
        free(singular);
        free(plural);
        free(same);
        free(still);
    }
    static const char *const unchanging[] = {"news", "data", "series", "sms", "analysis", "as", "s", ""};
    for (size_t i = 0; i < sizeof unchanging / sizeof *unchanging; i++) {
        char *singular = words_singular(unchanging[i]);
        assert_string_equal(singular, unchanging[i]);
        free(singular);
    }
}

static void test_dictionary_is_sorted_and_found(void **state)
{
    (void)state;
    size_t count;
    const WordAbbreviation *entries = words_dictionary(&count);
    assert_true(count > 150);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            assert_true(strcmp(entries[i - 1].abbreviation, entries[i].abbreviation) < 0);
        }
        assert_ptr_equal(words_find(entries[i].abbreviation), &entries[i]);
    }
    assert_null(words_find("customer"));
    assert_null(words_find(""));
}

static void test_own_abbreviations_come_before_the_built_in_ones(void **state)
{
    (void)state;
    static const WordAbbreviation own[] = {{"zz", "double zero", WORD_ANYWHERE},
                                           {"amt", "office", WORD_ANYWHERE}};
    size_t count = 7;
    assert_phrase("zz_amt", NULL, "zz amount");
    words_set_own(own, 2);
    assert_phrase("zz_amt", NULL, "double zero office");
    assert_string_equal(words_own(&count)[0].abbreviation, "amt");
    assert_int_equal(count, 2);
    words_set_own(own, 1);
    assert_phrase("zz_amt", NULL, "double zero amount");
    words_set_own(NULL, 0);
    assert_phrase("zz_amt", NULL, "zz amount");
    words_own(&count);
    assert_int_equal(count, 0);
}

static void test_an_expansion_does_not_repeat_the_next_word(void **state)
{
    (void)state;
    assert_phrase("ip", NULL, "IP address");
    assert_phrase("ip_address", NULL, "IP address");
    assert_phrase("src_ip", NULL, "source IP address");
    assert_phrase("intTotal", "integer", "total");
    assert_phrase("intTotal", "text", "int total");
    assert_phrase("is_dst", "boolean", "is dst"); /* destination, or daylight saving time */
    assert_phrase("seq_scan", "bigint", "seq scan");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_split_into_words),
        cmocka_unit_test(test_words_beyond_ascii_stay_whole),
        cmocka_unit_test(test_hostile_names_give_harmless_words),
        cmocka_unit_test(test_abbreviations_are_expanded),
        cmocka_unit_test(test_prefixes_go_only_where_they_are_certain),
        cmocka_unit_test(test_singular_and_plural),
        cmocka_unit_test(test_dictionary_is_sorted_and_found),
        cmocka_unit_test(test_own_abbreviations_come_before_the_built_in_ones),
        cmocka_unit_test(test_an_expansion_does_not_repeat_the_next_word),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* What sampled values look like. */
#include "support.h"

#include "catalog_build.h"

static const char *format_of(const char *first, const char *second)
{
    FormatSample sample = FORMAT_SAMPLE_START;
    format_sample_add(&sample, first);
    format_sample_add(&sample, second);
    return format_sample_result(&sample);
}

static void formats_are_those_that_all_values_share(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"a@b.example", "c.d@e.example", "email"},
        {"https://a.example/x", "ftp://b.example", "url"},
        {"2024-02-29", "1999-12-31 23:59:59", "iso date"},
        {"{\"a\": 1}", "[]", "json"},
        {"10.0.0.1", "192.168.1.255", "ipv4"},
        {"+49 30 1234567", "+1 (212) 555-0100", "phone"},
        {"(212) 555-0100", "212-555-0101", "phone"},
        {"EUR", "USD", "currency code"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *format = format_of(cases[i][0], cases[i][1]);
        assert_non_null(format);
        assert_string_equal(format, cases[i][2]);
    }
}

static void what_may_be_anything_has_no_format(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"EUR", "ABC"},
        {"EUR", "eur"},
        {"UR ", "R U"},
        {"4930123456", "0301234567"},
        {"+1-2", "+3-4"},
        {"+1 +2 3456789", "+1 23456789"},
        {"2024-13-01", "2024-02-29"},
        {"a@b.example", "EUR"},
        {"", ""},
        {"10.0.0", "1.2.3"},
        {"1", "2"},
        {"+12345678901234567", "+12345678901234568"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(format_of(cases[i][0], cases[i][1]));
    }
    FormatSample one = FORMAT_SAMPLE_START;
    format_sample_add(&one, "EUR");
    assert_null(format_sample_result(&one)); /* one value shares its format with nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_those_that_all_values_share),
        cmocka_unit_test(what_may_be_anything_has_no_format),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

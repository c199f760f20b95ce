/* A key is taken out of a text however that comes, and nothing else is. */
#include "llm_scrub.h"
#include "llm_secret.h"

#include <string.h>

#include "support.h"

static void expect(const char *text, const char *key, const char *expected)
{
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        Text out = {0};
        LlmScrub scrub = {.key = key};
        for (size_t at = 0; at < strlen(text); at += piece) {
            llm_scrub_feed(&scrub, text + at, strnlen(text + at, piece), &out);
        }
        llm_scrub_end(&scrub, &out);
        assert_string_equal(text_string(&out), expected);
        text_free(&out);
        llm_scrub_free(&scrub);
    }
}

static void a_key_is_taken_out_wherever_it_stands(void **state)
{
    (void)state;
    expect("sk-01234", "sk-01234", "***");
    expect("a sk-01234sk-01234 b", "sk-01234", "a ****** b");
    expect("sk-sk-01234", "sk-01234", "sk-***");
    expect("sk-0123", "sk-01234", "sk-0123");
    expect("sk-01235 SK-01234", "sk-01234", "sk-01235 SK-01234");
    expect("aaaaaaaaaaaa", "aaaaaaaa", "***aaaa");
}

static void a_key_is_found_as_json_writes_it(void **state)
{
    (void)state;
    expect("\\u0073k-\\u003001234", "sk-001234", "***");
    expect("\\u006a\\u006B-01234 \\u", "jk-01234", "*** \\u");
    expect("s\\/k\\\\-\\\"01234", "s/k\\-\"01234", "***");
    expect("s/k\\-\"0123\\", "s/k\\-\"0123\\", "***");
    expect("\\n\\u00e9 \\U0073k-01234", "sk-01234", "\\n\\u00e9 \\U0073k-01234");
}

static void a_short_key_or_none_changes_nothing(void **state)
{
    (void)state;
    expect("none of the tables", "none", "none of the tables");
    expect("{\"found\": true}", "true", "{\"found\": true}");
    expect("anything", NULL, "anything");
    expect("anything", "", "anything");
}

static void what_can_not_be_the_key_is_not_held_back(void **state)
{
    (void)state;
    Text out = {0};
    LlmScrub scrub = {.key = "sk-01234"};
    llm_scrub_feed(&scrub, "it is sk-0", strlen("it is sk-0"), &out);
    assert_string_equal(text_string(&out), "it is ");
    llm_scrub_feed(&scrub, "x", 1, &out);
    assert_string_equal(text_string(&out), "it is sk-0x");
    llm_scrub_free(&scrub);
    text_free(&out);
}

static void what_looks_like_a_secret_is_known(void **state)
{
    (void)state;
    static const char *const secrets[] = {
        "sk-abcdefghijklmnop",
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi",
        "$2b$12$abcdefghijklmnopqrst",
        "-----BEGIN RSA PRIVATE KEY-----",
        "f3b1c29a7de84405b6c1d2e3f4a5b6c7",
        "TR330006100519786457841326",
        "to DE89 3704 0044 0532 0130 00",
        "4111 1111 1111 1111",
        "card 5555-5555-5555-4444, paid",
        "378282246310005",
        "ssn 123-45-6789",
        "My password is Hunter1 ok",
        "Passwort: Walnuss",
        "PIN 1234",
        "token: 9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        "{\"x\":\"-----BEGIN PRIVATE KEY-----\"}",
        "{\"k\":\"AKIAIOSFODNN7EXAMPLE\"}",
        "{\"j\":\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc\"}",
        "{\"note\": \"line\\nAKIAIOSFODNN7EXAMPLE\"}",
        "{\"note\": \"{\\\"k\\\": \\\"\\\\nghp_abcdefghijkl\\\"}\"}",
        "{\"pass\\u0077ord\": 1}",
        "{\"apiKey\": 1}",
        "X-Api-Key: walnut",
        "AccountKey=walnut",
        "{\"auth\": \"walnut\"}",
        "k=sk-abcdefghijklmnop, x",
        "keys:AKIAIOSFODNN7EXAMPLE",
        "mysql -uroot -phunter2x",
        "mysql -p hunter2x",
        "[\"mysql\", \"-phunter2x\"]",
        "curl -u root:hunter2x h",
        "curl --user=root:hunter2x h",
        "curl --user 'root:hunter2x' h",
        "psql postgres://root:hunter2x@db/shop",
        "root:hunter2x@tcp(db)/shop",
        "pg_dump --password hunter2x",
        "Basic cm9vdDpodW50ZXIy",
        "-H 'x: Basic dXNlcjpwYXNz'",
        "BASIC dXNlcjpwYXNz",
        "Bearer walnut",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "4111 1111 1111 1111 12/29",
        "acct=DE89370400440532013000 paid by ann",
    };
    static const char *const others[] = {
        "",
        "Mercan",
        "anna@example.com",
        "2026-11-23 13:37:00.123456+00",
        "TR330006100519786457841327",
        "4111111111111112",
        "room 123-45-67890",
        "+49 30 123456",
        "sk-en",
        "a sentence of some length, without anything odd",
        "3f2b8c1e-9d4a-4c6b-8e7f-1a2b3c4d5e6f",
        "{\"city\": \"Izmir\", \"zip\": \"35000\", \"tags\": [\"a\", \"b\"]}",
        "{\"note\": \"two\\nlines\"}",
        "Basic training",
        "basic",
        "ls -l --color /srv/in",
        "curl -u root h",
        "from 10:30 to 11:45",
        "https://example.com/orders?id=7",
        "CustomerOrderLine",
        "a non-private, re-planned trip",
    };
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        if (!llm_secret_is_value(secrets[i])) {
            fail_msg("not held back: %s", secrets[i]);
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (llm_secret_is_value(others[i])) {
            fail_msg("held back: %s", others[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_taken_out_wherever_it_stands),
        cmocka_unit_test(a_key_is_found_as_json_writes_it),
        cmocka_unit_test(a_short_key_or_none_changes_nothing),
        cmocka_unit_test(what_can_not_be_the_key_is_not_held_back),
        cmocka_unit_test(what_looks_like_a_secret_is_known),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

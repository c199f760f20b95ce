/* A libcurl that is older than the header amx was built with. */
#include <stdarg.h>

#include "fake_llm.h"
#include "libcurl.h"
#include "llm_asked.h"
#include "support.h"

static Libcurl real;
static bool knows_bits; /* CURLOPT_PROTOCOLS */
static long bits;

/* An option's value is a pointer or as wide as one. */
static CURLcode set_as_before_7_85(CURL *easy, CURLoption option, ...)
{
    va_list values;
    va_start(values, option);
    void *value = va_arg(values, void *);
    va_end(values);
    if (option == CURLOPT_PROTOCOLS) {
        bits = (long)(intptr_t)value;
    }
    return option == CURLOPT_PROTOCOLS_STR || (option == CURLOPT_PROTOCOLS && !knows_bits)
               ? CURLE_UNKNOWN_OPTION
               : real.curl_easy_setopt(easy, option, value);
}

static void an_old_libcurl_is_kept_to_http_as_well(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    knows_bits = true;
    llm_asked_expect_answer(&asked, "pong");
    assert_int_equal(bits, CURLPROTO_HTTP | CURLPROTO_HTTPS);
    llm_asked_free(&asked);
}

static void one_that_can_not_be_kept_to_it_is_not_used(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    knows_bits = false;
    fake_llm_forget(fake);
    llm_asked_expect_error(&asked, ERROR_SYSTEM, "takes no limit of protocols", "upgrade it");
    assert_int_equal(fake_llm_count(fake), 0);
    llm_asked_free(&asked);
}

static int start(void **state)
{
    Error err;
    assert_true(libcurl_load(&err));
    real = libcurl;
    libcurl.curl_easy_setopt = set_as_before_7_85;
    *state = fake_llm_start();
    return 0;
}

static int stop(void **state)
{
    fake_llm_stop(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_libcurl_is_kept_to_http_as_well),
        cmocka_unit_test(one_that_can_not_be_kept_to_it_is_not_used),
    };
    return support_cleanup(cmocka_run_group_tests(tests, start, stop));
}

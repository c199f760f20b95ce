#include "identity.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"
#include "text.h"

static const IdentitySource everything = {
    .logname = "logname",
    .user = "user",
    .lname = "lname",
    .username = "username",
    .account = "account",
    .uid = 4711,
    .hostname = "web1",
};

static const char *created_by(IdentitySource source)
{
    static Identity identity;
    identity_from(&source, &identity);
    return identity.created_by;
}

static const char *hostname(const char *name)
{
    static Identity identity;
    IdentitySource source = everything;
    source.hostname = name;
    identity_from(&source, &identity);
    return identity.hostname;
}

static void names_are_taken_in_order(void **state)
{
    (void)state;
    IdentitySource source = everything;
    assert_string_equal(created_by(source), "logname");
    source.logname = NULL;
    assert_string_equal(created_by(source), "user");
    source.user = NULL;
    assert_string_equal(created_by(source), "lname");
    source.lname = NULL;
    assert_string_equal(created_by(source), "username");
    source.username = NULL;
    assert_string_equal(created_by(source), "account");
    source.account = NULL;
    assert_string_equal(created_by(source), "uid:4711");
}

static void empty_names_count_as_missing(void **state)
{
    (void)state;
    IdentitySource source = everything;
    source.logname = "";
    source.user = "";
    assert_string_equal(created_by(source), "lname");
    source.lname = "";
    source.username = "";
    source.account = "";
    assert_string_equal(created_by(source), "uid:4711");
    assert_string_equal(hostname(""), "localhost");
    assert_string_equal(hostname(NULL), "localhost");
}

static void names_become_utf8_and_fit(void **state)
{
    (void)state;
    IdentitySource source = everything;
    source.logname = "j\xf6rg";
    assert_string_equal(created_by(source), "j\xef\xbf\xbdrg");
    assert_string_equal(hostname("\xff"), "\xef\xbf\xbd");

    char longest[65];
    memset(longest, 'h', 64);
    longest[64] = '\0';
    assert_string_equal(hostname(longest), longest);

    char huge[1000];
    for (size_t i = 0; i + 2 < sizeof huge; i += 2) {
        memcpy(huge + i, "\xc3\xb6", 3);
    }
    source.logname = huge;
    const char *cut = created_by(source);
    assert_int_equal(strlen(cut), 254); /* 255 bytes hold 127 whole characters */
    assert_true(text_is_utf8(cut, strlen(cut)));
}

static void capture_looks_at_this_machine(void **state)
{
    (void)state;
    Identity identity;
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    setenv("LOGNAME", "ann", 1);
    identity_capture(&identity);
    assert_string_equal(identity.created_by, "ann");
    assert_string_equal(identity.hostname, *host ? host : "localhost");
    assert_string_equal(identity.client_version, AMX_VERSION);

    static const char *const names[] = {"LOGNAME", "USER", "LNAME", "USERNAME"};
    for (size_t i = 0; i < 4; i++) {
        unsetenv(names[i]);
    }
    identity_capture(&identity);
    const struct passwd *account = getpwuid(getuid());
    char *expected = account ? strdup(account->pw_name) : text_format("uid:%lu", (unsigned long)getuid());
    assert_string_equal(identity.created_by, expected);
    free(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_taken_in_order),
        cmocka_unit_test(empty_names_count_as_missing),
        cmocka_unit_test(names_become_utf8_and_fit),
        cmocka_unit_test(capture_looks_at_this_machine),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* libpq behind our deadlines: connecting, asking, quoting, resolving. */
#include "support.h"

#include "pg.h"

static void connects(void **state)
{
    (void)state;
    Pg *pg = NULL;
    Error err = {0};
    assert_true(pg_connect(support_database(), deadline_in(10000), &pg, &err));
    pg_close(pg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(connects)};
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

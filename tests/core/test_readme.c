/* The first session of the README, executed line by line on a real server. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define HEADING "## A first session, with PostgreSQL"

/* The first block of shell under the heading; owned by the caller. */
static char *session_script(void)
{
    const char *readme = support_read(AMX_SOURCE_DIR "/README.md");
    const char *section = strstr(readme, HEADING);
    assert_non_null(section);
    const char *start = strstr(section, "```sh\n");
    assert_non_null(start);
    start += strlen("```sh\n");
    const char *end = strstr(start, "```\n");
    assert_non_null(end);
    return text_format("set -eux\n%.*s", (int)(end - start), start);
}

static void make_databases(const SupportServer *server)
{
    char *admin = text_format("host=%s port=%d user=tester dbname=postgres", server->socket, server->port);
    char *sales = text_format("host=%s port=%d user=tester dbname=sales", server->socket, server->port);
    support_sql(admin, "CREATE DATABASE sales");
    support_sql(admin, "CREATE DATABASE team");
    support_sql(sales,
                "CREATE TABLE customer_address(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
                "street text NOT NULL, city text NOT NULL);"
                "CREATE TABLE orders(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
                "address_id bigint NOT NULL REFERENCES customer_address, created_at timestamptz NOT NULL)");
    free(admin);
    free(sales);
}

static void test_first_session(void **state)
{
    (void)state;
    const SupportServer *server = support_server();
    const char *home = support_folder();
    make_databases(server);
    char *script = session_script();
    const char *path = support_file(home, "session.sh", script);
    char *bin = text_format("%s/bin", home);
    char *link =
        text_format("mkdir -p '%s' && ln -s \"$AMX\" '%s/amx' && export PATH='%s':\"$PATH\" && bash '%s'",
                    bin, bin, bin, path);
    char *home_env = text_format("HOME=%s", home);
    char *host_env = text_format("PGHOST=%s", server->socket);
    char *port_env = text_format("PGPORT=%d", server->port);
    const char *env[] = {home_env, host_env, port_env, "PGUSER=tester", NULL};
    SupportRun run = support_shell(env, link);
    if (run.exit_code != 0) {
        print_error("%s\n%s\n", run.out, run.err);
    }
    assert_int_equal(run.exit_code, 0);
    /* what a reader is promised to see */
    assert_non_null(strstr(run.out, "Reference to the customer address"));
    assert_non_null(strstr(run.out, "customer_address"));
    assert_non_null(strstr(run.err, "in sync"));
    assert_non_null(strstr(run.err, "texts restored"));
    char *sales = text_format("host=%s port=%d user=tester dbname=sales", server->socket, server->port);
    assert_string_equal(
        support_sql_value(sales, "SELECT count(*) FROM pg_description d JOIN pg_class c ON c.oid = d.objoid "
                                 "WHERE c.relnamespace = 'public'::regnamespace"),
        "0");
    free(sales);
    free(script);
    free(bin);
    free(link);
    free(home_env);
    free(host_env);
    free(port_env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_first_session)};
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

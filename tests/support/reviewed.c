#include "reviewed.h"

#include <stdlib.h>

#include "text.h"

static const char shop_sql[] =
    "CREATE SCHEMA sales;"
    "CREATE TABLE sales.customer (id integer PRIMARY KEY, name text NOT NULL, email varchar(200));"
    "CREATE TABLE sales.orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES "
    "sales.customer, placed date);"
    "COMMENT ON COLUMN sales.customer.email IS 'Where invoices go.'";

const char *reviewed_database(void)
{
    const char *conninfo = support_database();
    support_sql(conninfo, shop_sql);
    return conninfo;
}

const char *reviewed_comment(const char *conninfo, const char *table, const char *column)
{
    char *sql = text_format("SELECT coalesce((SELECT d.description FROM pg_description d WHERE d.objoid = "
                            "'sales.%s'::regclass AND d.objsubid = coalesce((SELECT attnum FROM pg_attribute "
                            "WHERE attrelid = 'sales.%s'::regclass AND attname = '%s'), 0)), '(none)')",
                            table, table, column);
    const char *text = support_sql_value(conninfo, sql);
    free(sql);
    return text;
}

void reviewed_decide(const Cli *cli, const char *table, const char *column, const char *text)
{
    char *line = *column
                     ? text_format("{\"table\":\"%s\",\"column\":\"%s\",\"decision\":\"edit\",\"text\":"
                                   "\"%s\"}\n",
                                   table, column, text)
                     : text_format("{\"table\":\"%s\",\"decision\":\"edit\",\"text\":\"%s\"}\n", table, text);
    cli_ok(cli, "review 1 --from %s", support_file(cli->home, "decisions.jsonl", line));
    free(line);
}

Cli reviewed_new(const char *name, const char *conf, const char *where)
{
    Cli cli = cli_new(name, REVIEWED_CONF "%s", where, conf);
    cli_ok(&cli, "run --all");
    reviewed_decide(&cli, "customer", "", "Who buys.");
    reviewed_decide(&cli, "customer", "name", "Full name.");
    reviewed_decide(&cli, "customer", "email", "Mail.");
    reviewed_decide(&cli, "orders", "placed", "Day of the order.");
    return cli;
}

const char *reviewed_events(const Cli *cli, const char *kind)
{
    char *sql =
        text_format("SELECT group_concat(n || ' ' || outcome, ', ') FROM (SELECT outcome, count(*) n FROM "
                    "apply_events WHERE kind = '%s' GROUP BY outcome ORDER BY outcome)",
                    kind);
    const char *text = support_sqlite_value(cli->history, sql);
    free(sql);
    return text;
}

PGconn *reviewed_holder(const char *conninfo, const char *sql)
{
    PGconn *other = PQconnectdb(conninfo);
    PGresult *result = PQexec(other, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    return other;
}

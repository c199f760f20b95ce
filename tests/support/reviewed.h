/* A shop on PostgreSQL whose run 1 is reviewed and waits to be applied; what the database says afterwards,
 * and what the history tells. */
#ifndef AMX_TESTS_REVIEWED_H
#define AMX_TESTS_REVIEWED_H

#include <libpq-fe.h>

#include "cli.h"

/* amx.conf for it, with a %s for the conninfo. */
#define REVIEWED_CONF                                                                                        \
    "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\nactive_db_profile = shop\n"

/* A new database with the tables customer and orders in the schema sales; its conninfo. */
const char *reviewed_database(void);
/* A home whose run over everything has three texts of customer and one of orders decided. `conf` is added to
 * its amx.conf. */
Cli reviewed_new(const char *name, const char *conf, const char *conninfo);
/* Decides the text of a table (column "") or column in run 1. */
void reviewed_decide(const Cli *cli, const char *table, const char *column, const char *text);

/* The comment of sales.TABLE.COLUMN, or without a column the table's; "(none)". */
const char *reviewed_comment(const char *conninfo, const char *table, const char *column);
/* How the events of one kind ended: "3 held, 1 missing". */
const char *reviewed_events(const Cli *cli, const char *kind);

/* Somebody else, who runs this and stays connected until PQfinish. */
PGconn *reviewed_holder(const char *conninfo, const char *sql);

#endif

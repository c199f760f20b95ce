/* The shared store as a test sees it, behind the back of amx: on PostgreSQL (schema amx) or in a SQLite file.
 */
#ifndef AMX_TESTS_CLI_STORE_H
#define AMX_TESTS_CLI_STORE_H

#include "cli.h"

typedef struct CliStore {
    bool file;
    const char *where; /* conninfo or path */
} CliStore;

/* A new, empty place for a store. */
CliStore cli_store_new(bool file);
/* "db_profile team { .. } history_store { profile = team }" for amx.conf. */
const char *cli_store_conf(const CliStore *store);
/* First field of the first row; "@" stands for the schema in front of a table: SELECT count(*) FROM @runs. */
const char *cli_store_value(const CliStore *store, const char *sql);

/* Fails the test unless every synced table of a person's history.db and the store's rows of the same origin
 * hold the same rows with the same content: nothing lost, nothing twice. Rows that are never shared are left
 * out. */
void cli_store_same(const CliStore *store, const Cli *cli);
/* What waits in the outbox, by the file itself. */
long long cli_queued(const Cli *cli);

#endif

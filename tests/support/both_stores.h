/* A suite that is run over both shared stores: PostgreSQL, and a SQLite file. */
#ifndef AMX_TESTS_BOTH_STORES_H
#define AMX_TESTS_BOTH_STORES_H

#include "support_store.h"

typedef struct BothStores {
    Backend backend;       /* set by main before each of the two rounds */
    DatabaseTarget target; /* a new empty database for each test */
    Local *local;
} BothStores;
extern BothStores both;

/* Around each test. */
int both_set_up(void **state);
int both_tear_down(void **state);

Deadline both_patience(void);
/* The caller closes it; the second one is there, and switched on for the local store. */
Shared *both_opened(void);
Shared *both_enabled(void);

/* SQL for either database, in which "@runs" is the table runs. */
const char *both_seen(const char *sql);
void both_assert_seen(const char *sql, const char *expected);
/* The server refuses this statement with this SQLSTATE. */
void both_assert_refused(const char *sql, const char *sqlstate);

#endif

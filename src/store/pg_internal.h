/* Shared by pg.c and pg_connect.c; nobody else sees libpq's connection. */
#ifndef AMX_STORE_PG_INTERNAL_H
#define AMX_STORE_PG_INTERNAL_H

#include "libpq.h"
#include "pg.h"

struct Pg {
    PGconn *conn;
    char *target; /* "host:port/database" */
    bool broken;  /* a statement was left in the middle; only closing makes sense */
};

/* The longest time for which a wait does not look at the interrupt flag. */
#define PG_SLICE_MS 100

/* Waits up to one slice for the connection's socket. Returns poll()'s revents, 0 when nothing happened. */
short pg_wait_socket(PGconn *conn, short events, Deadline deadline);

/* Joins libpq's lines into one sentence, without the lines that only guess ("Is the server running..?"). */
char *pg_one_line(const char *message);

#endif

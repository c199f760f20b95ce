/* A PostgreSQL server of its own behind a relay, in weather that a seed decides: the server is stopped at
 * once (as pg_ctl stop -m immediate does) and started again, its sessions are terminated, connections are
 * reset, half-closed, frozen, delayed or never answered, after some bytes, at COMMIT or instead of its reply.
 * Good and bad weather take turns; a turn lasts for a number of commands that the test counts, not for a
 * time. */
#ifndef AMX_TESTS_STORM_H
#define AMX_TESTS_STORM_H

#include <stdint.h>

#include "support.h"

typedef struct Storm Storm;

/* Starts server and relay, in good weather; waits until the server can be reached. */
Storm *storm_start(void);
void storm_stop(Storm *storm);
/* Decides what the weather will be. */
void storm_seed(Storm *storm, uint64_t seed);

/* Conninfo of the database: past the relay, for the test; through it, for amx. Live with storm. */
const char *storm_direct(const Storm *storm);
const char *storm_through(const Storm *storm);

/* One more command has ended: the weather may turn. */
void storm_count(Storm *storm);
/* To be called often: brings the server to where it is wanted, without waiting. */
void storm_tend(Storm *storm);
/* Good weather; waits until the server is up and no session of amx is left on it. Fails the test when that
 * does not happen. */
void storm_calm(Storm *storm);

typedef struct StormFigures {
    int stops;      /* of the server */
    int terminated; /* sessions */
    int cut;        /* connections, by the relay */
} StormFigures;
StormFigures storm_figures(const Storm *storm);

#endif

/* A history.db with as many sessions as nobody has: for timing listings, and for testing them with a few. */
#ifndef AMX_BENCH_FILL_SESSIONS_H
#define AMX_BENCH_FILL_SESSIONS_H

#include "local.h"
#include "sessions.h"

/* Adds `sessions` sessions with `turns` turns in all, evenly, in one transaction, to a file that sharing was
 * never switched on in. The rows are those that the triggers would have made, row by row. Four sessions in
 * five belong to `binding`, the others to profile dev_lite. Session N is about "ticket N"; of two sessions
 * the one with the higher number is mostly, but not always, the one that was active last. */
bool fill_sessions(Local *local, const SessionBinding *binding, int64_t sessions, int64_t turns, Error *err);

#endif

/* The local store: history.db, one SQLite file per engineer and workstation; the source of truth.
 *
 * Every mutation is one BEGIN IMMEDIATE transaction (synchronous=FULL); the triggers that schema_local.c
 * makes from the declaration in synced.c number each row's version and mark it for delivery, so no write path
 * can forget it. Journal: WAL only where the linked SQLite has the WAL-reset fix, otherwise TRUNCATE. A Local
 * is used by one thread. */
#ifndef AMX_STORE_LOCAL_H
#define AMX_STORE_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* Guard 3, captured when rows are written. Valid UTF-8, none empty. */
typedef struct Identity {
    char created_by[256];
    char hostname[256];
    char client_version[64];
} Identity;

typedef struct Local Local;

typedef enum LocalMode {
    LOCAL_WRITE, /* makes or upgrades the file when needed */
    LOCAL_READ   /* changes not a byte of it; ERROR_NOT_FOUND when there is no file */
} LocalMode;

/* Opens the file. ERROR_LOCAL: not ours, corrupt (quick_check is asked when SQLite doubts it), made by a
 * newer amx, on a network file system, locked for longer than busy_timeout_ms: each says what to do, and
 * leaves the file untouched. *out is owned by the caller. */
bool local_open(const char *path, LocalMode mode, const Identity *who, int busy_timeout_ms, Local **out,
                Error *err);
void local_close(Local *local);

const Identity *local_identity(const Local *local);
const char *local_path(const Local *local);

/* Thousands of rows are about to be written: what a transaction changes stays in memory, 16 MiB of it, until
 * the commit. ERROR_LOCAL. */
bool local_expect_many(Local *local, Error *err);

/* One write transaction: BEGIN IMMEDIATE, then commit or roll back. Nested begins count; only the outermost
 * commits. local_rollback after a failed step undoes all of it. Errors: ERROR_LOCAL ("not recorded": disk
 * full, lock held too long, I/O error). */
bool local_begin(Local *local, Error *err);
bool local_commit(Local *local, Error *err);
void local_rollback(Local *local);
/* Ends a transaction: commits when all steps were `ok`, else rolls back and says in the ERROR_LOCAL of the
 * failed step that nothing was recorded. Returns whether it was committed. */
bool local_end(Local *local, bool ok, Error *err);

/* One read transaction, in which nothing is written and that no other is open around: what is read until its
 * end is of one moment. Other writers need not wait for it, but where the journal is TRUNCATE for its end.
 * ERROR_LOCAL. */
bool local_begin_reading(Local *local, Error *err);
void local_end_reading(Local *local);

/* The row_version of the last write that was committed: rows that are written or changed later have a higher
 * one. */
bool local_version(Local *local, int64_t *out, Error *err);

/* Small pairs that are not synced: the active profile, the active session per profile, the last look at a
 * store. local_setting gives a new string, or NULL when it is not set. */
bool local_setting(Local *local, const char *key, char **out, Error *err);
bool local_set_setting(Local *local, const char *key, const char *value /* NULL removes */, Error *err);

/* A number that moves when another connection, of this process or of another, commits to the file. */
bool local_seen(Local *local, int64_t *out, Error *err);

/* This file's origin_id; lives with local. */
const char *local_origin(Local *local);

#endif

/* What a backend of documented databases implements; database.c dispatches, and holds what both share. */
#ifndef AMX_STORE_DATABASE_OPS_H
#define AMX_STORE_DATABASE_OPS_H

#include "database.h"

/* The functions of database.h of the same names; the rules stand there. */
typedef struct DatabaseOps {
    /* Sets database->connection and database->version. */
    bool (*open)(Database *database, const DatabaseTarget *target, Deadline deadline, Error *err);
    void (*close)(Database *database);
    bool (*read_catalog)(Database *database, const DatabaseScope *scope, Deadline deadline, Catalog *catalog,
                         Error *err);
    /* Gives each value to database_sample_take. None of the columns is of a binary type; there is at least
     * one, and the table is no view. */
    bool (*read_samples)(Database *database, const CatalogTable *table, DatabaseSample *samples, size_t count,
                         Deadline deadline, Error *err);
    bool (*read_comments)(Database *database, CommentChange *changes, size_t count, Deadline deadline,
                          Error *err);
    /* Sets database->in_doubt for as long as it can't be known whether the commit happened. */
    bool (*apply)(Database *database, CommentChange *changes, size_t count, const DatabaseApplyRules *rules,
                  Deadline deadline, Error *err);
    /* NULL: an apply ends with its process. */
    bool (*apply_under_way)(Database *database, const char *transactions, Deadline deadline, bool *out,
                            Error *err);
    bool (*comment_sql)(Database *database, const CommentChange *change, Text *sql, Error *err);
    const char *comment_preamble;
    bool (*fingerprint)(const DatabaseTarget *target, char **out, Error *err);
    bool (*name)(const DatabaseTarget *target, char **out, Error *err); /* NULL: it has none */
} DatabaseOps;

extern const DatabaseOps database_pg_ops;
extern const DatabaseOps database_sqlite_ops;

struct Database {
    const DatabaseOps *ops;
    void *connection; /* the backend's own; NULL when open failed before it had one */
    char *version;
    bool in_doubt;
    DatabaseApplied applied;       /* or NULL */
    DatabaseCommitting committing; /* or NULL */
    void *watch_context;
};

enum {
    DATABASE_SAMPLE_ROWS = 200,  /* that are looked at */
    DATABASE_SAMPLE_READ = 1000, /* characters of a value, which may show what it is */
    DATABASE_SAMPLE_MS = 5000,   /* for one table */
};
/* Keeps a value, unless it is NULL, refused, there already, or one too many. */
void database_sample_take(DatabaseSample *sample, const char *value);

/* Tells whoever watches the apply that `done` of its changes are settled. */
void database_applied(const Database *database, size_t done);
/* Tells whoever watches that the commit is next; to be called in every apply. */
bool database_committing(const Database *database, const CommentChange *changes, const char *transaction,
                         Error *err);

/* What was found in place of a change. Strings are borrowed. */
typedef struct CommentObject {
    CatalogKind kind;    /* of the table */
    const char *type;    /* of the column, as the catalog spells it; else NULL */
    const char *comment; /* NULL: none */
} CommentObject;
/* Takes in what was found, NULL: nothing. Sets the kind, old_text and the outcome, which stays
 * COMMENT_PENDING when there is something to write. */
void comment_change_found(CommentChange *change, const CommentObject *present);
/* The text to write, NULL to remove: PostgreSQL keeps no empty comment, so "" means none everywhere. */
const char *comment_change_text(const CommentChange *change);
void comment_change_failed(CommentChange *change, const char *why);
/* Are the changes to be held back, by the rules and what became of them? Then none of them is applied any
 * more, and the caller has to roll back. */
bool comment_changes_held(CommentChange *changes, size_t count, const DatabaseApplyRules *rules);

#endif

/* What people decided about the descriptions of one database, all of it at once: one query each, however many
 * tables there are; and what they decided about others of the same names. */
#ifndef AMX_STORE_DESCRIPTIONS_H
#define AMX_STORE_DESCRIPTIONS_H

#include "clock.h"
#include "local.h"
#include "shared.h"

/* A text of a table or column, and who stands for it. Strings live until the callback returns. */
typedef struct DescriptionRow {
    const char *schema;
    const char *table;
    const char *column; /* NULL: the table itself */
    const char *text;
    const char *created_by;
    const char *hostname;
    const char *client_version;
    const char *at; /* UTC, as clock_now writes it */
} DescriptionRow;
typedef void (*DescriptionEach)(void *context, const DescriptionRow *row);

/* The texts that wait for apply: of each table and column the one that was accepted last here, where it was
 * not applied; what was rolled back waits only once it was decided on anew. `at` is when it was accepted.
 * ERROR_LOCAL, or ERROR_INTERRUPTED. */
bool descriptions_accepted(Local *local, const char *fingerprint, DescriptionEach each, void *context,
                           Error *err);

/* Every text that an apply wrote, from here or from the whole team, once for each table or column, in no
 * order. Who wrote it is whoever did so last; `at` is when.
 * What a rollback restored is the work of whoever wrote it first. Errors as record_list and shared_list. */
bool descriptions_applied(Local *local, const char *fingerprint, DescriptionEach each, void *context,
                          Error *err);
bool descriptions_applied_shared(Shared *shared, const char *fingerprint, Deadline deadline,
                                 DescriptionEach each, void *context, Error *err);

/* A text that a person wrote or edited for a table or column of another database. Strings live until the
 * callback returns. */
typedef struct DescriptionElsewhere {
    const char *db_profile;
    const char *data_type; /* of a column, else NULL */
    DescriptionRow row;    /* `at` is when it was accepted */
} DescriptionElsewhere;
typedef void (*DescriptionElsewhereEach)(void *context, const DescriptionElsewhere *text);

/* What was written in reviews here under any other fingerprint, not accepted as it was drafted, applied or
 * not, newest first: of the tables with one name, and of the columns with one name and data type, the last
 * few. Errors as descriptions_accepted. */
bool descriptions_elsewhere(Local *local, const char *fingerprint, DescriptionElsewhereEach each,
                            void *context, Error *err);

#endif

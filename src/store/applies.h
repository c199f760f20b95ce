/* Applies and rollbacks in the local store: every statement that writes them. Each function is one
 * transaction, or a part of the one its caller began; none heeds an interrupt. ERROR_LOCAL.
 *
 * What is to be written to a documented database is noted here before, with the text that stands there, as
 * outcome "pending", and settled afterwards. Whatever ends in between, the old text is safe and the doubt
 * visible: events that are pending while no process works on their run are settled by what the database says
 * (applies_doubts, applies_resolve). */
#ifndef AMX_STORE_APPLIES_H
#define AMX_STORE_APPLIES_H

#include <stddef.h>

#include "local.h"

#define APPLIES_INTERRUPTED "interrupted" /* outcome: nothing was written */
#define APPLIES_UNKNOWN "unknown"         /* outcome: the database says neither the old nor the new text */

/* Notes that this thread works on events of the run, so that nobody else settles them; and that it no longer
 * does. A thread that ended works on nothing, and so does the one that asks for doubts. */
bool applies_begin(Local *local, int64_t run_id, Error *err);
bool applies_end(Local *local, int64_t run_id, Error *err);
/* Notes in which transaction of the database this thread commits them; forgotten when nothing of the run is
 * pending any more, by whoever settles the last. */
bool applies_commit(Local *local, int64_t run_id, const char *transaction, Error *err);

/* An apply or rollback of one result. */
typedef struct Applied {
    int64_t event_id; /* set by applies_plan_all */
    int64_t run_id;
    int64_t result_id;
    const char *kind; /* "apply" or "rollback" */
    const char *target;
    const char *old_text;
    const char *new_text;
    const char *outcome; /* of applies_settle: applied, unchanged, missing, changed, failed, held
                             or interrupted */
    const char *error;   /* or NULL */
    bool written;        /* the database says new_text now */
} Applied;
/* All in one transaction. */
bool applies_plan_all(Local *local, Applied *applied, size_t count, Error *err);
/* Notes that another text stood there when it was written than when it was planned. */
bool applies_found(Local *local, int64_t event_id, const char *old_text, Error *err);
/* Records the outcome and the error in the event, and applied_at or apply_error in the result, which an
 * interrupted one leaves as it is, and so does one whose text is not the result's any more: somebody decided
 * anew while it was written. The old text is recorded, too; where nothing was written and none is
 * given, the one that was noted stays. */
bool applies_settle(Local *local, const Applied *applied, Error *err);
/* The same for many of one run, in one transaction. */
bool applies_settle_all(Local *local, const Applied *applied, size_t count, Error *err);

/* How the applies and rollbacks of a run stand. */
typedef enum AppliesStanding {
    APPLIES_SETTLED,
    APPLIES_UNDER_WAY, /* a process works on them */
    APPLIES_CUT_OFF    /* none does: what became of them, only the database knows */
} AppliesStanding;
bool applies_standing(Local *local, int64_t run_id, AppliesStanding *out, Error *err);

/* A pending event that no process works on. Strings are owned by it. */
typedef struct ApplyDoubt {
    int64_t event_id;
    int64_t run_id;
    int64_t result_id;
    bool rollback;
    char *target;
    char *old_text;
    char *new_text;
    char *schema;
    char *table;
    char *column; /* NULL: the table */
} ApplyDoubt;
typedef struct ApplyDoubts {
    ApplyDoubt *items;
    size_t count;
    size_t capacity;
    char *transactions; /* that may still commit them, with commas between; NULL: none was noted */
} ApplyDoubts;
/* Those of the runs over one database, oldest first. Freed by applies_doubts_free, also after a failure. */
bool applies_doubts(Local *local, const char *fingerprint, ApplyDoubts *out, Error *err);
void applies_doubts_free(ApplyDoubts *doubts);
/* Settles one, unless somebody has meanwhile: the outcome in the event; in the result when it was written (an
 * apply that still is what the person chose, as of then; a rollback), and the error of such an apply when
 * there is one. */
bool applies_resolve(Local *local, const ApplyDoubt *doubt, const char *outcome, const char *error,
                     Error *err);

#endif

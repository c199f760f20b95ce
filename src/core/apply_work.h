/* Between cmd_apply.c and its parts: what an apply or a rollback works on. */
#ifndef AMX_CORE_APPLY_WORK_H
#define AMX_CORE_APPLY_WORK_H

#include "applies.h"
#include "app.h"
#include "report.h"
#include "run_results.h"

/* One result on its way to the database. Its change always says what is expected to be there: of an apply the
 * text that the draft was made beside, or what the same result wrote there since; of a rollback what was
 * applied. */
typedef struct ApplyStep {
    const ResultItem *item;
    CommentChange change;
    char *restore;  /* owned text of a rollback: what is written */
    char *expected; /* owned, where it is not the result's */
    char *target;
    int64_t event_id;
} ApplyStep;

typedef struct ApplyWork {
    App *app;
    Local *local;
    Report *report;
    ResultList list;
    ApplyStep *steps;
    CommentChange *changes; /* the steps' changes in one array, as the store wants them */
    size_t count;
    bool rollback;
    bool force;          /* what was expected there does not count */
    bool only_expected;  /* what says something else than expected is left alone */
    bool all_or_nothing; /* nothing is written when something can't be */
    int64_t outcomes[COMMENT_OUTCOMES];
    int64_t overwritten; /* of the written: they said something .. */
    int64_t replaced;    /* .. and that was something else than expected */
} ApplyWork;

/* "apply" or "rollback" */
const char *apply_verb(const ApplyWork *work);
/* How far one part of the work is; `what` is static. */
void apply_progress(const ApplyWork *work, const char *what, size_t done, size_t total);
/* ERROR_INTERRUPTED when a person wants the work to end; to be asked only where nothing is written yet. */
bool apply_may_go_on(const ApplyWork *work, Error *err);
/* Fills an error of an interrupted work that wrote nothing. Returns false. */
bool apply_interrupted(const ApplyWork *work, Error *err);

/* apply_plan.c: the steps, from what was decided (apply) or from what was applied (rollback). */
bool apply_plan(ApplyWork *work, Error *err);
/* What the steps of an apply find in the database, and their own results wrote there, is expected. */
bool apply_expect_own(ApplyWork *work, Error *err);
void apply_work_free(ApplyWork *work);

/* Does the step write, or did it, over a text; and over one that somebody else wrote? */
bool apply_overwrites(const ApplyStep *step);
bool apply_replaces(const ApplyStep *step);
/* Is it left alone because what it describes is something else than when it was drafted? */
bool apply_is_retyped(const ApplyStep *step);

/* apply_question.c: what a person is asked, after apply_read_present: how many texts are written, how many of
 * them replace somebody else's. Owned by the caller. */
char *apply_question(const ApplyWork *work);

/* What is said of a table or column that is missing. */
#define APPLY_GONE "is not there any more"

/* apply_gone.c: tells each missing step's error what the table or column may be called now, where the
 * database leaves one answer only. What can't be found out is not said. */
void apply_explain_gone(ApplyWork *work, Database *database);

/* apply_write.c: reads what stands there now into the steps, and what would become of them. */
bool apply_read_present(ApplyWork *work, Database *database, Error *err);
/* Notes what stands there, writes the steps, notes what became of each. False: what the error
 * says; the events are settled when nothing was written for certain, else they stay pending. */
bool apply_write(ApplyWork *work, Database *database, Error *err);

const char *apply_outcome_name(CommentOutcome outcome);
/* Why the step was not written; NULL: it was, or nothing stood in the way. */
const char *apply_reason(const ApplyWork *work, const ApplyStep *step);

/* apply_tell.c: whose texts were replaced, what was not written and why, and the report. */
void apply_tell(ApplyWork *work);
/* Only what can't be written, of a work that nothing was done of yet. */
void apply_tell_refused(ApplyWork *work);
/* Of a work that nothing was done of yet: how many texts would be replaced, and the first of them by name. */
void apply_tell_overwritten(ApplyWork *work);
void apply_report(ApplyWork *work);

#endif

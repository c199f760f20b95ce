/* Inside `run`: what its steps hand on. Only cmd_run.c and run_*.c include this. */
#ifndef AMX_CORE_RUN_WORK_H
#define AMX_CORE_RUN_WORK_H

#include "app.h"
#include "command.h"
#include "drafted_before.h"
#include "drafter.h"
#include "drafter_llm.h"
#include "object_name.h"
#include "report.h"

#define RUN_WHOLE_DATABASE "database" /* runs.scope of a run without one */

typedef struct RunWork {
    App *app;
    Local *local; /* of a dry run: NULL where there is none yet */
    Report *report;
    const Profile *profile;
    const char *fingerprint;
    const DrafterOps *ops;
    const char *drafter_name; /* of runs.drafter: "builtin", "llm:llama3.1" */
    Drafter *drafter;
    Catalog *catalog;
    ObjectMatch match;
    const char *scope; /* as it is recorded */
    bool all;
    bool dry;     /* counts only, or shows prompts */
    bool resumes; /* run_id was begun before */
    bool named;   /* the drafter, on the command line */
    int64_t run_id;
    int64_t planned;
    int64_t drafted;
    int64_t failed;
    int64_t levels[3]; /* high, medium, low */
    int64_t committed; /* drafts that are safe in the local store */
    int64_t silent;    /* tables and columns about which nothing can be said */
    int64_t former;    /* drafts that a run which is resumed has already */
    Error stopped;     /* why the drafter stopped early; ERROR_NONE: it did not */
    DraftedBefore before;
    int64_t left_out; /* because of what was drafted before */
    /* Of a language model. */
    LlmProfile llm; /* as it is asked: --timeout may make it less patient; borrows its strings */
    DrafterModel model;
    char *source; /* "llm:llama3.1", or NULL */
    DrafterBill estimate;
    int sample_gaps;   /* tables of which no samples could be read */
    bool samples_over; /* none are read any more */
} RunWork;

/* A run that --resume names, as it was recorded. */
typedef struct RunBefore {
    char *scope;
    char *drafter;
    char *fingerprint;
    double cost; /* so far */
    char *currency;
    char *note; /* run_resume_note; NULL: there is none */
    bool all;   /* it was begun with --all */
} RunBefore;

static inline bool run_asks_model(const RunWork *work)
{
    return work->ops == &drafter_llm;
}

/* --- run_draft.c --- */

/* Counts what there is to draft, and what is left out. */
void run_count(RunWork *work);
/* What of a table is to be drafted: the table itself first; owned by the caller. */
DraftItem *run_items(const RunWork *work, const CatalogTable *table, size_t *count);
/* Would a run come to anything? */
bool run_has_work(const RunWork *work);
/* Drafts and keeps all of it. False when the local store fails. */
bool run_draft(RunWork *work, Error *err);

/* --- run_model.c: of a language model --- */

/* Chooses it by --drafter ("llm", "llm:NAME"; NULL: as the run that is resumed) and the other options.
 * ERROR_CONFIG, ERROR_GUARD, ERROR_NOT_FOUND, ERROR_USAGE. */
bool run_model_choose(RunWork *work, const char *drafter, const RunBefore *before, const Args *args,
                      Error *err);
/* Refuses options that only make sense for one. ERROR_USAGE. */
bool run_model_refuse_options(const Args *args, Error *err);
/* Works out what the run will take. False: it was interrupted meanwhile. */
bool run_model_estimate(RunWork *work, Error *err);
/* May it be spent, and may samples be sent? Asks, unless --yes says so (or --budget, about the price); *yes
 * is the answer, and a No is told. ERROR_USAGE where there is nobody to ask. */
bool run_model_confirm(const RunWork *work, const Args *args, bool *yes, Error *err);
/* Fills the report with every first request, a line for each. False: it was interrupted meanwhile. */
bool run_model_show_prompts(RunWork *work, Error *err);

/* --- run_resume.c --- */

/* Finds it, and what it has; released with run_resume_free. ERROR_NOT_FOUND; ERROR_GUARD when it is about
 * another database. */
bool run_resume_find(RunWork *work, int64_t run, RunBefore *out, Error *err);
void run_resume_free(RunBefore *before);
/* --local-only keeps out of a run that may be shared: ERROR_GUARD. */
bool run_resume_check_privacy(const RunWork *work, Error *err);
/* Amounts of two currencies make no sum: ERROR_GUARD. */
bool run_resume_check_currency(const RunWork *work, const RunBefore *before, Error *err);
/* Keeps, in this machine's store alone, whether a run begins with --all, and with which llm_profile it begins
 * or is to go on, where that leads and what it sends. ERROR_LOCAL. */
bool run_resume_note(const RunWork *work, Error *err);
/* The llm_profile that was noted last. NULL: it is not known or is gone (ERROR_CONFIG), or it has another
 * address or model by now, or sends more (ERROR_GUARD): nobody has agreed to that. */
const LlmProfile *run_resume_profile(const RunWork *work, const RunBefore *before, Error *err);

/* --- run_tell.c --- */

void run_tell(const RunWork *work, const char *status);
void run_tell_dry(const RunWork *work);
void run_tell_no_work(RunWork *work);
/* How a run ended that was recorded. False (ERROR_INTERRUPTED) where it was cancelled. */
bool run_tell_end(const RunWork *work, bool cancelled, Error *err);

#endif

/* Runs and their results in the local store: every statement that writes them. Each function is one
 * transaction, or a part of the one its caller began. ERROR_LOCAL unless said otherwise. */
#ifndef AMX_STORE_RUNS_H
#define AMX_STORE_RUNS_H

#include <stddef.h>

#include "local.h"

typedef struct RunStart {
    const char *scope;
    const char *db_profile;
    const char *fingerprint;
    const char *drafter;
    int64_t planned;
    bool private_run; /* --local-only: never shared, nor what lies under it */
} RunStart;
/* A new run in state "running", with this process noted as the one that works on it. */
bool runs_start(Local *local, const RunStart *start, int64_t *id, Error *err);
/* Goes on with a run that ended early: it is "running" again, with this process noted, and is ended by
 * runs_finish once more. ERROR_GUARD when it did not end early: it is ready, or somebody is at work on it. */
bool runs_resume(Local *local, int64_t id, Error *err);
/* Was it started as a private one? False also when there is no such run. */
bool runs_is_private(Local *local, int64_t id, bool *out, Error *err);
/* Ends a run: ready, cancelled, failed or interrupted. */
bool runs_finish(Local *local, int64_t id, const char *status, int64_t drafted, int64_t failed,
                 const char *error, Error *err);
/* What a language model takes for a run, or for a part of it. */
typedef struct RunCost {
    int64_t input_tokens;
    int64_t output_tokens;
    double cost;
    const char *currency;
} RunCost;
/* Adds to what a run has cost so far. That has to be in the same currency, unless it was nothing. */
bool runs_add_cost(Local *local, int64_t id, const RunCost *more, Error *err);

/* Marks runs whose process is gone as interrupted; *count says how many. */
bool runs_mark_interrupted(Local *local, int64_t *count, Error *err);

typedef struct RunResult {
    int64_t run_id;
    const char *schema;
    const char *table;
    const char *column; /* NULL: the table */
    const char *kind;
    const char *data_type;
    const char *base_text;
    const char *alternatives; /* JSON array */
    double confidence;
    const char *evidence; /* JSON array */
    const char *source;
} RunResult;
/* All in one transaction. */
bool runs_add_results(Local *local, const RunResult *results, size_t count, Error *err);

/* A person's decision: "accepted", "edited" (chosen given) or "skipped" (chosen NULL); NULL takes it
 * back. */
bool runs_evaluate(Local *local, int64_t result_id, const char *evaluation, const char *chosen, Error *err);

#endif

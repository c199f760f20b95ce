/* A language model as a drafter: it is asked for a table and some of its columns at once, and told what
 * llm_profile { sends } allows. A text that repeats a value of a row can't be used. What it says is checked
 * before it is a draft; what can't be used, and all of an answer that makes up columns, is asked for once
 * more, with what was wrong, and then the built-in drafter's text stands in, and its evidence says so. So it
 * does for all that is left when the model can't be asked (two failures in a row, or one that asking again
 * can't mend, like a refused key).
 *
 * A draft of the model is never of high confidence: only structure proves a sentence. It is of medium
 * confidence where the built-in drafter is sure of something at least, else low. */
#ifndef AMX_CORE_DRAFTER_LLM_H
#define AMX_CORE_DRAFTER_LLM_H

#include "database.h"
#include "drafter.h"
#include "llm.h"

#define DRAFTER_LLM_ALTERNATIVES 3 /* at most */

/* What drafter_llm is opened with, in DrafterSources; outlives it. */
typedef struct DrafterModel {
    const LlmProfile *profile;
    int alternatives;   /* 1 .. DRAFTER_LLM_ALTERNATIVES */
    double budget;      /* what the requests may cost together; negative: whatever they do */
    double spent;       /* of the budget, before this */
    const char *source; /* of its drafts: "llm:llama3.1" */
    void (*waiting)(void *context, const char *why, int seconds); /* as of LlmRequest */
    void *context;
    /* Is told, before a request goes out, about how many tokens and how much money it takes at least. NULL:
     * nobody is. */
    void (*sending)(void *context, long long input_tokens, double cost);
    void *sending_context;
    /* Reads values of these columns of a table, of a profile that sends samples; what can't be read is left
     * without. NULL: none are read. */
    void (*sample)(void *context, const CatalogTable *table, DatabaseSample *samples, size_t count);
    void *sample_context;
} DrafterModel;

/* What a run took, or is going to take. */
typedef struct DrafterBill {
    long long requests;
    long long input_tokens;
    long long output_tokens;
    bool estimated; /* some of the tokens at least */
    double cost;
    double cost_most;   /* the same, had each request that broke off been answered as long as may be */
    long long by_model; /* drafts */
    long long by_builtin;
    long long invented; /* columns that nobody had asked for, in the answers that were kept */
    char first_invented[200];
    Error trouble; /* why the model was not asked, or not understood, the first time */
} DrafterBill;

/* draft_batch fails with ERROR_PARTLY when one more request, be it a retry, might pass the budget, and
 * ERROR_INTERRUPTED. */
extern const DrafterOps drafter_llm;

/* What its requests have taken so far; lives with the drafter, and grows with each draft_batch. */
const DrafterBill *drafter_llm_bill(const Drafter *drafter);
/* The first request for these items (at most as many as ops.fit says) as it would be sent; owned by the
 * caller. Nothing is sent. */
char *drafter_llm_request(Drafter *drafter, const CatalogTable *table, DraftItem *items, size_t count);
/* Adds to `bill` what that request will take: an estimate. */
void drafter_llm_estimate(Drafter *drafter, const CatalogTable *table, DraftItem *items, size_t count,
                          DrafterBill *bill);

#endif

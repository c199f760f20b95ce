/* Going on with a run that ended early. */
#include "run_work.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "record.h"
#include "text.h"

static void take_run(void *context, const SyncedTable *table, const Value *values)
{
    RunBefore *out = context;
    out->scope = memory_string(record_text(table, values, "scope"));
    out->drafter = memory_string(record_text(table, values, "drafter"));
    out->currency = memory_string(record_text(table, values, "currency"));
    out->cost = record_real(table, values, "cost");
    out->fingerprint = memory_string(record_text(table, values, "fingerprint"));
}

bool run_resume_find(RunWork *work, int64_t run, RunBefore *out, Error *err)
{
    RecordFilter filter = {.local_id = run, .limit = 1};
    if (work->local && !record_list(work->local, &synced_tables[SYNCED_RUNS], &filter, take_run, out, err)) {
        return false;
    }
    if (!out->fingerprint) {
        error_set(err, ERROR_NOT_FOUND, "there is no run %lld", (long long)run);
        return error_hint(err, "list what there is with: amx history list");
    }
    if (!text_equal(out->fingerprint, work->fingerprint)) {
        error_set(err, ERROR_GUARD, "run %lld is about %s, and profile %s is %s", (long long)run,
                  out->fingerprint, work->profile->name, work->fingerprint);
        return error_hint(err, "go on with it under its own profile (-p)");
    }
    work->run_id = run;
    work->resumes = true;
    if (!drafted_before_in_run(work->local, run, &work->before, err)) {
        return false;
    }
    work->former = (int64_t)work->before.count;
    return true;
}

void run_resume_free(RunBefore *before)
{
    free(before->scope);
    free(before->drafter);
    free(before->fingerprint);
    free(before->currency);
    *before = (RunBefore){0};
}

bool run_resume_check_currency(const RunWork *work, const RunBefore *before, Error *err)
{
    bool costs = work->llm.price_input > 0 || work->llm.price_output > 0;
    if (!run_asks_model(work) || !costs || before->cost <= 0 ||
        text_equal(before->currency, work->llm.currency)) {
        return true;
    }
    error_set(err, ERROR_GUARD, "run %lld has cost %.4f %s so far, and llm_profile %s counts in %s",
              (long long)work->run_id, before->cost, before->currency, work->llm.name, work->llm.currency);
    return error_hint(err, "go on with a model that is paid in %s, or begin a new run", before->currency);
}

const LlmProfile *run_resume_profile(const Config *config, const char *drafter, Error *err)
{
    const char *model = drafter + strlen("llm:");
    const LlmProfile *usual = config_llm_profile(config, NULL);
    if (usual && text_equal(usual->model, model)) {
        return usual;
    }
    for (size_t i = 0; i < config->llm_profile_count; i++) {
        if (text_equal(config->llm_profiles[i].model, model)) {
            return &config->llm_profiles[i];
        }
    }
    error_set(err, ERROR_CONFIG, "the run was drafted by model %s, and no llm_profile has it", model);
    error_hint(err, "name another drafter: --drafter llm:NAME (amx llm list), or --drafter builtin");
    return NULL;
}

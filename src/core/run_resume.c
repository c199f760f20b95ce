/* Going on with a run that ended early. */
#include "run_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "memory.h"
#include "record.h"
#include "runs.h"
#include "text.h"

static bool was_all(const char *note)
{
    json_t *began = note ? json_loads(note, 0, NULL) : NULL;
    bool all = json_is_true(json_object_get(began, "all"));
    json_decref(began);
    return all;
}

static void take_run(void *context, const SyncedTable *table, const Value *values)
{
    RunBefore *out = context;
    out->scope = memory_string(record_text(table, values, "scope"));
    out->drafter = memory_string(record_text(table, values, "drafter"));
    out->currency = memory_string(record_text(table, values, "currency"));
    out->cost = record_real(table, values, "cost");
    out->fingerprint = memory_string(record_text(table, values, "fingerprint"));
}

enum { KEY_BYTES = 40 };

/* The setting that says what a run was begun with. */
static void note_key(int64_t run, char key[KEY_BYTES])
{
    snprintf(key, KEY_BYTES, "llm.%lld", (long long)run);
}

bool run_resume_note(const RunWork *work, Error *err)
{
    char key[KEY_BYTES];
    if (!run_asks_model(work) && !work->all) {
        return true;
    }
    json_t *row = json_object();
    row_bool(row, "all", work->all);
    if (run_asks_model(work)) {
        row_text(row, "llm_profile", work->llm.name);
        row_text(row, "base_url", work->llm.base_url);
        row_text(row, "model", work->llm.model);
        row_int(row, "sends", work->llm.sends);
    }
    char *json = json_dumps(row, JSON_COMPACT);
    note_key(work->run_id, key);
    bool ok = local_set_setting(work->local, key, json, err);
    free(json);
    json_decref(row);
    return ok;
}

bool run_resume_find(RunWork *work, int64_t run, RunBefore *out, Error *err)
{
    RecordFilter filter = {.local_id = run, .limit = 1};
    char key[KEY_BYTES];
    note_key(run, key);
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
    if (!local_setting(work->local, key, &out->note, err) ||
        !drafted_before_in_run(work->local, run, &work->before, err)) {
        return false;
    }
    out->all = was_all(out->note);
    work->former = (int64_t)work->before.count;
    return true;
}

void run_resume_free(RunBefore *before)
{
    free(before->scope);
    free(before->drafter);
    free(before->fingerprint);
    free(before->currency);
    free(before->note);
    *before = (RunBefore){0};
}

bool run_resume_check_privacy(const RunWork *work, Error *err)
{
    bool suits = !app_options(work->app)->local_only;
    if (!suits && !runs_is_private(work->local, work->run_id, &suits, err)) {
        return false;
    }
    if (suits) {
        return true;
    }
    error_set(err, ERROR_GUARD, "run %lld may be shared, and --local-only says that this must not be",
              (long long)work->run_id);
    return error_hint(err, "leave out --resume for a run of its own");
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

/* Is the profile still the one that was agreed to? */
static bool check_profile(const RunWork *work, const LlmProfile *profile, const json_t *began, Error *err)
{
    const long long run = work->run_id;
    const char *base_url = json_string_value(json_object_get(began, "base_url"));
    const char *model = json_string_value(json_object_get(began, "model"));
    const unsigned sends = (unsigned)json_integer_value(json_object_get(began, "sends"));
    if (!text_equal(base_url, profile->base_url)) {
        error_set(err, ERROR_GUARD, "run %lld was sent to %s, and llm_profile %s leads to %s by now", run,
                  base_url, profile->name, profile->base_url);
    } else if (!text_equal(model, profile->model)) {
        error_set(err, ERROR_GUARD, "run %lld asked model %s, and llm_profile %s has %s by now", run, model,
                  profile->name, profile->model);
    } else if (profile->sends & ~sends) {
        error_set(err, ERROR_GUARD, "llm_profile %s sends more than it did when run %lld began",
                  profile->name, run);
    } else {
        return true;
    }
    return error_hint(err, "if that is fine, say so: --drafter llm:%s; or go on with --drafter builtin",
                      profile->name);
}

const LlmProfile *run_resume_profile(const RunWork *work, const RunBefore *before, Error *err)
{
    static const char hint[] =
        "name another drafter: --drafter llm:NAME (amx llm list), or --drafter builtin";
    json_t *began = before->note ? json_loads(before->note, 0, NULL) : NULL;
    const char *name = json_string_value(json_object_get(began, "llm_profile"));
    const LlmProfile *profile = name ? config_llm_profile(app_config(work->app), name) : NULL;
    if (!name) {
        error_set(err, ERROR_CONFIG, "it is not known which llm_profile run %lld asked",
                  (long long)work->run_id);
        error_hint(err, hint);
    } else if (!profile) {
        error_set(err, ERROR_CONFIG, "run %lld asked llm_profile %s, and there is none of that name",
                  (long long)work->run_id, name);
        error_hint(err, hint);
    } else if (!check_profile(work, profile, began, err)) {
        profile = NULL;
    }
    json_decref(began);
    return profile;
}

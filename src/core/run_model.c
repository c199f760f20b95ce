/* A language model as the drafter of a run: which, for how much, and what it would be told. */
#include "run_work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "llm_choice.h"
#include "object_name.h"
#include "text.h"

enum { GAPS_TOLD = 5 };

static const char *const model_options[] = {"alternatives", "budget", "show-prompt"};

bool run_model_refuse_options(const Args *args, Error *err)
{
    for (size_t i = 0; i < sizeof model_options / sizeof *model_options; i++) {
        const char *option = model_options[i];
        if (args_flag(args, option) || args_text(args, option)) {
            error_set(err, ERROR_USAGE, "--%s is for a language model, and the built-in drafter asks none",
                      option);
            return error_hint(err, "name one with --drafter llm");
        }
    }
    return true;
}

static bool take_budget(RunWork *work, const Args *args, Error *err)
{
    const char *text = args_text(args, "budget");
    char *end = NULL;
    work->model.budget = text ? strtod(text, &end) : -1;
    if (text && (end == text || *end || !isfinite(work->model.budget) || work->model.budget < 0)) {
        error_set(err, ERROR_USAGE, "--budget \"%s\" is no amount", text);
        return error_hint(err, "write it like this: --budget 0.50");
    }
    if (text && work->llm.price_input <= 0 && work->llm.price_output <= 0) {
        error_set(err, ERROR_CONFIG, "--budget needs prices, and llm_profile %s has none", work->llm.name);
        return error_hint(err, "set its price_input and price_output, or leave --budget out");
    }
    return true;
}

static bool take_alternatives(RunWork *work, const Args *args, Error *err)
{
    long long wanted = args_number(args, "alternatives", work->llm.alternatives);
    if (wanted < 1 || wanted > DRAFTER_LLM_ALTERNATIVES) {
        return error_set(err, ERROR_USAGE, "--alternatives is a number from 1 to %d",
                         DRAFTER_LLM_ALTERNATIVES);
    }
    work->model.alternatives = (int)wanted;
    return true;
}

/* A table that can't be read is drafted without; after anything but a refusal, the others are, too. */
static void tell_gap(RunWork *work, const CatalogTable *table, const Error *why)
{
    char *name = object_name(table->schema, table->name, NULL);
    work->sample_gaps++;
    work->samples_over = why->kind != ERROR_DATABASE;
    if (work->sample_gaps <= GAPS_TOLD && why->kind != ERROR_INTERRUPTED) {
        report_warning(work->report, "%s goes along without samples%s: %s", name,
                       work->samples_over ? ", and so does what follows" : "", why->message);
    }
    free(name);
}

static void read_samples(void *context, const CatalogTable *table, DatabaseSample *samples, size_t count)
{
    RunWork *work = context;
    Database *database = NULL;
    Error why = {0};
    if (work->samples_over) {
        return;
    }
    app_progress(work->app, "reading samples", (long long)(table - work->catalog->tables),
                 (long long)work->catalog->table_count);
    if (!app_database(work->app, &database, &why) ||
        !database_read_samples(database, table, samples, count, app_query_deadline(work->app), &why)) {
        tell_gap(work, table, &why);
    }
}

static void tell_samples(const RunWork *work)
{
    if (work->llm.sends & LLM_SENDS_SAMPLES) {
        report_warning(work->report, "llm_profile %s sends samples: values of rows go to %s", work->llm.name,
                       work->llm.base_url);
    }
    if (work->sample_gaps > GAPS_TOLD) {
        report_warning(work->report, "%d more tables go along without samples",
                       work->sample_gaps - GAPS_TOLD);
    }
}

static bool take_profile(RunWork *work, const LlmProfile *profile, const RunBefore *before, const Args *args,
                         Error *err)
{
    work->llm = llm_impatient(work->app, profile);
    work->ops = &drafter_llm;
    work->source = text_format("llm:%s", profile->model);
    work->drafter_name = work->source;
    work->model.profile = &work->llm;
    work->model.spent = before->cost;
    work->model.source = work->source;
    work->model.waiting = llm_tell_waiting;
    work->model.context = work->app;
    work->model.sample = read_samples;
    work->model.sample_context = work;
    return take_alternatives(work, args, err) && take_budget(work, args, err);
}

bool run_model_choose(RunWork *work, const char *drafter, const RunBefore *before, const Args *args,
                      Error *err)
{
    const char *name = drafter && text_starts(drafter, "llm:") ? drafter + strlen("llm:") : NULL;
    const LlmProfile *profile =
        drafter ? llm_choose(app_config(work->app), name, err) : run_resume_profile(work, before, err);
    return profile && take_profile(work, profile, before, args, err);
}

typedef void (*EachBatch)(RunWork *work, const CatalogTable *table, DraftItem *items, size_t count,
                          void *context);

/* False: it was interrupted. */
static bool each_batch(RunWork *work, EachBatch each, void *context, Error *err)
{
    for (size_t t = 0; t < work->catalog->table_count && !interrupt_requested(); t++) {
        const CatalogTable *table = &work->catalog->tables[t];
        size_t count;
        DraftItem *items = run_items(work, table, &count);
        for (size_t at = 0, fit; at < count; at += fit) {
            fit = work->ops->fit(work->drafter, table, items + at, count - at);
            each(work, table, items + at, fit, context);
        }
        free(items);
    }
    return !interrupt_requested() ||
           error_set(err, ERROR_INTERRUPTED, "interrupted before the model was asked anything");
}

static void estimate(RunWork *work, const CatalogTable *table, DraftItem *items, size_t count, void *context)
{
    drafter_llm_estimate(work->drafter, table, items, count, context);
}

bool run_model_estimate(RunWork *work, Error *err)
{
    if (!each_batch(work, estimate, &work->estimate, err)) {
        return false;
    }
    tell_samples(work);
    return true;
}

/* What would be sent, and whether a terminal can be trusted with it as it is. */
typedef struct Prompts {
    Text lines;
    bool exact;
} Prompts;

static void show_prompt(RunWork *work, const CatalogTable *table, DraftItem *items, size_t count,
                        void *context)
{
    Prompts *prompts = context;
    char *body = drafter_llm_request(work->drafter, table, items, count);
    char *visible = text_visible_lines(body);
    text_addf(&prompts->lines, "%s\n", body);
    prompts->exact = prompts->exact && text_equal(visible, body);
    free(visible);
    free(body);
}

bool run_model_show_prompts(RunWork *work, Error *err)
{
    Prompts prompts = {.exact = true};
    if (!each_batch(work, show_prompt, &prompts, err)) {
        text_free(&prompts.lines);
        return false;
    }
    report_document(work->report, "amx.prompts/1", text_take(&prompts.lines));
    work->report->exact = prompts.exact;
    return true;
}

/* What is agreed to: "Values of rows go to URL. Let llama draft 7 tables and columns, for ..?" */
static char *question_of(const RunWork *work, bool samples)
{
    const DrafterBill *bill = &work->estimate;
    Text text = {0};
    if (samples) {
        text_addf(&text, "llm_profile %s sends samples: values of rows go to %s. ", work->llm.name,
                  work->llm.base_url);
    }
    text_addf(&text, "Let %s (llm_profile %s) draft %lld table%s and columns, for about %lld + %lld tokens",
              work->llm.model, work->llm.name, (long long)work->planned, text_plural(work->planned),
              bill->input_tokens, bill->output_tokens);
    if (bill->cost > 0) {
        text_addf(&text, ", %.4f %s", bill->cost, work->llm.currency);
    }
    text_add(&text, "?");
    return text_take(&text);
}

/* Nobody is there to be asked. */
static bool refuse_unasked(const RunWork *work, bool samples, Error *err)
{
    if (samples) {
        error_set(err, ERROR_USAGE, "values of rows will go to %s, and that has to be confirmed",
                  work->llm.base_url);
        return error_hint(err, "confirm it with --yes; --show-prompt shows them");
    }
    error_set(err, ERROR_USAGE, "asking %s will cost about %.4f %s, and that has to be confirmed",
              work->llm.model, work->estimate.cost, work->llm.currency);
    return error_hint(err, "confirm it with --yes, or with --budget and the most that it may cost");
}

bool run_model_confirm(const RunWork *work, const Args *args, bool *yes, Error *err)
{
    const AppOptions *options = app_options(work->app);
    bool samples = work->planned > 0 && (work->llm.sends & LLM_SENDS_SAMPLES);
    bool costs = work->estimate.cost > 0 && work->model.budget < 0;
    *yes = args_flag(args, "yes") || (!samples && !costs);
    if (*yes) {
        return true;
    }
    if (!options->ask) {
        return refuse_unasked(work, samples, err);
    }
    char *question = question_of(work, samples);
    *yes = options->ask(options->ask_context, question);
    free(question);
    if (!*yes) {
        report_note(work->report, "nothing was asked, and nothing drafted");
        work->report->exit_code = error_exit_code(ERROR_USAGE); /* for a script: it is not done */
    }
    return true;
}

#include "drafter_llm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "drafter_llm_prompt.h"
#include "drafter_llm_told.h"
#include "memory.h"
#include "object_name.h"
#include "text.h"

enum {
    TEXT_TOKENS = 40,   /* about so many has one description with its place in the answer */
    ANSWER_TOKENS = 60, /* and the rest of the answer */
    MOST_FAILURES = 2,  /* in a row, until the model is not asked any more */
};

/* Confidences of a text that nothing but a model vouches for. */
#define AGREED 0.6 /* where the built-in drafter is sure of something */
#define ALONE 0.3

struct Drafter {
    const Catalog *catalog;
    const DrafterModel *model;
    Drafter *builtin; /* over all of the catalog: what stands in, and what reviewers see as evidence */
    Catalog *told;
    LlmSamples *samples;
    LlmTold telling;
    DrafterBill bill;
    int failures; /* in a row */
    bool over;    /* the model is not asked any more */
};

/* One request of it. */
typedef struct Asking {
    const Drafter *drafter;
    long long input_tokens; /* about */
} Asking;

static Drafter *llm_open(const DrafterSources *sources)
{
    Drafter *drafter = memory_zero(1, sizeof *drafter);
    drafter->catalog = sources->catalog;
    drafter->model = sources->model;
    drafter->builtin = drafter_builtin.open(sources);
    drafter->told = llm_told_catalog(sources->catalog, sources->model->profile->sends);
    drafter->samples = llm_samples_open(sources->catalog, sources->model);
    drafter->telling =
        (LlmTold){.catalog = drafter->told,
                  .evidence = drafter_builtin.open(&(DrafterSources){.catalog = drafter->told}),
                  .samples = drafter->samples,
                  .alternatives = sources->model->alternatives};
    return drafter;
}

static void llm_close(Drafter *drafter)
{
    if (drafter) {
        drafter_builtin.close(drafter->telling.evidence);
        drafter_builtin.close(drafter->builtin);
        llm_told_free(drafter->told);
        llm_samples_close(drafter->samples);
        free(drafter);
    }
}

/* --- what is asked --- */

/* The items without a fault so far; owned by the caller. */
static LlmItem *open_items(DraftItem *items, size_t count)
{
    LlmItem *open = memory_zero(count + 1, sizeof *open);
    for (size_t i = 0; i < count; i++) {
        open[i].item = &items[i];
    }
    return open;
}

static size_t place_of(const Drafter *drafter, const CatalogTable *table)
{
    return (size_t)(table - drafter->catalog->tables);
}

static void make_prompt(const Drafter *drafter, const CatalogTable *table, const LlmItem *items, size_t count,
                        const json_t *faults, LlmPrompt *out)
{
    llm_prompt_make(&drafter->telling, place_of(drafter, table), items, count, faults, out);
}

/* An answer is read when it is whole. It is streamed all the same: a model that writes slowly is heard from,
 * and idle_ms is no limit for all it writes. */
static void ignore_chunk(void *context, const char *text, size_t length)
{
    (void)context;
    (void)text;
    (void)length;
}

static void tell_waiting(void *context, const char *why, int seconds)
{
    const Asking *asking = context;
    const DrafterModel *model = asking->drafter->model;
    if (model->waiting) {
        model->waiting(model->context, why, seconds);
    }
}

static bool tell_sending(const Asking *asking)
{
    const DrafterModel *model = asking->drafter->model;
    if (model->sending) {
        model->sending(model->sending_context, asking->input_tokens,
                       llm_cost(model->profile, asking->input_tokens, 0));
    }
    return true;
}

/* As a person writes it, with two decimals at least: 0.50, 0.000001. Owned by the caller. */
static char *amount_text(double amount)
{
    enum { LEAST_DECIMALS = 2, MOST_DECIMALS = 12 };
    char *text = text_format("%.*f", LEAST_DECIMALS, amount);
    for (int decimals = LEAST_DECIMALS + 1; decimals <= MOST_DECIMALS && strtod(text, NULL) != amount;
         decimals++) {
        free(text);
        text = text_format("%.*f", decimals, amount);
    }
    return text;
}

/* Is there money for one more request, after what this one has taken so far? An answer may be as long as it
 * is allowed to be. */
static bool may_send(void *context, const LlmAnswer *spent, Error *err)
{
    const Asking *asking = context;
    const DrafterModel *model = asking->drafter->model;
    const LlmProfile *profile = model->profile;
    const DrafterBill *bill = &asking->drafter->bill;
    const double known = model->spent + bill->cost + spent->cost;
    const double most = model->spent + bill->cost_most + spent->cost_most;
    const double needed = most + llm_cost(profile, asking->input_tokens, profile->max_tokens);
    if (model->budget < 0 || needed <= model->budget) {
        return tell_sending(asking);
    }
    char *budget = amount_text(model->budget);
    error_set(err, ERROR_PARTLY, "one more request might pass the budget of %s %s; spent: %.4f %s%s", budget,
              profile->currency, most, profile->currency, most > known ? " at most" : "");
    free(budget);
    return error_hint(err, "%.4f %s is enough for the next request", ceil(needed * 1e4) / 1e4,
                      profile->currency);
}

static LlmRequest request_of(const LlmPrompt *prompt)
{
    return (LlmRequest){.messages = prompt->messages,
                        .message_count = LLM_PROMPT_MESSAGES,
                        .json = true,
                        .chunk = ignore_chunk};
}

static long long prompt_tokens(const LlmPrompt *prompt)
{
    LlmRequest request = request_of(prompt);
    return llm_request_tokens(&request);
}

static long long answer_tokens(const Drafter *drafter, size_t count)
{
    return ANSWER_TOKENS + (long long)count * drafter->model->alternatives * TEXT_TOKENS;
}

static bool fits(const Drafter *drafter, const CatalogTable *table, const LlmItem *items, size_t count,
                 const json_t *faults)
{
    const LlmProfile *profile = drafter->model->profile;
    LlmPrompt prompt;
    if (answer_tokens(drafter, count) > profile->max_tokens) {
        return false;
    }
    make_prompt(drafter, table, items, count, faults, &prompt);
    bool fit = prompt_tokens(&prompt) + profile->max_tokens <= profile->context_tokens;
    llm_prompt_free(&prompt);
    return fit;
}

static size_t llm_fit(Drafter *drafter, const CatalogTable *table, DraftItem *items, size_t count)
{
    size_t most = (size_t)drafter->model->profile->batch_columns;
    size_t fit = count < most ? count : most;
    LlmItem *open = open_items(items, count);
    llm_samples_read(drafter->samples, place_of(drafter, table), items, count);
    while (fit > 1 && !fits(drafter, table, open, fit, NULL)) {
        fit -= fit / 4 + 1;
    }
    free(open);
    return fit > 0 ? fit : 1;
}

char *drafter_llm_request(Drafter *drafter, const CatalogTable *table, DraftItem *items, size_t count)
{
    LlmPrompt prompt;
    LlmItem *open = open_items(items, count);
    make_prompt(drafter, table, open, count, NULL, &prompt);
    LlmRequest request = request_of(&prompt);
    char *body = llm_request_body(drafter->model->profile, &request);
    llm_prompt_free(&prompt);
    free(open);
    return body;
}

void drafter_llm_estimate(Drafter *drafter, const CatalogTable *table, DraftItem *items, size_t count,
                          DrafterBill *bill)
{
    LlmPrompt prompt;
    LlmItem *open = open_items(items, count);
    make_prompt(drafter, table, open, count, NULL, &prompt);
    bill->requests++;
    bill->estimated = true;
    bill->input_tokens += prompt_tokens(&prompt);
    bill->output_tokens += answer_tokens(drafter, count);
    bill->cost = llm_cost(drafter->model->profile, bill->input_tokens, bill->output_tokens);
    llm_prompt_free(&prompt);
    free(open);
}

/* --- asking --- */

static void note_trouble(Drafter *drafter, const Error *why)
{
    if (drafter->bill.trouble.kind == ERROR_NONE) {
        drafter->bill.trouble = *why;
    }
}

static void add_to_bill(DrafterBill *bill, const LlmAnswer *answer)
{
    bill->requests += answer->requests;
    bill->input_tokens += answer->input_tokens;
    bill->output_tokens += answer->output_tokens;
    bill->cost += answer->cost;
    bill->cost_most += answer->cost_most;
    bill->estimated = bill->estimated || !answer->counted;
}

/* What can be mended by asking once more another time is tried with the next table; a refused key is not. */
static void count_failure(Drafter *drafter, const Error *why)
{
    drafter->failures++;
    drafter->over =
        drafter->failures >= MOST_FAILURES || why->kind == ERROR_CONFIG || why->kind == ERROR_SYSTEM;
    note_trouble(drafter, why);
}

typedef enum Asked { ASKED, ASKED_IN_VAIN, ASKED_NO_MORE } Asked;

static Asked send_prompt(Drafter *drafter, const LlmPrompt *prompt, LlmAnswer *answer, Error *err)
{
    Asking asking = {.drafter = drafter, .input_tokens = prompt_tokens(prompt)};
    LlmRequest request = request_of(prompt);
    Error why = {0};
    request.waiting = tell_waiting;
    request.may_send = may_send;
    request.context = &asking;
    bool ok = llm_ask(drafter->model->profile, &request, answer, &why);
    add_to_bill(&drafter->bill, answer);
    if (ok) {
        drafter->failures = 0;
        return ASKED;
    }
    if (why.kind == ERROR_INTERRUPTED || why.kind == ERROR_PARTLY) {
        if (err) {
            *err = why;
        }
        return ASKED_NO_MORE;
    }
    count_failure(drafter, &why);
    return ASKED_IN_VAIN;
}

static void add_fact(Draft *draft, char *fact)
{
    memory_grow((void **)&draft->evidence, draft->evidence_count, &draft->evidence_capacity,
                sizeof *draft->evidence);
    draft->evidence[draft->evidence_count++] = fact;
}

/* What a reviewer sees beside a model's text: who said it, and what is known without it. */
static void finish_draft(Drafter *drafter, const CatalogTable *table, DraftItem *item, const char *by)
{
    char name[120];
    Draft known = {0};
    bool drafted = drafter_builtin.draft(drafter->builtin, table, item->column, &known, NULL);
    char *model = text_visible(by);
    text_copy(name, sizeof name, model);
    free(model);
    add_fact(&item->draft, text_format("model %s (llm_profile %s)", name, drafter->model->profile->name));
    for (size_t i = 0; i < known.evidence_count; i++) {
        add_fact(&item->draft, memory_string(known.evidence[i]));
    }
    item->draft.confidence = drafted && known.confidence >= DRAFT_MEDIUM ? AGREED : ALONE;
    item->draft.source = drafter->model->source;
    item->done = true;
    drafter->bill.by_model++;
    draft_free(&known);
}

/* What is asked for of one table, until it is answered. */
typedef struct Batch {
    const CatalogTable *table;
    LlmItem *items; /* still open */
    size_t count;
    json_t *faults; /* of the last answer as a whole */
    LlmInvented invented;
    bool cut;        /* the last answer broke off because it was too long */
    char model[120]; /* that gave it */
} Batch;

static void note_invented(DrafterBill *bill, const Batch *batch)
{
    const LlmInvented *invented = &batch->invented;
    if (bill->invented == 0 && invented->columns > 0) {
        char *name = object_name(batch->table->schema, batch->table->name, invented->first);
        text_copy(bill->first_invented, sizeof bill->first_invented, name);
        free(name);
    }
    bill->invented += (long long)invented->columns;
}

/* Takes the texts that the last answer has, and puts what has one aside. */
static void take_batch(Drafter *drafter, Batch *batch)
{
    size_t left = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->items[i].item->draft.alternative_count > 0) {
            finish_draft(drafter, batch->table, batch->items[i].item, batch->model);
        } else {
            batch->items[left++] = batch->items[i];
        }
    }
    batch->count = left;
    note_invented(&drafter->bill, batch);
    batch->invented = (LlmInvented){0};
}

/* One request and its answer. Texts of an answer that made columns up lie in the drafts, for want of better
 * ones, and stay open; the others are taken. */
static Asked ask_once(Drafter *drafter, Batch *batch, Error *err)
{
    LlmPrompt prompt;
    LlmAnswer answer = {0};
    make_prompt(drafter, batch->table, batch->items, batch->count, batch->faults, &prompt);
    Asked asked = send_prompt(drafter, &prompt, &answer, err);
    if (asked == ASKED) {
        json_array_clear(batch->faults);
        llm_answer_read(answer.text, &drafter->telling, &prompt, place_of(drafter, batch->table),
                        batch->items, batch->count, batch->faults, &batch->invented);
        batch->cut = answer.cut;
        text_copy(batch->model, sizeof batch->model, answer.model);
        if (batch->invented.unknown == 0) {
            take_batch(drafter, batch);
        }
    }
    llm_answer_free(&answer);
    llm_prompt_free(&prompt);
    return asked;
}

/* What broke off because it was too long is asked for in two halves. */
static Asked ask_halves(Drafter *drafter, Batch *batch, Error *err)
{
    Batch first = *batch;
    Batch second = *batch;
    first.count = batch->count / 2;
    second.items += first.count;
    second.count -= first.count;
    Asked asked = ask_once(drafter, &first, err);
    if (asked == ASKED) {
        asked = ask_once(drafter, &second, err);
    }
    take_batch(drafter, &first);
    take_batch(drafter, &second);
    memmove(batch->items + first.count, second.items, second.count * sizeof *second.items);
    batch->count = first.count + second.count;
    return asked;
}

/* Asks, and, where that fits, once more for what could not be used. False: nothing more can be drafted. */
static bool ask_for(Drafter *drafter, Batch *batch, Error *err)
{
    batch->faults = json_array();
    Asked asked = ask_once(drafter, batch, err);
    if (asked == ASKED && batch->cut && batch->count > 1) {
        asked = ask_halves(drafter, batch, err);
    } else if (asked == ASKED && batch->count > 0 &&
               fits(drafter, batch->table, batch->items, batch->count, batch->faults)) {
        asked = ask_once(drafter, batch, err);
    }
    take_batch(drafter, batch);
    json_decref(batch->faults);
    return asked != ASKED_NO_MORE;
}

/* --- where the model has nothing --- */

static bool stand_in(Drafter *drafter, const CatalogTable *table, const LlmItem *item, Error *err)
{
    DraftItem *out = item->item;
    const LlmProfile *profile = drafter->model->profile;
    const char *why = *item->fault ? item->fault : "it could not be asked";
    if (!drafter_builtin.draft(drafter->builtin, table, out->column, &out->draft, err)) {
        return false;
    }
    if (*item->fault) {
        Error refused;
        error_set(&refused, ERROR_CHECK, "llm_profile %s gave no text that can be used: %s", profile->name,
                  item->fault);
        note_trouble(drafter, &refused);
    }
    add_fact(&out->draft,
             text_format("nothing of model %s (llm_profile %s): %s", profile->model, profile->name, why));
    out->draft.source = drafter_builtin.name;
    out->done = true;
    drafter->bill.by_builtin++;
    return true;
}

static bool llm_draft_batch(Drafter *drafter, const CatalogTable *table, DraftItem *items, size_t count,
                            Error *err)
{
    LlmItem *open = open_items(items, count);
    Batch batch = {.table = table, .items = open, .count = count};
    bool ok = drafter->over || ask_for(drafter, &batch, err);
    for (size_t i = 0; ok && i < batch.count; i++) {
        ok = stand_in(drafter, table, &open[i], err);
    }
    free(open);
    return ok;
}

const DrafterBill *drafter_llm_bill(const Drafter *drafter)
{
    return &drafter->bill;
}

const DrafterOps drafter_llm = {
    .name = "llm",
    .open = llm_open,
    .close = llm_close,
    .fit = llm_fit,
    .draft_batch = llm_draft_batch,
};

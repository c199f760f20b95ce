/* The drafting itself: what is wanted, one by one or many at once. */
#include "run_work.h"

#include <stdlib.h>

#include "clock.h"
#include "memory.h"
#include "run_writer.h"
#include "text.h"

static bool is_missing(const RunWork *work, const CatalogTable *table, const CatalogColumn *column)
{
    const char *comment = column ? column->comment : table->comment;
    return object_matches(&work->match, table, column) && (work->all || text_is_empty(comment));
}

static bool is_wanted(const RunWork *work, const CatalogTable *table, const CatalogColumn *column)
{
    return is_missing(work, table, column) && !drafted_before_has(&work->before, table, column);
}

static void count_one(RunWork *work, const CatalogTable *table, const CatalogColumn *column)
{
    bool missing = is_missing(work, table, column);
    bool before = missing && drafted_before_has(&work->before, table, column);
    work->planned += missing && !before;
    work->left_out += before;
}

void run_count(RunWork *work)
{
    for (size_t t = 0; t < work->catalog->table_count; t++) {
        const CatalogTable *table = &work->catalog->tables[t];
        count_one(work, table, NULL);
        for (size_t c = 0; c < table->column_count; c++) {
            count_one(work, table, &table->columns[c]);
        }
    }
}

DraftItem *run_items(const RunWork *work, const CatalogTable *table, size_t *count)
{
    DraftItem *items = memory_zero(table->column_count + 1, sizeof *items);
    *count = is_wanted(work, table, NULL);
    for (size_t c = 0; c < table->column_count; c++) {
        if (is_wanted(work, table, &table->columns[c])) {
            items[(*count)++].column = &table->columns[c];
        }
    }
    return items;
}

static bool says_something(const RunWork *work, const CatalogTable *table, const CatalogColumn *column)
{
    Draft draft = {0};
    bool says = !work->ops->draft(work->drafter, table, column, &draft, NULL) || draft.alternative_count > 0;
    draft_free(&draft);
    return says;
}

/* Mostly the first one asked about says so. What has been left without a draft once would else make an empty
 * run each time. Who drafts many at once has something to say about each. */
bool run_has_work(const RunWork *work)
{
    if (work->ops->draft_batch) {
        return work->planned > 0;
    }
    for (size_t t = 0; t < work->catalog->table_count; t++) {
        const CatalogTable *table = &work->catalog->tables[t];
        if (is_wanted(work, table, NULL) && says_something(work, table, NULL)) {
            return true;
        }
        for (size_t c = 0; c < table->column_count; c++) {
            if (is_wanted(work, table, &table->columns[c]) &&
                says_something(work, table, &table->columns[c])) {
                return true;
            }
        }
    }
    return false;
}

static void progress(const RunWork *work)
{
    app_progress(work->app, run_asks_model(work) ? "asking the model" : "drafting",
                 work->drafted + work->failed + work->silent, work->planned);
}

/* Counts a draft and hands it to the writer; false only when that fails. */
static bool keep(RunWork *work, RunWriter *writer, const CatalogTable *table, DraftItem *item)
{
    const Draft *draft = &item->draft;
    bool ok = true;
    if (draft->alternative_count == 0) {
        work->silent++;
    } else {
        work->drafted++;
        work->levels[draft->confidence >= DRAFT_HIGH ? 0 : draft->confidence >= DRAFT_MEDIUM ? 1 : 2]++;
        ok = run_writer_add(writer, table, item->column, &item->draft);
    }
    progress(work);
    return ok;
}

static void count_failed(RunWork *work, const CatalogTable *table, const DraftItem *item, const Error *why)
{
    char *name = object_name(table->schema, table->name, item->column ? item->column->name : NULL);
    report_warning(work->report, "%s: %s", name, why->message);
    free(name);
    work->failed++;
    progress(work);
}

static bool draft_one_by_one(RunWork *work, RunWriter *writer, const CatalogTable *table, DraftItem *items,
                             size_t count)
{
    bool ok = true;
    for (size_t i = 0; ok && i < count && (i == 0 || !interrupt_requested()); i++) {
        Error why = {0};
        if (work->ops->draft(work->drafter, table, items[i].column, &items[i].draft, &why)) {
            ok = keep(work, writer, table, &items[i]);
        } else {
            count_failed(work, table, &items[i], &why);
        }
    }
    return ok;
}

/* What the model has taken since `before`. */
static RunCost cost_since(const RunWork *work, const RunCost *before)
{
    const DrafterBill *bill = drafter_llm_bill(work->drafter);
    return (RunCost){.input_tokens = bill->input_tokens - before->input_tokens,
                     .output_tokens = bill->output_tokens - before->output_tokens,
                     .cost = bill->cost - before->cost,
                     .currency = work->llm.currency};
}

/* What the requests of one batch are going to take, before they go out. */
typedef struct Noted {
    RunWriter *writer;
    RunCost cost;
} Noted;

/* Is safe before the request goes out: somebody who kills the process pays for it all the same. */
static void note_sending(void *context, long long input_tokens, double cost)
{
    Noted *noted = context;
    const RunCost more = {.input_tokens = input_tokens, .cost = cost, .currency = noted->cost.currency};
    run_writer_add_cost(noted->writer, &more);
    run_writer_flush(noted->writer); /* a failure is told with the drafts */
    noted->cost.input_tokens += input_tokens;
    noted->cost.cost += cost;
}

/* What a batch took in truth, less what was noted of it. */
static RunCost correction(const RunCost *taken, const RunCost *noted)
{
    return (RunCost){.input_tokens = taken->input_tokens - noted->input_tokens,
                     .output_tokens = taken->output_tokens,
                     .cost = taken->cost - noted->cost,
                     .currency = taken->currency};
}

static void draft_batch(RunWork *work, RunWriter *writer, const CatalogTable *table, DraftItem *items,
                        size_t count)
{
    Noted noted = {.writer = writer, .cost = {.currency = work->llm.currency}};
    const RunCost before = cost_since(work, &(RunCost){0});
    work->model.sending = note_sending;
    work->model.sending_context = &noted;
    work->ops->draft_batch(work->drafter, table, items, count, &work->stopped);
    work->model.sending = NULL;
    const RunCost taken = cost_since(work, &before);
    const RunCost rest = correction(&taken, &noted.cost);
    run_writer_add_cost(writer, &rest);
}

/* What was paid for is safe before anything more is asked. */
static bool draft_batches(RunWork *work, RunWriter *writer, const CatalogTable *table, DraftItem *items,
                          size_t count)
{
    bool ok = true;
    for (size_t at = 0, fit; ok && at < count && work->stopped.kind == ERROR_NONE; at += fit) {
        fit = work->ops->fit(work->drafter, table, items + at, count - at);
        progress(work);
        draft_batch(work, writer, table, items + at, fit);
        for (size_t i = at; ok && i < at + fit; i++) {
            ok = !items[i].done || keep(work, writer, table, &items[i]);
        }
        ok = ok && run_writer_flush(writer);
    }
    return ok;
}

static bool draft_table(RunWork *work, RunWriter *writer, const CatalogTable *table)
{
    size_t count;
    DraftItem *items = run_items(work, table, &count);
    bool ok = work->ops->draft_batch ? draft_batches(work, writer, table, items, count)
                                     : draft_one_by_one(work, writer, table, items, count);
    for (size_t i = 0; i < count; i++) {
        draft_free(&items[i].draft);
    }
    free(items);
    return ok;
}

bool run_draft(RunWork *work, Error *err)
{
    RunWriter *writer = run_writer_open(work->local, work->run_id, work->drafter_name);
    if (run_asks_model(work)) {
        run_writer_add_cost(writer, &(RunCost){.currency = work->llm.currency}); /* none, so far */
    }
    for (size_t t = 0; t < work->catalog->table_count && !interrupt_requested(); t++) {
        if (!draft_table(work, writer, &work->catalog->tables[t]) || work->stopped.kind != ERROR_NONE) {
            break;
        }
    }
    return run_writer_close(writer, &work->committed, err);
}

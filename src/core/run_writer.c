#include "run_writer.h"

#include <jansson.h>
#include <stdlib.h>

#include "memory.h"
#include "thread.h"

/* So many drafts share one transaction: the disk is not asked for each. */
#define BATCH 2000

typedef struct Item {
    const CatalogTable *table;
    const CatalogColumn *column;
    Draft draft;
} Item;

typedef struct Batch {
    Item *items;
    size_t count;
    RunCost cost; /* no currency: there is none to write */
} Batch;

struct RunWriter {
    Local *local;
    int64_t run_id;
    const char *source;
    pthread_t thread;
    bool threaded; /* a system without a thread to spare writes all the same */
    Batch filling; /* the drafting thread's */
    Batch writing; /* the writer's while `busy`, else empty */
    int64_t committed;
    Error err;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t moved;
    bool busy;
    bool failed;
    bool ending;
};

static char *json_strings(char *const *strings, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(array, json_string(strings[i]));
    }
    char *text = json_dumps(array, JSON_COMPACT);
    json_decref(array);
    return text;
}

/* What stands at the object itself: a partition shows its parent's text, and has none. */
static const char *own_text(const CatalogTable *table, const CatalogColumn *column)
{
    bool inherited = column ? column->inherited : table->inherited;
    return inherited ? NULL : column ? column->comment : table->comment;
}

/* Its alternatives and evidence are owned by the caller. */
static RunResult result_of(const RunWriter *writer, const Item *item)
{
    const CatalogTable *table = item->table;
    const CatalogColumn *column = item->column;
    const Draft *draft = &item->draft;
    return (RunResult){.run_id = writer->run_id,
                       .schema = table->schema,
                       .table = table->name,
                       .column = column ? column->name : NULL,
                       .kind = column ? "column" : catalog_kind_name(table->kind),
                       .data_type = column ? column->type : NULL,
                       .base_text = own_text(table, column),
                       .alternatives = json_strings(draft->alternatives, draft->alternative_count),
                       .confidence = draft->confidence,
                       .evidence = json_strings(draft->evidence, draft->evidence_count),
                       .source = draft->source ? draft->source : writer->source};
}

static bool keep_batch(RunWriter *writer, const RunResult *results)
{
    const Batch *batch = &writer->writing;
    return local_begin(writer->local, &writer->err) &&
           local_end(writer->local,
                     runs_add_results(writer->local, results, batch->count, &writer->err) &&
                         (!batch->cost.currency ||
                          runs_add_cost(writer->local, writer->run_id, &batch->cost, &writer->err)),
                     &writer->err);
}

/* One transaction. */
static bool write_batch(RunWriter *writer)
{
    const Batch *batch = &writer->writing;
    RunResult *results = memory_zero(batch->count, sizeof *results);
    for (size_t i = 0; i < batch->count; i++) {
        results[i] = result_of(writer, &batch->items[i]);
    }
    bool ok = keep_batch(writer, results);
    writer->committed += ok ? (int64_t)batch->count : 0;
    for (size_t i = 0; i < batch->count; i++) {
        free((char *)results[i].alternatives);
        free((char *)results[i].evidence);
    }
    free(results);
    return ok;
}

static void empty(Batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        draft_free(&batch->items[i].draft);
    }
    batch->count = 0;
    batch->cost = (RunCost){0};
}

static void *write_batches(void *context)
{
    RunWriter *writer = context;
    pthread_mutex_lock(&writer->lock);
    for (;;) {
        while (!writer->busy && !writer->ending) {
            pthread_cond_wait(&writer->moved, &writer->lock);
        }
        if (!writer->busy) {
            break;
        }
        pthread_mutex_unlock(&writer->lock);
        bool ok = write_batch(writer);
        empty(&writer->writing);
        pthread_mutex_lock(&writer->lock);
        writer->failed = writer->failed || !ok;
        writer->busy = false;
        pthread_cond_signal(&writer->moved);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

RunWriter *run_writer_open(Local *local, int64_t run_id, const char *source)
{
    RunWriter *writer = memory_zero(1, sizeof *writer);
    writer->local = local;
    writer->run_id = run_id;
    writer->source = source;
    writer->filling.items = memory_zero(BATCH, sizeof *writer->filling.items);
    writer->writing.items = memory_zero(BATCH, sizeof *writer->writing.items);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->moved, NULL);
    writer->threaded = thread_start(&writer->thread, write_batches, writer);
    return writer;
}

/* Gives the filled batch to the writer when the one before is written; false when that failed. */
static bool hand_over(RunWriter *writer)
{
    pthread_mutex_lock(&writer->lock);
    while (writer->busy) {
        pthread_cond_wait(&writer->moved, &writer->lock);
    }
    bool ok = !writer->failed;
    if (ok) {
        Batch filled = writer->filling;
        writer->filling = writer->writing;
        writer->writing = filled;
        writer->busy = writer->threaded;
        pthread_cond_signal(&writer->moved);
    }
    pthread_mutex_unlock(&writer->lock);
    if (ok && !writer->threaded) {
        ok = write_batch(writer);
        empty(&writer->writing);
        writer->failed = !ok;
    }
    return ok;
}

bool run_writer_add(RunWriter *writer, const CatalogTable *table, const CatalogColumn *column, Draft *draft)
{
    writer->filling.items[writer->filling.count++] = (Item){table, column, *draft};
    *draft = (Draft){0};
    return writer->filling.count < BATCH || hand_over(writer);
}

void run_writer_add_cost(RunWriter *writer, const RunCost *more)
{
    RunCost *cost = &writer->filling.cost;
    cost->input_tokens += more->input_tokens;
    cost->output_tokens += more->output_tokens;
    cost->cost += more->cost;
    cost->currency = more->currency;
}

bool run_writer_flush(RunWriter *writer)
{
    const Batch *filling = &writer->filling;
    if ((filling->count > 0 || filling->cost.currency) && !hand_over(writer)) {
        return false;
    }
    pthread_mutex_lock(&writer->lock);
    while (writer->busy) {
        pthread_cond_wait(&writer->moved, &writer->lock);
    }
    bool ok = !writer->failed;
    pthread_mutex_unlock(&writer->lock);
    return ok;
}

bool run_writer_close(RunWriter *writer, int64_t *committed, Error *err)
{
    hand_over(writer);
    pthread_mutex_lock(&writer->lock);
    writer->ending = true; /* once what was handed over is written */
    pthread_cond_signal(&writer->moved);
    pthread_mutex_unlock(&writer->lock);
    if (writer->threaded) {
        pthread_join(writer->thread, NULL);
    }
    bool ok = !writer->failed;
    *committed = writer->committed;
    if (!ok && err) {
        *err = writer->err;
    }
    empty(&writer->filling); /* after a failure */
    pthread_cond_destroy(&writer->moved);
    pthread_mutex_destroy(&writer->lock);
    free(writer->filling.items);
    free(writer->writing.items);
    free(writer);
    return ok;
}

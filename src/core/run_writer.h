/* Keeps the drafts of a run while the next ones are made: a thread of its own writes them to the local store,
 * a batch to a transaction. From run_writer_open to run_writer_close nobody else may use that store's
 * connection. */
#ifndef AMX_CORE_RUN_WRITER_H
#define AMX_CORE_RUN_WRITER_H

#include "catalog.h"
#include "drafter.h"
#include "local.h"
#include "runs.h"

typedef struct RunWriter RunWriter;

/* Begins to keep drafts of a run; the catalog that they are about must outlive the writer. `source` is what
 * made those that do not say it themselves; it outlives the writer, too. */
RunWriter *run_writer_open(Local *local, int64_t run_id, const char *source);
/* Hands over a draft of a table (column NULL) or column, which is emptied. Waits where the last but one batch
 * is still being written: memory holds two. False when a batch could not be written; run_writer_close says
 * why. A crash loses the drafts of two batches at most. */
bool run_writer_add(RunWriter *writer, const CatalogTable *table, const CatalogColumn *column, Draft *draft);
/* What the drafts that are handed over next cost: it is written in one transaction with them, and with what
 * else is handed over until the next flush. The currency outlives the writer. */
void run_writer_add_cost(RunWriter *writer, const RunCost *more);
/* Writes what was handed over so far, and waits until it is safe: for drafts that cost something. False as
 * run_writer_add. */
bool run_writer_flush(RunWriter *writer);
/* Writes what is left (nothing after a batch that failed), ends the thread and frees the writer. *committed:
 * so many drafts are safe. Error: ERROR_LOCAL, the first batch that could not be written. */
bool run_writer_close(RunWriter *writer, int64_t *committed, Error *err);

#endif

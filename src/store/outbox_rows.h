/* For the outbox's own files: the rows of a batch as one value of a statement. */
#ifndef AMX_STORE_OUTBOX_ROWS_H
#define AMX_STORE_OUTBOX_ROWS_H

#include "outbox.h"
#include "text.h"

/* What one statement needs of a batch's rows of one table: a JSON array of [local_id, seq, row_version] of
 * those with one result, or of all when it is OUTBOX_UNSENT. Gives how many there are. */
size_t outbox_list_rows(Text *json, const OutboxBatch *batch, const SyncedTable *table, OutboxResult result);

#endif

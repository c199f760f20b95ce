/* Rule J of the dual-write protocol (docs/protocol.md): what to do when the shared store shows a token that a
 * delivery does not accept. Either the store went back in time, or this history.db is a copy, or was restored
 * from a backup. */
#ifndef AMX_STORE_DOUBT_H
#define AMX_STORE_DOUBT_H

#include "outbox.h"
#include "shared.h"

typedef enum DoubtVerdict {
    DOUBT_TRY_AGAIN,       /* another delivery of this file was there meanwhile: mint anew */
    DOUBT_STORE_WENT_BACK, /* what the store lacks was marked again */
    DOUBT_FILE_IS_COPY /* this file took a new origin_id as a whole; what was delivered was marked again */
} DoubtVerdict;

typedef struct DoubtFinding {
    DoubtVerdict verdict;
    int64_t marked;      /* rows queued again */
    int64_t unwithdrawn; /* deletes that can't reach the rows of the old origin; the event lists them */
    char old_origin[ID_SIZE];
    char new_origin[ID_SIZE]; /* of DOUBT_FILE_IS_COPY */
} DoubtFinding;

/* Reads what the store holds of this origin, then judges in one local transaction that re-reads the tokens,
 * and records an event. To be called after shared_send answered SHARED_STRANGE for the batch. False: nothing
 * was changed; the shared store could not be read, or ERROR_LOCAL. */
bool doubt_judge(Local *local, const OutboxBatch *batch, Shared *shared, Deadline deadline, DoubtFinding *out,
                 Error *err);

#endif

/* For the store room only: the fence token of a delivery in the shared store (rule D2 of docs/protocol.md).
 */
#ifndef AMX_STORE_SHARED_CLAIM_H
#define AMX_STORE_SHARED_CLAIM_H

#include "shared_ops.h"

/* UPDATE .. WHERE the token is one we know: the compare and the set are one statement. */
typedef struct SharedClaim {
    Text sql;
    Value *values;
    int count;
    char now[CLOCK_TEXT_SIZE];
} SharedClaim;

/* The statement and its parameters, for one who puts it into another one; to be freed. */
void shared_make_claim(SharedClaim *claim, const Shared *shared, const OutboxBatch *batch);
void shared_free_claim(SharedClaim *claim);

/* Inside a transaction: sets the batch's token where the store shows one that the batch accepts; the verdict
 * says whether it did. ERROR_DATABASE with 40001 when another delivery came in between. */
bool shared_claim(Shared *shared, const OutboxBatch *batch, Deadline deadline, SharedAnswer *answer,
                  Error *err);

/* Only looks: what the verdict would be. */
bool shared_question(Shared *shared, const OutboxBatch *batch, Deadline deadline, SharedAnswer *answer,
                     Error *err);

#endif

/* For the delivery's own files: the batches of one delivery. */
#ifndef AMX_CORE_DELIVERY_ROUNDS_H
#define AMX_CORE_DELIVERY_ROUNDS_H

#include "delivery.h"

typedef struct Round {
    App *app;
    Local *local;
    Shared *shared;
    DeliveryHow how;
    Deadline deadline; /* of the whole delivery, after a command */
    Delivery *out;
    int64_t total;  /* rows that were queued when it began */
    int doubts;     /* strange tokens met */
    int64_t waited; /* rows met whose parent the store lacks; they went to the tail of the queue */
    bool noted;     /* the success was noted with the last acknowledgement */
} Round;

/* Sends batches until nothing is left that can go, or the time is up, or there is trouble (in round->out).
 * False: the local store failed. */
bool delivery_rounds(Round *round, Error *err);

/* Inside a transaction: the backoff is over, and this was the last delivery. */
bool delivery_note_success(Local *local, Error *err);

#endif

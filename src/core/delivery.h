/* Delivering the outbox: mint, send, acknowledge, until nothing is left that can go. The rules are those of
 * docs/protocol.md; this is where they meet deadlines, backoff and words for people. */
#ifndef AMX_CORE_DELIVERY_H
#define AMX_CORE_DELIVERY_H

#include "app.h"
#include "outbox.h"
#include "shared.h"

typedef enum DeliveryHow {
    DELIVERY_AFTER_COMMAND, /* inside the deliver deadline, and not at all while a failed store rests
                               (backoff) */
    DELIVERY_FLUSH          /* asked for: as long as it takes, backoff or not */
} DeliveryHow;

typedef struct Delivery {
    bool attempted;    /* the store was asked */
    int64_t delivered; /* rows confirmed */
    int64_t parked;    /* rows the store refused for their data */
    OutboxCounts left; /* after it */
    char notice[512];  /* what a doubt was judged to be: to be told; "" = none */
    Error trouble;     /* kind ERROR_NONE when all went well; why it stopped otherwise */
} Delivery;

/* Delivers. Trouble with the shared store is no failure of this function: it is in *out, noted in the local
 * store with the time of the next try. False only when the local store fails. Does nothing when sharing is
 * off. */
bool delivery_run(App *app, DeliveryHow how, Delivery *out, Error *err);

/* Where sharing is, or last was, switched to. Members are owned by the caller (delivery_place_free), NULL
 * when it never was on. */
typedef struct DeliveryPlace {
    char *profile;
    char *schema;
    char *target;      /* what a person may see of it */
    char *fingerprint; /* what the profile pointed at when sharing was switched on; NULL: nobody noted it */
} DeliveryPlace;
bool delivery_place(Local *local, DeliveryPlace *out, Error *err);
void delivery_place_free(DeliveryPlace *place);
bool delivery_set_place(Local *local, const char *profile, const char *schema, const char *target,
                        const char *fingerprint, Error *err);

/* Remembers where a store is, for when sharing is switched to another one, and tells it: profile and schema,
 * both NULL when nobody noted them. Call delivery_place_free, whatever it returns. */
bool delivery_note_store(Local *local, const char *store_id, const char *profile, const char *schema,
                         Error *err);
bool delivery_noted_store(Local *local, const char *store_id, DeliveryPlace *out, Error *err);

/* Opens the shared store that sharing is switched to. ERROR_USAGE when it never was on; ERROR_CONFIG when the
 * profile is gone from amx.conf. */
bool delivery_open_shared(App *app, Local *local, Deadline deadline, Shared **out, Error *err);

/* Is the store still the one that this history.db last delivered to? Writes nothing here or there. False:
 * `err` says what stands in the way of a delivery. */
bool delivery_check(Local *local, Shared *shared, Deadline deadline, Error *err);

/* Does the store rest after a failure, or wait for a person? Then what can do without it does not ask it. */
bool delivery_rests(Local *local);

/* Forgets the backoff, and that a delivery was stopped: the next command tries at once. */
bool delivery_forget_trouble(Local *local, Error *err);

#endif

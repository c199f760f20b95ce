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
    Error trouble;     /* kind ERROR_NONE when all went well; why it stopped otherwise */
} Delivery;

/* Delivers. Trouble with the shared store is no failure of this function: it is in *out, noted in the local
 * store with the time of the next try. False only when the local store fails. Does nothing when sharing is
 * off. */
bool delivery_run(App *app, DeliveryHow how, Delivery *out, Error *err);

/* Which profile and schema sharing uses; strings owned by the caller (delivery_target_free). ERROR_CONFIG
 * when the profile is gone from amx.conf. */
typedef struct DeliveryTarget {
    const Profile *profile;
    char *profile_name;
    char *schema;
} DeliveryTarget;
bool delivery_target(App *app, Local *local, DeliveryTarget *out, Error *err);
void delivery_target_free(DeliveryTarget *target);
bool delivery_set_target(Local *local, const char *profile, const char *schema, const char *where,
                         Error *err);

/* Opens the shared store that sharing is switched to. */
bool delivery_open_shared(App *app, Local *local, Deadline deadline, Shared **out, Error *err);

/* Forgets the backoff: the next command tries at once. */
bool delivery_forget_trouble(Local *local, Error *err);

#endif

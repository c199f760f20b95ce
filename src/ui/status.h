/* What the screen knows of the history store: the model behind the title row, the picker and its panel. */
#ifndef AMX_UI_STATUS_H
#define AMX_UI_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "error.h"
#include "report.h"

typedef enum Tri { TRI_UNKNOWN, TRI_NO, TRI_YES } Tri;

/* Starts zeroed: nothing is known. */
typedef struct Status {
    json_t *row;   /* last report of `db history-store status`, NULL until there is one */
    bool checking; /* the network is being asked for the first time */
    char *error;   /* why the last report failed, or NULL */
    Tri reach;     /* of the shared store, by whoever asked it last: the one word on it for every view */
    time_t since;  /* when that word was first heard */
} Status;

/* Takes what a status command found, and forgets the error before; the report stays the caller's. One that is
 * no object changes nothing. `local_only`: it did not ask the network, and what the network said last about
 * the same store stays, as far as it still can be so. */
void status_update(Status *status, const Report *report, bool local_only);
/* Notes why a status command failed; what was known before stays. */
void status_fail(Status *status, const Error *err);
/* Notes whether somebody else's read reached the shared store. True: that is news. */
bool status_hear(Status *status, bool reached);
/* Is this why a store was not reached? Not what one that was reached answered; and one whose answer was only
 * not there in time may be slow or away: who asks it next for little knows. */
bool status_is_away(const Error *err);
void status_free(Status *status);

Tri status_enabled(const Status *status);                       /* is sharing on? */
Tri status_exists(const Status *status);                        /* is the shared schema there? */
long long status_number(const Status *status, const char *key); /* 0 when missing */
const char *status_text(const Status *status, const char *key); /* "" when missing; hostile */

/* A time by the clock here, "06:54"; and since when the store is out of reach. */
typedef char StatusClock[sizeof "23:59"];
void status_clock(time_t when, StatusClock face);
void status_since(const Status *status, StatusClock face);

/* "shop | team.amx | shared ON | pending 3": the active DB profile, the store, its state, the outbox. As much
 * of it as fits `width` cells: the schema goes first, then the store's name; owned by the caller. */
char *status_title(const Status *status, int width);
/* The panel, "name  value" lines, as much as there is room for, what matters first; owned by the caller. */
char *status_panel(const Status *status, int width, int height);

#endif

/* What the screen knows of the history store: the model behind the title row, the picker and its panel. */
#ifndef AMX_UI_STATUS_H
#define AMX_UI_STATUS_H

#include <jansson.h>
#include <stdbool.h>

#include "error.h"
#include "report.h"

typedef enum Tri { TRI_UNKNOWN, TRI_NO, TRI_YES } Tri;

/* Starts zeroed: nothing is known. */
typedef struct Status {
    json_t *row;   /* last report of `db history-store status`, NULL until there is one */
    bool checking; /* the network is being asked */
    char *error;   /* why the last report failed, or NULL */
} Status;

/* Takes what a status command found, and forgets the error before; the report stays the caller's. One that is
 * no object changes nothing. `local_only`: it did not ask the network. */
void status_update(Status *status, const Report *report, bool local_only);
/* Notes why a status command failed; what was known before stays. */
void status_fail(Status *status, const Error *err);
void status_free(Status *status);

Tri status_enabled(const Status *status);                       /* is sharing on? */
Tri status_exists(const Status *status);                        /* is the shared schema there? */
long long status_number(const Status *status, const char *key); /* 0 when missing */
const char *status_text(const Status *status, const char *key); /* "" when missing; hostile */

/* "team.amx | shared ON | pending 3"; owned by the caller. */
char *status_title(const Status *status);
/* The panel, "name  value" lines, as much as there is room for, what matters first; owned by the caller. */
char *status_panel(const Status *status, int width, int height);

#endif

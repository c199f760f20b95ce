/* Guard 2 for the queue: what a person is asked before it is replayed or dropped. */
#ifndef AMX_UI_ASK_QUEUE_H
#define AMX_UI_ASK_QUEUE_H

#include "view.h"

/* Both look first how much is queued, in history.db, and only then ask; where nothing is queued they say so
 * and do nothing. Replay (`line`), drop, or leave it; dropping needs the count typed. */
void ask_queue_flush(Screen *screen, const char *line);
void ask_queue_drop(Screen *screen);

extern const Bindings ask_queue_keys; /* the key table while they look */

#endif

/* How deep the outbox was, minute by minute, over the last day: one small row for a minute in which something
 * left the queue. What was added since the last of them is told by the marks themselves, so that writing a
 * row of history costs nothing more.
 *
 * Depth is what `pending` counts: queued and parked. */
#ifndef AMX_STORE_TREND_H
#define AMX_STORE_TREND_H

#include "local.h"

#define TREND_MINUTES 60
#define TREND_UNKNOWN (-1)

/* The table, made when it is missing: files made by an earlier amx lack it. */
extern const char trend_table[];

/* Inside a transaction that is about to send what is queued, or says that it could not be sent: once a
 * minute, notes how the queue grew since the last note, and trims what is older than a day. */
bool trend_note_before(Local *local, Error *err);
/* Inside a transaction that took marks off the queue: notes what is left. */
bool trend_note_after(Local *local, Error *err);

/* The depth at the end of each of the last TREND_MINUTES minutes, the present one last; TREND_UNKNOWN before
 * the first note. A file without the table gives nothing but that. */
bool trend_outbox(Local *local, int64_t out[TREND_MINUTES], Error *err);

#endif

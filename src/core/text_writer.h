/* Who wrote the text that an apply is about to replace: amx does not stop the second writer, it names the
 * first. */
#ifndef AMX_CORE_TEXT_WRITER_H
#define AMX_CORE_TEXT_WRITER_H

#include "app.h"
#include "shared.h"

/* The newest apply, here or (shared not NULL) in the team's store, that wrote `text` to `target` of the
 * database with this fingerprint: "bob@lap at 2026-11-22T14:00:00.000Z (amx 0.1.0)", owned by the caller;
 * NULL when nobody is known, or the stores can't be asked. */
char *text_writer_find(App *app, Local *local, Shared *shared, const char *fingerprint, const char *target,
                       const char *text);

#endif

/* A report's values as text for people: one way of saying a time, an age, a yes, on paper and on the screen.
 */
#ifndef AMX_UI_DISPLAY_H
#define AMX_UI_DISPLAY_H

#include "report.h"

/* For json_dumps: as many digits as a double keeps of any decimal number, so that 0.6 stays 0.6. */
#define DISPLAY_JSON_REALS JSON_REAL_PRECISION(15)

/* One line, harmless (text_visible), owned by the caller. NULL and null give "". */
char *display_value(const json_t *value, ReportFormat format);
/* An object report as lines: "Name:  value" for every titled column, values aligned; a member that is a list
 * of objects (the turns of a session) becomes one indented block for each, its texts with their line breaks.
 * Harmless, owned by the caller. */
char *display_object(const Report *report);
/* A list report of turns (rows with role and content) as a conversation, its messages first. Harmless, owned
 * by the caller. */
char *display_conversation(const Report *report);

#endif

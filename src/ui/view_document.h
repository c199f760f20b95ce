/* Scrollable text: DDL, help, a session, a message. `/` looks for words in it. */
#ifndef AMX_UI_VIEW_DOCUMENT_H
#define AMX_UI_VIEW_DOCUMENT_H

#include "view.h"

typedef struct DocumentSpec {
    const char *title;
    char *text;          /* taken over; may be hostile. NULL with `render` */
    bool wrap;           /* prose is wrapped, code scrolls sideways */
    const char *save_as; /* the file name that `s` suggests; NULL: one like the title */
    /* Makes the text for a filter, for text that `/` shortens instead of going through it; or NULL. `about`
     * outlives the view. The result is taken over. */
    char *(*render)(const void *about, const char *filter);
    const void *about;
} DocumentSpec;

/* Opens it at its first line. The other texts are copied. */
void view_document_open(Screen *screen, const DocumentSpec *spec);

/* Its key tables. */
extern const Bindings view_document_keys;
extern const Bindings view_document_filtered_keys;

#endif

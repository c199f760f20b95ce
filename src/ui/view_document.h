/* Scrollable text: DDL, help, a session, a message. */
#ifndef AMX_UI_VIEW_DOCUMENT_H
#define AMX_UI_VIEW_DOCUMENT_H

#include "view.h"

typedef struct DocumentSpec {
    const char *title;
    char *text;          /* taken over; may be hostile */
    bool wrap;           /* prose is wrapped, code scrolls sideways */
    const char *save_as; /* the file name that `s` suggests */
} DocumentSpec;

void view_document_open(Screen *screen, const DocumentSpec *spec);

extern const Bindings view_document_keys; /* its key table */

#endif

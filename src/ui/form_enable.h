/* The form behind Enable: which profile's database holds the shared store, and in which schema. */
#ifndef AMX_UI_FORM_ENABLE_H
#define AMX_UI_FORM_ENABLE_H

#include "view.h"

/* The form stays until sharing is on or a person cancels; what goes wrong is told in it. */
void form_enable_open(Screen *screen);

extern const Bindings form_enable_keys; /* its key table */

#endif

/* The form behind Enable: which profile's database holds the shared store, and in which schema. */
#ifndef AMX_UI_FORM_ENABLE_H
#define AMX_UI_FORM_ENABLE_H

#include "view.h"

void form_enable_open(Screen *screen);

#endif

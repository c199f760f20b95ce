/* The picker of /db/history-store and its live status panel. It opens on Status, always. */
#ifndef AMX_UI_VIEW_PICKER_H
#define AMX_UI_VIEW_PICKER_H

#include "view.h"

void view_picker_open(Screen *screen);

extern const Bindings view_picker_keys; /* its key table */

#endif

/* What a tab shows until the command that fills it has answered, and why when it could not. */
#ifndef AMX_UI_VIEW_LOADING_H
#define AMX_UI_VIEW_LOADING_H

#include "view.h"

/* Opens it in the tab whose turn it is and runs the tab's command; gives way to what `kind` shows. `kind`
 * outlives it. */
void view_loading_open(Screen *screen, const TabKind *kind);

#endif

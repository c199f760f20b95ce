/* What to do before anything else. */
#ifndef AMX_UI_FIRST_STEP_H
#define AMX_UI_FIRST_STEP_H

#include "config.h"

/* Where no database is configured: what to write, and where. NULL where one is. Owned by the caller. */
char *first_step(const Config *config);

#endif

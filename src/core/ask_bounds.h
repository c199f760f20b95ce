/* How many of something a table is asked to have, as people say it. */
#ifndef AMX_CORE_ASK_BOUNDS_H
#define AMX_CORE_ASK_BOUNDS_H

#include "ask_condition.h"

/* Takes "more than 30 columns", "3 or more foreign keys", "between 2 and 5 columns", "> 1,000 rows", or "with
 * 2 columns" out of what is left of the question, and adds it to what was understood; false: it says nothing
 * of the kind. */
bool ask_bounds_take(const AskWork *work, AskCondition *condition, CatalogBounds *out);

#endif

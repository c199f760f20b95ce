/* Parts of names, as people ask for them: "that start with job". */
#ifndef AMX_CORE_ASK_PART_H
#define AMX_CORE_ASK_PART_H

#include "ask_condition.h"

typedef enum AskPartPlace { ASK_PART_ANYWHERE, ASK_PART_START, ASK_PART_END } AskPartPlace;

typedef struct AskPart {
    char *text; /* NULL: none is asked for */
    AskPartPlace place;
} AskPart;

/* Takes the first such phrase out of the condition, with the part behind it. *out is owned by the caller. */
void ask_part_take(AskCondition *condition, AskPart *out);
void ask_part_free(AskPart *part);
/* Has the name the part, in any case? Every name has none. */
bool ask_part_fits(const AskPart *part, const char *name);

#endif

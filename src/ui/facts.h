/* "name  value" lines in little room. Knows no terminal. */
#ifndef AMX_UI_FACTS_H
#define AMX_UI_FACTS_H

#include <stddef.h>

#define FACTS_NAME 14 /* cells in front of the values */

typedef struct Fact {
    const char *name;
    char *value; /* harmless */
} Fact;

/* Starts zeroed. */
typedef struct Facts {
    Fact *items;
    size_t count;
    size_t capacity;
} Facts;

/* The name is static; the value is copied, and may be hostile. */
void facts_add(Facts *facts, const char *name, const char *value);
/* The lines as text of at most `height` rows of `width` cells. A long value goes on under its beginning, or
 * is cut with "…". What there is no room for is left out: the names in `order` (ended by NULL) come first,
 * and of the others those that were added first. Owned by the caller. */
char *facts_text(const Facts *facts, const char *const *order, int width, int height);
void facts_free(Facts *facts);

#endif

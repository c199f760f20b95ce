/* Finding text in any case, by Unicode's case folding, in whole characters as people see them. Knows no
 * terminal. */
#ifndef AMX_UI_MATCH_H
#define AMX_UI_MATCH_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Match {
    size_t line;
    size_t start; /* bytes into the line */
    size_t length;
} Match;

typedef struct Matches {
    Match *items; /* in the order of the text */
    size_t count;
    size_t capacity;
} Matches;

/* The text folded, so that equal means equal in any case. Owned by the caller. */
char *match_fold(const char *text);
/* Does the text, in any case, hold what is folded already? */
bool match_holds(const char *text, const char *folded);
/* Adds every place where `folded`, which is not empty, stands in the line. */
void match_add(Matches *matches, size_t line, const char *text, const char *folded);
void match_free(Matches *matches);

#endif

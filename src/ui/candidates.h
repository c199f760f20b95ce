/* The words that a line being typed can be completed with, for a person to choose from: they are gone through
 * one by one, and what was typed is among them. Only candidates_draw knows a terminal. */
#ifndef AMX_UI_CANDIDATES_H
#define AMX_UI_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

#include "draw.h"

/* Starts zeroed: none. */
typedef struct Candidates {
    char **words; /* what was typed is the last one */
    size_t count; /* without that one */
    size_t chosen;
} Candidates;

/* Takes the candidates, one per line, and what stands in their place. None is chosen yet. */
void candidates_open(Candidates *candidates, const char *lines, const char *typed);
/* Chooses the next one, or the one before; after the last one comes what was typed. Returns the word, which
 * lives until candidates_close. */
const char *candidates_step(Candidates *candidates, bool forward);
/* What all lines begin with; *count is how many there are. Owned by the caller. */
char *candidates_common(const char *lines, size_t *count);
/* Draws them into the last lines of an area, in columns, as many as half of it holds; the chosen one is
 * always among them. */
void candidates_draw(const Candidates *candidates, const Area *area);
/* There are none any more. */
void candidates_close(Candidates *candidates);

#endif

/* A terminal in the test's own process (libvterm on a pseudo terminal): what tmux can't tell, cell by cell
 * with its colours, and how the program ended. Whatever goes wrong fails the test and shows the screen. */
#ifndef AMX_TESTS_GRID_H
#define AMX_TESTS_GRID_H

#include <sys/types.h>

#include "support.h"

typedef struct Grid Grid;

#define GRID_DEFAULT (-1) /* the terminal's own colour */

typedef struct GridCell {
    char text[32];  /* UTF-8; "" for the second half of a wide character */
    int foreground; /* of the 256-colour palette */
    int background;
    bool bold;
    bool underline;
    bool reverse;
} GridCell;

/* Opens a terminal and runs amx in it with these arguments (ended by NULL). `env` as in support_amx; TERM is
 * screen-256color unless it says otherwise. To be closed with grid_stop. */
Grid *grid_start(const char *const *env, int columns, int lines, const char *const *arguments);
/* Kills what still runs. */
void grid_stop(Grid *grid);
/* For cmocka_unit_test_teardown: stops what a failed test left open. */
int grid_teardown(void **state);

/* What a person types, or a mouse sends. */
void grid_send(Grid *grid, const char *bytes);
void grid_resize(Grid *grid, int columns, int lines);
/* Takes the terminal away, as a lost connection does. */
void grid_vanish(Grid *grid);
pid_t grid_pid(const Grid *grid);
/* Waits until the program has ended; returns its exit code, 128 + N for signal N. */
int grid_end(Grid *grid);

/* The screen, line by line without the blanks at the ends; a row alone. Owned by the support. */
const char *grid_screen(Grid *grid);
const char *grid_row(Grid *grid, int row);
GridCell grid_cell(Grid *grid, int row, int column);
/* Where a text begins. False when it is not on the screen. */
bool grid_find(Grid *grid, const char *text, int *row, int *column);
bool grid_has_mouse(const Grid *grid);   /* does the program ask for the mouse? */
bool grid_is_restored(const Grid *grid); /* first screen, cursor shown, no mouse */

/* Wait until the screen shows, or no longer shows, a text. */
void grid_expect(Grid *grid, const char *text);
void grid_expect_gone(Grid *grid, const char *text);

#endif

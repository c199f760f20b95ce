/* Numbers as a row of characters, a cell each: how much happened day by day, how deep the outbox was. */
#ifndef AMX_UI_SPARKLINE_H
#define AMX_UI_SPARKLINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define SPARKLINE_UNKNOWN (-1.0)

/* Is the terminal's character set one that has block characters? */
bool sparkline_has_blocks(void);
/* The highest number has the highest character, 0 the lowest one, anything above 0 a higher one, and what is
 * unknown a blank. `blocks` false: " .:-=+*#". Owned by the caller. */
char *sparkline(const double *numbers, size_t count, bool blocks);

/* An array of numbers and nulls in `cells` cells, each the most of its share. NULL when nothing is known.
 * Owned by the caller. */
char *sparkline_of_array(const json_t *array, size_t cells, bool blocks);
/* How many days lie between the oldest and the newest of such rows as below; -1 without rows. */
long long sparkline_day_span(const json_t *rows, const char *when);
/* Rows with a time or day under `when` ("2026-11-22..") and a number under `key` (NULL: each row is one): one
 * cell a day, the newest row's day last; a day without a row is 0. NULL without rows. Owned by the caller. */
char *sparkline_of_days(const json_t *rows, const char *when, const char *key, size_t days, bool blocks);

#endif

/* Decisions as JSON Lines: what review --export prints and people edit in files and pull requests, and what
 * the screen sends. A line is an object:
 *   result, origin         the number of the result, and the history.db that gave it that number; a number
 *                          without an origin is meant of this one
 *   schema, table, column  what it describes (column null: the table itself)
 *   decision               "accept", "edit", "skip", "undecide"; null or none leaves the result as it is
 *   choice                 of "accept": the number of the alternative, from 1 (none: the text, or the first)
 *   text                   of "edit"; of "accept", where one that is no alternative counts as an edit; of any
 *                          other decision, or none, only as it was printed: a text of one's own is refused
 *   alternatives           the drafts that `choice` counts; none: those of this run
 *   confidence, base_text  for who reads the line
 * Names that stand in a line count: a number that belongs to something else is given up for them. */
#ifndef AMX_CORE_REVIEW_LINES_H
#define AMX_CORE_REVIEW_LINES_H

#include "review_decide.h"
#include "text.h"

/* Reads all of a file ("-": standard input) into `out`, however long that takes to come: call it before a
 * transaction begins. `out` is freed by the caller, also after a failure. */
bool review_lines_read(const char *name, Text *out, Error *err);

/* Writes the decisions, inside the transaction its caller began. `name` is that of the file, for messages.
 * ERROR_USAGE names the line that is wrong: no JSON, an unknown key, a value of the wrong type, something
 * that is no result of this run or may be several, a text that contradicts the choice. After a failure the
 * caller rolls back. */
bool review_lines_take(Local *local, ResultList *list, const char *name, const Text *lines,
                       ReviewTally *tally, Error *err);

#endif

/* The y/N question on the terminal. */
#ifndef AMX_UI_QUESTION_H
#define AMX_UI_QUESTION_H

#include <stdbool.h>

/* Can a person be asked: are standard input and standard error a terminal? */
bool question_possible(void);
/* An AskFunction; `context` is the Progress whose bar may be on the line. Throws type-ahead
 * away first; only y or yes is yes; end of input and an
 * interrupt are no. */
bool question_ask(void *context, const char *question);

#endif

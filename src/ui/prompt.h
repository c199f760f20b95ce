/* A line to type into, in the message row: a command, a filter, a file name, a count. */
#ifndef AMX_UI_PROMPT_H
#define AMX_UI_PROMPT_H

#include "line_history.h"
#include "view.h"

/* Called after the prompt has closed, with what was typed; not called when it was cancelled. */
typedef void (*PromptAnswered)(Screen *screen, void *context, const char *text);

typedef struct PromptSpec {
    const char *label;
    const char *initial; /* or NULL */
    bool guarded;        /* confirms something: type-ahead is thrown away, paste is not accepted */
    PromptAnswered answered;
    PromptAnswered changed;                           /* with what is typed, at every change; or NULL */
    void (*cancelled)(Screen *screen, void *context); /* before it closes without an answer; or NULL */
    void *context;
    void (*release)(void *context); /* when the prompt closes, however; or NULL */
    const LineHistory *history;     /* what Up and Down bring back; or NULL */
    /* For Tab: the words that may stand at the end of `typed`, one per line, owned by the caller; *start is
     * where in `typed` they begin. Of several, Tab and Shift-Tab choose. Or NULL. */
    char *(*complete)(Screen *screen, const char *typed, size_t *start);
} PromptSpec;

/* Opens it in the message line. Texts are copied; `context` and `history` must last until it closes, by an
 * answer, by Esc or with its tab. */
void prompt_open(Screen *screen, const PromptSpec *spec);

extern const Bindings prompt_keys;         /* its key table .. */
extern const Bindings prompt_command_keys; /* .. and that of one that completes */

#endif

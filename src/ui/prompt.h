/* A line to type into, in the message row: a command, a filter, a file name, a count. */
#ifndef AMX_UI_PROMPT_H
#define AMX_UI_PROMPT_H

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
} PromptSpec;

void prompt_open(Screen *screen, const PromptSpec *spec);

#endif

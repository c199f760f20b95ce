/* A question with buttons. The harmless answer has the focus: Enter, Esc, n and q give it; a button's letter,
 * underlined in it, gives that button; Tab goes round the buttons, arrows stop at the last one; a click on a
 * button gives it; m switches the mouse. Any other key does nothing. Type-ahead, clicks too, is thrown away
 * before it appears, paste is not a key. */
#ifndef AMX_UI_DIALOG_H
#define AMX_UI_DIALOG_H

#include "view.h"

#define DIALOG_BUTTONS 3

/* Called after the dialog has closed; `line` is the one it was opened with. */
typedef void (*DialogAnswered)(Screen *screen, const char *line, size_t button);

typedef struct DialogButton {
    const char *label;
    char letter;
} DialogButton;

typedef struct DialogSpec {
    const char *title;
    const char *text; /* lines, wrapped to the dialog */
    DialogButton buttons[DIALOG_BUTTONS];
    size_t button_count;
    size_t harmless;  /* the button that changes nothing */
    const char *line; /* the command in question */
    DialogAnswered answered;
} DialogSpec;

/* Everything in `spec` is copied. */
void dialog_open(Screen *screen, const DialogSpec *spec);
/* [ No ] Yes; button 1 is Yes. */
void dialog_confirm(Screen *screen, const char *title, const char *text, const char *line,
                    DialogAnswered answered);

#endif

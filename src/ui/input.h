/* One editable line: a model that knows no terminal. */
#ifndef AMX_UI_INPUT_H
#define AMX_UI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#define INPUT_LENGTH 1000

typedef struct Input {
    wchar_t text[INPUT_LENGTH + 1];
    size_t length;
    size_t cursor;
} Input;

void input_set(Input *input, const char *text);
/* Inserts text at the cursor. */
void input_type(Input *input, const char *text);
/* Hostile characters are not taken: no escape can be typed or pasted into a field. */
void input_insert(Input *input, wchar_t c);
void input_erase(Input *input);      /* the character before the cursor */
void input_erase_word(Input *input); /* back to the start of the word */
void input_delete(Input *input);     /* the one under it */
void input_move(Input *input, long by);
/* UTF-8, owned by the caller; all of it, or what stands before the cursor. */
char *input_text(const Input *input);
char *input_before_cursor(const Input *input);

#endif

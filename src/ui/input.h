/* One editable line, or a text of several: a model that knows no terminal. */
#ifndef AMX_UI_INPUT_H
#define AMX_UI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#define INPUT_LENGTH 1000 /* of a line, in characters */
#define INPUT_LINES_BYTES                                                                                    \
    (64 * 1024) /* of a text of several lines, as UTF-8: as much as a question may have */

/* Starts zeroed; input_free releases it. */
typedef struct Input {
    wchar_t *text;
    size_t length;
    size_t capacity;
    size_t bytes; /* of the text as UTF-8 */
    size_t cursor;
    bool lines; /* newlines are a part of it; set before anything is typed, and kept */
} Input;

/* What is typed is not taken beyond the length, nor when it is hostile (text_is_hostile): no escape can be
 * typed or pasted into a field. Nothing else fails: at its ends the line just stays as it is. */

void input_free(Input *input);
/* The text in place of all there was, the cursor behind it. */
void input_set(Input *input, const char *text);
/* Is there room for this character? */
bool input_has_room(const Input *input, wchar_t c);
/* Inserts text at the cursor; U+FFFD stands for each byte that is not UTF-8. */
void input_type(Input *input, const char *text);
void input_insert(Input *input, wchar_t c);
void input_erase(Input *input);                    /* the character before the cursor */
void input_erase_back(Input *input, size_t count); /* so many of them, as far as there are any */
void input_erase_word(Input *input);               /* back to the start of the word */
void input_delete(Input *input);                   /* the one under it */
void input_move(Input *input, long by);            /* in characters, as far as there are any */
/* UTF-8, owned by the caller; all of it, or what stands before the cursor. */
char *input_text(const Input *input);
char *input_before_cursor(const Input *input);

#endif

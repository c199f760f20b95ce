#include "input_key.h"

#include <curses.h>

bool input_key(Input *input, Key pressed)
{
    switch (pressed) {
    case KEY_FUNCTION(KEY_BACKSPACE):
    case KEY_CONTROL('h'):
    case 127:
        input_erase(input);
        break;
    case KEY_FUNCTION(KEY_DC):
    case KEY_CONTROL('d'):
        input_delete(input);
        break;
    case KEY_CONTROL('w'):
        input_erase_word(input);
        break;
    case KEY_CONTROL('u'):
        input_set(input, "");
        break;
    case KEY_FUNCTION(KEY_LEFT):
        input_move(input, -1);
        break;
    case KEY_FUNCTION(KEY_RIGHT):
        input_move(input, 1);
        break;
    case KEY_FUNCTION(KEY_HOME):
    case KEY_CONTROL('a'):
        input_move(input, -INPUT_LINES_BYTES);
        break;
    case KEY_FUNCTION(KEY_END):
    case KEY_CONTROL('e'):
        input_move(input, INPUT_LINES_BYTES);
        break;
    default:
        if (pressed < ' ' || pressed >= KEY_MOUSE_EVENT) {
            return false;
        }
        input_insert(input, (wchar_t)pressed);
    }
    return true;
}

#include "mouse.h"

#include <stdbool.h>

#define DOUBLE_MS 400

MouseKind mouse_click(MouseClicks *clicks, int row, int column, int64_t now_ms)
{
    bool again = row == clicks->row && column == clicks->column && now_ms < clicks->until_ms;
    *clicks = (MouseClicks){.row = row, .column = column, .until_ms = again ? 0 : now_ms + DOUBLE_MS};
    return again ? MOUSE_DOUBLE : MOUSE_CLICK;
}

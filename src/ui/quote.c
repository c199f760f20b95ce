#include "quote.h"

void quote_add(Text *line, const char *value)
{
    text_add_char(line, '\'');
    for (const char *c = value; *c; c++) {
        text_add(line, *c == '\'' ? "'\\''" : (char[]){*c, '\0'});
    }
    text_add_char(line, '\'');
}

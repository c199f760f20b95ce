#include "quote.h"

#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@-"

void quote_add(Text *line, const char *value)
{
    if (*value && !value[strspn(value, PLAIN)]) {
        text_add(line, value);
        return;
    }
    text_add_char(line, '\'');
    for (const char *c = value; *c; c++) {
        text_add(line, *c == '\'' ? "'\\''" : (char[]){*c, '\0'});
    }
    text_add_char(line, '\'');
}

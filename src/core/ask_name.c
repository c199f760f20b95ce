#include "ask_name.h"

#include "text.h"

char *ask_name(const char *schema, const char *table, const char *column)
{
    Text name = {0};
    if (!text_equal(schema, "main")) {
        text_addf(&name, "%s.", schema);
    }
    text_add(&name, table);
    if (column) {
        text_addf(&name, ".%s", column);
    }
    char *visible = text_visible(text_string(&name));
    text_free(&name);
    return visible;
}

#include "ask_name.h"

#include <stdlib.h>

#include "memory.h"
#include "object_name.h"
#include "text.h"

char *ask_name(const char *schema, const char *table, const char *column)
{
    char *name = object_name(text_equal(schema, "main") ? NULL : schema, table, column);
    char *visible = text_visible(name);
    free(name);
    return visible;
}

char *ask_unquoted(const char *word)
{
    ObjectScope scope = {0};
    bool quoted = *word == '"' && object_scope_parse(word, &scope, NULL) && scope.count == 1;
    char *name = memory_string(quoted ? scope.parts[0] : word);
    object_scope_free(&scope);
    return name;
}

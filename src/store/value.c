#include "value.h"

#include <string.h>

Value value_null(void)
{
    return (Value){.type = VALUE_NULL};
}

Value value_int(int64_t integer)
{
    return (Value){.type = VALUE_INT, .integer = integer};
}

Value value_real(double real)
{
    return (Value){.type = VALUE_REAL, .real = real};
}

Value value_text(const char *text)
{
    return text ? (Value){.type = VALUE_TEXT, .text = text, .length = strlen(text)} : value_null();
}

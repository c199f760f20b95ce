#include "pg_array.h"

#include <endian.h>
#include <string.h>

static const struct {
    uint32_t element;
    uint32_t array;
} oids[] = {
    [PG_ARRAY_INT8] = {20, 1016},
    [PG_ARRAY_FLOAT8] = {701, 1022},
    [PG_ARRAY_TEXT] = {25, 1009},
};

static void add_int4(Text *array, uint32_t value)
{
    uint32_t big = htobe32(value);
    text_add_n(array, (const char *)&big, sizeof big);
}

static void add_int8(Text *array, uint64_t value)
{
    uint64_t big = htobe64(value);
    text_add_n(array, (const char *)&big, sizeof big);
}

void pg_array_begin(Text *array, PgArrayType type, size_t count)
{
    text_clear(array);
    add_int4(array, 1); /* dimensions */
    add_int4(array, 1); /* may hold NULLs */
    add_int4(array, oids[type].element);
    add_int4(array, (uint32_t)count);
    add_int4(array, 1); /* lower bound */
}

void pg_array_null(Text *array)
{
    add_int4(array, UINT32_MAX);
}

void pg_array_int8(Text *array, int64_t value)
{
    add_int4(array, sizeof value);
    add_int8(array, (uint64_t)value);
}

void pg_array_float8(Text *array, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    add_int4(array, sizeof bits);
    add_int8(array, bits);
}

void pg_array_text(Text *array, const char *text, size_t length)
{
    add_int4(array, (uint32_t)length);
    text_add_n(array, text, length);
}

PgParam pg_array_param(const Text *array, PgArrayType type)
{
    return (PgParam){.data = array->data, .length = array->length, .type = oids[type].array, .binary = true};
}

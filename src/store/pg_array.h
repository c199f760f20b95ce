/* PostgreSQL arrays in binary format, for bulk statements over unnest: one parameter a column, no escaping.
 * Layout: src/backend/utils/adt/arrayfuncs.c, array_recv. */
#ifndef AMX_STORE_PG_ARRAY_H
#define AMX_STORE_PG_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#include "pg.h"
#include "text.h"

typedef enum PgArrayType { PG_ARRAY_INT8, PG_ARRAY_FLOAT8, PG_ARRAY_TEXT } PgArrayType;

/* Starts an array of exactly `count` elements; then one add per element, in order. */
void pg_array_begin(Text *array, PgArrayType type, size_t count);
void pg_array_null(Text *array);
void pg_array_int8(Text *array, int64_t value);
void pg_array_float8(Text *array, double value);
void pg_array_text(Text *array, const char *text, size_t length);
/* The finished array as a parameter that borrows the buffer. */
PgParam pg_array_param(const Text *array, PgArrayType type);

#endif

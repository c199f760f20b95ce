/* A value on its way into or out of a statement: what SQLite and PostgreSQL have in common. */
#ifndef AMX_STORE_VALUE_H
#define AMX_STORE_VALUE_H

#include <stddef.h>
#include <stdint.h>

typedef enum ValueType { VALUE_NULL, VALUE_INT, VALUE_REAL, VALUE_TEXT } ValueType;

typedef struct Value {
    ValueType type;
    int64_t integer;
    double real;
    const char *text; /* borrowed */
    size_t length;    /* of text, in bytes: bad rows may hold a NUL */
} Value;

Value value_null(void);
Value value_int(int64_t integer);
Value value_real(double real);
Value value_text(const char *text); /* NULL gives NULL */

/* The parameters of one statement: VALUES(value_int(3), value_text(name)) */
#define VALUES(...) (const Value[]){__VA_ARGS__}, (int)(sizeof((const Value[]){__VA_ARGS__}) / sizeof(Value))
#define NO_VALUES NULL, 0

#endif

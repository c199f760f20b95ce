/* The texts that people wrote for tables and columns of other databases, by name: read once, for a drafter
 * that offers them. Plain data, no store behind it. */
#ifndef AMX_CORE_TEXTS_ELSEWHERE_H
#define AMX_CORE_TEXTS_ELSEWHERE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "local.h"

typedef struct TextElsewhere {
    char *name; /* of the column, or of the table */
    bool is_column;
    size_t place; /* the newest has 0 */
    char *type;   /* of a column, as its database prints it; else NULL */
    char *text;
    char *source; /* "dev_pg sales.customer.email by ann@web1 on 2026-11-20"; may be hostile */
} TextElsewhere;

typedef struct TextsElsewhere {
    TextElsewhere *items; /* by name, newest first */
    size_t count;
    size_t capacity;
} TextsElsewhere;

/* Reads those of every database but the one with this fingerprint. `local` NULL: there are none. Freed by
 * texts_elsewhere_free, also after a failure. Errors as descriptions_elsewhere. */
bool texts_elsewhere_read(Local *local, const char *fingerprint, TextsElsewhere *out, Error *err);
void texts_elsewhere_free(TextsElsewhere *texts);

/* Those of the columns, or of the tables, with this name: the newest, which *count of them begin with; NULL
 * when there are none. `texts` may be NULL. */
const TextElsewhere *texts_elsewhere_find(const TextsElsewhere *texts, const char *name, bool is_column,
                                          size_t *count);

#endif

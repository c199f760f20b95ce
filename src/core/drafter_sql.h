/* The little SQL that the built-in drafter reads: default values, check constraints, view definitions.
 * Everything here answers only where simple means prove the answer, and says "not known" otherwise. */
#ifndef AMX_CORE_DRAFTER_SQL_H
#define AMX_CORE_DRAFTER_SQL_H

#include <stdbool.h>
#include <stddef.h>

typedef enum SqlDefault {
    SQL_DEFAULT_NONE,    /* none, NULL */
    SQL_DEFAULT_LITERAL, /* a number, a string, true, false */
    SQL_DEFAULT_NOW,     /* the time of insertion */
    SQL_DEFAULT_UUID,    /* a new UUID */
    SQL_DEFAULT_NEXT,    /* the next number of a sequence */
    SQL_DEFAULT_OTHER
} SqlDefault;

/* What a column's default is. For a literal, *literal (may be NULL) becomes its SQL text without casts, owned
 * by the caller; otherwise NULL. */
SqlDefault sql_default(const char *default_value, char **literal);

/* A string as SQL writes it, with line breaks and the like as escapes: 'it''s', E'two\nlines'. Owned by the
 * caller. */
char *sql_literal(const char *string);

/* Does the expression name this column, outside of strings? */
bool sql_mentions(const char *expression, const char *column);

/* The column that a check is about. */
typedef struct SqlColumn {
    const char *name;
    const char *type; /* as the database prints it, of a domain what it rests on; may be NULL */
    bool lenient;     /* what it equals may differ from it (CatalogColumn) */
} SqlColumn;

/* What a check demands of the one column it is about, as words that follow "quantity; ": "at least 1", "one
 * of 'a', 'b'", "from 0 to 100", "not empty". NULL when the expression is of no simple form, or is not about
 * the value itself: a cast may change it, or a lenient column is compared. Owned by the caller. */
char *sql_check_rule(const char *expression, const SqlColumn *column);

typedef struct SqlName {
    char *schema; /* NULL: not qualified */
    char *name;
} SqlName;

/* The tables that a view's definition reads, in order of appearance. False when this is not certain (WITH,
 * functions in FROM, anything unusual); then nothing is returned. *out is owned by the caller
 * (sql_names_free). */
bool sql_view_sources(const char *definition, SqlName **out, size_t *count);
void sql_names_free(SqlName *names, size_t count);

#endif

/* SQL taken apart into words, literals and symbols, as PostgreSQL and SQLite write them. Between the files
 * that read it: drafter_sql.c, drafter_sql_cast.c and drafter_sql_view.c. */
#ifndef AMX_CORE_DRAFTER_SQL_TOKENS_H
#define AMX_CORE_DRAFTER_SQL_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum SqlTokenKind {
    SQL_TOKEN_END,
    SQL_TOKEN_WORD, /* a key word or an unquoted name */
    SQL_TOKEN_QUOTED,
    SQL_TOKEN_STRING,
    SQL_TOKEN_NUMBER,
    SQL_TOKEN_SYMBOL
} SqlTokenKind;

typedef struct SqlToken {
    SqlTokenKind kind;
    const char *start; /* in the text that was read, which must live as long */
    size_t length;
} SqlToken;

typedef struct SqlTokens {
    SqlToken *items; /* ends with SQL_TOKEN_END; freed by the caller */
    size_t count;    /* without the end */
    size_t capacity;
} SqlTokens;

/* All tokens, comments left out. */
SqlTokens sql_tokens_read(const char *sql);
/* The tokens without parentheses, and without casts that change no value of a literal or of this column,
 * whose type is as PostgreSQL prints it (may be NULL): what is left of the simple forms is flat, and any
 * other cast stands in the way. Without a column (NULL) none does. */
SqlTokens sql_tokens_flat(const char *sql, const char *column, const char *type);

bool sql_token_is_word(const SqlToken *token, const char *word);
bool sql_token_is_any(const SqlToken *token, const char *const *words); /* NULL-ended */
bool sql_token_is_symbol(const SqlToken *token, const char *symbol);
bool sql_token_is_identifier(const SqlToken *token);

/* The name that an identifier stands for, as it is written. Owned by the caller. */
char *sql_token_name(const SqlToken *token);
/* Is it an identifier that names this column? */
bool sql_token_names(const SqlToken *token, const char *column);

#endif

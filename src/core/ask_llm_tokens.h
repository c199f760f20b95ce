/* Names and signs in what a language model answers: in running text, and in the SQL that stands in backticks.
 */
#ifndef AMX_CORE_ASK_LLM_TOKENS_H
#define AMX_CORE_ASK_LLM_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

/* Of a passage in backticks: a name, with all its parts, or a sign. */
typedef struct Token {
    const char *at;
    size_t length;
    int parts; /* 0: a sign */
} Token;

/* `items` is freed by who read them. */
typedef struct Tokens {
    Token *items;
    size_t count;
    size_t capacity;
} Tokens;

/* Bytes of the character, when it may be part of a name that is not quoted; else 0. */
size_t ask_llm_name_character(const char *at);
/* Bytes of a name with all its parts (sales."odd name"), and how many these are; 0: there is none. */
size_t ask_llm_path_length(const char *at, int *parts);

/* All but blanks, numbers, texts in quotes, and parameters. A name may begin with a digit here. */
Tokens ask_llm_tokens_read(const char *at, const char *end);
/* Of an index beyond the tokens (that before the first wraps) they say false. */
bool ask_llm_token_is_sign(const Tokens *tokens, size_t index, char sign);
bool ask_llm_token_is_word(const Tokens *tokens, size_t index, const char *word);
bool ask_llm_token_is_sql(const Token *token); /* a word of SQL that is not quoted */
/* FROM, JOIN, ..: a table comes next. */
bool ask_llm_token_leads_to_table(const Tokens *tokens, size_t index);
/* "x AS alias", "FROM x alias", ", x alias", ") alias", "alias AS (". */
bool ask_llm_token_binds_alias(const Tokens *tokens, size_t index);
/* Is it SQL that reads or changes tables, or a part of it? */
bool ask_llm_tokens_is_statement(const Tokens *tokens);
/* Is it compared with something ("status = open", "status IN (open, closed)") in what is no statement, so
 * that it stands for a value? */
bool ask_llm_token_is_value(const Tokens *tokens, size_t index);

#endif

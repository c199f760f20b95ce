/* What in running text is meant as a name, though it looks like any other word. */
#ifndef AMX_CORE_LLM_PROSE_H
#define AMX_CORE_LLM_PROSE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum LlmProse {
    LLM_PROSE_WORD,   /* nothing says that it is a name */
    LLM_PROSE_LIKELY, /* a name, unless the word was heard before */
    LLM_PROSE_NAME
} LlmProse;

/* Of the word (or the quoted name) at this place of a text. A name is what follows "table", "column", "view"
 * or their plurals ("in table clients", "the tables clients and orders", "the column 'zip'"). Likely one is
 * what stands before them ("the clients table", "the clients and the orders tables"), what is quoted behind
 * "of", "in", "from" or "join" (of "clients"), a single word in bold, camelCase, and capitals at a place (in
 * INVOICES). A name is also what a list behind "tables:" consists of. Words of English, and of SQL, that
 * people use there ("the main table", "the table holds") are none. */
LlmProse llm_prose_of(const char *text, const char *at, size_t length);
/* Does a word, in backticks or not, stand where a table or column does: behind "in", "from", "of", "see",
 * "use", "refers to" .., also in a list there, before "holds" or "contains", or quite alone? "a status of x"
 * and "in x state" are values. */
bool llm_prose_is_place(const char *text, const char *at, size_t length);
/* Is a function that is called at this place ("use date_trunc(..)") nothing that is read from? */
bool llm_prose_is_used(const char *text, const char *at);
/* A word of English, or of SQL, that people use beside "table". */
bool llm_prose_is_ordinary(const char *at, size_t length);
/* one_to_many, snake_case: words of the trade, with an underscore. */
bool llm_prose_is_term(const char *at, size_t length);

/* SQL without backticks: the next statement, or the end of one that begins with FROM or JOIN, between *at,
 * which becomes its beginning, and `end`. *stop: where it ends. False: there is none. */
bool llm_prose_next_statement(const char *text, const char **at, const char *end, const char **stop);

/* "customers (id, loyalty)" */
typedef struct LlmProseList {
    const char *table; /* the word, its last part, before the brackets */
    size_t table_length;
    const char *rest; /* of what is in them, or NULL */
} LlmProseList;
/* The next brackets behind a word; *at, in the text, becomes where they begin. */
bool llm_prose_next_list(const char *text, const char **at, LlmProseList *out);
/* The next single word among what commas and "and" part there. */
bool llm_prose_next_item(LlmProseList *list, const char **at, size_t *length);

#endif

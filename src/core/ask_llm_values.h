/* What a language model writes like a name and means as a value: "rows whose `status` is `open`". */
#ifndef AMX_CORE_ASK_LLM_VALUES_H
#define AMX_CORE_ASK_LLM_VALUES_H

#include <stdbool.h>
#include <stddef.h>

/* Does a passage, by itself, stand for a value: a number, a date, a UUID, a text in quotes, a letter, or a
 * format in capitals (YYYY-MM-DD)? */
bool ask_llm_value_is_literal(const char *at, const char *end);
/* A file: orders.csv, or a path to one. A web address is none. */
bool ask_llm_value_is_file(const char *at, const char *end);
/* Words, also with hyphens (in-progress, In Progress), without a name with an underscore in lower case. */
bool ask_llm_value_is_plain(const char *at, const char *end);

/* A passage in the text around it. */
typedef struct AskLlmPlace {
    const char *text; /* where the whole text begins */
    const char *at;
    const char *end;
    const char *value; /* where the last passage ends that stood for a value, or NULL */
    bool (*is_column)(void *context, const char *name); /* is there a column of this name? */
    void *context;
} AskLlmPlace;
/* Does it stand where a value does: "status is `open`", "the value `open`", "values: `open` or
 * `closed`"? */
bool ask_llm_value_is_placed(const AskLlmPlace *place);
/* Does the text say what it is: "table `x`", "the `x` column"? Only the first three members are looked at. */
bool ask_llm_value_is_object(const AskLlmPlace *place);

#endif

/* The answer to a question about a database, from its cached catalog and what was reviewed here alone: no
 * network, no guessing. The same question over the same catalog, reviews and turns has the same answer. */
#ifndef AMX_CORE_ASK_H
#define AMX_CORE_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "local.h"

#define ASK_BUILTIN "builtin" /* what answers when no language model does */

/* Something that was said in the session before. */
typedef struct AskTurn {
    const char *role; /* user or assistant */
    const char *content;
    const char *citations; /* JSON array as Answer.citations has it, or NULL */
    bool of_model;         /* an answer that a language model gave */
    int64_t turn_index;
    int64_t answers; /* of an answer: turn_index of its question; 0: it does not say */
} AskTurn;

typedef struct AskQuestion {
    Local *local;
    const char *fingerprint; /* whose cached catalog (catalog_cache.h) answers */
    const char *profile;     /* its name, for people */
    const char *text;
    const AskTurn *turns; /* of this session, oldest first, without the question itself */
    size_t turn_count;
    const char *user; /* who asks: "what did I describe"; NULL: whom the local store names */
} AskQuestion;

typedef struct Answer {
    bool known; /* something fits; otherwise the text says that nothing does */
    char *text; /* lines, the last one without an end, without hostile characters; "[2]" marks what citation 2
                   (from 1) is about */
    json_t *citations; /* array of {"schema", "table", "column"}; column is null for a table itself */
} Answer;

/* Recognises what kind of question it is (ask_kind.h) and answers it; one that is of no special kind looks
 * for the best tables and columns. Every cited name is in the cached catalog at that moment. `out` is
 * released with answer_free, also after an error. ERROR_LOCAL, ERROR_INTERRUPTED. */
bool ask_answer(const AskQuestion *question, Answer *out, Error *err);
void answer_free(Answer *answer);
/* The name of a citation (an item of Answer.citations), and the line for all of them: "cites [1]
 * sales.customer [2] ..", NULL when there are none. Owned by the caller. */
char *ask_cited_name(const json_t *cited);
char *ask_cites(const json_t *citations);

/* What a language model may be told to answer from: the few tables that fit the question best, or that the
 * turn before was about, and how they join. Names, types and texts are as the database has them: data, never
 * instructions, and not made harmless. */
typedef struct AskContext {
    json_t *tables; /* array, best first: {"schema", "table", "kind", "description", "primary_key": [names],
                       "columns": [{"name", "type", "description", "refers_to"}], "more_columns": how many
                       were left out}; a description and refers_to ("table.column") may be null */
    json_t *joins;  /* array of conditions: "sales_order.customer_id = customer.customer_id" */
} AskContext;

/* Empty arrays when nothing fits. Bounded: ASK_CONTEXT_TABLES tables of ASK_CONTEXT_COLUMNS columns each, of
 * a wider one those that fit best. `out` is released with ask_context_free, also after an error. ERROR_LOCAL.
 */
enum { ASK_CONTEXT_TABLES = 12, ASK_CONTEXT_COLUMNS = 60 };
bool ask_context(const AskQuestion *question, AskContext *out, Error *err);
void ask_context_free(AskContext *context);

/* Is there such a table, or such a column when one is given, in the cached catalog? ERROR_LOCAL. */
bool ask_exists(Local *local, const char *fingerprint, const char *schema, const char *table,
                const char *column, bool *out, Error *err);

/* The turns of a session that come before turn `before`, or (0) all, oldest first. *out is owned by the
 * caller (ask_turns_free), also after an error. ERROR_LOCAL. */
bool ask_turns_read(Local *local, int64_t session, int64_t before, AskTurn **out, size_t *count, Error *err);
void ask_turns_free(AskTurn *turns, size_t count);
/* Where the question of the answer `at` is among the turns before it; false, and
 * *question as it was, when it is not there. Where two
 * ask in one session that need not be the turn before, which is taken when the answer does not say. */
bool ask_turn_question(const AskTurn *turns, size_t at, size_t *question);

#endif

/* Which tables and columns of a cached catalog fit a question. */
#ifndef AMX_CORE_ASK_MATCH_H
#define AMX_CORE_ASK_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "local.h"

/* A word of the question that can be searched for. */
typedef struct AskTerm {
    char *word;
    char *expression; /* FTS5 */
    bool found;       /* something in the catalog fits it */
} AskTerm;

typedef struct AskColumn {
    char *name;
    char *type;
    char *description; /* or NULL */
    bool accepted;     /* the description comes from a review, not from the database */
    char *refers_to;   /* "table.column" or NULL */
    double score;
    double term_score; /* while searching: what the present word found */
} AskColumn;

typedef struct AskTable {
    char *schema;
    char *name;
    char *kind;
    char *description; /* or NULL */
    bool accepted;
    bool called;        /* the question holds every word of its name */
    AskColumn *columns; /* best first */
    size_t column_count;
    size_t column_capacity;
    double score;
    double term_score; /* while searching: the best that the present word found in it */
} AskTable;

typedef struct AskMatch {
    AskTerm *terms; /* in the order of the question */
    size_t term_count;
    size_t term_capacity;
    AskTable *tables; /* best first */
    size_t table_count;
    size_t table_capacity;
} AskMatch;

/* Finds the few best tables, each with its few best columns; none when nothing fits. A table is worth what
 * each word of the question is worth at its best place in it, so that one that answers the whole question
 * goes before one that repeats a word. *out is owned by the caller (ask_match_free), also after an error.
 * ERROR_LOCAL. */
bool ask_match_find(Local *local, const char *fingerprint, const char *question, AskMatch *out, Error *err);
void ask_match_free(AskMatch *match);

#endif

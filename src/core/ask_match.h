/* Which tables and columns of a cached catalog fit the words of a question. */
#ifndef AMX_CORE_ASK_MATCH_H
#define AMX_CORE_ASK_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "local.h"
#include "words.h"

/* A word of the question that can be searched for. */
typedef struct AskTerm {
    char *word;
    char *corrected; /* the word of the catalog that was taken for it; NULL: it was taken as it is */
    Words forms;     /* of the word, or of the one that was taken */
    Words kin;       /* words that mean about the same, in all their forms */
    bool found;      /* some table fits it */
    bool plenty;     /* so many do that it says little */
    double weight;   /* the rarer, the higher */
} AskTerm;

typedef struct AskColumn {
    char *name;
    char *type;
    char *description; /* or NULL */
    bool accepted;     /* the description comes from a review, not from the database */
    char *refers_to;   /* "table.column" or NULL */
    double score;
} AskColumn;

typedef struct AskTable {
    char *schema;
    char *name;
    char *kind;
    char *description; /* or NULL */
    bool accepted;
    bool called;        /* the question holds every word of its name */
    AskColumn *columns; /* those that fit, best first */
    size_t column_count;
    size_t column_capacity;
    double score;
} AskTable;

typedef struct AskMatch {
    AskTerm *terms; /* in the order of the question */
    size_t term_count;
    size_t term_capacity;
    AskTable *tables; /* best first */
    size_t table_count;
    size_t table_capacity;
} AskMatch;

enum { ASK_MATCH_ALL = 200 }; /* a limit: also what is worth little beside the best */

/* Finds the best tables, at most `limit`, each with its few best columns; none when nothing fits. BM25 names
 * the candidates; among these a table is worth what each word of the question is worth at its best place in
 * it, so that one that answers the whole question goes before one that repeats a word. A word that is
 * everywhere names no candidates beside rarer ones. A word that nothing fits is taken for the nearest one
 * that is there. *out is owned by the caller (ask_match_free), also after an error. ERROR_LOCAL,
 * ERROR_INTERRUPTED. */
bool ask_match_find(Local *local, const char *fingerprint, const char *question, size_t limit, AskMatch *out,
                    Error *err);
void ask_match_free(AskMatch *match);

#endif

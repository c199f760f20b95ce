/* What tables and columns are worth for the words of a question. */
#ifndef AMX_CORE_ASK_SCORE_H
#define AMX_CORE_ASK_SCORE_H

#include "ask_match.h"
#include "catalog_cache.h"

enum { ASK_TERMS_LIMIT = 32 }; /* a pasted page must not become thousands of searches */

typedef struct AskForm {
    char *text; /* in lower case, without marks (ask_fold) */
    size_t term;
    double strength; /* 1: the word itself, less for words that mean about the same */
} AskForm;

/* All forms of all words of a question, sorted. */
typedef struct AskForms {
    AskForm *items;
    size_t count;
    size_t capacity;
} AskForms;

AskForms ask_forms_of(const AskMatch *match);
void ask_forms_free(AskForms *forms);

/* What the best place of a table is worth, for each word. */
typedef struct AskScore {
    double best[ASK_TERMS_LIMIT];
    bool called;
} AskScore;

/* Takes the best of `score` and of what this table or column is worth; gives what it is worth by itself. */
double ask_score_object(const AskMatch *match, const AskForms *forms, const CatalogObject *object,
                        AskScore *score);
double ask_score_sum(const AskMatch *match, const AskScore *score);

#endif

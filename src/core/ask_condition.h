/* Conditions on tables, as people say them. What is understood is taken out of the question, so that what is
 * left can be said not to be. */
#ifndef AMX_CORE_ASK_CONDITION_H
#define AMX_CORE_ASK_CONDITION_H

#include "ask_work.h"

typedef struct AskCondition {
    Text rest; /* of the question, words with blanks between and around */
    Text what; /* what was understood: "without a description, that nothing references" */
} AskCondition;

AskCondition ask_condition_of(const AskWork *work);
void ask_condition_free(AskCondition *condition);

/* Takes the first of these phrases that stands in the rest; false when none does. The list ends with NULL. */
bool ask_condition_take(AskCondition *condition, const char *const *phrases);
/* Adds to what was understood; hostile characters of `what` are made visible. */
void ask_condition_say(AskCondition *condition, const char *lead, const char *what);
/* The next word of the rest that is about something, from *at on; owned by the caller, NULL at the end. */
char *ask_condition_word(const char **at);

/* Takes all that is said of descriptions, keys, references, rows and kinds of tables into the filter; kinds
 * are not added to what was understood. */
void ask_condition_tables(AskCondition *condition, CatalogFilter *filter);
/* The same with what is said of nulls, uniqueness, computing and defaults of columns. */
void ask_condition_columns(AskCondition *condition, CatalogFilter *filter);
/* Takes "in sales", "in schema sales" where there is such a schema: *schema, borrowed from the question, is
 * left as it is otherwise. ERROR_LOCAL. */
bool ask_condition_schema(const AskWork *work, AskCondition *condition, const char **schema, Error *err);

#endif

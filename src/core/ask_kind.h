/* The kinds of questions that have an answer of their own. */
#ifndef AMX_CORE_ASK_KIND_H
#define AMX_CORE_ASK_KIND_H

#include "ask_work.h"

/* Answers the question when it is of this kind: *taken says whether it is. One that is not leaves nothing in
 * the answer. One that has understood what the question leaves out clears work->denies. ERROR_LOCAL,
 * ERROR_INTERRUPTED. */
typedef bool (*AskKindFunction)(AskWork *work, bool *taken, Error *err);

bool ask_narrow(AskWork *work, bool *taken, Error *err);      /* "only the views" */
bool ask_who(AskWork *work, bool *taken, Error *err);         /* "what did mert describe last week" */
bool ask_join(AskWork *work, bool *taken, Error *err);        /* "how do I join orders to countries" */
bool ask_conditions(AskWork *work, bool *taken, Error *err);  /* "tables without a primary key" */
bool ask_lacking(AskWork *work, bool *taken, Error *err);     /* "tables without a json column" */
bool ask_keys(AskWork *work, bool *taken, Error *err);        /* "primary key of items" */
bool ask_references(AskWork *work, bool *taken, Error *err);  /* "what points to users" */
bool ask_measure(AskWork *work, bool *taken, Error *err);     /* "largest tables", "empty tables" */
bool ask_count(AskWork *work, bool *taken, Error *err);       /* "how many foreign keys are there" */
bool ask_indexes(AskWork *work, bool *taken, Error *err);     /* "tables without an index" */
bool ask_rules(AskWork *work, bool *taken, Error *err);       /* "columns that may be null" */
bool ask_unknown(AskWork *work, bool *taken, Error *err);     /* "tables created yesterday" */
bool ask_undescribed(AskWork *work, bool *taken, Error *err); /* "tables without descriptions" */
bool ask_column(AskWork *work, bool *taken, Error *err);      /* "which tables have a column itemid" */
bool ask_type(AskWork *work, bool *taken, Error *err);        /* "columns of type boolean" */
bool ask_column_name(AskWork *work, bool *taken, Error *err); /* "itemid", "what is itemid" */
bool ask_schemas(AskWork *work, bool *taken, Error *err);     /* "which schemas are there" */
bool ask_list(AskWork *work, bool *taken, Error *err);        /* "how many tables", "columns of hosts" */
bool ask_describe(AskWork *work, bool *taken, Error *err);    /* "what is vbrk.netwr" */
bool ask_back(AskWork *work, bool *taken, Error *err);        /* "only those?", "and the second one?" */
bool ask_find(AskWork *work, bool *taken, Error *err);        /* every other */

/* Tables that fit other words than the question's, those apart that were told already. ERROR_LOCAL. */
bool ask_find_others(AskWork *work, const char *words, const AskSubjects *told, Error *err);

/* The phrases that ask for what has no description; the list ends with NULL. */
extern const char *const ask_without_description[];
/* The same for what has one. */
extern const char *const ask_with_description[];

/* Is there a column of exactly this name, in any case, in any table? ERROR_LOCAL. */
bool ask_is_column(const AskWork *work, const char *word, bool *out, Error *err);

/* Lists what passes the filter, at most some: "12 columns of sales.order have no description:"; `what` stands
 * behind the noun. ERROR_LOCAL. */
bool ask_list_say(AskWork *work, const CatalogFilter *filter, const char *what, Error *err);

/* The same for each table that the question is about, or once for its schema or all of the database.
 * ERROR_LOCAL. */
bool ask_list_each(AskWork *work, CatalogFilter filter, const char *what, Error *err);

/* "3 tables, 1 view" of those tables that pass the filter, owned by the caller. ERROR_LOCAL. */
bool ask_list_kinds(AskWork *work, const CatalogFilter *filter, char **out, Error *err);

/* Reads the question and answers it: what ask_answer does in a transaction. ERROR_LOCAL, ERROR_INTERRUPTED.
 */
bool ask_kind_read(AskWork *work, Error *err);
/* The first of the table that takes it; ask_find takes everything. */
bool ask_kind_answer(AskWork *work, Error *err);

#endif

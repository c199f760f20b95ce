/* What of an answer's tables and columns is left by keys and references. */
#ifndef AMX_CORE_ASK_NARROW_KEYS_H
#define AMX_CORE_ASK_NARROW_KEYS_H

#include "ask_work.h"

/* Is the column part of the primary key, of a foreign key, or referenced by one, as the filter wants it of
 * tables? With `to` (NULL: any) the foreign key must lead to one of these; that is asked of a table, too, of
 * which the filter knows the rest. ERROR_LOCAL. */
bool ask_narrow_keys(const AskQuestion *question, const CatalogFilter *filter, const AskSubjects *to,
                     const AskSubject *subject, bool *fits, Error *err);

#endif

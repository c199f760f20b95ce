/* How the tables of an answer join. */
#ifndef AMX_CORE_ASK_JOINS_H
#define AMX_CORE_ASK_JOINS_H

#include "ask_match.h"
#include "text.h"

/* A name for people: "sales.customer.email"; the schema of SQLite ("main") is left out, column may be NULL,
 * hostile characters are escaped. Owned by the caller. */
char *ask_name(const char *schema, const char *table, const char *column);

/* Appends a line to `out` for each way in which each of the tables joins the nearest better one: every
 * foreign key between the two, else one path over a table between them. Nothing when no foreign key leads
 * there. ERROR_LOCAL. */
bool ask_joins_add(Local *local, const char *fingerprint, const AskMatch *match, Text *out, Error *err);

#endif

/* Names of tables and columns for people. */
#ifndef AMX_CORE_ASK_NAME_H
#define AMX_CORE_ASK_NAME_H

/* "sales.customer.email", quoted where SQL needs it (object_name); the schema of SQLite ("main") is left out,
 * as are NULLs, hostile characters are escaped. Owned by the caller. */
char *ask_name(const char *schema, const char *table, const char *column);
/* The name that stands in double quotes; a word without them as it is. Owned by the caller. */
char *ask_unquoted(const char *word);

#endif

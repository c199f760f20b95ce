/* Names of tables and columns for people. */
#ifndef AMX_CORE_ASK_NAME_H
#define AMX_CORE_ASK_NAME_H

/* "sales.customer.email"; the schema of SQLite ("main") is left out, column may be NULL, hostile characters
 * are escaped. Owned by the caller. */
char *ask_name(const char *schema, const char *table, const char *column);

#endif

/* Real schemas that are none of ours: those of Debian packages, as scripts/test fetches them. */
#ifndef AMX_TESTS_SCHEMAS_H
#define AMX_TESTS_SCHEMAS_H

/* The SQL that makes the schema "zabbix", "icinga", "roundcube" or "bacula": $AMX_SCHEMAS/NAME-schema.sql,
 * else where scripts/test puts it. Fails the test when it is not there. Owned by the support. */
const char *schemas_sql(const char *name);

#endif

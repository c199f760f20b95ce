/* Reading what PostgreSQL keeps of a view: pg_rewrite.ev_action, the parsed query as text,
 *   ({QUERY :commandType 1 .. :targetList ({TARGETENTRY :expr {VAR ..} :resno 1 :resname id ..
 *   :resorigtbl 16384 :resorigcol 1 :resjunk false} ..) ..})
 * in which the parser has noted for each plain column the table and column that it comes from, through joins
 * and subqueries. Only that is read. */
#ifndef AMX_STORE_PG_RULE_H
#define AMX_STORE_PG_RULE_H

/* A column of the view, by its number, that passes on the column of a table or another view. */
typedef struct PgRuleColumn {
    int number;
    unsigned from_table; /* oid */
    int from_column;     /* attnum, positive */
} PgRuleColumn;

/* Calls `found` for every column that has a source. Text of another shape has none. */
void pg_rule_columns(const char *action, void (*found)(void *context, const PgRuleColumn *column),
                     void *context);

#endif

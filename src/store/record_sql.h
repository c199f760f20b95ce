/* For the store room only: the statements that read rows of the synced tables. They are the same for
 * history.db and the shared store but for what a RecordDialect says. A statement is built in this order:
 * "SELECT ", record_add_columns, FROM with `t` as the table's alias, WHERE with a first condition,
 * record_add_filter, record_add_page. */
#ifndef AMX_STORE_RECORD_SQL_H
#define AMX_STORE_RECORD_SQL_H

#include "record.h"
#include "text.h"
#include "value.h"

typedef struct RecordDialect {
    const char *prefix;      /* in front of table names: the quoted schema and a dot, or "" */
    const char *like;        /* the operator that matches a pattern in any case of its letters */
    const char *time_before; /* what stands round a time to make it clock_now's text */
    const char *time_after;
    bool shared; /* holds the rows of many origins, and keeps an empty row of what was deleted */
} RecordDialect;

/* The column of a table's rows that is derived from the rows under them, or NULL. */
const char *record_derived(const SyncedTable *table);

#define RECORD_VALUES 24 /* most parameters that a filter and a page take */

/* The columns of the declaration, then the derived ones, last the value of the order: record_width. */
void record_add_columns(Text *sql, const RecordDialect *dialect, const SyncedTable *table,
                        const RecordFilter *filter);
/* For LIKE with ESCAPE '!': any text that holds `needle`, which means itself only. Owned by the caller. */
char *record_pattern(const char *needle);
/* " AND .." for all of the filter but its page. *pattern holds the text of a parameter; owned by the caller
 * (free) until the statement is done. */
void record_add_filter(Text *sql, Value values[RECORD_VALUES], int *count, const RecordDialect *dialect,
                       const SyncedTable *table, const RecordFilter *filter, char **pattern);
/* " AND .. ORDER BY .. LIMIT ..": pages by key, never by OFFSET, so that the comparison runs along the index
 * of the order. */
void record_add_page(Text *sql, Value values[RECORD_VALUES], int *count, const RecordDialect *dialect,
                     const SyncedTable *table, const RecordFilter *filter);

#endif

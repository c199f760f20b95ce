/* What the team reads: rows of the shared store, live. */
#include "shared_ops.h"

typedef struct Listing {
    const SyncedTable *table;
    RecordEach each;
    void *context;
} Listing;

static void take_row(void *context, const Value *values, int count)
{
    Listing *listing = context;
    (void)count;
    listing->each(listing->context, listing->table, values);
}

static void add_columns(Text *sql, const SharedOps *ops, const SyncedTable *table)
{
    for (size_t i = 0; i < synced_width(table); i++) {
        const SyncedColumn *column = synced_column(table, i);
        bool time = column->type == SYNCED_TIME;
        text_addf(sql, "%s%st.%s%s", i ? ", " : "", time ? ops->time_before : "", column->name,
                  time ? ops->time_after : "");
    }
}

/* Pages by key, never by OFFSET: the row comparison runs along the index of the order. */
static void add_page(Text *sql, Value *values, int *count, const RecordFilter *filter, const char *time)
{
    if (time && filter->after_time && filter->after_origin) {
        text_addf(sql, " AND (t.%s, t.origin_id, t.local_id) < ($%d, $%d, $%d)", time, *count + 1, *count + 2,
                  *count + 3);
        values[(*count)++] = value_text(filter->after_time);
        values[(*count)++] = value_text(filter->after_origin);
        values[(*count)++] = value_int(filter->after);
    } else if (!time && filter->after) {
        text_addf(sql, " AND t.local_id > $%d", *count + 1);
        values[(*count)++] = value_int(filter->after);
    }
    if (time) {
        text_addf(sql, " ORDER BY t.%s DESC, t.origin_id DESC, t.local_id DESC", time);
    } else {
        text_add(sql, " ORDER BY t.origin_id, t.local_id");
    }
    if (filter->limit > 0) {
        text_addf(sql, " LIMIT %d", filter->limit);
    }
}

bool shared_list(Shared *shared, const SyncedTable *table, const RecordFilter *filter, Deadline deadline,
                 RecordEach each, void *context, Error *err)
{
    Value values[RECORD_VALUES];
    int count = 0;
    Text sql = {0};
    text_add(&sql, "SELECT ");
    add_columns(&sql, shared->ops, table);
    text_addf(&sql, " FROM %s%s t WHERE t.deleted_at IS NULL", text_string(&shared->prefix), table->name);
    record_add_filter(&sql, values, &count, filter, table);
    add_page(&sql, values, &count, filter, record_time_column(table));
    Listing listing = {.table = table, .each = each, .context = context};
    bool ok = shared->ops->query(shared->connection, text_string(&sql), values, count, deadline, take_row,
                                 &listing, NULL, err);
    text_free(&sql);
    return ok;
}

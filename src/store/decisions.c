#include "decisions.h"

#include "local_sqlite.h"
#include "text.h"

#define IN_FILTER                                                                                            \
    "AND ($2 IS NULL OR lower(who) = lower($2)) AND ($3 IS NULL OR at >= $3) AND ($4 IS NULL OR at < $4) "   \
    "AND ($5 IS NULL OR schema_name = $5) AND ($6 IS NULL OR table_name = $6) "                              \
    "AND ($7 IS NULL OR column_name = $7)"

static const char reviews[] =
    "(SELECT r.schema_name, r.table_name, r.column_name, r.evaluation AS done, r.chosen_text AS text, "
    "r.created_by AS who, r.source AS drafter, r.evaluated_at AS at, r.local_id AS id FROM runs JOIN "
    "run_results r ON r.run_id = "
    "runs.local_id WHERE runs.fingerprint = $1 AND r.evaluation IS NOT NULL) WHERE done ";

static const char applies[] =
    "(SELECT r.schema_name, r.table_name, r.column_name, e.outcome AS done, e.new_text AS text, "
    "e.created_by AS who, r.source AS drafter, e.created_at AS at, e.local_id AS id FROM runs JOIN "
    "apply_events e ON e.run_id = "
    "runs.local_id JOIN run_results r ON r.local_id = e.result_id WHERE runs.fingerprint = $1 AND "
    "e.kind = 'apply') WHERE done ";

static const char *condition(DecisionKind kind)
{
    switch (kind) {
    case DECISION_DESCRIBED:
        return "IN ('accepted', 'edited') ";
    case DECISION_ACCEPTED:
        return "= 'accepted' ";
    case DECISION_EDITED:
        return "= 'edited' ";
    case DECISION_SKIPPED:
        return "= 'skipped' ";
    case DECISION_APPLIED:
        return "= 'applied' ";
    case DECISION_REVIEWED:
        break;
    }
    return "IS NOT NULL ";
}

bool decisions_list(Local *local, const DecisionFilter *filter, int limit, DecisionFunction each,
                    void *context, int64_t *total, Error *err)
{
    Sqlite *db = local_sqlite(local);
    const char *from = filter->kind == DECISION_APPLIED ? applies : reviews;
    const Value values[] = {value_text(filter->fingerprint), value_text(filter->who),
                            value_text(filter->since),       value_text(filter->until),
                            value_text(filter->schema),      value_text(filter->table),
                            value_text(filter->column),      value_int(limit)};
    char *counted = text_format("SELECT count(*) FROM %s%s" IN_FILTER, from, condition(filter->kind));
    char *listed = text_format(
        "SELECT schema_name, table_name, column_name, done, text, who, drafter, at FROM %s%s" IN_FILTER
        " ORDER BY at DESC, id DESC LIMIT $8",
        from, condition(filter->kind));
    bool ok = sqlite_number(db, err, 0, total, counted, values, 7);
    if (ok) {
        SqliteRows *rows = sqlite_query(db, err, listed, values, 8);
        while (sqlite_next(rows)) {
            Decision decision = {.schema = sqlite_text(rows, 0),
                                 .table = sqlite_text(rows, 1),
                                 .column = sqlite_text(rows, 2),
                                 .done = sqlite_text(rows, 3),
                                 .text = sqlite_text(rows, 4),
                                 .who = sqlite_text(rows, 5),
                                 .drafter = sqlite_text(rows, 6),
                                 .at = sqlite_text(rows, 7)};
            each(context, &decision);
        }
        ok = sqlite_done(db, rows, err);
    }
    free(listed);
    free(counted);
    return ok;
}

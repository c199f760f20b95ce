#include "drafted_before.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "object_name.h"
#include "record.h"
#include "text.h"

static void take(void *context, const SyncedTable *table, const Value *values)
{
    DraftedBefore *out = context;
    int64_t run = record_int(table, values, "run_id");
    out->run = run > out->run ? run : out->run;
    memory_grow((void **)&out->names, out->count, &out->capacity, sizeof *out->names);
    out->names[out->count++] =
        object_name(record_text(table, values, "schema_name"), record_text(table, values, "table_name"),
                    record_text(table, values, "column_name"));
}

static void take_waiting(void *context, const SyncedTable *table, const Value *values)
{
    const char *source = record_text(table, values, "source");
    bool by_model = source && text_starts(source, "llm:");
    if (by_model && !record_text(table, values, "applied_at") &&
        !text_equal(record_text(table, values, "evaluation"), "skipped")) {
        take(context, table, values);
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add(Local *local, const RecordFilter *filter, RecordEach each, DraftedBefore *out, Error *err)
{
    bool ok = !local || record_list(local, &synced_tables[SYNCED_RUN_RESULTS], filter, each, out, err);
    if (out->count > 0) {
        qsort(out->names, out->count, sizeof *out->names, compare);
    }
    return ok;
}

bool drafted_before_by_model(Local *local, const char *fingerprint, DraftedBefore *out, Error *err)
{
    return add(local, &(RecordFilter){.fingerprint = fingerprint}, take_waiting, out, err);
}

bool drafted_before_in_run(Local *local, int64_t run, DraftedBefore *out, Error *err)
{
    return add(local, &(RecordFilter){.parent = run}, take, out, err);
}

void drafted_before_free(DraftedBefore *before)
{
    for (size_t i = 0; i < before->count; i++) {
        free(before->names[i]);
    }
    free(before->names);
    *before = (DraftedBefore){0};
}

bool drafted_before_has(const DraftedBefore *before, const CatalogTable *table, const CatalogColumn *column)
{
    if (before->count == 0) {
        return false;
    }
    char *name = object_name(table->schema, table->name, column ? column->name : NULL);
    bool has = bsearch(&name, before->names, before->count, sizeof *before->names, compare) != NULL;
    free(name);
    return has;
}

/* What needs no draft because it has one: nothing is paid for twice. */
#ifndef AMX_CORE_DRAFTED_BEFORE_H
#define AMX_CORE_DRAFTED_BEFORE_H

#include "catalog.h"
#include "local.h"

typedef struct DraftedBefore {
    char **names; /* sorted */
    size_t count;
    size_t capacity;
    int64_t run; /* the newest run that one of them is from */
} DraftedBefore;

/* Adds what runs over this database got from a language model, and nobody has skipped or applied yet. `local`
 * NULL: nothing. Freed by drafted_before_free, also after a failure. ERROR_LOCAL. */
bool drafted_before_by_model(Local *local, const char *fingerprint, DraftedBefore *out, Error *err);
/* Adds what a run has results of, whoever drafted them. */
bool drafted_before_in_run(Local *local, int64_t run, DraftedBefore *out, Error *err);
void drafted_before_free(DraftedBefore *before);

bool drafted_before_has(const DraftedBefore *before, const CatalogTable *table, const CatalogColumn *column);

#endif

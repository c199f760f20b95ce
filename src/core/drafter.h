/* Drafters write descriptions. An ops struct: the built-in one reads evidence out of the catalog
 * (drafter_builtin.c); a language model is another (drafter_llm.h). Deterministic drafters give the same text
 * for the same catalog. A draft says no more than its evidence does. */
#ifndef AMX_CORE_DRAFTER_H
#define AMX_CORE_DRAFTER_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog.h"
#include "error.h"
#include "record.h"
#include "texts_elsewhere.h"

#define DRAFT_ALTERNATIVES 4

typedef struct Draft {
    char *alternatives[DRAFT_ALTERNATIVES]; /* best first */
    size_t alternative_count;               /* 1..4; 0 = nothing to say */
    double confidence; /* 0..1; at least DRAFT_HIGH only where structure proves the sentence; a text that only
                          repeats the name stays under DRAFT_MEDIUM */
    char **evidence;   /* what the text rests on, one fact each: "foreign key orders_customer_id_fkey ->
                          customer.id" */
    size_t evidence_count;
    size_t evidence_capacity;
    const char *source; /* what made it, as run_results.source says; lives as long as the drafter. NULL: the
                           drafter's name */
} Draft;

#define DRAFT_HIGH RECORD_HIGH
#define DRAFT_MEDIUM RECORD_MEDIUM
/* "high", "medium", "low" */
const char *draft_confidence_name(double confidence);

void draft_free(Draft *draft); /* releases the members and zeroes it */

typedef struct Drafter Drafter; /* private state of an implementation */

/* What drafts are made from; outlives the drafter. */
typedef struct DrafterSources {
    const Catalog *catalog;
    const TextsElsewhere *elsewhere;  /* offered, with where it is from, and never first; NULL: nothing */
    const struct DrafterModel *model; /* of drafter_llm, else NULL */
} DrafterSources;

/* One table (column NULL) or column that a draft is wanted of. */
typedef struct DraftItem {
    const CatalogColumn *column;
    Draft draft;
    bool done;
} DraftItem;

typedef struct DrafterOps {
    const char *name; /* as --drafter names it: "builtin" */
    /* Prepares to draft over a catalog. */
    Drafter *(*open)(const DrafterSources *sources);
    void (*close)(Drafter *drafter);
    /* Draft one table (column = NULL) or column. *out starts zeroed and is the caller's. False: this one
     * failed. NULL: of one that has `draft_batch`. */
    bool (*draft)(Drafter *drafter, const CatalogTable *table, const CatalogColumn *column, Draft *out,
                  Error *err);
    /* Of a drafter that is asked for many at once; NULL: of one that has `draft` alone. `fit`: how many of
     * these items of one table, from the first, go together (at least one). `draft_batch` drafts that many:
     * each item that is `done` has its draft, also after a failure, which says why nothing more can be
     * drafted. */
    size_t (*fit)(Drafter *drafter, const CatalogTable *table, DraftItem *items, size_t count);
    bool (*draft_batch)(Drafter *drafter, const CatalogTable *table, DraftItem *items, size_t count,
                        Error *err);
} DrafterOps;

extern const DrafterOps drafter_builtin;

#endif

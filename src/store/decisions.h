/* Who decided on descriptions, or wrote them to the database, and when: as this history.db knows it. */
#ifndef AMX_STORE_DECISIONS_H
#define AMX_STORE_DECISIONS_H

#include "local.h"

typedef enum DecisionKind {
    DECISION_DESCRIBED, /* accepted or edited */
    DECISION_ACCEPTED,
    DECISION_EDITED,
    DECISION_SKIPPED,
    DECISION_REVIEWED, /* any of them */
    DECISION_APPLIED   /* written to the database */
} DecisionKind;

/* NULL members mean any. */
typedef struct DecisionFilter {
    const char *fingerprint;
    DecisionKind kind;
    const char *who;   /* login name, in any case */
    const char *since; /* UTC as clock_now writes it, or its beginning */
    const char *until; /* before this */
    const char *schema;
    const char *table;
    const char *column;
} DecisionFilter;

/* Strings live until the callback returns. */
typedef struct Decision {
    const char *schema;
    const char *table;
    const char *column;  /* NULL: the table */
    const char *done;    /* "accepted", "edited", "skipped" or "applied" */
    const char *text;    /* NULL: skipped */
    const char *who;     /* decided, or applied it */
    const char *drafter; /* what wrote the drafts, "builtin" or a model */
    const char *at;
} Decision;
typedef void (*DecisionFunction)(void *context, const Decision *decision);

/* Newest first, at most `limit`; *total says how many there are. ERROR_LOCAL. */
bool decisions_list(Local *local, const DecisionFilter *filter, int limit, DecisionFunction each,
                    void *context, int64_t *total, Error *err);

#endif

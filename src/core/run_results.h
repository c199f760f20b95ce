/* The results of one run, loaded for reviewing and applying. */
#ifndef AMX_CORE_RUN_RESULTS_H
#define AMX_CORE_RUN_RESULTS_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "local.h"

typedef struct ResultItem {
    int64_t id;
    char *schema;
    char *table;
    char *column; /* NULL: the table */
    char *kind;
    char *type; /* of a column, else NULL */
    char *base_text;
    char *first;        /* best draft, or NULL */
    char *alternatives; /* JSON array */
    double confidence;
    char *evaluation;  /* or NULL */
    char *chosen_text; /* or NULL */
    char *applied_at;  /* or NULL */
} ResultItem;

typedef struct ResultList {
    int64_t run_id;
    char *scope;
    char *db_profile;
    char *fingerprint;
    char *status;
    ResultItem *items;
    size_t count;
    size_t capacity;
    const ResultItem **by_name; /* NULL until one was looked for by its names */
} ResultList;

/* Loads a run with its results. ERROR_NOT_FOUND when there is no such run, or no local store (NULL). Freed by
 * result_list_free, also after a failure. */
bool result_list_load(Local *local, int64_t run_id, ResultList *out, Error *err);
/* The same with only one of its results, or none when that is not the run's. */
bool result_list_load_one(Local *local, int64_t run_id, int64_t result_id, ResultList *out, Error *err);
void result_list_free(ResultList *list);
/* NULL when there is none. */
const ResultItem *result_list_find(const ResultList *list, int64_t id);
/* By names (schema NULL: in any schema; column NULL: the table itself); *out is NULL when there is none.
 * ERROR_USAGE names those that are meant alike where the schema is needed to tell. */
bool result_list_find_named(ResultList *list, const char *schema, const char *table, const char *column,
                            const ResultItem **out, Error *err);

#endif

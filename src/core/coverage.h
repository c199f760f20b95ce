/* How much is described: tables and columns alike, one each. One rule for what a database says already, and
 * for what it would say once the accepted texts were applied. */
#ifndef AMX_CORE_COVERAGE_H
#define AMX_CORE_COVERAGE_H

#include <stddef.h>

typedef struct Coverage {
    size_t objects;
    size_t present;   /* the database says something */
    size_t accepted;  /* a text waits for apply, maybe in place of another */
    size_t described; /* present or accepted: once what is accepted is applied */
} Coverage;

/* Counts one object: what the database says of it, and what was accepted and waits for apply; NULL and "" are
 * nothing. */
void coverage_add(Coverage *coverage, const char *comment, const char *accepted);
/* Whole percents of the objects that are described: 100 only when nothing lacks, and of none at all. */
long long coverage_percent(const Coverage *coverage);
/* The same of those that the database itself describes already. */
long long coverage_present_percent(const Coverage *coverage);
/* Adds up. */
void coverage_add_all(Coverage *sum, const Coverage *part);

#endif

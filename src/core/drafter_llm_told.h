/* The part of a catalog that a language model may know: what llm_profile { sends } leaves out is not there.
 * Prompts and the evidence in them are made of it alone. */
#ifndef AMX_CORE_DRAFTER_LLM_TOLD_H
#define AMX_CORE_DRAFTER_LLM_TOLD_H

#include "catalog.h"

/* A copy that borrows its strings from `catalog`, table by table and column by column at the same places,
 * without comments or statistics unless `sends` (LLM_SENDS_*) has them. Freed by llm_told_free. */
Catalog *llm_told_catalog(const Catalog *catalog, unsigned sends);
void llm_told_free(Catalog *told); /* NULL is allowed */

#endif

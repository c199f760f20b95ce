/* What the built-in drafter says of a catalog built by hand. */
#ifndef AMX_TESTS_DRAFTED_H
#define AMX_TESTS_DRAFTED_H

#include "built.h"
#include "drafter.h"

/* Drafts one table (column NULL) or column, and fails the test where a text is no presentable sentence. The
 * result is the caller's (draft_free). */
Draft drafted(const Built *b, const CatalogTable *table, const CatalogColumn *column);
/* Does any alternative hold these words? */
bool drafted_says(const Draft *d, const char *part);
/* Does a piece of its evidence hold this? */
bool drafted_on(const Draft *d, const char *part);
/* The first alternative is `text`, of this confidence ("high"); its evidence holds `evidence` (may be NULL).
 */
void assert_drafted(const Built *b, const CatalogTable *table, const CatalogColumn *column, const char *text,
                    const char *confidence, const char *evidence);
/* No alternative holds these words. */
void assert_never_drafted(const Built *b, const CatalogTable *table, const CatalogColumn *column,
                          const char *part);

#endif

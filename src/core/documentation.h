/* What a scope of the active profile's database says about itself: every table and column with its text, and
 * who wrote that, when and with which version, as far as history knows. Exports, `coverage` and `diff` all
 * start here.
 *
 * The text of an object is the one that a person accepted last and that still waits for apply; else the
 * comment that the database holds. Of the first the reviewer is known; of the second whoever applied exactly
 * this text last, here or (when it can be asked) in the shared store; else nobody. */
#ifndef AMX_CORE_DOCUMENTATION_H
#define AMX_CORE_DOCUMENTATION_H

#include "app.h"
#include "catalog.h"
#include "coverage.h"
#include "object_name.h"
#include "report.h"

typedef enum DescriptionState {
    DESCRIPTION_MISSING,   /* there is no text */
    DESCRIPTION_PRESENT,   /* the database says it */
    DESCRIPTION_INHERITED, /* the database says it of the partitioned table; this partition has none */
    DESCRIPTION_ACCEPTED   /* a person accepted it; the database does not say it yet */
} DescriptionState;

/* The text of one table or column. Strings are owned by the Documentation; NULL where nothing is known. */
typedef struct Description {
    DescriptionState state;
    const char *text;
    const char *comment; /* what the database says: the text itself, unless another was accepted */
    const char *created_by;
    const char *hostname;
    const char *client_version;
    const char *written_at; /* UTC: applied, or accepted */
} Description;

typedef struct DocumentedTable {
    const CatalogTable *table;
    bool is_context; /* the scope names a column of it: the table says where that is, and does not count */
    Description description;
    Description *columns; /* table->column_count of them, in the order of the catalog */
} DocumentedTable;

typedef struct Documentation {
    Catalog *catalog;
    ObjectScope scope;
    ObjectMatch match;       /* what the scope means in the catalog */
    const char *profile;     /* borrowed from the App */
    const char *fingerprint; /* likewise */
    DocumentedTable *tables; /* those of the scope, by schema and name in byte order */
    size_t table_count;
    struct DocumentationTexts *texts; /* what the strings live in */
} Documentation;

/* What is not read for everybody. */
enum {
    DOCUMENTATION_WRITERS = 1u,   /* who wrote the texts of the database */
    DOCUMENTATION_PARTITIONS = 2u /* partitions with a text of their own, also where the scope names none */
};

/* Reads the scope ("sales", "sales.customer", NULL: all but system schemas) from the database, then history.
 * A scope that names a column gives its table with that column alone. Fills *out, which
 * documentation_free releases, also after a failure. `parts` is of the DOCUMENTATION_ ones.
 * A shared store out of reach is a warning in `report`, not an error: then only one's own
 * work has a name; so it is, without a warning, while sharing is off.
 * Errors: those of database_read_catalog and of the local store. */
bool documentation_read(App *app, const char *scope, unsigned parts, Report *report, Documentation *out,
                        Error *err);
void documentation_free(Documentation *documentation);

/* How much of a table and its columns is described, as far as they are in the scope. */
Coverage documentation_coverage(const DocumentedTable *table);

#endif

/* Getting at the catalog of the active profile: from the database, or as it was last read (catalog_cache.h).
 */
#ifndef AMX_CORE_CATALOG_READING_H
#define AMX_CORE_CATALOG_READING_H

#include "app.h"
#include "catalog.h"
#include "local.h"
#include "object_name.h"
#include "report.h"

/* Reads all of the database, and finds what the scope means there; what system schemas and partitions hold is
 * read only when the scope names them, or `partitions` does (see DatabaseScope; or NULL). A schema that is
 * there and has no tables is found. *out and *match as of database_read_catalog and object_scope_resolve;
 * `match` lives with the scope. */
bool catalog_reading_scope(App *app, const ObjectScope *scope, const char *partitions, Catalog **out,
                           ObjectMatch *match, Error *err);

#define CATALOG_GAPS_TOLD 5 /* where they are not what was asked for */

/* Warns of what could not be read of the tables that are meant and, with `statistics`, of what was read
 * without them: the first `most` of each, and how many more. */
void catalog_reading_tell_skipped(const Catalog *catalog, const ObjectMatch *match, bool statistics,
                                  size_t most, Report *report);

/* Sees to it that there is a cached catalog that is as good as read now: one that is a few minutes old at
 * most, and not older than what amx itself has written there. Reads and keeps a new one otherwise, or with
 * `anew`. Where the database can't be read, an older one will do, with a warning that says why. Fails when
 * there is none at all, as database_read_catalog does, and with ERROR_LOCAL. */
bool catalog_reading_renew(App *app, Local *local, const char *fingerprint, bool anew, Report *report,
                           Error *err);
/* Is there a cached catalog that catalog_reading_renew would leave as it is? */
bool catalog_reading_is_fresh(Local *local, const char *fingerprint, bool *out, Error *err);
/* The database could not be read, for the reason `why`: will the cached catalog do, however old? Then it adds
 * the warning. */
bool catalog_reading_use_older(Local *local, const char *fingerprint, const Error *why, Report *report);

/* Adds a note that says how old the cached catalog is, unless it was read just now. */
bool catalog_reading_tell_age(Local *local, const char *fingerprint, Report *report, Error *err);

#endif

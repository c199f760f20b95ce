#include "catalog_reading.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_cache.h"
#include "memory.h"
#include "search.h"
#include "text.h"

enum { FRESH_SECONDS = 10 * 60, MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static bool read_everything(App *app, const char *partitions, Catalog **out, Error *err)
{
    Database *database = NULL;
    DatabaseScope everything = {.partitions = partitions};
    app_progress(app, "reading the catalog", 0, 0);
    return app_database(app, &database, err) &&
           database_read_catalog(database, &everything, app_query_deadline(app), out, err);
}

/* Takes a part that reading everything leaves out, in place of *out, when it is what the scope means. */
static bool read_part(App *app, const DatabaseScope *part, const ObjectScope *scope, Catalog **out,
                      ObjectMatch *match, Error *err)
{
    Database *database = NULL;
    Catalog *catalog = NULL;
    if (!app_database(app, &database, err) ||
        !database_read_catalog(database, part, app_query_deadline(app), &catalog, err)) {
        return false;
    }
    if (catalog->empty_schema) { /* that it is there is all there is to find */
        *match = (ObjectMatch){.schema = part->schema};
    } else if (!object_scope_resolve(scope, catalog, match, err)) {
        catalog_free(catalog);
        return false;
    }
    catalog_free(*out);
    *out = catalog;
    return true;
}

bool catalog_reading_scope(App *app, const ObjectScope *scope, const char *partitions, Catalog **out,
                           ObjectMatch *match, Error *err)
{
    const DatabaseScope parts[] = {
        {.schema = scope->parts[0], .table = scope->parts[1], .partitions = partitions},
        {.table = scope->parts[0]}};
    size_t count = scope->count < 3 ? 2 : 1;
    Error why = {0};
    if (!read_everything(app, partitions, out, err)) {
        return false;
    }
    if (object_scope_resolve(scope, *out, match, &why)) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        Error trouble = {0};
        if (read_part(app, &parts[i], scope, out, match, &trouble)) {
            return true;
        }
        if (trouble.kind != ERROR_NOT_FOUND) { /* nobody knows whether it is there */
            why = trouble;
            break;
        }
    }
    if (err) {
        *err = why;
    }
    return false;
}

/* Is the gap, "schema.name: why", one of this table? Sets *why then. */
static bool is_gap_of(const CatalogTable *table, const char *gap, const char **why)
{
    size_t schema = strlen(table->schema), name = strlen(table->name);
    bool same = strncmp(gap, table->schema, schema) == 0 && gap[schema] == '.' &&
                strncmp(gap + schema + 1, table->name, name) == 0 &&
                text_starts(gap + schema + 1 + name, ": ");
    *why = same ? gap + schema + 1 + name : NULL;
    return same;
}

/* The table of a gap, sought from `near` on, as gaps come in the order of tables; NULL: it is of the whole
 * database. */
static const CatalogTable *table_of_gap(const Catalog *catalog, const char *gap, size_t *near,
                                        const char **why)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        size_t at = (*near + i) % catalog->table_count;
        if (is_gap_of(&catalog->tables[at], gap, why)) {
            *near = at;
            return &catalog->tables[at];
        }
    }
    return NULL;
}

static void tell_gaps(const Catalog *catalog, const ObjectMatch *match, char *const *gaps, const char *what,
                      size_t most, Report *report)
{
    const ObjectMatch whole = {.schema = match->schema, .table = match->table}; /* of a column: its table */
    size_t count = 0, near = 0;
    for (; gaps && *gaps; gaps++) {
        const char *why = NULL;
        const CatalogTable *table = table_of_gap(catalog, *gaps, &near, &why);
        if (table && !object_matches(&whole, table, NULL)) {
            continue;
        }
        if (count++ < most) {
            char *object = table ? object_name(table->schema, table->name, NULL) : memory_string(*gaps);
            report_warning(report, "%s: %s%s", what, object, table ? why : "");
            free(object);
        }
    }
    if (count > most) {
        report_warning(report, "%s: %zu more; run --dry-run lists them all", what, count - most);
    }
}

void catalog_reading_tell_skipped(const Catalog *catalog, const ObjectMatch *match, bool statistics,
                                  size_t most, Report *report)
{
    tell_gaps(catalog, match, catalog->skipped, "not read", most, report);
    if (statistics) {
        tell_gaps(catalog, match, catalog->without_statistics, "read without statistics", most, report);
    }
}

bool catalog_reading_is_fresh(Local *local, const char *fingerprint, bool *out, Error *err)
{
    char taken_at[CLOCK_TEXT_SIZE];
    int64_t seconds = 0;
    bool outdated = false;
    if (!catalog_cache_age(local, fingerprint, taken_at, &seconds, err) ||
        !catalog_cache_is_outdated(local, fingerprint, &outdated, err)) {
        return false;
    }
    *out = *taken_at && !outdated && seconds >= 0 && seconds < FRESH_SECONDS;
    return true;
}

static bool is_out_of_reach(const Error *err)
{
    return err->kind == ERROR_CONNECTION || err->kind == ERROR_TIMEOUT || err->kind == ERROR_DATABASE;
}

bool catalog_reading_use_older(Local *local, const char *fingerprint, const Error *why, Report *report)
{
    char taken_at[CLOCK_TEXT_SIZE];
    int64_t seconds = 0;
    if (!is_out_of_reach(why) || !catalog_cache_age(local, fingerprint, taken_at, &seconds, NULL) ||
        !*taken_at) {
        return false;
    }
    report_warning(report, "from the catalog as it was read at %s: %s", taken_at, why->message);
    if (*why->hint) {
        report_note(report, "%s", why->hint);
    }
    return true;
}

bool catalog_reading_renew(App *app, Local *local, const char *fingerprint, bool anew, Report *report,
                           Error *err)
{
    bool fresh = false;
    Catalog *catalog = NULL;
    Error why = {0};
    if (!anew && !catalog_reading_is_fresh(local, fingerprint, &fresh, err)) {
        return false;
    }
    if (fresh) {
        return true;
    }
    if (read_everything(app, NULL, &catalog, &why)) {
        bool ok = search_keep(local, fingerprint, catalog, err);
        catalog_free(catalog);
        return ok;
    }
    if (catalog_reading_use_older(local, fingerprint, &why, report)) {
        return true;
    }
    if (err) {
        *err = why;
    }
    return false;
}

/* "3 minutes" */
static char *duration(int64_t seconds)
{
    int64_t unit = seconds < MINUTE ? 1 : seconds < HOUR ? MINUTE : seconds < DAY ? HOUR : DAY;
    const char *name = unit == 1 ? "second" : unit == MINUTE ? "minute" : unit == HOUR ? "hour" : "day";
    int64_t count = seconds / unit;
    return text_format("%lld %s%s", (long long)count, name, text_plural(count));
}

bool catalog_reading_tell_age(Local *local, const char *fingerprint, Report *report, Error *err)
{
    char taken_at[CLOCK_TEXT_SIZE];
    int64_t seconds = 0;
    if (!catalog_cache_age(local, fingerprint, taken_at, &seconds, err)) {
        return false;
    }
    if (*taken_at && seconds != 0) {
        char *age = seconds > 0 ? duration(seconds) : NULL;
        report_note(report, "the catalog is as of %.10s %.8sZ%s%s%s; read it anew with --refresh", taken_at,
                    taken_at + 11, age ? ", " : "", age ? age : "", age ? " ago" : "");
        free(age);
    }
    return true;
}

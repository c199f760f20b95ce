/* db list, show, use, test, tables. */
#include "commands.h"

#include <stdlib.h>

#include "catalog_cache.h"
#include "catalog_reading.h"
#include "events.h"
#include "object_name.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn profile_columns[] = {
    {"active", "", REPORT_TEXT},
    {"name", "Profile", REPORT_TEXT},
    {"backend", "Backend", REPORT_TEXT},
    {"target", "Target", REPORT_WIDE},
};

static const ReportColumn show_columns[] = {
    {"name", "profile", REPORT_TEXT},
    {"backend", "backend", REPORT_TEXT},
    {"target", "target", REPORT_TEXT},
    {"active", "active", REPORT_TEXT},
    {"declared_in", "declared in", REPORT_TEXT},
    {"version", "server", REPORT_TEXT},
    {"latency_ms", "latency (ms)", REPORT_NUMBER},
};

static const ReportColumn table_columns[] = {
    {"object", "Table", REPORT_TEXT},      {"kind", "Kind", REPORT_TEXT},
    {"columns", "Columns", REPORT_NUMBER}, {"described", "Described", REPORT_NUMBER},
    {"rows", "Rows", REPORT_NUMBER},       {"comment", "Comment", REPORT_WIDE},
    {"schema_name", NULL, REPORT_TEXT},    {"table_name", NULL, REPORT_TEXT},
    {"catalog_read", NULL, REPORT_TIME},
};

static void fill_profile(App *app, json_t *row, const Profile *profile)
{
    const char *target = NULL;
    Error why = {0};
    bool known = app_fingerprint(app, profile, &target, &why);
    row_text(row, "name", profile->name);
    row_text(row, "backend", backend_name(profile->target.backend));
    row_text(row, "target", known ? target : why.message);
}

bool cmd_db_list(App *app, const Args *args, Report *report, Error *err)
{
    const Config *config = app_config(app);
    const Profile *active = NULL;
    (void)args;
    (void)err;
    app_profile(app, &active, NULL); /* none is no error here */
    report_list(report, "amx.profiles/1", profile_columns, COUNT(profile_columns));
    report->empty = "No DB profile. Declare one in amx.conf (amx config path).";
    for (size_t i = 0; i < config->profile_count; i++) {
        json_t *row = report_row(report);
        row_text(row, "active", &config->profiles[i] == active ? "*" : "");
        fill_profile(app, row, &config->profiles[i]);
    }
    return true;
}

/* The profile that a word names, or the active one. */
static bool named_or_active(App *app, const Args *args, const Profile **out, Error *err)
{
    const char *name = args_word(args, 0);
    if (!name) {
        return app_profile(app, out, err);
    }
    *out = config_profile(app_config(app), name);
    if (!*out) {
        error_set(err, ERROR_NOT_FOUND, "there is no DB profile \"%s\"", name);
        return error_hint(err, "list what there is with: amx db list");
    }
    return true;
}

static json_t *start_show(App *app, const Profile *profile, Report *report)
{
    const Profile *active = NULL;
    app_profile(app, &active, NULL);
    report_object(report, "amx.profile/1", show_columns, COUNT(show_columns));
    json_t *row = report_row(report);
    fill_profile(app, row, profile);
    row_bool(row, "active", profile == active);
    row_text(row, "declared_in", profile->implicit ? "environment" : app_config(app)->path);
    return row;
}

bool cmd_db_show(App *app, const Args *args, Report *report, Error *err)
{
    const Profile *profile = NULL;
    if (!named_or_active(app, args, &profile, err)) {
        return false;
    }
    start_show(app, profile, report);
    return true;
}

bool cmd_db_use(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    const Profile *profile = NULL;
    if (!named_or_active(app, args, &profile, err) || !app_local(app, &local, err) ||
        !local_set_setting(local, "active_profile", profile->name, err)) {
        return false;
    }
    start_show(app, profile, report);
    row_bool(report_row(report), "active", true);
    report_note(report, "%s is the active profile", profile->name);
    return true;
}

bool cmd_db_test(App *app, const Args *args, Report *report, Error *err)
{
    const Profile *profile = NULL;
    Database *database = NULL;
    if (!named_or_active(app, args, &profile, err)) {
        return false;
    }
    int64_t start = clock_monotonic_ms();
    if (!database_open(&profile->target, app_connect_deadline(app), &database, err)) {
        return error_prefix(err, "profile %s: ", profile->name);
    }
    json_t *row = start_show(app, profile, report);
    row_text(row, "version", database_version(database));
    row_int(row, "latency_ms", clock_monotonic_ms() - start);
    database_close(database);
    report_note(report, "%s is in reach", profile->name);
    return true;
}

/* What a listing of tables is made from. */
typedef struct Listing {
    Catalog *catalog;
    ObjectMatch match;
    char read_at[CLOCK_TEXT_SIZE];
} Listing;

static void add_table(Report *report, const Listing *listing, const CatalogTable *table)
{
    int64_t described = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        described += !text_is_empty(table->columns[c].comment);
    }
    json_t *row = report_row(report);
    char *object = object_name(table->schema, table->name, NULL);
    row_text(row, "object", object);
    row_text(row, "schema_name", table->schema);
    row_text(row, "table_name", table->name);
    row_text(row, "kind", catalog_kind_name(table->kind));
    row_int(row, "columns", (long long)table->column_count);
    row_int(row, "described", described);
    if (table->rows >= 0) {
        row_int(row, "rows", (long long)table->rows);
    } else {
        row_json(row, "rows", json_null());
    }
    row_text(row, "comment", table->comment);
    row_text(row, "catalog_read", listing->read_at);
    free(object);
}

static void report_tables(Report *report, Listing *listing)
{
    const Catalog *catalog = listing->catalog;
    report_list(report, "amx.tables/1", table_columns, COUNT(table_columns));
    report->empty = "No tables.";
    listing->match.column = NULL; /* a column's scope lists its table */
    for (size_t i = 0; i < catalog->table_count; i++) {
        if (object_matches(&listing->match, &catalog->tables[i], NULL)) {
            add_table(report, listing, &catalog->tables[i]);
        }
    }
    catalog_reading_tell_skipped(catalog, &listing->match, false, SIZE_MAX, report);
}

static bool list_live(App *app, const ObjectScope *scope, Report *report, Error *err)
{
    Listing listing = {0};
    bool ok = catalog_reading_scope(app, scope, NULL, &listing.catalog, &listing.match, err);
    if (ok) {
        clock_now(listing.read_at);
        report_tables(report, &listing);
    }
    catalog_free(listing.catalog);
    return ok;
}

/* Lists from the catalog as it was last read. *known stays false when the scope means nothing there. */
static bool list_cached(Local *local, const char *fingerprint, const ObjectScope *scope, bool *known,
                        Report *report, Error *err)
{
    Listing listing = {0};
    int64_t seconds = 0;
    bool ok = catalog_cache_load(local, fingerprint, &listing.catalog, err) &&
              catalog_cache_age(local, fingerprint, listing.read_at, &seconds, err);
    *known = ok && *listing.read_at && object_scope_resolve(scope, listing.catalog, &listing.match, err);
    if (*known) {
        report_tables(report, &listing);
        ok = catalog_reading_tell_age(local, fingerprint, report, err);
    }
    catalog_free(listing.catalog);
    return ok;
}

/* Who may not write keeps nothing: they get what is fresh, else what the database says now, else what there
 * is.
 */
static bool list_without_writing(App *app, Local *local, const char *fingerprint, const ObjectScope *scope,
                                 bool anew, Report *report, Error *err)
{
    bool fresh = false, known = false;
    if (local && !anew && catalog_reading_is_fresh(local, fingerprint, &fresh, NULL) && fresh &&
        list_cached(local, fingerprint, scope, &known, report, NULL) && known) {
        return true;
    }
    if (list_live(app, scope, report, err)) {
        return true;
    }
    return local && err->kind != ERROR_NOT_FOUND && err->kind != ERROR_INTERRUPTED &&
           catalog_reading_use_older(local, fingerprint, err, report) &&
           list_cached(local, fingerprint, scope, &known, report, err) && known;
}

/* What is new, and what is read only when it is named, is not in the catalog that is kept. */
static bool list_and_keep(App *app, const char *fingerprint, const ObjectScope *scope, bool anew,
                          Report *report, Error *err)
{
    Local *local = NULL;
    bool known = false;
    if (!app_local(app, &local, err) || !catalog_reading_renew(app, local, fingerprint, anew, report, err) ||
        !list_cached(local, fingerprint, scope, &known, report, err)) {
        return false;
    }
    return known || list_live(app, scope, report, err);
}

bool cmd_db_tables(App *app, const Args *args, Report *report, Error *err)
{
    const AppOptions *options = app_options(app);
    const Profile *profile = NULL;
    const char *fingerprint = NULL;
    Local *local = NULL;
    ObjectScope scope;
    bool anew = args_flag(args, "refresh");
    if (!object_scope_parse(args_word(args, 0), &scope, err)) {
        return false;
    }
    bool ok = app_profile(app, &profile, err) && app_fingerprint(app, profile, &fingerprint, err);
    if (ok && (options->read_only || options->reading)) {
        ok = app_local_read(app, &local, err) &&
             list_without_writing(app, local, fingerprint, &scope, anew, report, err);
    } else if (ok) {
        ok = list_and_keep(app, fingerprint, &scope, anew, report, err);
    }
    object_scope_free(&scope);
    return ok;
}

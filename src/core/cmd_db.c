/* db list, show, use, test, tables. */
#include "commands.h"

#include <stdlib.h>

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

static void add_table(Report *report, const CatalogTable *table)
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
    free(object);
}

bool cmd_db_tables(App *app, const Args *args, Report *report, Error *err)
{
    Database *database = NULL;
    Catalog *catalog = NULL;
    ObjectScope scope;
    ObjectMatch match;
    if (!object_scope_parse(args_word(args, 0), &scope, err)) {
        return false;
    }
    bool ok = app_database(app, &database, err) &&
              database_read_catalog(database, &(DatabaseScope){0}, app_query_deadline(app), &catalog, err) &&
              object_scope_resolve(&scope, catalog, &match, err);
    if (ok) {
        report_list(report, "amx.tables/1", table_columns, COUNT(table_columns));
        report->empty = "No tables.";
        for (size_t i = 0; i < catalog->table_count; i++) {
            match.column = NULL; /* a column's scope lists its table */
            if (object_matches(&match, &catalog->tables[i], NULL)) {
                add_table(report, &catalog->tables[i]);
            }
        }
        for (char **skipped = catalog->skipped; skipped && *skipped; skipped++) {
            report_warning(report, "not read: %s", *skipped);
        }
    }
    catalog_free(catalog);
    object_scope_free(&scope);
    return ok;
}

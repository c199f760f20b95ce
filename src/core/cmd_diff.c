/* diff: where a database and a file that documents it say different things. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "diff_file.h"
#include "error.h"
#include "export.h"
#include "export_merge.h"
#include "object_name.h"
#include "text.h"

static const ReportColumn diff_columns[] = {
    {"object", "OBJECT", REPORT_TEXT},
    {"difference", "DIFFERENCE", REPORT_TEXT},
    {"database_text", "DATABASE", REPORT_WIDE},
    {"file_text", "FILE", REPORT_WIDE},
    {"state", NULL, REPORT_TEXT},
    {"schema_name", NULL, REPORT_TEXT},
    {"table_name", NULL, REPORT_TEXT},
    {"column_name", NULL, REPORT_TEXT},
};

typedef struct Diff {
    const Documentation *documentation;
    DiffFile file;
    Report *report;
    size_t found;
    size_t unknown;
} Diff;

/* What a difference is about. */
typedef struct Object {
    const char *schema;
    const char *table;
    const char *column;             /* NULL: the table itself */
    const Description *description; /* NULL: it is not in the database */
} Object;

static void add_row(Diff *diff, const Object *object, const char *difference, const char *file_text)
{
    json_t *row = report_row(diff->report);
    char *name = object_name(object->schema, object->table, object->column);
    row_text(row, "object", name);
    row_text(row, "difference", difference);
    row_text(row, "database_text", object->description ? object->description->text : NULL);
    row_text(row, "file_text", file_text);
    row_text(row, "state", object->description ? export_state_name(object->description->state) : NULL);
    row_text(row, "schema_name", object->schema);
    row_text(row, "table_name", object->table);
    row_text(row, "column_name", object->column);
    free(name);
    diff->found++;
}

static void compare_text(Diff *diff, const Object *object, const char *in_database, const FileText *in_file)
{
    const char *file_text = in_file ? in_file->text : NULL;
    if (in_file && in_file->unknown) {
        diff->unknown++;
    } else if (in_database && !file_text) {
        add_row(diff, object, "only in database", NULL);
    } else if (!in_database && file_text) {
        add_row(diff, object, "only in file", file_text);
    } else if (!export_merge_same(in_database, file_text)) {
        add_row(diff, object, "differs", file_text);
    }
}

/* An object of the database; a file may say several things about it. */
static void compare_object(Diff *diff, const Object *object)
{
    size_t count;
    char *schema = diff_file_form(&diff->file, object->schema);
    char *table = diff_file_form(&diff->file, object->table);
    char *column = diff_file_form(&diff->file, object->column);
    char *text = diff_file_form(&diff->file, object->description->text);
    FileText *found = diff_file_find(&diff->file, schema, table, column, &count);
    if (!found) {
        compare_text(diff, object, text, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        compare_text(diff, object, text, &found[i]);
    }
    free(text);
    free(column);
    free(table);
    free(schema);
}

static void compare_table(Diff *diff, const DocumentedTable *documented)
{
    const CatalogTable *table = documented->table;
    if (!documented->is_context) {
        compare_object(diff, &(Object){table->schema, table->name, NULL, &documented->description});
    }
    for (size_t i = 0; i < table->column_count; i++) {
        compare_object(
            diff, &(Object){table->schema, table->name, table->columns[i].name, &documented->columns[i]});
    }
}

/* Marks what the file says about objects that the database has, in the scope or not. */
static void meet(Diff *diff, const CatalogTable *table, const char *column)
{
    size_t count;
    char *schema = diff_file_form(&diff->file, table->schema);
    char *name = diff_file_form(&diff->file, table->name);
    char *column_name = diff_file_form(&diff->file, column);
    FileText *found = diff_file_find(&diff->file, schema, name, column_name, &count);
    for (size_t i = 0; i < count; i++) {
        found[i].met = true;
    }
    free(column_name);
    free(name);
    free(schema);
}

static bool in_scope(const ObjectMatch *match, const FileText *text)
{
    return (!match->schema || strcmp(match->schema, text->schema) == 0) &&
           (!match->table || strcmp(match->table, text->table) == 0) && !match->column;
}

/* What the file says about objects that the database does not have. */
static void add_strangers(Diff *diff, const ObjectMatch *match)
{
    const Catalog *catalog = diff->documentation->catalog;
    for (size_t i = 0; i < catalog->table_count; i++) {
        const CatalogTable *table = &catalog->tables[i];
        meet(diff, table, NULL);
        for (size_t c = 0; c < table->column_count; c++) {
            meet(diff, table, table->columns[c].name);
        }
    }
    for (size_t i = 0; i < diff->file.count; i++) {
        const FileText *text = &diff->file.items[i];
        if (!text->met && in_scope(match, text)) {
            add_row(diff, &(Object){text->schema, text->table, text->column, NULL}, "not in database",
                    text->text);
        }
    }
}

static void tell(const Diff *diff, const char *path)
{
    Report *report = diff->report;
    report->total = (long long)diff->found;
    if (diff->unknown > 0) {
        report_warning(report, "%zu description%s of %s made with Jinja can't be compared", diff->unknown,
                       text_plural((long long)diff->unknown), path);
    }
    if (diff->found > 0) {
        report->exit_code = error_exit_code(ERROR_CHECK);
        report_note(report, "%zu difference%s between the database and %s", diff->found,
                    text_plural((long long)diff->found), path);
    }
}

static void compare(Diff *diff)
{
    report_list(diff->report, "amx.diff/1", diff_columns, sizeof diff_columns / sizeof *diff_columns);
    diff->report->empty = "The database and the file say the same.";
    for (size_t i = 0; i < diff->documentation->table_count; i++) {
        compare_table(diff, &diff->documentation->tables[i]);
    }
    add_strangers(diff, &diff->documentation->match);
}

bool cmd_diff(App *app, const Args *args, Report *report, Error *err)
{
    Documentation documentation = {0};
    Diff diff = {.documentation = &documentation, .report = report};
    const Profile *profile = NULL;
    const char *path = args_text(args, "with");
    if (text_is_empty(path)) {
        error_set(err, ERROR_USAGE, "diff needs a file to compare with");
        return error_hint(err, "for example: amx diff --with models/schema.yml");
    }
    bool ok =
        app_profile(app, &profile, err) &&
        documentation_read(app, args_word(args, 0), DOCUMENTATION_PARTITIONS, report, &documentation, err) &&
        diff_file_read(path, &profile->target, documentation.catalog, &diff.file, err);
    if (ok) {
        compare(&diff);
        tell(&diff, path);
    }
    diff_file_free(&diff.file);
    documentation_free(&documentation);
    return ok;
}

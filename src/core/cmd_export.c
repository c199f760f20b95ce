/* export: what a database says about itself, as a document. */
#include "commands.h"

#include <stdlib.h>

#include "export.h"
#include "export_file.h"
#include "text.h"

/* The one format that is named. ERROR_USAGE names them all. */
static const ExportFormat *find_format(const Args *args, Error *err)
{
    const ExportFormat *found = NULL;
    size_t named = 0;
    for (size_t i = 0; export_formats[i]; i++) {
        if (args_flag(args, export_formats[i]->name)) {
            found = export_formats[i];
            named++;
        }
    }
    if (named != 1) {
        char *names = export_format_names();
        error_set(err, ERROR_USAGE,
                  named == 0 ? "export needs a format" : "export writes one format at a time");
        error_hint(err, "name one of %s", names);
        free(names);
        return NULL;
    }
    return found;
}

static void tell_written(const ExportJob *job, const char *path)
{
    const Documentation *documentation = job->documentation;
    Coverage all = {0};
    for (size_t i = 0; i < documentation->table_count; i++) {
        Coverage coverage = documentation_coverage(&documentation->tables[i]);
        coverage_add_all(&all, &coverage);
    }
    report_note(job->report, "%s is written: %zu table%s; %zu of %zu tables and columns are described", path,
                documentation->table_count, text_plural((long long)documentation->table_count), all.described,
                all.objects);
}

/* `file` NULL: to standard output. */
static bool write_out(const ExportJob *job, const ExportFormat *format, const ExportFile *file, Error *err)
{
    Text text = {0};
    bool ok = format->write(job, &text, err);
    if (ok && !file) {
        report_document(job->report, format->schema, text_take(&text));
        job->report->exact = true;
    } else if (ok) {
        ok = export_file_write(file, text_string(&text), text.length, err);
        if (ok) {
            tell_written(job, file->path);
        }
    }
    text_free(&text);
    return ok;
}

static bool read_and_write(App *app, const char *scope, const ExportFormat *format, const ExportFile *file,
                           Report *report, Error *err)
{
    Documentation documentation = {0};
    const Profile *profile = NULL;
    char *existing = NULL;
    char *name = NULL;
    unsigned parts = DOCUMENTATION_PARTITIONS | (format->names_writers ? DOCUMENTATION_WRITERS : 0u);
    ExportJob job = {.documentation = &documentation, .report = report};
    bool ok = app_profile(app, &profile, err) && app_database(app, &job.database, err) &&
              database_name(&profile->target, &name, err) &&
              (!file || !format->merges || export_file_read(file, &existing, err)) &&
              documentation_read(app, scope, parts, report, &documentation, err);
    if (ok) {
        job.backend = profile->target.backend;
        job.database_name = name;
        job.existing = existing;
        job.path = file ? file->path : NULL;
        ok = write_out(&job, format, file, err);
    }
    documentation_free(&documentation);
    free(existing);
    free(name);
    return ok;
}

bool cmd_export(App *app, const Args *args, Report *report, Error *err)
{
    const ExportFormat *format = find_format(args, err);
    const char *path = args_text(args, "output");
    ExportFile file = {0};
    if (!format) {
        return false;
    }
    bool to_file = path && !text_equal(path, "-") && !text_equal(path, "/dev/stdout");
    bool ok = (!to_file || export_file_find(path, &file, err)) &&
              read_and_write(app, args_word(args, 0), format, to_file ? &file : NULL, report, err);
    export_file_free(&file);
    return ok;
}

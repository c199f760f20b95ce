/* session export: a conversation as Markdown or JSON. Nothing in it tells when it was exported, so that the
 * same session gives the same document. */
#include "commands.h"

#include <stdlib.h>

#include "ask.h"
#include "export_file.h"
#include "json_text.h"
#include "markdown.h"
#include "record_report.h"
#include "session_command.h"
#include "text.h"

#define SCHEMA "amx.session-export/1"

/* --- reading --- */

static void take_row(void *context, const SyncedTable *table, const Value *values)
{
    record_to_row(context, table, values);
}

static void take_turn(void *context, const SyncedTable *table, const Value *values)
{
    json_t *row = json_object();
    record_to_row(row, table, values);
    json_array_append_new(context, row);
}

/* {"schema", "session", "turns"}; owned by the caller, NULL on an error. */
static json_t *read_session(const SessionSource *source, Error *err)
{
    json_t *session = json_object();
    json_t *turns = json_array();
    json_t *document = json_pack("{s:s, s:o, s:o}", "schema", SCHEMA, "session", session, "turns", turns);
    RecordFilter filter = {.parent = source->id, .origin = source->origin};
    if (!session_source_head(source, take_row, session, err) ||
        !session_source_read(source, SYNCED_SESSION_TURNS, &filter, take_turn, turns, err)) {
        json_decref(document);
        return NULL;
    }
    return document;
}

/* --- writing --- */

static void write_json(const json_t *document, Text *out)
{
    char *json = json_dumps(document, JSON_INDENT(2));
    char *harmless = text_json_harmless(json);
    text_addf(out, "%s\n", harmless);
    free(harmless);
    free(json);
}

static void add_item(Text *out, const char *name, const char *text)
{
    if (*text) {
        text_addf(out, "- %s: ", name);
        markdown_add_text(out, text);
        text_add(out, "\n");
    }
}

static void add_head(Text *out, const json_t *session)
{
    const char *title = json_text(session, "title", "");
    text_add(out, "# ");
    markdown_add_text(out, *title ? title : "A session");
    text_add(out, "\n\n");
    text_addf(out, "- Session: %" JSON_INTEGER_FORMAT "\n",
              json_integer_value(json_object_get(session, "local_id")));
    add_item(out, "Of", json_text(session, "who", ""));
    add_item(out, "Profile", json_text(session, "db_profile", ""));
    add_item(out, "Database", json_text(session, "fingerprint", ""));
    add_item(out, "Started", json_text(session, "started", ""));
    add_item(out, "Last active", json_text(session, "last_active", ""));
    add_item(out, "Ended", json_text(session, "ended", ""));
    add_item(out, "Forked from", json_text(session, "forked_from", ""));
}

static void add_cites(Text *out, const json_t *citations)
{
    size_t index;
    const json_t *cited;
    json_array_foreach(citations, index, cited)
    {
        char *name = ask_cited_name(cited);
        text_add(out, index ? ", " : "Cites ");
        markdown_add_code(out, name);
        free(name);
    }
    text_add(out, json_array_size(citations) > 0 ? "\n" : "");
}

static void add_turn(Text *out, const json_t *turn)
{
    const json_t *copied = json_object_get(turn, "copied_from");
    const json_t *said = json_is_object(copied) ? copied : turn;
    const char *model = json_text(turn, "model", "");
    char *speaker =
        text_format("%s: %s, %s, amx %s%s%s%s", json_text(turn, "role", ""), json_text(said, "who", ""),
                    json_text(said, "created_at", ""), json_text(said, "client_version", ""),
                    *model ? ", " : "", model, said == copied ? " (copied)" : "");
    text_add(out, "\n## ");
    markdown_add_text(out, speaker);
    text_add(out, "\n\n");
    Text said_here = {0};
    markdown_add_paragraph(&said_here, json_text(turn, "content", ""));
    text_add_n(out, text_string(&said_here), said_here.length - 1); /* one line end, not two */
    text_free(&said_here);
    if (json_array_size(json_object_get(turn, "citations")) > 0) {
        text_add(out, "\n");
        add_cites(out, json_object_get(turn, "citations"));
    }
    free(speaker);
}

static void write_md(const json_t *document, Text *out)
{
    size_t index;
    const json_t *turn;
    add_head(out, json_object_get(document, "session"));
    json_array_foreach(json_object_get(document, "turns"), index, turn)
    {
        add_turn(out, turn);
    }
}

static bool write_out(const json_t *document, bool md, const ExportFile *file, Report *report, Error *err)
{
    Text text = {0};
    bool ok = true;
    (md ? write_md : write_json)(document, &text);
    if (file) {
        ok = export_file_write(file, text_string(&text), text.length, err);
        if (ok) {
            size_t turns = json_array_size(json_object_get(document, "turns"));
            report_note(report, "%s is written: %zu turn%s", file->path, turns,
                        text_plural((long long)turns));
        }
    } else {
        report_document(report, SCHEMA, text_take(&text));
        report->exact = true;
    }
    text_free(&text);
    return ok;
}

static bool read_and_write(const SessionSource *source, bool md, const ExportFile *file, Report *report,
                           Error *err)
{
    json_t *document = read_session(source, err);
    bool ok = document && write_out(document, md, file, report, err);
    json_decref(document);
    return ok;
}

bool cmd_session_export(App *app, const Args *args, Report *report, Error *err)
{
    const char *path = args_text(args, "output");
    bool md = args_flag(args, "md");
    Local *local = NULL;
    SessionSource source = {0};
    ExportFile file = {0};
    if (md == args_flag(args, "json")) {
        error_set(err, ERROR_USAGE,
                  md ? "session export writes one format at a time" : "session export needs a format");
        return error_hint(err, "name one of --md or --json");
    }
    bool to_file = path && !text_equal(path, "-") && !text_equal(path, "/dev/stdout");
    bool ok = (!to_file || export_file_find(path, &file, err)) && app_local_read(app, &local, err) &&
              session_source_open(app, local, args, &source, err) &&
              read_and_write(&source, md, to_file ? &file : NULL, report, err);
    session_source_close(&source);
    export_file_free(&file);
    return ok;
}

/* session export: a conversation as Markdown or JSON. Nothing in it tells when it was exported, so that the
 * same session gives the same document. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "export_file.h"
#include "markdown.h"
#include "memory.h"
#include "record_report.h"
#include "session_command.h"
#include "text.h"
#include "turn_pairs.h"

#define SCHEMA "amx.session-export/1"

enum {
    DATE_END = 10,       /* of a time: "2026-11-22" .. */
    SECONDS_END = 19,    /* .. "T21:50:43" */
    HEADING_LENGTH = 120 /* bytes of a question in its heading */
};

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
        !session_mark_private(source->shared ? NULL : source->local, source->id, session, err) ||
        !session_source_read(source, SYNCED_SESSION_TURNS, &filter, take_turn, turns, err) ||
        !session_source_still_there(source, err)) {
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

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static void add_item(Text *out, const char *name, const char *text)
{
    if (*text) {
        text_addf(out, "- %s: ", name);
        markdown_add_text(out, text);
        text_add(out, "\n");
    }
}

/* "2026-11-22 21:50:43 UTC"; owned by the caller. */
static char *written_time(const char *time)
{
    return strlen(time) > SECONDS_END && time[DATE_END] == 'T'
               ? text_format("%.*s %.*s UTC", DATE_END, time, SECONDS_END - DATE_END - 1, time + DATE_END + 1)
               : memory_string(time);
}

static void add_when(Text *out, const json_t *session)
{
    char *started = written_time(member(session, "started"));
    char *last = written_time(member(session, "last_active"));
    char *ended = written_time(member(session, "ended"));
    char *when = text_format("begun %s, last used %s%s%s", started, last, *ended ? ", ended " : "", ended);
    add_item(out, "When", when);
    free(when);
    free(ended);
    free(last);
    free(started);
}

/* "origin/7", as the row has it. */
static void add_original(Text *out, const char *forked_from)
{
    const char *slash = strrchr(forked_from, '/');
    if (slash) {
        char *text =
            text_format("session %s of history %.*s", slash + 1, (int)(slash - forked_from), forked_from);
        add_item(out, "Forked from", text);
        free(text);
    }
}

static void add_head(Text *out, const json_t *session)
{
    const char *title = member(session, "title");
    char *profile = text_format("%s (%s)", member(session, "db_profile"), member(session, "fingerprint"));
    char *who = text_format("%s, amx %s", member(session, "who"), member(session, "client_version"));
    text_add(out, "# ");
    markdown_add_text(out, *title ? title : SESSION_UNTITLED);
    text_addf(out, "\n\n- Session: %" JSON_INTEGER_FORMAT "\n",
              json_integer_value(json_object_get(session, "local_id")));
    add_item(out, "Profile", profile);
    add_item(out, "Who", who);
    add_when(out, session);
    add_item(out, "Shared",
             json_is_true(json_object_get(session, "private")) ? "no, private" : "where sharing is on");
    add_original(out, member(session, "forked_from"));
    free(who);
    free(profile);
}

/* Numbered as the answer's own marks are. */
static void add_cites(Text *out, const json_t *citations)
{
    size_t index;
    const json_t *cited;
    text_add(out, json_array_size(citations) > 0 ? "\nCites:\n\n" : "");
    json_array_foreach(citations, index, cited)
    {
        char *name = ask_cited_name(cited);
        text_addf(out, "%zu. ", index + 1);
        markdown_add_code(out, name);
        text_add(out, "\n");
        free(name);
    }
}

/* "bob@lap, 2026-11-22 21:50:43 UTC, amx 0.1.0, builtin"; of a copied turn, whoever said it. */
static void add_said_by(Text *out, const char *as, const json_t *turn)
{
    const json_t *copied = json_object_get(turn, "copied_from");
    const json_t *said = json_is_object(copied) ? copied : turn;
    const char *model = member(turn, "model");
    char *when = written_time(member(said, "created_at"));
    char *by = text_format("%s, %s, amx %s%s%s%s", member(said, "who"), when, member(said, "client_version"),
                           *model ? ", model " : "", model, said == copied ? " (copied)" : "");
    text_addf(out, "\n%s: ", as);
    markdown_add_text(out, by);
    text_add(out, "\n");
    free(by);
    free(when);
}

static void add_answer(Text *out, const json_t *turn)
{
    add_said_by(out, "Answered by", turn);
    text_add(out, "\n");
    markdown_add_prose(out, member(turn, "content"));
    add_cites(out, json_object_get(turn, "citations"));
}

/* Its first line, or the beginning of it; what does not fit in there is quoted below. */
static void add_question(Text *out, size_t number, const json_t *turn)
{
    Text question = {0};
    char heading[HEADING_LENGTH + 1];
    text_add(&question, member(turn, "content"));
    text_trim(&question);
    char *line = memory_string_n(text_string(&question), strcspn(text_string(&question), "\r\n"));
    text_copy(heading, sizeof heading, line);
    bool fits = strlen(heading) == question.length;
    text_addf(out, "\n## %zu. ", number);
    markdown_add_text(out, heading);
    text_add(out, fits ? "\n" : " ..\n");
    add_said_by(out, "Asked by", turn);
    if (!fits) {
        text_add(out, "\n");
        markdown_add_quote(out, text_string(&question));
    }
    free(line);
    text_free(&question);
}

/* A question with its answer, wherever in the session that stands; or an answer without one. */
static void add_turn(Text *out, const json_t *turns, size_t index, size_t *number)
{
    const json_t *turn = json_array_get(turns, index);
    if (turn_is_question(turn)) {
        const json_t *answer = turn_answer(turns, index);
        add_question(out, ++*number, turn);
        if (answer) {
            add_answer(out, answer);
        } else {
            text_add(out, "\nNo answer was recorded.\n");
        }
    } else if (!turn_question(turns, index)) {
        text_addf(out, "\n## %zu. An answer whose question is not here\n", ++*number);
        add_answer(out, turn);
    }
}

static void write_md(const json_t *document, Text *out)
{
    const json_t *turns = json_object_get(document, "turns");
    size_t number = 0;
    add_head(out, json_object_get(document, "session"));
    for (size_t i = 0; i < json_array_size(turns); i++) {
        add_turn(out, turns, i, &number);
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

/* session show: who said what, when and with which amx. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "json_text.h"
#include "record_report.h"
#include "session_command.h"
#include "text.h"
#include "turn_pairs.h"

#define TURNS_PAGE 200
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn turn_columns[] = {
    {"turn_index", "#", REPORT_NUMBER},    {"created_at", "When", REPORT_AGE},
    {"who", "Who@host", REPORT_TEXT},      {"role", "Role", REPORT_TEXT},
    {"model", "Model", REPORT_TEXT},       {"content", "Text", REPORT_WIDE},
    {"citations", NULL, REPORT_TEXT},      {"session_id", NULL, REPORT_NUMBER},
    {"client_version", NULL, REPORT_TEXT}, {"copied_from", NULL, REPORT_TEXT},
    {"answers", NULL, REPORT_NUMBER},
};

static void take_head(void *context, const SyncedTable *table, const Value *values)
{
    Text *line = context;
    const char *from = record_text(table, values, "forked_from");
    text_addf(line, "session %lld of %s@%s, profile %s (%s)%s",
              (long long)record_int(table, values, "local_id"), record_text(table, values, "created_by"),
              record_text(table, values, "hostname"), record_text(table, values, "db_profile"),
              record_text(table, values, "fingerprint"),
              record_text(table, values, "ended") ? ", ended" : "");
    if (from) {
        text_addf(line, "; a fork: its first turns are copied from session %s", from);
    }
}

/* What was said, set in. */
static void add_said(Text *out, const char *said)
{
    for (const char *line = said ? said : ""; *line;) {
        size_t length = strcspn(line, "\n");
        text_add(out, "    ");
        text_add_n(out, line, length);
        text_add(out, "\n");
        line += length + (line[length] == '\n');
    }
}

static void add_cites(Text *out, const json_t *citations)
{
    char *line = ask_cites(citations);
    if (line) {
        text_addf(out, "    %s\n", line);
    }
    free(line);
}

/* "ann@web1 2026-11-22T21:50:43.123Z (amx 0.1.0, builtin) assistant>"; of a copied turn whoever said it, and
 * that it was copied: the row is the copier's, the words are not. */
static void add_speaker(Text *out, const json_t *turn)
{
    const json_t *copied = json_object_get(turn, "copied_from");
    const json_t *said = json_is_object(copied) ? copied : turn;
    const char *model = json_string_value(json_object_get(turn, "model"));
    text_addf(out, "%s %s (amx %s%s%s) %s%s>\n", json_text(said, "who", "?"),
              json_text(said, "created_at", "?"), json_text(said, "client_version", "?"), model ? ", " : "",
              model ? model : "", json_text(turn, "role", "?"), said == copied ? ", copied" : "");
}

/* Where two asked in one session, an answer names its question by its first line. */
static void add_question(Text *out, const json_t *question)
{
    const char *text = question ? json_text(question, "content", "") : "";
    if (*text) {
        text_addf(out, "    to: %.*s\n", (int)strcspn(text, "\r\n"), text);
    }
}

/* The turns as a conversation. */
static char *conversation(const json_t *turns)
{
    Text out = {0};
    size_t index;
    const json_t *turn;
    json_array_foreach(turns, index, turn)
    {
        text_add(&out, index ? "\n" : "");
        add_speaker(&out, turn);
        add_question(&out, turn_question_elsewhere(turns, index));
        add_said(&out, json_string_value(json_object_get(turn, "content")));
        add_cites(&out, json_object_get(turn, "citations"));
    }
    return text_take(&out);
}

/* A conversation has no line at its end that says how to go on. */
static void say_where(Report *report)
{
    if (report->previous) {
        report_note(report, "turns before these: --before %s", report->previous);
    }
    if (report->next) {
        report_note(report, "turns after these: --after %s; the newest ones: --last", report->next);
    }
}

static bool fill_turns(const SessionSource *source, RecordPage *page, Report *report, Error *err)
{
    RecordCollector collector = {.report = report, .page = page};
    if (!session_source_read(source, SYNCED_SESSION_TURNS, &page->filter, record_collect, &collector, err) ||
        !record_collected(&collector, err) || !record_page_total(page, source->local, report, err)) {
        return false;
    }
    if (collector.count > 0) {
        report_text_form(report, conversation(report->items));
        say_where(report);
    }
    return true;
}

static bool add_private(const SessionSource *source, Text *head, Error *err)
{
    bool is_private = false;
    if (!source->shared && !sessions_is_private(source->local, source->id, &is_private, err)) {
        return false;
    }
    text_add(head, is_private ? "; private: it stays on this machine" : "");
    return true;
}

static bool show(const SessionSource *source, const Args *args, Report *report, Error *err)
{
    Text head = {0};
    RecordPage page = {.table = &synced_tables[SYNCED_SESSION_TURNS],
                       .team = source->shared != NULL,
                       .limit = TURNS_PAGE,
                       .filter = {.parent = source->id, .origin = source->origin}};
    if (!session_source_head(source, take_head, &head, err) || !add_private(source, &head, err)) {
        text_free(&head);
        return false;
    }
    report_list(report, "amx.turns/1", turn_columns, COUNT(turn_columns));
    report->empty = "No turns yet.";
    report_note(report, "%s", text_string(&head));
    text_free(&head);
    bool ok = record_page_begin(&page, args, report, err) && fill_turns(source, &page, report, err);
    record_page_free(&page);
    return ok;
}

/* Reads only: the local store is opened so that not a byte of it changes. */
bool cmd_session_show(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    SessionSource source = {0};
    bool ok = app_local_read(app, &local, err) && session_source_open(app, local, args, &source, err) &&
              show(&source, args, report, err);
    session_source_close(&source);
    return ok;
}

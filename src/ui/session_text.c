#include "session_text.h"

#include <string.h>

#include "cells.h"
#include "display.h"
#include "memory.h"
#include "object_name.h"
#include "text.h"
#include "turn_pairs.h"

#define INDENT 4

static void add_line(SessionText *text, SessionLineKind kind, int indent, const char *line)
{
    memory_grow((void **)&text->lines, text->count, &text->capacity, sizeof *text->lines);
    text->lines[text->count++] =
        (SessionLine){.kind = kind, .text = text_format("%*s%s", *line ? indent : 0, "", line)};
}

/* A text of any length, wrapped, every line behind `indent` blanks. */
static void add_wrapped(SessionText *text, SessionLineKind kind, const char *hostile, int indent, int width)
{
    char *visible = text_visible_lines(hostile);
    char **lines = cells_wrap(visible, width - indent, NULL);
    for (size_t i = 0; lines[i]; i++) {
        add_line(text, kind, indent, lines[i]);
    }
    cells_free_lines(lines);
    free(visible);
}

static const char *member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* "user  ann@web1  2026-11-22 21:50:43Z (2m)  0.3.0"; of a turn that a fork copied, whoever said it. */
static void add_speaker(SessionText *text, const json_t *turn, int width)
{
    const json_t *copied = json_object_get(turn, "copied_from");
    const json_t *said = json_is_object(copied) ? copied : turn;
    const char *model = member(turn, "model");
    char *when = display_value(json_object_get(said, "created_at"), REPORT_TIME);
    char *age = display_value(json_object_get(said, "created_at"), REPORT_AGE);
    char *line = text_format("%s  %s  %s (%s)  %s%s%s%s", member(turn, "role"), member(said, "who"), when,
                             age, member(said, "client_version"), *model ? "  " : "", model,
                             said == copied ? "  (copied)" : "");
    add_wrapped(text, SESSION_SPEAKER, line, 0, width);
    free(line);
    free(age);
    free(when);
}

/* Ends a line of citations. One that is wider than a line by itself is broken like any text. */
static void add_cited_line(SessionText *text, Text *line, int width)
{
    if (line->length > 0) {
        add_wrapped(text, SESSION_CITES, text_string(line), INDENT, width);
    }
    text_free(line);
}

/* Where a citation will stand that is about to be added to the line that comes next. */
static void keep_cite(SessionText *text, const json_t *cited, int column, int cells, int width)
{
    int room = width > 0 && cells > width - column ? width - column : cells;
    memory_grow((void **)&text->cites, text->cite_count, &text->cite_capacity, sizeof *text->cites);
    text->cites[text->cite_count++] =
        (SessionCite){.line = text->count, .column = column, .cells = room, .cited = cited};
}

/* "[1] sales.customer  [2] sales.address": lines end between citations, not inside their names. */
static void add_cites(SessionText *text, const json_t *citations, int width)
{
    Text line = {0};
    int used = 0;
    size_t index;
    const json_t *cited;
    json_array_foreach(citations, index, cited)
    {
        const char *column = json_string_value(json_object_get(cited, "column"));
        char *name = object_name(member(cited, "schema"), member(cited, "table"), column);
        char *cite = text_format("[%zu] %s", index + 1, name);
        char *visible = text_visible(cite);
        int cells = cells_width(visible);
        if (width > 0 && used > 0 && used + 2 + cells > width - INDENT) {
            add_cited_line(text, &line, width);
            used = 0;
        }
        keep_cite(text, cited, INDENT + (used > 0 ? used + 2 : 0), cells, width);
        text_addf(&line, "%s%s", used > 0 ? "  " : "", cite);
        used += cells + (used > 0 ? 2 : 0);
        free(visible);
        free(cite);
        free(name);
    }
    add_cited_line(text, &line, width);
}

/* Names the question of an answer by its first line. */
static void add_question(SessionText *text, const char *question, int width)
{
    char *first = memory_string_n(question, strcspn(question, "\r\n"));
    char *line = text_format("to: %s", first);
    add_wrapped(text, SESSION_SPEAKER, line, INDENT, width);
    free(line);
    free(first);
}

SessionText session_text_open(const char *head, const char *foreign, const json_t *turns, int width)
{
    SessionText text = {0};
    size_t index;
    const json_t *turn;
    if (head) {
        add_wrapped(&text, SESSION_HEAD, head, 0, width);
    }
    if (foreign) {
        add_wrapped(&text, SESSION_FOREIGN, foreign, 0, width);
    }
    json_array_foreach(turns, index, turn)
    {
        if (text.count > 0) {
            add_line(&text, SESSION_SPEECH, 0, "");
        }
        add_speaker(&text, turn, width);
        const json_t *question = turn_question_elsewhere(turns, index);
        if (question) {
            add_question(&text, member(question, "content"), width);
        }
        add_wrapped(&text, SESSION_SPEECH, member(turn, "content"), INDENT, width);
        add_cites(&text, json_object_get(turn, "citations"), width);
    }
    return text;
}

void session_text_add(SessionText *text, const char *speaker, const char *question, const char *hostile,
                      int width)
{
    if (text->count > 0) {
        add_line(text, SESSION_SPEECH, 0, "");
    }
    add_wrapped(text, SESSION_SPEAKER, speaker, 0, width);
    if (question) {
        add_question(text, question, width);
    }
    if (*hostile) {
        add_wrapped(text, SESSION_SPEECH, hostile, INDENT, width);
    }
}

void session_text_free(SessionText *text)
{
    for (size_t i = 0; i < text->count; i++) {
        free(text->lines[i].text);
    }
    free(text->lines);
    free(text->cites);
    *text = (SessionText){0};
}

char *session_text_foreign(const json_t *row, bool team)
{
    if (team) {
        return text_format("Session of %s under profile %s, from the team's store: to be read only.",
                           member(row, "who"), member(row, "db_profile"));
    }
    if (json_is_true(json_object_get(row, "resumable"))) {
        return NULL;
    }
    return text_format("Belongs to profile %s (%s), which is not the one you work under: to be read only.",
                       member(row, "db_profile"), member(row, "fingerprint"));
}

/* What the Ask view looks like: the conversation above, what is to be told, the field below. */
#include <string.h>

#include "cells.h"
#include "draw.h"
#include "input_lines.h"
#include "memory.h"
#include "text.h"
#include "view_ask_internal.h"

#define PROMPT "ask> "
#define FIELD_ROWS 6 /* of the field at most, and a third of the view */
#define NOTICE_ROWS 5

char *view_ask_title(const View *view)
{
    const Ask *ask = view->state;
    const AskModel *model = &ask->model;
    Text text = {0};
    text_add(&text, "Ask");
    if (model->session > 0) {
        text_addf(&text, " %lld", model->session);
    }
    text_addf(&text, *model->profile ? "  %s" : "%s", model->profile);
    if (!model->loaded) {
        text_add(&text, "  reading..");
    } else if (model->session > 0) {
        size_t turns = json_array_size(model->turns);
        text_addf(&text, "  %zu%s turn%s", turns, model->older ? "+" : "", text_plural((long long)turns));
    } else {
        text_add(&text, "  new session");
    }
    if (ask_model_cite(model)) {
        text_addf(&text, "  citation %zu/%zu", model->cite + 1, model->text.cite_count);
    } else {
        text_add(&text, ask->read_only ? "  READ-ONLY" : "");
    }
    return text_take(&text);
}

static DrawStyle style_of(SessionLineKind kind)
{
    return kind == SESSION_HEAD || kind == SESSION_SPEAKER ? DRAW_BOLD
           : kind == SESSION_FOREIGN                       ? DRAW_FOREIGN
                                                           : DRAW_PLAIN;
}

static void draw_cite(const AskModel *model, const Area *area)
{
    const SessionCite *cite = ask_model_cite(model);
    if (!cite || cite->line < model->scroll.top || cite->line >= model->scroll.top + model->scroll.height) {
        return;
    }
    int skipped = 0;
    const char *start = cells_skip(model->text.lines[cite->line].text, cite->column, &skipped);
    char *text = memory_string_n(start, (size_t)(cells_skip(start, cite->cells, &skipped) - start));
    draw_text(area, (int)(cite->line - model->scroll.top), 1 + cite->column, cite->cells, DRAW_SELECTED,
              text);
    free(text);
}

static void draw_conversation(Ask *ask, const Area *area)
{
    AskModel *model = &ask->model;
    ask->top = area->top;
    ask_model_lay_out(model, area->width - 2, area->height);
    for (int i = 0; i < area->height; i++) {
        size_t at = model->scroll.top + (size_t)i;
        if (at < model->text.count) {
            const SessionLine *line = &model->text.lines[at];
            draw_text(area, i, 1, area->width - 2, style_of(line->kind), line->text);
        }
    }
    draw_cite(model, area);
    if (model->loaded && json_array_size(model->turns) == 0 && !model->asked) {
        Area inner = {area->window, area->top, area->left + 1, area->height, area->width - 2};
        draw_paragraph(&inner, (int)model->text.count + 1, DRAW_PLAIN,
                       "No turns yet. What is asked here is answered from the catalog of the database: which "
                       "tables hold what, how they join, what a column means.");
    }
}

/* The rows of the field that hold the cursor. */
static void draw_field(const Ask *ask, const Area *area, const InputLines *lines)
{
    size_t rows = (size_t)area->height;
    size_t first = lines->row >= rows ? lines->row - rows + 1 : 0;
    int left = (int)strlen(PROMPT) + 1;
    for (size_t i = 0; i < rows; i++) {
        if (first + i == 0) {
            draw_text(area, 0, 1, left - 1, DRAW_BOLD, PROMPT);
        }
        if (first + i < lines->count) {
            draw_text(area, (int)i, left, area->width - left, DRAW_PLAIN, lines->lines[first + i]);
        }
    }
    if (!ask->model.reading) {
        draw_text(area, (int)(lines->row - first), left + lines->column, cells_width(lines->under),
                  DRAW_SELECTED, lines->under);
    }
}

/* What is to be told stands above the field; returns how many rows it takes. */
static int notice_rows(const AskNotice *notice, int width)
{
    if (!notice->text) {
        return 0;
    }
    size_t count = 0;
    char *visible = text_visible(notice->text);
    cells_free_lines(cells_wrap(visible, width, &count));
    free(visible);
    return count < NOTICE_ROWS ? (int)count : NOTICE_ROWS;
}

void view_ask_draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    Ask *ask = view->state;
    const AskNotice *notice = &ask->model.notice;
    InputLines lines = input_lines_open(&ask->model.field, body->width - 2 - (int)strlen(PROMPT));
    int most = body->height / 3 < FIELD_ROWS ? body->height / 3 : FIELD_ROWS;
    int field = ask->read_only ? 1 : lines.count < (size_t)most ? (int)lines.count : most;
    int told = notice_rows(notice, body->width - 2);
    Area conversation = *body;
    conversation.height -= field + told + 1;
    draw_conversation(ask, &conversation);
    Area below = {body->window, body->top + body->height - field - told, body->left + 1, told,
                  body->width - 2};
    if (told > 0) {
        char *visible = text_visible(notice->text);
        draw_paragraph(&below, 0, notice->error ? DRAW_ERROR : DRAW_WARNING, visible);
        free(visible);
    }
    below = (Area){body->window, body->top + body->height - field, body->left, field, body->width};
    if (ask->read_only) {
        draw_line(&below, 0, DRAW_FOREIGN,
                  " Nothing can be asked: this amx only reads (--read-only, or ui { read_only }).");
    } else {
        draw_field(ask, &below, &lines);
    }
    input_lines_free(&lines);
}

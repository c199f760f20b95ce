#include "view_document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cells.h"
#include "layout.h"
#include "match.h"
#include "memory.h"
#include "prompt.h"
#include "scroll.h"
#include "text.h"

#define SIDE_STEP 8
#define NAME_LENGTH 80
#define SEARCHED_AT_ONCE (1024 * 1024) /* bytes */

typedef struct Document {
    char *title;
    char *raw;     /* what is saved: the text as it came */
    char *visible; /* what is shown */
    bool wrap;
    char *save_as;
    char *(*render)(const void *about, const char *filter);
    const void *about;
    Layout layout; /* of `visible`, once it was drawn */
    int width;     /* of the body */
    Select scroll; /* over the rows of the layout */
    long left;     /* cells scrolled sideways */
    char *needle;  /* what `/` looks for, or lets through; "" is nothing */
    Matches matches;
    size_t current;   /* match */
    char *old_needle; /* while the needle is typed: what it was before */
    size_t old_top;
} Document;

/* --- text --- */

/* Takes the text over. */
static void set_text(Document *document, char *text)
{
    free(document->raw);
    free(document->visible);
    document->raw = text;
    document->visible = text_visible_lines(text);
    layout_free(&document->layout);
    document->scroll.top = 0;
}

/* What is at the top stays there when the width changes. */
static void lay_out(Document *document, int width)
{
    Layout *layout = &document->layout;
    int wanted = document->wrap ? width : 0;
    document->width = width;
    if (!layout->lines) {
        layout_text(layout, document->visible, wanted);
    } else if (layout->width != wanted) {
        size_t shown = document->scroll.top; /* may be of a text that was longer */
        bool there = shown < layout->row_count;
        LayoutRow top = there ? layout->rows[shown] : (LayoutRow){0};
        layout_resize(layout, wanted);
        document->scroll.top = layout_row_at(layout, top.line, top.start);
    }
    document->scroll.count = layout->row_count;
}

/* --- searching --- */

static void find_matches(Document *document)
{
    match_free(&document->matches);
    if (!document->layout.lines) { /* typed ahead of the first drawing */
        layout_text(&document->layout, document->visible, 0);
    }
    char *folded = match_fold(document->needle);
    for (size_t i = 0; *folded && i < document->layout.line_count; i++) {
        match_add(&document->matches, i, document->layout.lines[i], folded);
    }
    free(folded);
}

static void scroll_to(Document *document, size_t row)
{
    Select *scroll = &document->scroll;
    if (row < scroll->top || row >= scroll->top + scroll->height) {
        scroll->top = row;
        select_scroll(scroll, -(long)(scroll->height / 3)); /* with what stands before it */
    }
}

/* Sideways, too: what was found must be seen. */
static void show_match(Document *document)
{
    const Match *match = &document->matches.items[document->current];
    scroll_to(document, layout_row_at(&document->layout, match->line, match->start));
    char *before = memory_string_n(document->layout.lines[match->line], match->start);
    int column = cells_width(before);
    free(before);
    if (!document->wrap && (column < document->left || column >= document->left + document->width)) {
        document->left = column > SIDE_STEP ? column - SIDE_STEP : 0;
    }
}

/* To the first match from a row on; else to the first one. */
static void seek(Document *document, size_t row)
{
    document->current = 0;
    for (size_t i = 0; i < document->matches.count; i++) {
        const Match *match = &document->matches.items[i];
        if (layout_row_at(&document->layout, match->line, match->start) >= row) {
            document->current = i;
            break;
        }
    }
    if (document->matches.count > 0) {
        show_match(document);
    } else {
        document->scroll.top = row;
    }
}

static void look_for(Document *document, const char *needle)
{
    char *copy = memory_string(needle);
    free(document->needle);
    document->needle = copy;
    if (document->render) {
        set_text(document, document->render(document->about, needle));
    } else {
        find_matches(document);
        seek(document, document->old_top);
    }
}

/* A text so long that each key would wait for the search is searched when the whole needle is known. */
static void needle_changed(Screen *screen, void *context, const char *text)
{
    (void)screen;
    const Document *document = context;
    if (strlen(document->visible) <= SEARCHED_AT_ONCE) {
        look_for(context, text);
    }
}

static void needle_cancelled(Screen *screen, void *context)
{
    (void)screen;
    Document *document = context;
    look_for(document, document->old_needle);
    document->scroll.top = document->old_top;
}

static void needle_answered(Screen *screen, void *context, const char *text)
{
    const Document *document = context;
    look_for(context, text);
    if (*text && !document->render && document->matches.count == 0) {
        screen_say(screen, DRAW_WARNING, "\"%s\" is not in this text", text);
    }
}

static void ask_needle(Document *document, Screen *screen)
{
    free(document->old_needle);
    document->old_needle = memory_string(document->needle);
    document->old_top = document->scroll.top;
    prompt_open(screen, &(PromptSpec){.label = "/",
                                      .initial = document->render ? document->needle : NULL,
                                      .changed = needle_changed,
                                      .answered = needle_answered,
                                      .cancelled = needle_cancelled,
                                      .context = document});
}

static void step(Document *document, Screen *screen, bool forward)
{
    size_t count = document->matches.count;
    if (count == 0) {
        screen_say(screen, DRAW_PLAIN, "there is nothing to go to; / looks for text");
        return;
    }
    document->current = (document->current + (forward ? 1 : count - 1)) % count;
    if (document->current == (forward ? 0 : count - 1)) {
        screen_say(screen, DRAW_PLAIN,
                   forward ? "past the end: from the top on" : "past the top: from the end on");
    } else {
        screen_say_no_more(screen);
    }
    show_match(document);
}

/* --- drawing --- */

static char *title(const View *view)
{
    const Document *document = view->state;
    Text out = {0};
    size_t last = document->scroll.top + document->scroll.height;
    last = last < document->scroll.count ? last : document->scroll.count;
    text_addf(&out, "%s  ", document->title);
    if (*document->needle && document->render) {
        text_addf(&out, "/%s  ", document->needle);
    } else if (*document->needle) {
        size_t at = document->matches.count ? document->current + 1 : 0;
        text_addf(&out, "/%s %zu of %zu  ", document->needle, at, document->matches.count);
    }
    text_addf(&out, "%zu/%zu", last, document->scroll.count);
    return text_take(&out);
}

/* Draws what of the bytes [start, end) of a line is in sight in a row that begins with its byte `origin`. */
static void draw_part(const Document *document, const Area *row, const char *line, size_t origin,
                      size_t start, size_t end, DrawStyle style)
{
    char *before = memory_string_n(line + origin, start - origin);
    char *part = memory_string_n(line + start, end - start);
    long column = cells_width(before) - document->left;
    int skipped = 0;
    const char *shown = column < 0 ? cells_skip(part, (int)-column, &skipped) : part;
    column += skipped;
    if (column >= 0 && column < row->width) {
        int cells = cells_width_within(shown, row->width - (int)column);
        draw_text(row, 0, (int)column, cells, style, shown);
    }
    free(part);
    free(before);
}

static void draw_matches(const Document *document, const Area *area, const LayoutRow *row)
{
    for (size_t i = 0; i < document->matches.count; i++) {
        const Match *match = &document->matches.items[i];
        size_t start = match->start > row->start ? match->start : row->start;
        size_t end = match->start + match->length;
        end = end < row->start + row->length ? end : row->start + row->length;
        if (match->line == row->line && start < end) {
            draw_part(document, area, document->layout.lines[row->line], row->start, start, end,
                      i == document->current ? DRAW_SELECTED : DRAW_MATCH);
        }
    }
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    Document *document = view->state;
    lay_out(document, body->width - 2);
    document->scroll.height = (size_t)body->height;
    select_scroll(&document->scroll, 0);
    for (int i = 0; i < body->height; i++) {
        size_t shown = document->scroll.top + (size_t)i;
        if (shown >= document->layout.row_count) {
            break;
        }
        const LayoutRow *row = &document->layout.rows[shown];
        Area area = {.window = body->window,
                     .top = body->top + i,
                     .left = body->left + 1,
                     .height = 1,
                     .width = body->width - 2};
        draw_part(document, &area, document->layout.lines[row->line], row->start, row->start,
                  row->start + row->length, DRAW_PLAIN);
        draw_matches(document, &area, row);
    }
}

/* --- keys --- */

static void scroll_sideways(Document *document, long by)
{
    long last = document->layout.longest - document->width;
    document->left += by;
    document->left = document->left > last ? last : document->left;
    document->left = document->left < 0 ? 0 : document->left;
}

static bool write_file(const char *path, const char *text, Error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        if (fd >= 0) {
            close(fd);
        }
        error_set(err, ERROR_SYSTEM, "%s can't be written: %s", path, strerror(errno));
        return error_hint(err, errno == EEXIST ? "the file is there already: choose another name"
                                               : "choose a folder that you can write to");
    }
    bool written = fputs(text, file) >= 0;
    int saved = errno;
    bool closed = fclose(file) == 0;
    if (!written || !closed) {
        error_set(err, ERROR_SYSTEM, "%s is incomplete: %s", path, strerror(written ? errno : saved));
        return false;
    }
    return true;
}

static void save(Screen *screen, void *context, const char *path)
{
    const Document *document = context;
    Error err = {0};
    if (!*path) {
        return;
    }
    if (write_file(path, document->raw, &err)) {
        screen_say(screen, DRAW_GOOD, "saved to %s", path);
    } else {
        screen_say_error(screen, &err);
    }
}

/* Nobody who was promised that nothing is written should have to know which files are meant. */
static void ask_where(Document *document, Screen *screen)
{
    if (screen_read_only(screen)) {
        screen_say(screen, DRAW_WARNING,
                   "saving would write a file, and amx is read-only: y copies the text");
        return;
    }
    prompt_open(
        screen,
        &(PromptSpec){
            .label = "Save to: ", .initial = document->save_as, .answered = save, .context = document});
}

static bool act(View *view, Screen *screen, Action action)
{
    Document *document = view->state;
    long by = 0;
    if (scroll_rows(action == ACTION_OPEN ? ACTION_DOWN : action, &document->scroll, &by)) {
        select_scroll(&document->scroll, by);
        return true;
    }
    switch (action) {
    case ACTION_LEFT:
        scroll_sideways(document, -SIDE_STEP);
        return true;
    case ACTION_RIGHT:
        scroll_sideways(document, SIDE_STEP);
        return true;
    case ACTION_FILTER:
        ask_needle(document, screen);
        return true;
    case ACTION_NEXT:
    case ACTION_PREVIOUS:
        step(document, screen, action == ACTION_NEXT);
        return true;
    case ACTION_SAVE:
        ask_where(document, screen);
        return true;
    default:
        return false;
    }
}

static char *text(const View *view)
{
    const Document *document = view->state;
    return memory_string(document->visible);
}

static void close_document(View *view)
{
    Document *document = view->state;
    layout_free(&document->layout);
    match_free(&document->matches);
    free(document->needle);
    free(document->old_needle);
    free(document->title);
    free(document->raw);
    free(document->visible);
    free(document->save_as);
    free(document);
}

static const Binding bindings[] = {
    {{'/'}, "/", "search", NULL, ACTION_FILTER, true},
    {{'n'}, "n", "next match", NULL, ACTION_NEXT, false},
    {{'N'}, "N", "match before", NULL, ACTION_PREVIOUS, false},
    {{'s'}, "s", "save to a file", NULL, ACTION_SAVE, true},
};

static const Binding filtered_bindings[] = {
    {{'/'}, "/", "filter", NULL, ACTION_FILTER, true},
    {{'s'}, "s", "save to a file", NULL, ACTION_SAVE, true},
};

const Bindings view_document_keys = KEYS_OF(bindings);
const Bindings view_document_filtered_keys = KEYS_OF(filtered_bindings);

static const ViewOps document_ops = {
    .bindings = KEYS_OF(bindings),
    .title = title,
    .draw = draw,
    .act = act,
    .text = text,
    .close = close_document,
};

static const ViewOps filtered_ops = {
    .bindings = KEYS_OF(filtered_bindings),
    .title = title,
    .draw = draw,
    .act = act,
    .text = text,
    .close = close_document,
};

/* "amx-help-session-list.txt": of the words of a title, few enough for any file system. */
static char *name_like(const char *title)
{
    Text name = {0};
    bool gap = true;
    text_add(&name, "amx");
    for (const char *c = title; *c && name.length < NAME_LENGTH; c++) {
        bool word = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                    (!gap && (*c == '_' || *c == '.'));
        if (word && gap) {
            text_add_char(&name, '-');
        }
        if (word) {
            text_add_char(&name, *c);
        }
        gap = !word;
    }
    text_add(&name, ".txt");
    return text_take(&name);
}

void view_document_open(Screen *screen, const DocumentSpec *spec)
{
    Document *document = memory_zero(1, sizeof *document);
    document->title = memory_string(spec->title);
    document->wrap = spec->wrap;
    document->save_as = spec->save_as ? memory_string(spec->save_as) : name_like(spec->title);
    document->render = spec->render;
    document->about = spec->about;
    document->needle = memory_string("");
    set_text(document, spec->render ? spec->render(spec->about, "") : spec->text);
    screen_push(screen, spec->render ? &filtered_ops : &document_ops, document);
}

#include "view_document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cells.h"
#include "memory.h"
#include "prompt.h"
#include "select.h"
#include "text.h"

#define SIDE_STEP 8

typedef struct Document {
    char *title;
    char *raw;     /* what is saved: the text as it came */
    char *visible; /* what is shown */
    bool wrap;
    char *save_as;
    char **lines; /* laid out for `width` */
    int width;
    Select scroll;
    long left;   /* cells scrolled sideways */
    int longest; /* cells of the longest line */
} Document;

static void lay_out(Document *document, int width)
{
    if (document->lines && (document->width == width || !document->wrap)) {
        document->width = width;
        return;
    }
    cells_free_lines(document->lines);
    size_t count = 0;
    document->lines = cells_wrap(document->visible, document->wrap ? width : 0, &count);
    document->width = width;
    document->scroll.count = count;
    document->longest = 0;
    for (size_t i = 0; i < count; i++) {
        int cells = cells_width(document->lines[i]);
        document->longest = cells > document->longest ? cells : document->longest;
    }
}

static char *title(const View *view)
{
    const Document *document = view->state;
    size_t last = document->scroll.top + document->scroll.height;
    last = last < document->scroll.count ? last : document->scroll.count;
    return text_format("%s  %zu/%zu", document->title, last, document->scroll.count);
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    Document *document = view->state;
    lay_out(document, body->width - 2);
    document->scroll.height = (size_t)body->height;
    select_scroll(&document->scroll, 0);
    for (int i = 0; i < body->height; i++) {
        size_t line = document->scroll.top + (size_t)i;
        if (line < document->scroll.count) {
            draw_text(body, i, 1, body->width - 2, DRAW_PLAIN,
                      cells_skip(document->lines[line], (int)document->left));
        }
    }
}

static void scroll_sideways(Document *document, long by)
{
    long last = document->longest - document->width;
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

static bool act(View *view, Screen *screen, Action action)
{
    Document *document = view->state;
    long page = (long)document->scroll.height;
    switch (action) {
    case ACTION_UP:
        select_scroll(&document->scroll, -1);
        return true;
    case ACTION_DOWN:
    case ACTION_OPEN:
        select_scroll(&document->scroll, 1);
        return true;
    case ACTION_PAGE_UP:
        select_scroll(&document->scroll, -page);
        return true;
    case ACTION_PAGE_DOWN:
        select_scroll(&document->scroll, page);
        return true;
    case ACTION_FIRST:
        select_scroll(&document->scroll, -(long)document->scroll.count);
        return true;
    case ACTION_LAST:
        select_scroll(&document->scroll, (long)document->scroll.count);
        return true;
    case ACTION_LEFT:
        scroll_sideways(document, -SIDE_STEP);
        return true;
    case ACTION_RIGHT:
        scroll_sideways(document, SIDE_STEP);
        return true;
    case ACTION_SAVE:
        prompt_open(
            screen,
            &(PromptSpec){
                .label = "Save to: ", .initial = document->save_as, .answered = save, .context = document});
        return true;
    default:
        return false;
    }
}

static void close_document(View *view)
{
    Document *document = view->state;
    cells_free_lines(document->lines);
    free(document->title);
    free(document->raw);
    free(document->visible);
    free(document->save_as);
    free(document);
}

static const Binding bindings[] = {
    {{'s'}, "s", "save to a file", NULL, ACTION_SAVE, true},
};

static const ViewOps document_ops = {
    .bindings = {bindings, sizeof bindings / sizeof *bindings},
    .title = title,
    .draw = draw,
    .act = act,
    .close = close_document,
};

void view_document_open(Screen *screen, const DocumentSpec *spec)
{
    Document *document = memory_zero(1, sizeof *document);
    document->title = memory_string(spec->title);
    document->raw = spec->text;
    document->visible = text_visible_lines(spec->text);
    document->wrap = spec->wrap;
    document->save_as = memory_string(spec->save_as);
    screen_push(screen, &document_ops, document);
}

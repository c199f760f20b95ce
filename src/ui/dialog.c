#include "dialog.h"

#include <ctype.h>
#include <string.h>

#include "cells.h"
#include "memory.h"
#include "popup.h"
#include "tty.h"
#include "text.h"

#define DIALOG_WIDTH 58
#define TEXT_WIDTH (DIALOG_WIDTH - 4)
#define COMMON_KEYS 4 /* of every dialog, besides those of its buttons */

typedef struct Dialog {
    Popup popup;
    char *title;
    char *text;
    char *labels[DIALOG_BUTTONS];
    char letters[DIALOG_BUTTONS];
    char keys[DIALOG_BUTTONS][8]; /* how people call the keys of each button */
    Binding bindings[DIALOG_BUTTONS + COMMON_KEYS];
    int starts[DIALOG_BUTTONS]; /* first column of the screen of each button, and of what is behind it */
    int ends[DIALOG_BUTTONS];
    int row;
    size_t count;
    size_t harmless;
    size_t focus;
    char *line;
    DialogAnswered answered;
} Dialog;

static int text_lines(const char *text)
{
    size_t count = 0;
    cells_free_lines(cells_wrap(text, TEXT_WIDTH, &count));
    return (int)count;
}

static int buttons_width(const Dialog *dialog)
{
    int total = -2; /* between two of them */
    for (size_t i = 0; i < dialog->count; i++) {
        total += cells_width(dialog->labels[i]) + 6;
    }
    return total;
}

/* Underlines the letter that gives a button, in its label at `column`. */
static void mark_letter(const Dialog *dialog, size_t button, const Area *area, int line, int column)
{
    const char *label = dialog->labels[button];
    const char letters[] = {dialog->letters[button], (char)toupper((unsigned char)dialog->letters[button]),
                            0};
    size_t before = strcspn(label, letters);
    if (label[before]) {
        char *start = memory_string_n(label, before);
        draw_underline(area, line, column + cells_width(start));
        free(start);
    }
}

static void draw_buttons(Dialog *dialog, const Area *area, int line)
{
    int column = (area->width - buttons_width(dialog)) / 2;
    column = column > 0 ? column : 0;
    int left = getbegx(area->window) + area->left;
    dialog->row = getbegy(area->window) + area->top + line;
    for (size_t i = 0; i < dialog->count; i++) {
        bool focused = i == dialog->focus;
        char *button = text_format(focused ? "[ %s ]" : "  %s  ", dialog->labels[i]);
        int width = cells_width(button);
        draw_text(area, line, column, width, focused ? DRAW_SELECTED : DRAW_PLAIN, button);
        mark_letter(dialog, i, area, line, column + 2);
        dialog->starts[i] = left + column;
        dialog->ends[i] = left + column + width;
        column += width + 2;
        free(button);
    }
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    (void)body;
    Dialog *dialog = view->state;
    int height = text_lines(dialog->text) + 4;
    int buttons = buttons_width(dialog) + 4;
    int width = buttons > DIALOG_WIDTH ? buttons : DIALOG_WIDTH;
    Area area = popup_place(&dialog->popup, height, width, dialog->title);
    draw_paragraph(&area, 0, DRAW_PLAIN, dialog->text);
    draw_buttons(dialog, &area, area.height - 1); /* in sight however long the text is */
}

static void answer(View *view, Screen *screen, size_t button)
{
    Dialog *dialog = view->state;
    DialogAnswered answered = dialog->answered;
    char *line = memory_string(dialog->line);
    screen_pop(screen);
    answered(screen, line, button);
    free(line);
}

static bool key(View *view, Screen *screen, Key pressed)
{
    Dialog *dialog = view->state;
    switch (pressed) {
    case KEY_RETURN:
    case '\n':
    case KEY_FUNCTION(KEY_ENTER):
        answer(view, screen, dialog->focus);
        return true;
    case KEY_ESCAPE:
    case 'q':
    case 'n':
    case KEY_CONTROL('c'):
        answer(view, screen, dialog->harmless);
        return true;
    case KEY_TAB:
        dialog->focus = (dialog->focus + 1) % dialog->count;
        return true;
    case KEY_FUNCTION(KEY_BTAB):
        dialog->focus = (dialog->focus + dialog->count - 1) % dialog->count;
        return true;
    case KEY_FUNCTION(KEY_RIGHT):
    case KEY_FUNCTION(KEY_DOWN):
        dialog->focus += dialog->focus + 1 < dialog->count;
        return true;
    case KEY_FUNCTION(KEY_LEFT):
    case KEY_FUNCTION(KEY_UP):
        dialog->focus -= dialog->focus > 0;
        return true;
    default:
        break;
    }
    for (size_t i = 0; i < dialog->count; i++) {
        if (pressed == dialog->letters[i]) {
            answer(view, screen, i);
            return true;
        }
    }
    return false;
}

/* A click gives a button. A click beside the dialog gives nothing: it may have been meant for what was there
 * a moment before. */
static bool mouse(View *view, Screen *screen, const Mouse *did)
{
    Dialog *dialog = view->state;
    for (size_t i = 0; did->row == dialog->row && i < dialog->count; i++) {
        bool on_it = did->column >= dialog->starts[i] && did->column < dialog->ends[i];
        if (on_it && (did->kind == MOUSE_CLICK || did->kind == MOUSE_DOUBLE)) {
            answer(view, screen, i);
            break;
        }
    }
    return true;
}

static void close_dialog(View *view)
{
    Dialog *dialog = view->state;
    popup_close(&dialog->popup);
    for (size_t i = 0; i < dialog->count; i++) {
        free(dialog->labels[i]);
    }
    free(dialog->title);
    free(dialog->text);
    free(dialog->line);
    free(dialog);
}

static Bindings keys(const View *view)
{
    const Dialog *dialog = view->state;
    return (Bindings){dialog->bindings, dialog->count + COMMON_KEYS};
}

/* The keys that answer are the dialog's own (see key); what is bound here is what else works in it. */
static void bind_keys(Dialog *dialog)
{
    for (size_t i = 0; i < dialog->count; i++) {
        text_copy(dialog->keys[i], sizeof dialog->keys[i],
                  i == dialog->harmless ? (char[]){dialog->letters[i], '/', 'E', 's', 'c', '\0'}
                                        : (char[]){dialog->letters[i], '\0'});
        dialog->bindings[i] = (Binding){.label = dialog->keys[i], .note = dialog->labels[i], .hint = true};
    }
    const Binding common[COMMON_KEYS] = {
        {.label = "Tab", .note = "next button", .hint = dialog->count > 1},
        {.label = "Enter", .note = "the marked one", .hint = true},
        {.keys = {'m', KEY_FUNCTION(KEY_F(9))},
         .label = "m",
         .note = "mouse",
         .action = ACTION_MOUSE,
         .hint = true},
        {.keys = {'?', KEY_FUNCTION(KEY_F(1))}, .label = "?", .note = "keys", .action = ACTION_HELP},
    };
    memcpy(dialog->bindings + dialog->count, common, sizeof common);
}

static const ViewOps dialog_ops = {
    .keys = keys,
    .modal = true,
    .draw = draw,
    .key = key,
    .mouse = mouse,
    .close = close_dialog,
};

void dialog_open(Screen *screen, const DialogSpec *spec)
{
    Dialog *dialog = memory_zero(1, sizeof *dialog);
    dialog->title = memory_string(spec->title);
    dialog->text = text_visible_lines(spec->text);
    for (size_t i = 0; i < spec->button_count; i++) {
        dialog->labels[i] = text_visible(spec->buttons[i].label);
        dialog->letters[i] = spec->buttons[i].letter;
    }
    dialog->count = spec->button_count;
    dialog->harmless = spec->harmless;
    dialog->focus = spec->harmless;
    dialog->line = memory_string(spec->line);
    dialog->answered = spec->answered;
    bind_keys(dialog);
    tty_flush();
    screen_push(screen, &dialog_ops, dialog);
}

void dialog_confirm(Screen *screen, const char *title, const char *text, const char *line,
                    DialogAnswered answered)
{
    dialog_open(screen, &(DialogSpec){.title = title,
                                      .text = text,
                                      .buttons = {{"No", 'n'}, {"Yes", 'y'}},
                                      .button_count = 2,
                                      .harmless = 0,
                                      .line = line,
                                      .answered = answered});
}

#include "prompt.h"

#include <string.h>

#include "cells.h"
#include "input.h"
#include "memory.h"
#include "tty.h"
#include "text.h"

typedef struct Prompt {
    char *label;
    Input input;
    PromptAnswered answered;
    PromptAnswered changed;
    void (*cancelled)(Screen *screen, void *context);
    void *context;
    void (*release)(void *context);
} Prompt;

static size_t character_length(const char *text)
{
    size_t length = *text ? 1 : 0;
    while (((unsigned char)text[length] & 0xc0) == 0x80) {
        length++;
    }
    return length;
}

/* What the cursor stands on; a blank at the end. */
static char *first_character(const char *text)
{
    return *text ? memory_string_n(text, character_length(text)) : memory_string(" ");
}

/* Draws into the message row, scrolled so that the cursor is in sight; the cursor is a cell in reverse. */
static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    Prompt *prompt = view->state;
    Area row = {
        .window = body->window, .top = body->top + body->height, .left = 0, .height = 1, .width = COLS};
    char *before = input_before_cursor(&prompt->input);
    char *all = input_text(&prompt->input);
    int label = cells_width(prompt->label);
    int room = row.width - label - 1;
    const char *start = before;
    while (*start && cells_width(start) >= room) {
        start += character_length(start);
    }
    int cursor = label + cells_width(start);
    draw_line(&row, 0, DRAW_BOLD, prompt->label);
    draw_text(&row, 0, label, room, DRAW_PLAIN, all + (start - before));
    char *under = first_character(all + strlen(before));
    draw_text(&row, 0, cursor, cells_width(under), DRAW_SELECTED, under);
    free(under);
    free(all);
    free(before);
}

static void answer(View *view, Screen *screen)
{
    Prompt *prompt = view->state;
    PromptAnswered answered = prompt->answered;
    void *context = prompt->context;
    void (*release)(void *) = prompt->release;
    prompt->release = NULL; /* the answer still needs it */
    char *text = input_text(&prompt->input);
    screen_pop(screen);
    answered(screen, context, text);
    if (release) {
        release(context);
    }
    free(text);
}

static void edit(Input *input, Key pressed)
{
    switch (pressed) {
    case KEY_FUNCTION(KEY_BACKSPACE):
    case KEY_CONTROL('h'):
    case 127:
        input_erase(input);
        break;
    case KEY_FUNCTION(KEY_DC):
    case KEY_CONTROL('d'):
        input_delete(input);
        break;
    case KEY_CONTROL('w'):
        input_erase_word(input);
        break;
    case KEY_CONTROL('u'):
        input_set(input, "");
        break;
    case KEY_FUNCTION(KEY_LEFT):
        input_move(input, -1);
        break;
    case KEY_FUNCTION(KEY_RIGHT):
        input_move(input, 1);
        break;
    case KEY_FUNCTION(KEY_HOME):
    case KEY_CONTROL('a'):
        input_move(input, -INPUT_LENGTH);
        break;
    case KEY_FUNCTION(KEY_END):
    case KEY_CONTROL('e'):
        input_move(input, INPUT_LENGTH);
        break;
    default:
        if (pressed > 0) {
            input_insert(input, (wchar_t)pressed);
        }
    }
}

static void edit_and_tell(Prompt *prompt, Screen *screen, Key pressed)
{
    edit(&prompt->input, pressed);
    if (prompt->changed) {
        char *text = input_text(&prompt->input);
        prompt->changed(screen, prompt->context, text);
        free(text);
    }
}

static bool key(View *view, Screen *screen, Key pressed)
{
    Prompt *prompt = view->state;
    switch (pressed) {
    case KEY_RETURN:
    case '\n':
    case KEY_FUNCTION(KEY_ENTER):
        answer(view, screen);
        break;
    case KEY_ESCAPE:
    case KEY_CONTROL('c'):
        if (prompt->cancelled) {
            prompt->cancelled(screen, prompt->context);
        }
        screen_pop(screen);
        break;
    default:
        edit_and_tell(prompt, screen, pressed);
    }
    return true;
}

static void close_prompt(View *view)
{
    Prompt *prompt = view->state;
    if (prompt->release) {
        prompt->release(prompt->context);
    }
    free(prompt->label);
    free(prompt);
}

static const ViewOps prompt_ops = {
    .modal = true, .pastes = true, .draw = draw, .key = key, .close = close_prompt};
static const ViewOps guarded_ops = {.modal = true, .draw = draw, .key = key, .close = close_prompt};

void prompt_open(Screen *screen, const PromptSpec *spec)
{
    Prompt *prompt = memory_zero(1, sizeof *prompt);
    prompt->label = text_visible(spec->label);
    input_set(&prompt->input, spec->initial ? spec->initial : "");
    prompt->answered = spec->answered;
    prompt->changed = spec->changed;
    prompt->cancelled = spec->cancelled;
    prompt->context = spec->context;
    prompt->release = spec->release;
    if (spec->guarded) {
        tty_flush();
    }
    screen_push(screen, spec->guarded ? &guarded_ops : &prompt_ops, prompt);
}

#include "prompt.h"

#include <string.h>

#include "candidates.h"
#include "cells.h"
#include "input_key.h"
#include "memory.h"
#include "text.h"
#include "tty.h"

typedef struct Prompt {
    char *label;
    Input input;
    PromptAnswered answered;
    PromptAnswered changed;
    void (*cancelled)(Screen *screen, void *context);
    void *context;
    void (*release)(void *context);
    const LineHistory *history;
    size_t back; /* lines back in the history; 0: what is typed */
    char *draft; /* what was typed before going back */
    char *(*complete)(Screen *screen, const char *typed, size_t *start);
    Candidates candidates; /* what Tab found .. */
    size_t word;           /* .. for the word that begins at this byte of the line */
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
    candidates_draw(&prompt->candidates, body);
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

/* --- history and completion --- */

/* Goes `by` lines back in the history, or forward to what was being typed. */
static void recall(Prompt *prompt, long by)
{
    size_t count = prompt->history ? prompt->history->count : 0;
    size_t back = prompt->back + (size_t)by; /* below 0 it wraps to more than there are */
    if (back > count) {
        return;
    }
    if (prompt->back == 0) {
        free(prompt->draft);
        prompt->draft = input_text(&prompt->input);
    }
    prompt->back = back;
    input_set(&prompt->input, back ? line_history_line(prompt->history, back) : prompt->draft);
}

/* Another word in place of the one before the cursor, which begins at byte `start`. */
static void replace_word(Input *input, size_t start, const char *word)
{
    for (;;) {
        char *before = input_before_cursor(input);
        bool more = strlen(before) > start;
        free(before);
        if (!more) {
            break;
        }
        input_erase(input);
    }
    input_type(input, word);
}

/* Types as much as is sure, and shows what it could be when that is more than one word. */
static void complete(Prompt *prompt, Screen *screen)
{
    char *typed = input_before_cursor(&prompt->input);
    size_t start = strlen(typed);
    char *lines = prompt->complete(screen, typed, &start);
    size_t count = 0;
    char *common = candidates_common(lines, &count);
    bool further = strlen(common) > strlen(typed + start);
    if (further) {
        replace_word(&prompt->input, start, common);
    }
    if (count == 1) {
        input_type(&prompt->input, " ");
    } else if (count > 1) {
        candidates_open(&prompt->candidates, lines, further ? common : typed + start);
        prompt->word = start;
    }
    free(common);
    free(lines);
    free(typed);
}

/* The first time it completes; while there are candidates it goes from one to the next. */
static void complete_or_step(Prompt *prompt, Screen *screen, bool forward)
{
    if (prompt->candidates.count > 0) {
        replace_word(&prompt->input, prompt->word, candidates_step(&prompt->candidates, forward));
    } else if (prompt->complete) {
        complete(prompt, screen);
    }
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

/* --- keys --- */

static void cancel(const Prompt *prompt, Screen *screen)
{
    void (*cancelled)(Screen *, void *) = prompt->cancelled;
    void *context = prompt->context;
    if (cancelled) {
        cancelled(screen, context);
    }
    screen_pop(screen);
}

static void tell_change(const Prompt *prompt, Screen *screen, const char *before)
{
    char *after = input_text(&prompt->input);
    if (prompt->changed && !text_equal(before, after)) {
        prompt->changed(screen, prompt->context, after);
    }
    free(after);
}

static void edit_or_recall(Prompt *prompt, Screen *screen, Key pressed)
{
    char *before = input_text(&prompt->input);
    if (pressed != KEY_TAB && pressed != KEY_FUNCTION(KEY_BTAB)) {
        candidates_close(&prompt->candidates);
    }
    switch (pressed) {
    case KEY_FUNCTION(KEY_UP):
    case KEY_CONTROL('p'):
        recall(prompt, 1);
        break;
    case KEY_FUNCTION(KEY_DOWN):
    case KEY_CONTROL('n'):
        recall(prompt, -1);
        break;
    case KEY_TAB:
    case KEY_FUNCTION(KEY_BTAB):
        complete_or_step(prompt, screen, pressed == KEY_TAB);
        break;
    default:
        input_key(&prompt->input, pressed);
    }
    tell_change(prompt, screen, before);
    free(before);
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
        cancel(prompt, screen);
        break;
    default:
        edit_or_recall(prompt, screen, pressed);
    }
    return true;
}

static void close_prompt(View *view)
{
    Prompt *prompt = view->state;
    if (prompt->release) {
        prompt->release(prompt->context);
    }
    candidates_close(&prompt->candidates);
    input_free(&prompt->input);
    free(prompt->draft);
    free(prompt->label);
    free(prompt);
}

#define PROMPT_BINDINGS                                                                                      \
    {{0}, "Enter", "done", NULL, ACTION_NONE, true}, {{0}, "Esc", "cancel", NULL, ACTION_NONE, true},        \
    {                                                                                                        \
        {0}, "^U", "clear", NULL, ACTION_NONE, true                                                          \
    }

static const Binding bindings[] = {PROMPT_BINDINGS};
static const Binding command_bindings[] = {
    PROMPT_BINDINGS,
    {{0}, "Tab", "complete", NULL, ACTION_NONE, true},
    {{0}, "Up/Down", "lines before", NULL, ACTION_NONE, true},
};

const Bindings prompt_keys = KEYS_OF(bindings);
const Bindings prompt_command_keys = KEYS_OF(command_bindings);

static Bindings keys(const View *view)
{
    const Prompt *prompt = view->state;
    return prompt->complete ? prompt_command_keys : prompt_keys;
}

static const ViewOps prompt_ops = {
    .keys = keys, .modal = true, .pastes = true, .draw = draw, .key = key, .close = close_prompt};
static const ViewOps guarded_ops = {
    .keys = keys, .modal = true, .draw = draw, .key = key, .close = close_prompt};

void prompt_open(Screen *screen, const PromptSpec *spec)
{
    Prompt *prompt = memory_zero(1, sizeof *prompt);
    prompt->label = text_visible(spec->label);
    input_set(&prompt->input, spec->initial ? spec->initial : "");
    prompt->answered = spec->answered;
    prompt->context = spec->context;
    prompt->changed = spec->changed;
    prompt->cancelled = spec->cancelled;
    prompt->release = spec->release;
    prompt->history = spec->history;
    prompt->complete = spec->complete;
    if (spec->guarded) {
        tty_flush();
    }
    screen_push(screen, spec->guarded ? &guarded_ops : &prompt_ops, prompt);
}

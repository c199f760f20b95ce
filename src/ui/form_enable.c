#include "form_enable.h"

#include <form.h>
#include <string.h>

#include "cells.h"
#include "first_step.h"
#include "memory.h"
#include "popup.h"
#include "quote.h"
#include "text.h"
#include "tty.h"

#define FORM_WIDTH 58
#define FORM_HEIGHT 9
#define MESSAGE_HEIGHT 3 /* more, once there is one */
#define FIELD_COLUMN 10
#define FIELD_CELLS 42
#define FIELD_LIMIT 200

enum { FIELD_PROFILE, FIELD_SCHEMA, FIELD_COUNT };

typedef struct Form {
    Popup popup;
    WINDOW *window; /* of the fields: libform draws there, and only what changed */
    PANEL *panel;
    FORM *form;
    FIELD *fields[FIELD_COUNT + 1];
    unsigned ticket; /* of the command that enables, while it runs; or 0 */
    char *message;   /* why it was not enabled, or NULL */
} Form;

static FIELD *make_field(int line, const char *initial)
{
    FIELD *field = new_field(1, FIELD_CELLS, line, 0, 0, 0);
    char *text = text_visible(initial);
    field_opts_off(field, O_STATIC | O_AUTOSKIP);
    set_max_field(field, FIELD_LIMIT);
    set_field_back(field, A_UNDERLINE);
    set_field_buffer(field, 0, text);
    free(text);
    return field;
}

/* A field's text without the blanks that libform pads it with; owned by the caller. */
static char *field_text(const Form *form, int field)
{
    const char *text = field_buffer(form->fields[field], 0);
    size_t length = text ? strlen(text) : 0;
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    return text ? memory_string_n(text, length) : memory_string("");
}

/* Edits insert, and start at the end of what is there. */
static void enter_field(const Form *form)
{
    form_driver(form->form, REQ_INS_MODE);
    form_driver(form->form, REQ_END_LINE);
}

/* Posts the form into its window, keeping what was typed. */
static void post(Form *form, int top, int left)
{
    if (form->window) {
        form_driver(form->form, REQ_VALIDATION);
        unpost_form(form->form);
    }
    WINDOW *old = form->window;
    form->window = newwin(FIELD_COUNT, FIELD_CELLS, top, left);
    set_form_win(form->form, form->window);
    set_form_sub(form->form, form->window);
    if (old) {
        replace_panel(form->panel, form->window);
        delwin(old);
    } else {
        form->panel = new_panel(form->window);
    }
    post_form(form->form);
    enter_field(form);
}

/* Puts the fields where they belong over the popup. A terminal that became small may have cut their window.
 */
static void place_fields(Form *form, const Area *area)
{
    int top = getbegy(area->window) + area->top + 1;
    int left = getbegx(area->window) + area->left + FIELD_COLUMN;
    if (!form->window || getmaxy(form->window) != FIELD_COUNT || getmaxx(form->window) != FIELD_CELLS) {
        post(form, top, left);
    }
    move_panel(form->panel, top, left);
}

/* What there is to choose from, or why there is nothing; owned by the caller. */
static char *profiles_text(const Config *config)
{
    char *missing = first_step(config);
    if (missing) {
        return missing;
    }
    Text text = {0};
    text_add(&text, "Up/Down choose: ");
    for (size_t i = 0; i < config->profile_count; i++) {
        text_addf(&text, "%s%s", i ? ", " : "", config->profiles[i].name);
    }
    return text_take(&text);
}

static int lines_of(const char *text)
{
    size_t count = 0;
    cells_free_lines(cells_wrap(text, FORM_WIDTH - 4, &count));
    return (int)count;
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)body;
    Form *form = view->state;
    const Config *config = screen_config(screen);
    char *profiles = profiles_text(config);
    int height = FORM_HEIGHT + lines_of(profiles) + (form->message ? MESSAGE_HEIGHT : 0);
    Area area = popup_place(&form->popup, height, FORM_WIDTH, "Enable shared history");
    draw_text(&area, 1, 0, FIELD_COLUMN, DRAW_PLAIN, "Profile");
    draw_text(&area, 2, 0, FIELD_COLUMN, DRAW_PLAIN, "Schema");
    int line = draw_paragraph(&area, 4, config->profile_count ? DRAW_PLAIN : DRAW_WARNING, profiles);
    free(profiles);
    line = draw_paragraph(&area, line, DRAW_PLAIN,
                          "Everybody who can read this schema can read every run.\n"
                          "Enter enables, Tab changes the field, Esc cancels.");
    if (form->message) {
        draw_paragraph(&area, line + 1, DRAW_ERROR, form->message);
    }
    place_fields(form, &area);
    pos_form_cursor(form->form);
}

/* Shows a message in the form, which it takes over; NULL takes away what was there. */
static void say(Form *form, char *message)
{
    free(form->message);
    form->message = message;
}

static char *no_profile(const Config *config, const char *name)
{
    Text text = {0};
    text_addf(&text, "There is no DB profile \"%s\"", name);
    for (size_t i = 0; i < config->profile_count; i++) {
        text_addf(&text, "%s%s", i ? ", " : "; there are: ", config->profiles[i].name);
    }
    return text_take(&text);
}

static void enable(Form *form, Screen *screen, const char *profile, const char *schema)
{
    Text line = {0};
    text_add(&line, "db history-store enable --profile ");
    quote_add(&line, profile);
    text_add(&line, " --schema ");
    quote_add(&line, schema);
    form->ticket = screen_submit(screen, text_string(&line));
    text_free(&line);
}

static void submit(Form *form, Screen *screen)
{
    if (form_driver(form->form, REQ_VALIDATION) != E_OK) {
        return;
    }
    const Config *config = screen_config(screen);
    char *profile = field_text(form, FIELD_PROFILE);
    char *schema = field_text(form, FIELD_SCHEMA);
    say(form, NULL);
    if (!*profile || !*schema) {
        say(form, memory_string("Both a profile and a schema are needed."));
    } else if (config->profile_count == 0) {
        say(form, memory_string("There is no DB profile to share through."));
    } else if (!config_profile(config, profile)) {
        say(form, no_profile(config, profile));
    } else {
        enable(form, screen, profile, schema);
    }
    free(profile);
    free(schema);
}

/* What went wrong stays beside the fields that may have to change; what went well needs no form any more. */
static bool outcome(View *view, Screen *screen, Outcome *got)
{
    Form *form = view->state;
    if (!form->ticket || got->ticket != form->ticket) {
        return false;
    }
    form->ticket = 0;
    if (got->done) {
        screen_pop(screen);
        screen_show(screen, got);
        return true;
    }
    say(form, got->error.hint[0] ? text_format("%s: %s", got->error.message, got->error.hint)
                                 : memory_string(got->error.message));
    return true;
}

static int request_of(Key pressed)
{
    switch (pressed) {
    case KEY_TAB:
    case KEY_FUNCTION(KEY_DOWN):
        return REQ_NEXT_FIELD;
    case KEY_FUNCTION(KEY_BTAB):
    case KEY_FUNCTION(KEY_UP):
        return REQ_PREV_FIELD;
    case KEY_FUNCTION(KEY_LEFT):
        return REQ_PREV_CHAR;
    case KEY_FUNCTION(KEY_RIGHT):
        return REQ_NEXT_CHAR;
    case KEY_FUNCTION(KEY_HOME):
    case KEY_CONTROL('a'):
        return REQ_BEG_LINE;
    case KEY_FUNCTION(KEY_END):
    case KEY_CONTROL('e'):
        return REQ_END_LINE;
    case KEY_FUNCTION(KEY_BACKSPACE):
    case KEY_CONTROL('h'):
    case 127:
        return REQ_DEL_PREV;
    case KEY_FUNCTION(KEY_DC):
    case KEY_CONTROL('d'):
        return REQ_DEL_CHAR;
    case KEY_CONTROL('u'):
        return REQ_CLR_FIELD;
    default:
        return 0;
    }
}

/* Puts the next profile, or the one before, into its field; after what is none of them the first one. */
static void choose_profile(Form *form, const Config *config, bool forward)
{
    size_t count = config->profile_count;
    char *typed = field_text(form, FIELD_PROFILE);
    const Profile *now = config_profile(config, typed);
    size_t at = !now ? 0 : ((size_t)(now - config->profiles) + (forward ? 1 : count - 1)) % count;
    char *name = text_visible(config->profiles[at].name);
    set_field_buffer(form->fields[FIELD_PROFILE], 0, name);
    form_driver(form->form, REQ_END_LINE);
    free(name);
    free(typed);
}

static bool chooses(const Form *form, const Config *config, Key pressed)
{
    bool arrow = pressed == KEY_FUNCTION(KEY_DOWN) || pressed == KEY_FUNCTION(KEY_UP);
    return arrow && config->profile_count > 0 && current_field(form->form) == form->fields[FIELD_PROFILE];
}

static bool key(View *view, Screen *screen, Key pressed)
{
    Form *form = view->state;
    bool leaves = pressed == KEY_ESCAPE || pressed == KEY_CONTROL('c');
    if (form->ticket) {
        if (leaves) {
            screen_stop_job(screen, form->ticket);
        }
    } else if (leaves) {
        screen_pop(screen);
    } else if (pressed == KEY_RETURN || pressed == '\n' || pressed == KEY_FUNCTION(KEY_ENTER)) {
        submit(form, screen);
    } else if (chooses(form, screen_config(screen), pressed)) {
        form_driver(form->form, REQ_VALIDATION); /* what was typed reaches its field */
        choose_profile(form, screen_config(screen), pressed == KEY_FUNCTION(KEY_DOWN));
    } else if (request_of(pressed)) {
        form_driver(form->form, request_of(pressed));
        if (request_of(pressed) == REQ_NEXT_FIELD || request_of(pressed) == REQ_PREV_FIELD) {
            enter_field(form);
        }
    } else if (pressed > 0 && !text_is_hostile((uint32_t)pressed)) {
        form_driver_w(form->form, OK, (wchar_t)pressed);
    }
    return true;
}

static void close_form(View *view)
{
    Form *form = view->state;
    unpost_form(form->form);
    free_form(form->form);
    for (int i = 0; i < FIELD_COUNT; i++) {
        free_field(form->fields[i]);
    }
    if (form->window) {
        del_panel(form->panel);
        delwin(form->window);
    }
    curs_set(0);
    popup_close(&form->popup);
    free(form->message);
    free(form);
}

static const Binding bindings[] = {
    {{0}, "Enter", "enable", NULL, ACTION_NONE, true},
    {{0}, "Tab", "next field", NULL, ACTION_NONE, true},
    {{0}, "Up/Down", "choose the profile", NULL, ACTION_NONE, false},
    {{0}, "^U", "clear", NULL, ACTION_NONE, true},
    {{0}, "Esc", "cancel", NULL, ACTION_NONE, true},
};

const Bindings form_enable_keys = KEYS_OF(bindings);

static const ViewOps form_ops = {.bindings = KEYS_OF(bindings),
                                 .modal = true,
                                 .pastes = true,
                                 .draw = draw,
                                 .key = key,
                                 .outcome = outcome,
                                 .close = close_form};

static const char *first_said(const char *a, const char *b, const char *c)
{
    return !text_is_empty(a) ? a : !text_is_empty(b) ? b : c ? c : "";
}

void form_enable_open(Screen *screen)
{
    const Status *status = screen_status(screen);
    const Config *config = screen_config(screen);
    Form *form = memory_zero(1, sizeof *form);
    form->fields[FIELD_PROFILE] = make_field(
        0, first_said(status_text(status, "profile"), config->history_profile, config->active_db_profile));
    form->fields[FIELD_SCHEMA] =
        make_field(1, first_said(status_text(status, "store_schema"), config->history_schema, "amx"));
    form->form = new_form(form->fields);
    tty_flush();
    curs_set(1);
    screen_push(screen, &form_ops, form);
}

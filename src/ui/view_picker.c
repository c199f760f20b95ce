#include "view_picker.h"

#include "first_step.h"
#include "guard.h"
#include "memory.h"
#include "picker_model.h"
#include "text.h"

#define LIST_CELLS 60
#define PANEL_BESIDE 112 /* width from which the panel stands beside the list */

#define ROOMY_PANEL 8 /* rows from which there is one to spare between list and panel */

typedef struct Picker {
    PickerModel model;
    int top;     /* row of the terminal in which the entries begin */
    bool asking; /* somebody is asked about the entry that was run; no key has come here since */
} Picker;

static char *title(const View *view)
{
    (void)view;
    return memory_string("history-store");
}

static PickerModel *model_of(const View *view)
{
    Picker *picker = view->state;
    return &picker->model;
}

static char *note_of(const PickerEntry *entry, const Status *status)
{
    long long pending = status_number(status, "pending");
    if (text_equal(entry->label, "Flush pending") && pending > 0) {
        return text_format("replay %lld queued", pending);
    }
    return memory_string(entry->note);
}

static void draw_entries(const PickerModel *model, const Status *status, const Area *area)
{
    for (size_t i = 0; i < model->select.count; i++) {
        const PickerEntry *entry = model->entries[i];
        bool selected = i == model->select.selected;
        char *note = note_of(entry, status);
        char *line = text_format(" %c %-19s %-30s%s", selected ? '>' : ' ', entry->label, note,
                                 entry->asks ? " asks" : "");
        draw_text(area, (int)i, 0, LIST_CELLS, selected ? DRAW_SELECTED : DRAW_PLAIN, line);
        free(line);
        free(note);
    }
}

/* What to do first where nothing is configured; returns the line behind it. */
static int draw_first_step(const Screen *screen, const Area *panel)
{
    char *text = first_step(screen_config(screen));
    int line = text ? draw_paragraph(panel, 0, DRAW_WARNING, text) + 1 : 0;
    free(text);
    return line;
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    Picker *picker = view->state;
    PickerModel *model = &picker->model;
    const Status *status = screen_status(screen);
    picker->top = body->top;
    picker_model_update(model, status_enabled(status));
    Area panel = *body;
    if (body->width >= PANEL_BESIDE) {
        panel.left += LIST_CELLS + 2;
        panel.width -= LIST_CELLS + 3;
    } else {
        int list = (int)model->select.count;
        list += body->height - list > ROOMY_PANEL;
        panel.top += list;
        panel.height -= list;
        panel.left += 3;
        panel.width -= 4;
    }
    draw_entries(model, status, body);
    int line = draw_first_step(screen, &panel);
    char *text = status_panel(status, panel.width, panel.height - line);
    draw_paragraph(&panel, line, DRAW_PLAIN, text);
    free(text);
}

/* Goes back to Status, so that another Enter does not run it again; but where a person is asked first, only
 * once it is done. */
static void open_selected(Picker *picker, Screen *screen)
{
    PickerModel *model = &picker->model;
    const PickerEntry *entry = picker_model_selected(model);
    picker->asking = entry->asks || entry->form;
    if (!picker->asking) {
        picker_model_home(model);
    }
    switch (entry->verb) {
    case PICKER_STATUS:
        screen_refresh(screen);
        break;
    case PICKER_RUN:
        guard_run(screen, entry->line);
        break;
    case PICKER_CANCEL:
        screen_quit(screen, true);
        break;
    }
}

static bool act(View *view, Screen *screen, Action action)
{
    PickerModel *model = model_of(view);
    switch (action) {
    case ACTION_UP:
        select_move(&model->select, -1);
        return true;
    case ACTION_DOWN:
        select_move(&model->select, 1);
        return true;
    case ACTION_FIRST:
    case ACTION_PAGE_UP:
        picker_model_home(model);
        return true;
    case ACTION_LAST:
    case ACTION_PAGE_DOWN:
        select_to(&model->select, model->select.count);
        return true;
    case ACTION_OPEN:
        open_selected(view->state, screen);
        return true;
    case ACTION_RELOAD:
        screen_refresh(screen);
        return true;
    default:
        return false;
    }
}

/* A click moves to an entry and runs nothing, as a letter; a double click runs it. */
static bool mouse(View *view, Screen *screen, const Mouse *did)
{
    Picker *picker = view->state;
    PickerModel *model = model_of(view);
    picker->asking = false;
    int entry = did->row - picker->top;
    if (did->kind == MOUSE_WHEEL_UP || did->kind == MOUSE_WHEEL_DOWN) {
        return false;
    }
    if (entry < 0 || (size_t)entry >= model->select.count || did->column >= LIST_CELLS) {
        return true;
    }
    select_to(&model->select, (size_t)entry);
    if (did->kind == MOUSE_DOUBLE) {
        open_selected(view->state, screen);
    }
    return true;
}

/* A letter moves to an entry and runs nothing; letters that no entry begins with keep their meaning. */
static bool key(View *view, Screen *screen, Key pressed)
{
    (void)screen;
    Picker *picker = view->state;
    picker->asking = false;
    return pressed >= 'a' && pressed <= 'z' && picker_model_letter(model_of(view), pressed);
}

/* Opens on Status. A question that closes does not open it: what was answered with No is not done. */
static void shown(View *view, Screen *screen)
{
    const Picker *picker = view->state;
    if (!picker->asking) {
        picker_model_home(model_of(view));
    }
    screen_look_again(screen);
}

/* After an action, back to Status. */
static bool outcome(View *view, Screen *screen, Outcome *got)
{
    (void)screen;
    Picker *picker = view->state;
    if (got->kind == JOB_FOREGROUND) {
        picker->asking = false;
        picker_model_home(&picker->model);
    }
    return false;
}

/* Ages go on, and what is shown of the store stays true. */
static bool tick(View *view, Screen *screen)
{
    (void)view;
    screen_look_again(screen);
    return true;
}

/* Another amx has written: more may wait now. */
static void changed(View *view, Screen *screen)
{
    (void)view;
    screen_look_at_home(screen);
}

/* Back to Status: what is under a finger that was about to press Enter must not have moved there. */
static void resized(View *view)
{
    picker_model_home(model_of(view));
}

static void close_picker(View *view)
{
    free(view->state);
}

static const Binding bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "run", NULL, ACTION_OPEN, true},
    {{0},
     "letter",
     "to the next entry that begins with it; runs nothing (mouse: F9)",
     NULL,
     ACTION_NONE,
     false},
    {{'q', KEY_ESCAPE}, "q/Esc", "leave", NULL, ACTION_BACK, true},
    {{KEY_FUNCTION(KEY_F(5)), KEY_CONTROL('r')}, "F5", "reload", NULL, ACTION_RELOAD, true},
};

const Bindings view_picker_keys = KEYS_OF(bindings);

static const ViewOps picker_ops = {
    .bindings = KEYS_OF(bindings),
    .title = title,
    .draw = draw,
    .key = key,
    .act = act,
    .shown = shown,
    .resized = resized,
    .mouse = mouse,
    .outcome = outcome,
    .changed = changed,
    .tick = tick,
    .close = close_picker,
};

void view_picker_open(Screen *screen)
{
    Picker *picker = memory_zero(1, sizeof *picker);
    picker_model_open(&picker->model);
    screen_push(screen, &picker_ops, picker);
}

#include "view_review_internal.h"

#include "command.h"
#include "guard.h"
#include "memory.h"
#include "prompt.h"
#include "review_page.h"
#include "screen_internal.h"
#include "text.h"
#include "view_document.h"

/* --- drawing --- */

/* What there is, and what needs a look; the last is cut first where the row is short. */
static char *title(const View *view)
{
    Review *review = view->state;
    ReviewModel *model = &review->model;
    const ReviewItem *item = review_model_selected(model);
    ReviewCounts counts = review_model_counts(model);
    Text out = {0};
    text_addf(&out, "Review %lld  %zu/%zu", model->run, item ? model->select.selected + 1 : 0,
              model->select.count);
    if (*model->filter) {
        text_addf(&out, " /%s ", model->filter);
    }
    text_addf(&out, " undecided %zu", counts.undecided);
    if (counts.conflict > 0) {
        text_addf(&out, " conflict %zu", counts.conflict);
    }
    if (counts.low > 0) {
        text_addf(&out, " low %zu", counts.low);
    }
    return text_take(&out);
}

/* The decisions' own command lines come and go too fast to be read: the page tells how they stand. */
static void cover_message(Review *review, const Area *body)
{
    Area row = {.window = body->window, .top = body->top + body->height, .height = 1, .width = body->width};
    size_t pending = review_model_counts(&review->model).pending;
    char *text = pending > 1 ? text_format(" writing %zu decisions ..", pending) : text_format("%s", "");
    draw_line(&row, 0, DRAW_PLAIN, text);
    free(text);
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    Review *review = view->state;
    const ReviewItem *item = review_model_selected(&review->model);
    if (review->ticket) {
        cover_message(review, body);
    }
    if (!item) {
        draw_line(body, 1, DRAW_PLAIN, "  No result matches the filter; / changes it.");
        return;
    }
    ReviewPage page = {0};
    review_page_write(&page, item, review->today_note, body->width - 2, body->height);
    review->lines = page.count;
    review->height = (size_t)body->height;
    size_t last = page.count > review->height ? page.count - review->height : 0;
    review->top = review->top > last ? last : review->top;
    for (size_t i = review->top; i < page.count; i++) {
        draw_text(body, (int)(i - review->top), 1, body->width - 2, page.lines[i].style, page.lines[i].text);
    }
    review_page_free(&page);
}

/* --- the worker --- */

/* Instead of what is under way for the same ticket. */
static void read_for(Review *review, unsigned *ticket, const char *command)
{
    char *line = text_format("%s %lld", command, review->model.run);
    *ticket = screen_read(review->screen, ticket, line);
    free(line);
}

static void read_today(Review *review)
{
    read_for(review, &review->today_ticket, "history drafts --today");
}

static void read_choices(Review *review)
{
    read_for(review, &review->choices_ticket, "history choices");
}

static void set_today_note(Review *review, const char *note)
{
    free(review->today_note);
    review->today_note = memory_string(note);
}

static void reload(Review *review)
{
    read_for(review, &review->reload_ticket, "history drafts");
}

/* What is being read may not know of what is decided now. */
static void outdate_reload(Review *review)
{
    if (review->reload_ticket) {
        screen_forget(review->screen, &review->reload_ticket);
        review->reload_ticket = 0;
        review->stale = true;
    }
}

static void apply(Review *review)
{
    char *line = text_format("apply %lld", review->model.run);
    guard_run(review->screen, line);
    free(line);
}

void review_send(Review *review)
{
    char *line = review->ticket ? NULL : review_model_send(&review->model);
    if (line) {
        outdate_reload(review);
        screen_say_no_more(review->screen);
        review->ticket = screen_submit_for(review->screen, TAB_REVIEW, line, JOB_FOREGROUND);
        free(line);
        return;
    }
    Then then = review->ticket ? THEN_NOTHING : review->then;
    if (then == THEN_NOTHING) {
        return;
    }
    review->then = THEN_NOTHING;
    if (screen_top(review->screen)->state != review) {
        return; /* something else is being looked at by now */
    }
    if (then == THEN_APPLY) {
        apply(review);
    } else {
        screen_pop(review->screen);
    }
}

static void wait_then(Review *review, Then then)
{
    review->then = then;
    review_send(review);
}

static void reload_if_stale(Review *review)
{
    if (review->stale && !review->reload_ticket && review_model_counts(&review->model).pending == 0) {
        review->stale = false;
        reload(review);
    }
}

static void take_decided(Review *review, const Outcome *got)
{
    review->ticket = 0;
    review_model_settle(&review->model, got->done);
    if (!got->done) {
        screen_say_error(review->screen, &got->error);
        review->then = THEN_NOTHING; /* nobody leaves or applies over a decision that was lost */
    }
    reload_if_stale(review);
    review_send(review); /* may close it */
}

static void take_reload(Review *review, Outcome *got)
{
    review->reload_ticket = 0;
    if (got->stopped) {
        reload(review); /* made room for what a person asked for */
    } else if (!got->done) {
        screen_say_error(review->screen, &got->error);
    } else {
        size_t applied = review_model_applied(&review->model);
        review_model_take(&review->model, &got->report);
        if (review->asked_anew || review_model_applied(&review->model) != applied) {
            review->asked_anew = false;
            read_today(review);
            read_choices(review);
        }
    }
    reload_if_stale(review);
}

static void take_today(Review *review, const Outcome *got)
{
    review->today_ticket = 0;
    if (got->stopped) {
        read_today(review);
    } else if (got->done) {
        review_model_take_today(&review->model, &got->report);
    } else {
        char *note = text_format("(not known: %s)", got->error.message);
        set_today_note(review, note);
        free(note);
    }
}

/* Out of reach means that nothing is known, and nothing is said. */
static void take_choices(Review *review, const Outcome *got)
{
    review->choices_ticket = 0;
    if (got->stopped) {
        read_choices(review);
    } else if (got->done) {
        review_model_take_choices(&review->model, &got->report);
    }
}

/* Reads it again now, or when everything that was decided is written. */
static void reload_when_idle(Review *review)
{
    if (review_model_counts(&review->model).pending > 0) {
        review->stale = true;
    } else {
        reload(review);
    }
}

static void reload_all(Review *review)
{
    review->asked_anew = true;
    reload_when_idle(review);
}

/* Somebody wrote: this amx, which knows it, or another one. */
static void changed(View *view, Screen *screen)
{
    (void)screen;
    Review *review = view->state;
    if (review->reload_ticket) {
        review->stale = true;
    } else {
        reload_when_idle(review);
    }
}

/* Was it an apply or a rollback of this run, asked for here or on the : line? */
static bool changes_run(const Review *review, const Outcome *got)
{
    Args *args = NULL;
    long long run = 0;
    bool changes = (got->flags & COMMAND_CHANGES_DB) && command_parse_line(got->line, &args, NULL) &&
                   args_id(args, 0, "run number", &run, NULL) && run == review->model.run;
    args_free(args);
    return changes;
}

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    (void)screen;
    Review *review = view->state;
    if (got->ticket == review->ticket) {
        take_decided(review, got);
    } else if (got->ticket == review->reload_ticket) {
        take_reload(review, got);
    } else if (got->ticket == review->today_ticket) {
        take_today(review, got);
    } else if (got->ticket == review->choices_ticket) {
        take_choices(review, got);
    } else {
        if (changes_run(review, got)) {
            reload_all(review);
        }
        return false;
    }
    return true;
}

/* --- keys --- */

static void show_difference(const Review *review)
{
    const ReviewItem *item = review_model_selected(&review->model);
    if (item) {
        view_document_open(review->screen,
                           &(DocumentSpec){.title = "Difference",
                                           .text = review_page_difference(item, review->today_note),
                                           .wrap = true,
                                           .save_as = "amx-difference.txt"});
    }
}

static const Binding bindings[] = {
    {{'1', '2', '3', '4'}, "1-9", "choose", NULL, ACTION_NONE, true},
    {{'a'}, "a", "accept", NULL, ACTION_NONE, true},
    {{'e'}, "e", "edit", NULL, ACTION_NONE, true},
    {{'E', KEY_CONTROL('x')}, "E ^X", "edit in $EDITOR", NULL, ACTION_NONE, false},
    {{'s'}, "s", "skip", NULL, ACTION_NONE, true},
    {{'u'}, "u", "undo", NULL, ACTION_NONE, true},
    {{'j', 'J', KEY_FUNCTION(KEY_DOWN)}, "j J Down", "next result", NULL, ACTION_DOWN, false},
    {{'k', 'K', KEY_FUNCTION(KEY_UP)}, "k K Up", "previous result", NULL, ACTION_UP, false},
    {{'/'}, "/", "filter: text, low, conflict, undecided, table, ..", NULL, ACTION_FILTER, false},
    {{'A'}, "A", "accept all", NULL, ACTION_NONE, true},
    {{'W'}, "W", "apply", NULL, ACTION_NONE, true},
    {{'d'}, "d", "difference between the texts", NULL, ACTION_NONE, false},
};

static bool clear_filter(Review *review)
{
    bool any = *review->model.filter;
    if (any) {
        review_model_filter(&review->model, "");
        review->top = 0;
    }
    return any;
}

static bool key(View *view, Screen *screen, Key pressed)
{
    (void)screen;
    Review *review = view->state;
    if (pressed >= '1' && pressed <= '9') {
        review_choose(review, (size_t)(pressed - '0'));
        return true;
    }
    switch (pressed) {
    case KEY_ESCAPE: /* takes the filter away first; q leaves */
        return clear_filter(review);
    case 'a':
        review_accept(review);
        return true;
    case 'e':
        review_edit_inline(review);
        return true;
    case 'E':
    case KEY_CONTROL('x'):
        review_edit_outside(review);
        return true;
    case 's':
        review_decide_selected(review, REVIEW_SKIP, NULL);
        return true;
    case 'u':
        review_undo(review);
        return true;
    case 'A':
        review_ask_accept_all(review);
        return true;
    case 'W':
        wait_then(review, THEN_APPLY);
        return true;
    case 'd':
        show_difference(review);
        return true;
    default:
        return false;
    }
}

static void set_filter(Screen *screen, void *context, const char *text)
{
    (void)screen;
    Review *review = context;
    review_model_filter(&review->model, text);
    review->top = 0;
}

static void keep_filter_before(Screen *screen, void *context)
{
    set_filter(screen, context, ((Review *)context)->filter_before);
}

static void type_filter(Review *review, Screen *screen)
{
    free(review->filter_before);
    review->filter_before = memory_string(review->model.filter);
    prompt_open(screen, &(PromptSpec){.label = "/",
                                      .initial = review->model.filter,
                                      .answered = set_filter,
                                      .changed = set_filter,
                                      .cancelled = keep_filter_before,
                                      .context = review});
}

static void scroll_page(Review *review, long pages)
{
    long top = (long)review->top + pages * (long)review->height;
    review->top = top > 0 ? (size_t)top : 0; /* draw() knows the end */
}

static void go_back(Review *review)
{
    size_t pending = review_model_counts(&review->model).pending;
    if (pending > 0) {
        screen_say(review->screen, DRAW_PLAIN, "writing %zu decisions, then back", pending);
    }
    wait_then(review, THEN_LEAVE);
}

static bool act(View *view, Screen *screen, Action action)
{
    Review *review = view->state;
    switch (action) {
    case ACTION_UP:
        review_move(review, -1);
        return true;
    case ACTION_DOWN:
        review_move(review, 1);
        return true;
    case ACTION_FIRST:
        review_move(review, -(long)review->model.count);
        return true;
    case ACTION_LAST:
        review_move(review, (long)review->model.count);
        return true;
    case ACTION_PAGE_UP:
        scroll_page(review, -1);
        return true;
    case ACTION_PAGE_DOWN:
        scroll_page(review, 1);
        return true;
    case ACTION_FILTER:
        type_filter(review, screen);
        return true;
    case ACTION_RELOAD:
        reload_all(review);
        return true;
    case ACTION_BACK:
        go_back(review);
        return true;
    default:
        return false;
    }
}

/* The text that would be written. */
static char *copy(const View *view)
{
    const Review *review = view->state;
    const ReviewItem *item = review_model_selected(&review->model);
    return item ? memory_string(review_item_outcome(item)) : NULL;
}

static char *text(const View *view)
{
    const Review *review = view->state;
    const ReviewItem *item = review_model_selected(&review->model);
    return item ? review_page_difference(item, review->today_note) : NULL;
}

/* Closed from elsewhere: what was decided is written all the same, in its turn. */
void view_review_close(View *view)
{
    Review *review = view->state;
    screen_forget(review->screen, &review->reload_ticket);
    screen_forget(review->screen, &review->today_ticket);
    screen_forget(review->screen, &review->choices_ticket);
    if (review->ticket) {
        review_model_settle(&review->model, true);
    }
    char *line = review_model_send(&review->model);
    if (line) {
        screen_submit_for(review->screen, TAB_REVIEW, line, JOB_FOREGROUND);
        free(line);
    }
    review_model_free(&review->model);
    free(review->filter_before);
    free(review->today_note);
    free(review);
}

const Bindings view_review_keys = KEYS_OF(bindings);

static const ViewOps review_ops = {
    .bindings = KEYS_OF(bindings),
    .title = title,
    .draw = draw,
    .key = key,
    .act = act,
    .outcome = outcome,
    .shown = changed,
    .changed = changed,
    .copy = copy,
    .text = text,
    .close = view_review_close,
};

void view_review_open(Screen *screen, Outcome *got)
{
    if (json_array_size(got->report.items) == 0) {
        screen_say(screen, DRAW_PLAIN, "there are no results to review: %s", got->line);
        return;
    }
    Review *review = memory_zero(1, sizeof *review);
    review->screen = screen;
    review_model_take(&review->model, &got->report);
    set_today_note(review, "checking..");
    screen_push_tab(screen, TAB_REVIEW, &review_ops, review);
    read_today(review);
    read_choices(review);
}

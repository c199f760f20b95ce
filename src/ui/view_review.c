#include "view_review_internal.h"

#include "cells.h"
#include "command.h"
#include "guard.h"
#include "memory.h"
#include "prompt.h"
#include "review_page.h"
#include "screen_internal.h"
#include "text.h"
#include "view_document.h"

#define LEAST_FILTER 8  /* cells of the filter in the title row */
#define TITLE_MARGINS 3 /* blanks there: at its ends, and between its two texts */

/* --- drawing --- */

/* Where one is in what is shown: of a run that is still being read, as many as it has. */
static void add_place(Text *out, const Review *review)
{
    const ReviewModel *model = &review->model;
    long long count = (long long)model->select.count;
    bool growing = !review->complete && !*model->filter && review->total > count;
    text_addf(out, "Review %lld  %zu/%lld", model->run, count > 0 ? model->select.selected + 1 : 0,
              growing ? review->total : count);
}

/* How much of what the run is about is described: as `coverage` counts it, and once the accepted texts are
 * applied. */
typedef enum CoverageWords {
    COVERAGE_LONG,
    COVERAGE_THEN,
    COVERAGE_THEN_SHORT,
    COVERAGE_SHORT,
    COVERAGE_NONE
} CoverageWords;

static void add_coverage(Text *out, const Coverage *coverage, CoverageWords words)
{
    long long now = coverage_present_percent(coverage), then = coverage_percent(coverage);
    if (words == COVERAGE_NONE) {
        return;
    }
    text_addf(out, " %s %lld%%", words < COVERAGE_THEN_SHORT ? "documented" : "doc.", now);
    if (then != now && words == COVERAGE_LONG) {
        text_addf(out, ", %lld%% once applied", then);
    } else if (then != now && words < COVERAGE_SHORT) {
        text_addf(out, ", then %lld%%", then);
    }
}

/* What the title tells behind the filter. */
typedef struct TitleDetail {
    CoverageWords coverage;
    bool conflict;
    bool low;
} TitleDetail;

/* What there is, and what needs a look. */
static char *counts_text(const Review *review, const ReviewCounts *counts, TitleDetail detail)
{
    Text out = {0};
    if (!review->complete) {
        return text_format(" reading, %zu so far", review->model.count);
    }
    text_addf(&out, " undecided %zu", counts->undecided);
    if (counts->conflict > 0 && detail.conflict) {
        text_addf(&out, " conflict %zu", counts->conflict);
    }
    if (counts->low > 0 && detail.low) {
        text_addf(&out, " low %zu", counts->low);
    }
    add_coverage(&out, &counts->coverage, detail.coverage);
    return text_take(&out);
}

/* As much of them as `room` holds, what is worth least left away first; the last is cut where it is drawn. */
static char *fit_counts(const Review *review, const ReviewCounts *counts, int room)
{
    static const TitleDetail less[] = {{COVERAGE_LONG, true, true},   {COVERAGE_THEN, true, true},
                                       {COVERAGE_THEN, true, false},  {COVERAGE_THEN_SHORT, true, false},
                                       {COVERAGE_SHORT, true, false}, {COVERAGE_SHORT, false, false},
                                       {COVERAGE_NONE, true, true}};
    char *text = counts_text(review, counts, less[0]);
    for (size_t i = 1; i < sizeof less / sizeof *less && cells_width(text) > room; i++) {
        free(text);
        text = counts_text(review, counts, less[i]);
    }
    return text;
}

/* The filter, cut where it would push away what is told behind it at the least. */
static void add_filter(Text *out, const Review *review, const ReviewCounts *counts, int room)
{
    char *least = counts_text(review, counts, (TitleDetail){.coverage = COVERAGE_SHORT});
    char *harmless = text_visible(review->model.filter);
    char *text = text_format(" /%s", harmless);
    int left = room - cells_width(least);
    char *fitting = cells_fit(text, left > LEAST_FILTER ? left : LEAST_FILTER, 0);
    text_add(out, cells_width(text) > left ? fitting : text);
    free(fitting);
    free(text);
    free(harmless);
    free(least);
}

static char *title(const View *view)
{
    Review *review = view->state;
    ReviewCounts counts = review_model_counts(&review->model);
    Text out = {0};
    char *status = status_title(screen_status(review->screen), 0);
    int room = COLS - TITLE_MARGINS - cells_width(status);
    add_place(&out, review);
    if (*review->model.filter) {
        add_filter(&out, review, &counts, room - cells_width(text_string(&out)));
    }
    char *told = fit_counts(review, &counts, room - cells_width(text_string(&out)));
    text_add(&out, told);
    free(told);
    free(status);
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

/* However much was typed since the last frame, it is looked for once. */
static void take_typed(Review *review)
{
    if (review->typed) {
        review_model_filter(&review->model, review->typed);
        free(review->typed);
        review->typed = NULL;
        review->top = 0;
    }
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    Review *review = view->state;
    take_typed(review);
    const ReviewItem *item = review_model_selected(&review->model);
    if (review->ticket) {
        cover_message(review, body);
    }
    if (!item) {
        draw_line(body, 1, DRAW_PLAIN,
                  review->complete ? "  No result matches the filter; / changes it."
                                   : "  No result read so far matches the filter; there are more.");
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

static void take_decided(Review *review, const Outcome *got)
{
    review->ticket = 0;
    review_model_settle(&review->model, got->done);
    if (!got->done) {
        screen_say_error(review->screen, &got->error);
        review->then = THEN_NOTHING; /* nobody leaves or applies over a decision that was lost */
    }
    review_send(review); /* may close it */
}

/* Somebody wrote: this amx, which knows it, or another one. A read that goes on ends first: where somebody
 * writes all the time, a large run would never be read to its end. */
static void changed(View *view, Screen *screen)
{
    (void)screen;
    Review *review = view->state;
    if (review->results.ticket) {
        review->stale = true;
    } else {
        review_read(review);
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
        return true;
    }
    if (review_take(review, got)) {
        return true;
    }
    if (changes_run(review, got)) {
        review_read_anew(review);
    }
    return false;
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
    free(review->typed);
    review->typed = memory_string(text);
}

/* Keys that follow mean what the filter shows. */
static void set_filter_at_once(Screen *screen, void *context, const char *text)
{
    set_filter(screen, context, text);
    take_typed(context);
}

static void keep_filter_before(Screen *screen, void *context)
{
    set_filter_at_once(screen, context, ((Review *)context)->filter_before);
}

static void type_filter(Review *review, Screen *screen)
{
    free(review->filter_before);
    review->filter_before = memory_string(review->model.filter);
    prompt_open(screen, &(PromptSpec){.label = "/",
                                      .initial = review->model.filter,
                                      .answered = set_filter_at_once,
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
        review_read_anew(review);
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
    review_forget_reads(review);
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
    free(review->typed);
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
    review->total = got->report.total;
    review->complete = !got->report.next;
    review->today_note = memory_string("checking..");
    screen_push_tab(screen, TAB_REVIEW, &review_ops, review);
    review_read_anew(review); /* from the start: it was read who knows when */
}

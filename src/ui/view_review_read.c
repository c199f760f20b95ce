/* What the review reads through the worker: its results page by page, what the database says today, and what
 * teammates chose. */
#include "view_review_internal.h"

#include "memory.h"
#include "screen_internal.h"
#include "text.h"

/* Reads a page, instead of what is under way of the same listing. */
static void read_page(Review *review, PageRead *read, const char *options)
{
    char *line = text_format("history drafts %lld --limit %d%s%s%s", review->model.run, VIEW_REVIEW_PAGE,
                             options, read->after ? " --after " : "", read->after ? read->after : "");
    read->ticket = screen_read(review->screen, &read->ticket, line);
    free(line);
}

static void begin_pages(PageRead *read)
{
    free(read->after);
    read->after = NULL;
}

/* A page is here: goes on behind it. False when it was the last one. */
static bool next_page(PageRead *read, const Report *page)
{
    char *next = memory_string(page->next);
    begin_pages(read);
    read->after = next;
    return next != NULL;
}

static void read_today_page(Review *review)
{
    read_page(review, &review->today, " --today");
}

static void read_today(Review *review)
{
    begin_pages(&review->today);
    read_today_page(review);
}

static void read_choices(Review *review)
{
    char *line = text_format("history choices %lld", review->model.run);
    review->choices_ticket = screen_read(review->screen, &review->choices_ticket, line);
    free(line);
}

static void set_today_note(Review *review, const char *note)
{
    free(review->today_note);
    review->today_note = memory_string(note);
}

static void read_results_page(Review *review)
{
    char *options = review->since ? text_format(" --since %lld", review->since) : NULL;
    read_page(review, &review->results, options ? options : "");
    free(options);
}

void review_read(Review *review)
{
    if (review->asked_anew) {
        review->since = 0;
    }
    review->stale = false;
    review->began = 0;
    review_model_begin_read(&review->model);
    begin_pages(&review->results);
    read_results_page(review);
}

/* Everything that was to be read is. */
static void end_read(Review *review)
{
    bool look_again = review->asked_anew || review->look_again;
    review->since = review->began;
    review->complete = true;
    if (look_again) {
        review->asked_anew = review->look_again = false;
        read_today(review);
        read_choices(review);
    }
    if (review->stale) {
        review_read(review);
    }
}

static void take_results(Review *review, const Outcome *got)
{
    review->results.ticket = 0;
    if (got->stopped) {
        read_results_page(review); /* made room for what a person asked for */
        return;
    }
    if (!got->done) {
        screen_say_error(review->screen, &got->error);
        return;
    }
    review->began = review->began ? review->began : got->report.version;
    review->total = got->report.total > 0 ? got->report.total : review->total;
    size_t applied = review_model_applied(&review->model);
    review_model_take(&review->model, &got->report);
    review->look_again = review->look_again || review_model_applied(&review->model) != applied;
    if (next_page(&review->results, &got->report)) {
        read_results_page(review);
    } else {
        end_read(review);
    }
}

static void take_today(Review *review, const Outcome *got)
{
    review->today.ticket = 0;
    if (got->stopped) {
        read_today_page(review);
    } else if (got->done) {
        review_model_take_today(&review->model, &got->report);
        if (next_page(&review->today, &got->report)) {
            read_today_page(review);
        }
    } else {
        review_model_forget_today(&review->model); /* what was true when it was read last says nothing */
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
    } else {
        review_model_forget_choices(&review->model);
    }
}

void review_read_anew(Review *review)
{
    review->asked_anew = true;
    review_read(review);
}

bool review_take(Review *review, const Outcome *got)
{
    if (got->ticket == review->results.ticket) {
        take_results(review, got);
    } else if (got->ticket == review->today.ticket) {
        take_today(review, got);
    } else if (got->ticket == review->choices_ticket) {
        take_choices(review, got);
    } else {
        return false;
    }
    return true;
}

void review_forget_reads(Review *review)
{
    screen_forget(review->screen, &review->results.ticket);
    screen_forget(review->screen, &review->today.ticket);
    screen_forget(review->screen, &review->choices_ticket);
    begin_pages(&review->results);
    begin_pages(&review->today);
}

/* The keys of a review that decide. */
#include "view_review_internal.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "dialog.h"
#include "external.h"
#include "input.h"
#include "memory.h"
#include "prompt.h"
#include "screen_internal.h"
#include "text.h"

/* Says why not, where amx is read-only. */
static bool may_decide(Review *review)
{
    Args *args = NULL;
    Error err = {0};
    char *line = text_format("review %lld --accept high", review->model.run);
    bool may = command_parse_line(line, &args, &err) &&
               command_may_write(args, screen_options(review->screen), screen_config(review->screen), &err);
    args_free(args);
    free(line);
    if (!may) {
        screen_say_error(review->screen, &err);
    }
    return may;
}

void review_move(Review *review, long by)
{
    select_move(&review->model.select, by);
    review->top = 0;
}

void review_decide_selected(Review *review, ReviewVerdict verdict, const char *text)
{
    ReviewItem *item = review_model_selected(&review->model);
    if (!item || !may_decide(review)) {
        return;
    }
    review_model_decide(&review->model, item, verdict, text);
    review_send(review);
    review_move(review, 1);
}

void review_choose(Review *review, size_t number)
{
    const ReviewItem *item = review_model_selected(&review->model);
    const char *text = item ? review_item_alternative(item, number) : NULL;
    if (text) {
        review_decide_selected(review, REVIEW_ACCEPT, text);
    } else if (item) {
        screen_say(review->screen, DRAW_WARNING, "there is no alternative %zu", number);
    }
}

/* What is chosen already stays; else the first draft. */
void review_accept(Review *review)
{
    const ReviewItem *item = review_model_selected(&review->model);
    if (item && (item->shown.verdict == REVIEW_ACCEPT || item->shown.verdict == REVIEW_EDIT)) {
        review_move(review, 1);
    } else {
        review_choose(review, 1);
    }
}

static const char *text_to_edit(const ReviewItem *item)
{
    const char *text = review_item_outcome(item);
    text = text ? text : review_item_alternative(item, 1);
    return text ? text : "";
}

/* Editors end a file with a line break, which is no part of the text. */
static void strip_end(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1])) {
        text[--length] = '\0';
    }
}

/* However the text that was there ends. */
static bool is_unchanged(const ReviewItem *item, const char *text)
{
    char *before = memory_string(text_to_edit(item));
    char *after = memory_string(text);
    strip_end(before);
    strip_end(after);
    bool same = text_equal(before, after);
    free(after);
    free(before);
    return same;
}

static void take_edit(Review *review, const char *text)
{
    ReviewItem *item = review_model_find(&review->model, review->edited);
    if (!item) {
        return;
    }
    if (is_unchanged(item, text)) {
        screen_say(review->screen, DRAW_PLAIN, "the text was left as it is");
    } else if (text_is_blank(text)) {
        screen_say(review->screen, DRAW_WARNING, "an empty or blank text is no description; s skips the result");
    } else if (strlen(text) > REVIEW_LONGEST_TEXT) {
        screen_say(review->screen, DRAW_WARNING, "the text is longer than %d bytes", REVIEW_LONGEST_TEXT);
    } else {
        review_model_decide(&review->model, item, REVIEW_EDIT, text);
        review_send(review);
    }
}

static void edited_inline(Screen *screen, void *context, const char *text)
{
    (void)screen;
    take_edit(context, text);
}

void review_edit_inline(Review *review)
{
    const ReviewItem *item = review_model_selected(&review->model);
    if (!item || !may_decide(review)) {
        return;
    }
    const char *text = text_to_edit(item);
    if (strlen(text) > INPUT_LENGTH || strpbrk(text, "\r\n\t")) {
        screen_say(review->screen, DRAW_WARNING,
                   "this text does not fit into one line: E edits it in $EDITOR");
        return;
    }
    review->edited = item->id;
    prompt_open(
        review->screen,
        &(PromptSpec){.label = "Text: ", .initial = text, .answered = edited_inline, .context = review});
}

void review_edit_outside(Review *review)
{
    const ReviewItem *item = review_model_selected(&review->model);
    Error err = {0};
    char *edited = NULL;
    if (!item || !may_decide(review)) {
        return;
    }
    review->edited = item->id;
    bool done = external_edit(text_to_edit(item), &edited, &err);
    screen_resized(review->screen);
    if (!done) {
        screen_say_error(review->screen, &err);
        return;
    }
    strip_end(edited);
    take_edit(review, edited);
    free(edited);
}

static void tell_undone(Screen *screen, const ReviewUndone *undone)
{
    static const char by[] = "on the shell or by another amx";
    if (undone->count == 0 && undone->changed == 0) {
        screen_say(screen, DRAW_PLAIN, "nothing was decided here that could be taken back");
    } else if (undone->changed == 0) {
        screen_say(screen, DRAW_PLAIN,
                   undone->count == 1 ? "%zu decision taken back" : "%zu decisions taken back",
                   undone->count);
    } else if (undone->count == 0 && undone->changed == 1) {
        screen_say(screen, DRAW_WARNING, "changed since, %s: nothing was taken back", by);
    } else {
        screen_say(screen, DRAW_WARNING, "%zu taken back; %zu changed since, %s: left as %s", undone->count,
                   undone->changed, by, undone->changed == 1 ? "it is" : "they are");
    }
}

void review_undo(Review *review)
{
    if (!may_decide(review)) {
        return;
    }
    ReviewUndone undone = review_model_undo(&review->model);
    review->top = 0;
    review_send(review);
    tell_undone(review->screen, &undone);
}

/* Only as many as the question said: others may have decided, or drafted, under it. */
static void accept_all_answered(Screen *screen, const char *asked_about, size_t button)
{
    const View *view = screen_top(screen);
    if (button != 1 || view->ops->close != view_review_close) {
        screen_say(screen, DRAW_PLAIN, "nothing was changed");
        return;
    }
    Review *review = view->state;
    size_t count = review_model_acceptable(&review->model);
    if (count != strtoull(asked_about, NULL, 10)) {
        screen_say(screen, DRAW_WARNING,
                   "nothing was changed: meanwhile there are %zu undecided results, A asks again", count);
        return;
    }
    review_model_accept_shown(&review->model);
    review_send(review);
}

/* Owned by the caller; empty when there is nothing to say. */
static char *replaced_text(size_t count)
{
    return count > 0 ? text_format(" %zu of them replace%s a description that is there.", count,
                                   count == 1 ? "s" : "")
                     : memory_string("");
}

void review_ask_accept_all(Review *review)
{
    const ReviewModel *model = &review->model;
    size_t count = review_model_acceptable(model);
    if (!may_decide(review)) {
        return;
    }
    if (!review->complete) {
        screen_say(review->screen, DRAW_PLAIN, "still reading the results, %zu so far: then A accepts them",
                   model->count);
        return;
    }
    if (count == 0) {
        screen_say(review->screen, DRAW_PLAIN,
                   *model->filter ? "nothing of what the filter shows is undecided"
                                  : "nothing is undecided: W applies what was accepted");
        return;
    }
    char *replaced = replaced_text(review_model_replacing(model));
    char *question = text_format("Accepts the first draft of all %zu undecided results that %s, "
                                 "seen or not.%s What is decided already stays. u takes it back.",
                                 count, *model->filter ? "the filter shows" : "the run has", replaced);
    char *heading = text_format("Accept %zu of %zu results?", count, model->count);
    char *about = text_format("%zu", count);
    dialog_confirm(review->screen, heading, question, about, accept_all_answered);
    free(about);
    free(heading);
    free(question);
    free(replaced);
}

#include "review_decide.h"

#include <jansson.h>
#include <string.h>

#include "runs.h"
#include "text.h"

/* A description that the text changes, when the draft was made. */
static bool replaces(const ResultItem *item, const char *text)
{
    return !text_is_empty(item->base_text) && !text_equal(item->base_text, text);
}

static bool accept(Local *local, const ResultItem *item, long long choice, ReviewTally *tally, Error *err)
{
    json_t *alternatives = json_loads(item->alternatives, 0, NULL);
    size_t count = json_array_size(alternatives);
    const char *text =
        choice >= 1 ? json_string_value(json_array_get(alternatives, (size_t)choice - 1)) : NULL;
    bool ok = !text_is_blank(text);
    if (ok) {
        tally->accepted++;
        tally->replacing += replaces(item, text);
        ok = runs_evaluate(local, item->id, "accepted", text, err);
    } else {
        error_set(err, ERROR_USAGE, "there is no alternative %lld; result %lld has %zu", choice,
                  (long long)item->id, count);
        error_hint(err, count > 0 ? "choose one of them, or write a text of your own (--text)"
                                  : "write a text of your own (--text), or skip it (--skip)");
    }
    json_decref(alternatives);
    return ok;
}

static bool edit(Local *local, const ResultItem *item, const char *text, ReviewTally *tally, Error *err)
{
    if (text_is_blank(text)) {
        error_set(err, ERROR_USAGE, "an edit needs a text, and that of result %lld is empty or blank",
                  (long long)item->id);
        return error_hint(err, "write one, or leave the database as it is with a skip");
    }
    if (strlen(text) > REVIEW_LONGEST_TEXT) {
        error_set(err, ERROR_USAGE, "the text for result %lld is longer than %d bytes", (long long)item->id,
                  REVIEW_LONGEST_TEXT);
        return error_hint(err, "shorten it; the decision stays as it was");
    }
    tally->edited++;
    tally->replacing += replaces(item, text);
    return runs_evaluate(local, item->id, "edited", text, err);
}

bool review_decide(Local *local, const ResultItem *item, const ReviewDecision *decision, ReviewTally *tally,
                   Error *err)
{
    switch (decision->verdict) {
    case REVIEW_ACCEPT:
        return accept(local, item, decision->choice, tally, err);
    case REVIEW_EDIT:
        return edit(local, item, decision->text, tally, err);
    case REVIEW_SKIP:
        tally->skipped++;
        return runs_evaluate(local, item->id, "skipped", NULL, err);
    case REVIEW_UNDECIDE:
        tally->taken_back++;
        return runs_evaluate(local, item->id, NULL, NULL, err);
    }
    return error_set(err, ERROR_USAGE, "an unknown decision");
}

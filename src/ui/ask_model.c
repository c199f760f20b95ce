#include "ask_model.h"

#include <string.h>

#include "memory.h"
#include "quote.h"
#include "turn_pairs.h"

void ask_model_open(AskModel *model)
{
    model->profile = memory_string("");
    model->turns = json_array();
    model->field.lines = true;
}

static void forget_answer(AskModel *model)
{
    free(model->asked);
    free(model->asked_under);
    model->asked = model->asked_under = NULL;
    model->answered = false;
    text_clear(&model->stream);
}

void ask_model_close(AskModel *model)
{
    forget_answer(model);
    session_text_free(&model->text);
    text_free(&model->stream);
    input_free(&model->field);
    json_decref(model->turns);
    free(model->notice.text);
    free(model->profile);
    free(model->head);
    free(model->draft);
}

void ask_model_tell(AskModel *model, bool error, const char *format, ...)
{
    free(model->notice.text);
    model->notice = (AskNotice){0};
    if (format) {
        va_list args;
        va_start(args, format);
        char *text = text_vformat(format, args);
        va_end(args);
        model->notice =
            (AskNotice){.text = text_format("%s%s", error ? "error: " : "", text), .error = error};
        free(text);
    }
}

/* --- the lines --- */

/* Is the question that is being answered one of the conversation that is shown? */
static bool is_asked_here(const AskModel *model)
{
    return model->asked && model->asked_for == model->shown;
}

/* Where the question that is being answered stands among the turns: the newest one with its words that has
 * no answer. False: it is not recorded yet, or the turns were read before. */
static bool find_asked(const AskModel *model, size_t *index)
{
    for (size_t i = json_array_size(model->turns); i-- > 0;) {
        const json_t *turn = json_array_get(model->turns, i);
        if (turn_is_question(turn) &&
            text_equal(json_string_value(json_object_get(turn, "content")), model->asked) &&
            !turn_answer(model->turns, i)) {
            *index = i;
            return true;
        }
    }
    return false;
}

/* As much of a text as ends with a whole character. */
static char *whole_characters(const Text *text)
{
    size_t end = text->length;
    size_t tail = 0;
    while (tail < 3 && tail < end && ((unsigned char)text->data[end - tail - 1] & 0xc0) == 0x80) {
        tail++;
    }
    unsigned char lead = tail < end ? (unsigned char)text->data[end - tail - 1] : 0;
    size_t wanted = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    return text_to_utf8(text_string(text), wanted > tail ? end - tail - 1 : end);
}

/* What a model says counts only when all of it was checked. */
static const char *speaker_under_way(const AskModel *model)
{
    return model->answered             ? "assistant"
           : model->stream.length == 0 ? "assistant  answering..  ^C stops"
                                       : "assistant  unchecked, answering..  ^C stops";
}

static void add_turn_under_way(AskModel *model)
{
    if (!model->asked) {
        return;
    }
    if (!is_asked_here(model)) {
        char *elsewhere =
            text_format("An answer for %s%s is under way: ^C stops it.",
                        *model->asked_under ? "profile " : "another session", model->asked_under);
        session_text_add(&model->text, elsewhere, NULL, "", model->width);
        free(elsewhere);
        return;
    }
    size_t at = 0;
    bool recorded = find_asked(model, &at);
    if (!recorded) { /* it is among the turns as soon as it is */
        session_text_add(&model->text, "user", NULL, model->asked, model->width);
    }
    bool apart = recorded && at + 1 < json_array_size(model->turns);
    char *said = whole_characters(&model->stream);
    session_text_add(&model->text, speaker_under_way(model), apart ? model->asked : NULL, said, model->width);
    free(said);
}

/* The lines are there at any time: a key may come before they are drawn. */
static void lay_out_again(AskModel *model)
{
    session_text_free(&model->text);
    if (model->width > 0) {
        model->text = session_text_open(
            model->head, model->older ? "Turns before these: S, then Enter on the session." : NULL,
            model->turns, model->width);
        add_turn_under_way(model);
    }
}

/* --- which conversation --- */

/* Is the question in the field the one turn that there is: was it stopped, and given back, after it had begun
 * the session? */
static bool is_begun_by_field(const AskModel *model, const json_t *turns)
{
    const char *first = json_string_value(json_object_get(json_array_get(turns, 0), "content"));
    char *typed = input_text(&model->field);
    bool same = json_array_size(turns) == 1 && text_equal(first, typed);
    free(typed);
    return same;
}

/* Nothing but its head tells sessions without turns apart; and the one that a question begins has a turn. */
static bool is_left_unbegun(const AskModel *model, long long session, const char *head)
{
    return session == 0 && model->session == 0 && model->loaded && is_asked_here(model) &&
           !text_equal(model->head ? model->head : "", head ? head : "");
}

static void take_head(AskModel *model, const char *head)
{
    free(model->head);
    model->head = head ? memory_string(head) : NULL;
}

/* Leaves the lines to be laid out by the caller. */
static void show_session(AskModel *model, long long session, const char *head, json_t *turns)
{
    bool begun_here = model->session == 0 && (is_asked_here(model) || is_begun_by_field(model, turns));
    if (session != model->session) {
        if (model->notice.of_shown) {
            ask_model_tell(model, false, NULL);
        }
        model->shown += !begun_here;
        model->scrolled = false;
        model->reading = false;
        model->back = 0;
    } else if (is_left_unbegun(model, session, head)) {
        model->shown++;
    }
    model->session = session;
    take_head(model, head);
    session_text_free(&model->text); /* it borrows from the turns */
    json_decref(model->turns);
    model->turns = turns;
}

bool ask_model_turn_to(AskModel *model, const char *profile)
{
    if (text_equal(model->profile, profile)) {
        return false;
    }
    ask_model_take_none(model);
    model->shown += *model->profile != '\0'; /* before it was known nobody could mean another one */
    free(model->profile);
    model->profile = memory_string(profile);
    model->loaded = false;
    lay_out_again(model);
    return true;
}

char *ask_model_reading(const AskModel *model, bool own)
{
    Text line = {0};
    text_add(&line, "session show --last");
    if (own) {
        text_addf(&line, " --id %lld", model->session);
    } else if (*model->profile) {
        text_add(&line, " -p ");
        quote_add(&line, model->profile);
    }
    return text_take(&line);
}

/* The number of the session that a report tells turns of; 0: of one without any. */
static long long session_of(const Report *report)
{
    return (long long)json_integer_value(json_object_get(json_array_get(report->items, 0), "session_id"));
}

bool ask_model_is_other(const AskModel *model, const Report *report)
{
    return model->session != session_of(report);
}

void ask_model_stays(AskModel *model)
{
    ask_model_tell(
        model, false,
        "Another session of profile %s was begun or resumed elsewhere. This is still session %lld; "
        "F5 goes over to the other one.",
        model->profile, model->session);
    model->notice.of_shown = true;
}

void ask_model_take(AskModel *model, const Report *report)
{
    const char *head = report->message_count > 0 ? report->messages[0].text : NULL;
    show_session(model, session_of(report), head, json_incref(report->items));
    model->older = report->previous != NULL;
    model->loaded = true;
    if (model->answered) {
        forget_answer(model);
    }
    lay_out_again(model);
}

void ask_model_take_none(AskModel *model)
{
    show_session(model, 0, NULL, json_array());
    model->older = false;
    model->loaded = true;
    if (model->answered) {
        forget_answer(model);
    }
    lay_out_again(model);
}

void ask_model_deleted(AskModel *model, long long session)
{
    ask_model_tell(model, false, "Session %lld was deleted, and its turns with it. %s", session,
                   model->head ? "Another one is shown." : "What is asked now begins a new one.");
}

/* --- a turn --- */

/* A session is named by its number, which the store refuses under any other profile than its own; without one
 * the profile is named. */
static char *line_of(const AskModel *model, const char *question, const AskOptions *options)
{
    Text line = {0};
    text_add(&line, "ask");
    if (model->session > 0) {
        text_addf(&line, " --session %lld", model->session);
    } else if (*model->profile) {
        text_add(&line, " -p ");
        quote_add(&line, model->profile);
    }
    if (options->model) {
        text_add(&line, " --model ");
        quote_add(&line, options->model);
    }
    text_add(&line, options->refresh ? " --refresh -- " : " -- ");
    quote_add(&line, question);
    return text_take(&line);
}

char *ask_model_ask(AskModel *model, const char *text, const AskOptions *options)
{
    char *line = NULL;
    Text question = {0};
    text_add(&question, text);
    text_trim(&question);
    if (model->asked && !model->answered) {
        ask_model_tell(model, false, "An answer is still under way: ^C stops it.");
    } else if (question.length > 0) {
        line = line_of(model, text_string(&question), options);
        ask_model_tell(model, false, NULL);
        forget_answer(model);
        model->asked = text_take(&question);
        model->asked_under = memory_string(model->profile);
        model->asked_for = model->shown;
        model->scrolled = false;
        lay_out_again(model);
    }
    text_free(&question);
    return line;
}

/* Another conversation came in sight since the text was typed. */
static bool is_elsewhere(AskModel *model)
{
    if (model->field.length == 0 || model->typed_for == model->shown) {
        return false;
    }
    model->typed_for = model->shown;
    ask_model_tell(model, false,
                   "This was typed for another session than the one that is shown now, of profile %s. Enter "
                   "once more asks here.",
                   model->profile);
    return true;
}

char *ask_model_send(AskModel *model)
{
    if (is_elsewhere(model)) {
        return NULL;
    }
    char *text = input_text(&model->field);
    char *line = ask_model_ask(model, text, &(AskOptions){0});
    if (line) {
        input_set(&model->field, "");
        model->back = 0;
    }
    free(text);
    return line;
}

void ask_model_stream(AskModel *model, const char *text, size_t length, bool anew)
{
    if (anew) {
        text_clear(&model->stream);
    }
    text_add_n(&model->stream, text, length);
    lay_out_again(model);
}

void ask_model_answered(AskModel *model, const Report *report)
{
    const char *answer = json_string_value(json_object_get(report->items, "answer"));
    if (!is_asked_here(model)) {
        ask_model_tell(model, false,
                       "The question that was asked under profile %s is answered in its session.",
                       model->asked_under ? model->asked_under : model->profile);
        forget_answer(model);
        lay_out_again(model);
        return;
    }
    model->session = model->session > 0
                         ? model->session
                         : (long long)json_integer_value(json_object_get(report->items, "session"));
    text_clear(&model->stream);
    text_add(&model->stream, answer ? answer : "");
    model->answered = true;
    for (size_t i = 0; i < report->message_count; i++) {
        if (report->messages[i].level == REPORT_WARNING) {
            ask_model_tell(model, false, "%s", report->messages[i].text);
            model->notice.of_shown = true;
        }
    }
    lay_out_again(model);
}

void ask_model_failed(AskModel *model, const Error *err)
{
    if (model->asked && model->field.length == 0) {
        input_set(&model->field, model->asked);
        model->typed_for = model->asked_for;
    }
    forget_answer(model);
    if (err->kind == ERROR_INTERRUPTED) {
        ask_model_tell(model, false, "Stopped. The session is kept. Esc leads back.");
    } else {
        ask_model_tell(model, true, err->hint[0] ? "%s: %s" : "%s", err->message, err->hint);
    }
    lay_out_again(model);
}

/* --- the history of questions --- */

/* The question `back` questions ago, 1 is the last; NULL when there are not as many. */
static const char *question_ago(const AskModel *model, size_t back)
{
    for (size_t i = json_array_size(model->turns); i-- > 0;) {
        const json_t *turn = json_array_get(model->turns, i);
        if (text_equal(json_string_value(json_object_get(turn, "role")), "user") && --back == 0) {
            return json_string_value(json_object_get(turn, "content"));
        }
    }
    return NULL;
}

void ask_model_touch(AskModel *model)
{
    if (model->notice.of_field) {
        ask_model_tell(model, false, NULL);
    }
    if (model->field.length == 0) {
        model->typed_for = model->shown;
    }
}

/* --- what goes into the field --- */

/* "The text would be longer than ..". */
static void tell_too_long(AskModel *model, const char *what, const char *and_so)
{
    ask_model_tell(model, false, "%s longer than the %d KiB that a question may have%s", what,
                   INPUT_LINES_BYTES / 1024, and_so);
    model->notice.of_field = true;
}

void ask_model_paste(AskModel *model, wchar_t character, bool begins)
{
    if (begins) {
        model->pasted = 0;
        model->paste_refused = false;
    }
    if (model->paste_refused) {
        return;
    }
    ask_model_touch(model);
    if (!input_has_room(&model->field, character)) {
        input_erase_back(&model->field, model->pasted);
        model->paste_refused = true;
        tell_too_long(model, "What was pasted makes the text", "; none of it was taken.");
        return;
    }
    size_t before = model->field.length;
    input_insert(&model->field, character);
    model->pasted += model->field.length - before;
}

void ask_model_take_text(AskModel *model, const char *text)
{
    if (strlen(text) > INPUT_LINES_BYTES) {
        tell_too_long(model, "The text is", "; the field is as it was.");
        return;
    }
    ask_model_touch(model);
    input_set(&model->field, text);
}

void ask_model_tell_full(AskModel *model, wchar_t character)
{
    if (!input_has_room(&model->field, character)) {
        tell_too_long(model, "The text would be", ".");
    }
}

static void show_question(AskModel *model, size_t back, const char *question)
{
    model->back = back;
    ask_model_touch(model);
    input_set(&model->field, question);
}

void ask_model_recall(AskModel *model, long by)
{
    size_t back = model->back + (size_t)by; /* below 0 it wraps to more than there are */
    if (back == 0) {
        show_question(model, 0, model->draft ? model->draft : "");
        return;
    }
    const char *question = question_ago(model, back);
    if (!question) {
        return;
    }
    if (model->back == 0) {
        free(model->draft);
        model->draft = input_text(&model->field);
    }
    show_question(model, back, question);
}

/* --- what is in sight --- */

void ask_model_lay_out(AskModel *model, int width, int height)
{
    if (model->width != width) {
        model->width = width;
        lay_out_again(model);
    }
    if (model->cite >= model->text.cite_count) {
        model->cite = 0;
    }
    model->scroll.count = model->text.count;
    model->scroll.height = (size_t)height;
    select_scroll(&model->scroll, model->scrolled ? 0 : (long)model->text.count);
}

void ask_model_scroll(AskModel *model, long by)
{
    select_scroll(&model->scroll, by);
    model->scrolled = model->scroll.top + model->scroll.height < model->scroll.count;
}

/* The first citation of the last turn that has any. */
static size_t newest_cite(const AskModel *model)
{
    size_t at = model->text.cite_count - 1;
    const SessionCite *cites = model->text.cites;
    while (at > 0 && cites[at - 1].line + 1 >= cites[at].line) {
        at--;
    }
    return at;
}

static void keep_cite_in_sight(AskModel *model)
{
    size_t line = model->text.cites[model->cite].line;
    if (line < model->scroll.top) {
        ask_model_scroll(model, -(long)(model->scroll.top - line));
    } else if (line >= model->scroll.top + model->scroll.height) {
        ask_model_scroll(model, (long)(line - model->scroll.top - model->scroll.height + 1));
    }
}

bool ask_model_step(AskModel *model, bool forward)
{
    size_t count = model->text.cite_count;
    if (count == 0 || (model->reading && (forward ? model->cite + 1 >= count : model->cite == 0))) {
        return false;
    }
    model->cite = !model->reading ? newest_cite(model) : forward ? model->cite + 1 : model->cite - 1;
    model->reading = true;
    keep_cite_in_sight(model);
    return true;
}

const SessionCite *ask_model_cite(const AskModel *model)
{
    return model->reading && model->cite < model->text.cite_count ? &model->text.cites[model->cite] : NULL;
}

void ask_model_type(AskModel *model)
{
    model->reading = false;
}

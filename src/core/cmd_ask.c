/* ask: a question, answered from the catalog by a language model or by the built-in rules, recorded as two
 * turns of a session. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "ask_llm.h"
#include "ask_question.h"
#include "ask_session.h"
#include "catalog_cache.h"
#include "catalog_reading.h"
#include "llm_choice.h"
#include "memory.h"
#include "session_command.h"
#include "text.h"

static const ReportColumn columns[] = {
    {"session", "session", REPORT_NUMBER},
    {"turn", "turn", REPORT_NUMBER},
    {"question", NULL, REPORT_WIDE},
    {"known", NULL, REPORT_TEXT},
    {"answer", "answer", REPORT_WIDE},
    {"citations", NULL, REPORT_TEXT},
    {"model", NULL, REPORT_TEXT},
    {"model_error", NULL, REPORT_TEXT},
    {"input_tokens", NULL, REPORT_NUMBER},
    {"output_tokens", NULL, REPORT_NUMBER},
    {"cost", NULL, REPORT_NUMBER},
    {"currency", NULL, REPORT_TEXT},
    {"catalog_read", "catalog read", REPORT_TIME},
    {"catalog_age", NULL, REPORT_NUMBER},
};

/* What the steps of one ask hand on. */
typedef struct Ask {
    AskSession session;
    const LlmProfile *llm; /* NULL: the built-in rules answer */
    Text text;
    AskTurn *turns;
    size_t turn_count;   /* older than the question */
    bool by_model;       /* the answer is the model's, not that of the built-in rules */
    AskLlmOutcome asked; /* of the model */
    Error unheard;       /* why the model gave none; of no kind when it did, or was not asked */
    Answer answer;       /* of the built-in rules */
} Ask;

/* --model, else the one that amx.conf says is active. */
static bool choose_model(const App *app, const Args *args, const LlmProfile **out, Error *err)
{
    const char *name = args_text(args, "model");
    if (text_equal(name, ASK_BUILTIN)) {
        *out = NULL;
        return true;
    }
    *out = name ? llm_choose(app_config(app), name, err) : config_llm_profile(app_config(app), NULL);
    return *out || !name ||
           error_hint(err,
                      "list what there is with: amx llm list; the built-in rules are \"" ASK_BUILTIN "\"");
}

static const char *fingerprint(const Ask *ask)
{
    return ask->session.binding.fingerprint;
}

/* A question that is refused costs no look at the database, and one that can't be answered is not recorded.
 */
static bool take_question(Ask *ask, const Args *args, Report *report, Error *err)
{
    AskSession *session = &ask->session;
    const char *text = text_string(&ask->text);
    return ask_session_question(session, args, text, false, err) &&
           catalog_reading_renew(session->app, session->local, fingerprint(ask), args_flag(args, "refresh"),
                                 report, err) &&
           ask_session_question(session, args, text, true, err);
}

static AskQuestion question_of(const Ask *ask)
{
    return (AskQuestion){
        .local = ask->session.local,
        .fingerprint = fingerprint(ask),
        .profile = ask->session.binding.db_profile,
        .text = text_string(&ask->text),
        .turns = ask->turns,
        .turn_count = ask->turn_count,
    };
}

/* "llama3.1, 812 + 94 tokens, 0.0004 USD; 14 older turns as a digest" */
static void tell_spent(const Ask *ask, Report *report)
{
    Text digest = {0};
    if (!ask->asked.spent.model) {
        return;
    }
    if (ask->asked.digested > 0) {
        text_addf(&digest, "; %zu older turn%s as a digest", ask->asked.digested,
                  text_plural((long long)ask->asked.digested));
    }
    char *bill = llm_answer_bill(ask->llm, &ask->asked.spent);
    report_note(report, "%s%s", bill, text_string(&digest));
    free(bill);
    text_free(&digest);
}

/* Somebody who interrupts wants no answer; without the local store there is none. */
static bool may_answer_instead(const Error *why)
{
    return why->kind != ERROR_INTERRUPTED && why->kind != ERROR_LOCAL;
}

/* What streamed until then read like an answer: the report says that it is none. */
static void tell_unheard(const Ask *ask, Report *report)
{
    const Error *why = &ask->unheard;
    app_stream(ask->session.app, NULL, 0);
    if (ask->asked.refused) {
        report_warning(report, "%s, so this is the built-in answer", why->message);
    } else {
        report_warning(report, "answered by the built-in rules: %s", why->message);
    }
    if (*why->hint) {
        report_note(report, "%s", why->hint);
    }
}

/* The answer as it reads on a terminal: a model's has no marks in its text that say what it cites. */
static char *readable(const Answer *answer, bool cites)
{
    char *line = cites ? ask_cites(answer->citations) : NULL;
    char *text = text_format("%s%s%s", answer->text, line ? "\n  " : "", line ? line : "");
    free(line);
    return text;
}

static const Answer *answer_of(const Ask *ask)
{
    return ask->by_model ? &ask->asked.answer : &ask->answer;
}

static const char *who_answers(const Ask *ask)
{
    return ask->by_model ? ask->asked.spent.model : ASK_BUILTIN;
}

/* {"code", "message"}, null when there is none. */
static json_t *error_json(const Error *err)
{
    if (err->kind == ERROR_NONE) {
        return json_null();
    }
    json_t *object = json_object();
    row_text(object, "code", error_code(err->kind));
    row_text(object, "message", err->message);
    return object;
}

/* `turn` 0: it was not recorded. */
static bool report_answer(const Ask *ask, int64_t turn, Report *report, Error *err)
{
    char taken_at[CLOCK_TEXT_SIZE];
    int64_t seconds = 0;
    bool aged = catalog_cache_age(ask->session.local, fingerprint(ask), taken_at, &seconds, err);
    if (!aged && turn > 0) {
        return false;
    }
    const LlmAnswer *spent = &ask->asked.spent;
    const Answer *answer = answer_of(ask);
    report_object(report, "amx.answer/1", columns, sizeof columns / sizeof *columns);
    json_t *row = report_row(report);
    row_int(row, "session", ask->session.id);
    row_json(row, "turn", turn > 0 ? json_integer(turn) : json_null());
    row_text(row, "question", text_string(&ask->text));
    row_bool(row, "known", answer->known);
    row_text(row, "answer", answer->text);
    row_json(row, "citations", json_incref(answer->citations));
    row_text(row, "model", who_answers(ask));
    row_json(row, "model_error", error_json(&ask->unheard));
    row_int(row, "input_tokens", spent->input_tokens);
    row_int(row, "output_tokens", spent->output_tokens);
    row_real(row, "cost", spent->cost);
    row_text(row, "currency", spent->model ? ask->llm->currency : NULL);
    row_text(row, "catalog_read", aged ? taken_at : NULL);
    row_int(row, "catalog_age", seconds);
    report_text_form(report, readable(answer, ask->by_model));
    if (turn > 0) {
        report_note(report, "session %lld, turn %lld", (long long)ask->session.id, (long long)turn);
    } else {
        report_warning(report, "this answer is not recorded in session %lld", (long long)ask->session.id);
    }
    return catalog_reading_tell_age(ask->session.local, fingerprint(ask), report, err);
}

/* The local store fails after the model answered: that was paid for, and nobody can look it up. */
static void tell_unchecked(Ask *ask, Report *report)
{
    if (ask->asked.answer.text) {
        ask->by_model = true;
        report_answer(ask, 0, report, NULL);
        report_warning(report, "nothing of this answer could be looked up in the catalog");
    }
}

/* Asks the model, if there is one. Without an answer of its own the built-in rules are to answer. */
static bool ask_model(Ask *ask, const AskQuestion *question, Report *report, Error *err)
{
    App *app = ask->session.app;
    Error why = {0};
    if (!ask->llm) {
        return true;
    }
    app_release_database(app); /* nobody holds a connection for as long as a model thinks */
    bool ok = ask_llm_answer(app, ask->llm, question, &ask->asked, &why);
    tell_spent(ask, report);
    if (ok && ask->asked.nothing) {
        report_note(report, "nothing fits, so llm_profile %s was not asked", ask->llm->name);
    } else if (ok) {
        ask->by_model = true;
    } else if (may_answer_instead(&why)) {
        ask->unheard = why;
        tell_unheard(ask, report);
    } else {
        tell_unchecked(ask, report);
        if (err) {
            *err = why;
        }
    }
    return ok || may_answer_instead(&why);
}

/* An answer that comes too late for its session, or that can't be kept, was paid for all the same: it is
 * shown, and not recorded. */
static bool keep_answer(Ask *ask, const AskQuestion *question, Report *report, Error *err)
{
    Error why = {0};
    int64_t turn = 0;
    if (ask_session_answer(&ask->session, question, answer_of(ask), who_answers(ask), &turn, &why)) {
        return report_answer(ask, turn, report, err);
    }
    if (ask->session.redacted) {
        app_stream(ask->session.app, NULL, 0);
    } else {
        report_answer(ask, 0, report, NULL);
    }
    if (err) {
        *err = why;
    }
    return false;
}

static bool answer_question(Ask *ask, Report *report, Error *err)
{
    AskQuestion question = question_of(ask);
    return ask_model(ask, &question, report, err) &&
           (ask->by_model || ask_answer(&question, &ask->answer, err)) &&
           keep_answer(ask, &question, report, err);
}

/* --show-prompt: exactly what would be sent. */
static bool show_prompt(const Ask *ask, Report *report, Error *err)
{
    AskQuestion question = question_of(ask);
    char *body = NULL;
    if (!ask->llm) {
        report_warning(report, "nothing would be sent: the built-in rules answer");
        return true;
    }
    if (!ask_llm_show(ask->llm, &question, &body, err)) {
        return false;
    }
    if (!body) {
        report_warning(report, "nothing would be sent: no table fits the question");
        return true;
    }
    char *visible = text_visible_lines(body);
    char *document = text_format("%s\n", body);
    report_document(report, "amx.prompt/1", document);
    report->exact = text_equal(visible, body);
    report_note(report, "to %s/chat/completions, about %lld tokens", ask->llm->base_url, llm_tokens(body));
    free(visible);
    free(body);
    return true;
}

static bool prepare(Ask *ask, App *app, const Args *args, Error *err)
{
    ask->session.app = app;
    return ask_question_read(app, args, &ask->text, err) && choose_model(app, args, &ask->llm, err) &&
           session_bind(app, &ask->session.binding, err);
}

static bool read_turns(Ask *ask, Error *err)
{
    const AskSession *session = &ask->session;
    return session->id == 0 ||
           ask_turns_read(session->local, session->id, session->asked, &ask->turns, &ask->turn_count, err);
}

/* The catalog as it was last read, however old: reading it anew would write. */
static bool look_at_catalog(const Ask *ask, Error *err)
{
    char taken_at[CLOCK_TEXT_SIZE] = "";
    int64_t seconds = 0;
    const char *profile = ask->session.binding.db_profile;
    if (ask->session.local &&
        !catalog_cache_age(ask->session.local, fingerprint(ask), taken_at, &seconds, err)) {
        return false;
    }
    if (!*taken_at) {
        error_set(err, ERROR_NOT_FOUND,
                  "the catalog of profile %s was never read here, and --show-prompt writes nothing", profile);
        return error_hint(err, "read it with: amx -p '%s' db tables --refresh; or ask once", profile);
    }
    return true;
}

/* Shows it without a write. */
static bool show(Ask *ask, const Args *args, Report *report, Error *err)
{
    AskSession *session = &ask->session;
    if (args_flag(args, "refresh")) {
        error_set(err, ERROR_USAGE, "--refresh keeps what it reads, and --show-prompt writes nothing");
        return error_hint(err, "leave one of them out");
    }
    return app_local_read(session->app, &session->local, err) &&
           (!session->local || ask_session_find(session, args, err)) && look_at_catalog(ask, err) &&
           read_turns(ask, err) && show_prompt(ask, report, err);
}

static bool answer(Ask *ask, const Args *args, Report *report, Error *err)
{
    return app_local(ask->session.app, &ask->session.local, err) && take_question(ask, args, report, err) &&
           read_turns(ask, err) && answer_question(ask, report, err);
}

static void tell_refused(const Ask *ask, const Args *args, Error *err)
{
    const AskSession *session = &ask->session;
    session_hint_profile(&(SessionSource){.app = session->app, .local = session->local, .id = session->id},
                         err);
    if (!args_flag(args, "show-prompt")) {
        session_record_refusal(session->local, "refused ask", NULL, session->id, &session->binding);
    }
}

bool cmd_ask(App *app, const Args *args, Report *report, Error *err)
{
    Ask ask = {0};
    bool ok =
        prepare(&ask, app, args, err) &&
        (args_flag(args, "show-prompt") ? show(&ask, args, report, err) : answer(&ask, args, report, err));
    ask_turns_free(ask.turns, ask.turn_count);
    ask_llm_free(&ask.asked);
    answer_free(&ask.answer);
    if (!ok && ask.session.local && err->kind == ERROR_GUARD && ask.session.id > 0) {
        tell_refused(&ask, args, err);
    }
    text_free(&ask.text);
    return ok;
}

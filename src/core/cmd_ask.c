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
#include "memory.h"
#include "object_name.h"
#include "session_command.h"
#include "text.h"

#define BUILTIN "builtin"

static const ReportColumn columns[] = {
    {"session", "session", REPORT_NUMBER},  {"turn", "turn", REPORT_NUMBER},
    {"question", NULL, REPORT_WIDE},        {"known", NULL, REPORT_TEXT},
    {"answer", "answer", REPORT_WIDE},      {"citations", NULL, REPORT_TEXT},
    {"model", NULL, REPORT_TEXT},           {"input_tokens", NULL, REPORT_NUMBER},
    {"output_tokens", NULL, REPORT_NUMBER}, {"cost", NULL, REPORT_NUMBER},
    {"currency", NULL, REPORT_TEXT},        {"catalog_read", "catalog read", REPORT_TIME},
    {"catalog_age", NULL, REPORT_NUMBER},
};

/* What the steps of one ask hand on. */
typedef struct Ask {
    AskSession session;
    const LlmProfile *llm; /* NULL: the built-in rules answer */
    Text text;
    AskTurn *turns;
    size_t turn_count;
    size_t before;       /* how many of them are older than the question */
    AskLlmOutcome asked; /* of the model */
    Answer answer;       /* of the built-in rules, where the model has none */
} Ask;

/* --model, else the one that amx.conf says is active. */
static bool choose_model(const App *app, const Args *args, const LlmProfile **out, Error *err)
{
    const char *name = args_text(args, "model");
    if (text_equal(name, BUILTIN)) {
        *out = NULL;
        return true;
    }
    *out = config_llm_profile(app_config(app), name);
    if (name && !*out) {
        error_set(err, ERROR_NOT_FOUND, "there is no llm_profile \"%s\"", name);
        return error_hint(err,
                          "list what there is with: amx llm list; the built-in rules are \"" BUILTIN "\"");
    }
    return true;
}

static const char *fingerprint(const Ask *ask)
{
    return ask->session.binding.fingerprint;
}

/* A question that is refused costs no look at the database, and one that can't be answered is not recorded.
 */
static bool take_question(Ask *ask, const Args *args, bool keep, Report *report, Error *err)
{
    AskSession *session = &ask->session;
    const char *text = text_string(&ask->text);
    return ask_session_question(session, args, text, false, err) &&
           catalog_reading_renew(session->app, session->local, fingerprint(ask), args_flag(args, "refresh"),
                                 report, err) &&
           (!keep || ask_session_question(session, args, text, true, err));
}

static AskQuestion question_of(const Ask *ask)
{
    return (AskQuestion){
        .local = ask->session.local,
        .fingerprint = fingerprint(ask),
        .profile = ask->session.binding.db_profile,
        .text = text_string(&ask->text),
        .turns = ask->turns,
        .turn_count = ask->before,
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

/* Asks the model. *model is its name, or "builtin" when the built-in rules are to answer. */
static bool ask_model(Ask *ask, const AskQuestion *question, const char **model, Report *report, Error *err)
{
    App *app = ask->session.app;
    Error why = {0};
    *model = BUILTIN;
    if (!ask->llm) {
        return true;
    }
    app_release_database(app); /* nobody holds a connection for as long as a model thinks */
    bool ok = ask_llm_answer(app, ask->llm, question, &ask->asked, &why);
    tell_spent(ask, report);
    if (ok && ask->asked.nothing) {
        report_note(report, "nothing fits, so llm_profile %s was not asked", ask->llm->name);
    } else if (ok) {
        *model = ask->asked.spent.model;
    } else if (may_answer_instead(&why)) {
        app_stream(app, NULL, 0);
        report_warning(report, "answered by the built-in rules: %s", why.message);
        if (*why.hint) {
            report_note(report, "%s", why.hint);
        }
    } else if (err) {
        *err = why;
    }
    return ok || may_answer_instead(&why);
}

/* The answer as it reads on a terminal: a model's has no marks in its text that say what it cites. */
static char *readable(const Answer *answer, bool cites)
{
    Text text = {0};
    size_t index;
    const json_t *cited;
    text_add(&text, answer->text);
    json_array_foreach(answer->citations, index, cited)
    {
        char *name = object_name(json_string_value(json_object_get(cited, "schema")),
                                 json_string_value(json_object_get(cited, "table")),
                                 json_string_value(json_object_get(cited, "column")));
        if (cites) {
            text_addf(&text, "%s[%zu] %s", index ? "  " : "\n  cites ", index + 1, name);
        }
        free(name);
    }
    return text_take(&text);
}

static bool report_answer(const Ask *ask, const Answer *answer, const char *model, int64_t turn,
                          Report *report, Error *err)
{
    char taken_at[CLOCK_TEXT_SIZE];
    int64_t seconds = 0;
    if (!catalog_cache_age(ask->session.local, fingerprint(ask), taken_at, &seconds, err)) {
        return false;
    }
    const LlmAnswer *spent = &ask->asked.spent;
    report_object(report, "amx.answer/1", columns, sizeof columns / sizeof *columns);
    json_t *row = report_row(report);
    row_int(row, "session", ask->session.id);
    row_int(row, "turn", turn);
    row_text(row, "question", text_string(&ask->text));
    row_bool(row, "known", answer->known);
    row_text(row, "answer", answer->text);
    row_json(row, "citations", json_incref(answer->citations));
    row_text(row, "model", model);
    row_int(row, "input_tokens", spent->input_tokens);
    row_int(row, "output_tokens", spent->output_tokens);
    row_real(row, "cost", spent->cost);
    row_text(row, "currency", spent->model ? ask->llm->currency : NULL);
    row_text(row, "catalog_read", taken_at);
    row_int(row, "catalog_age", seconds);
    report_text_form(report, readable(answer, answer == &ask->asked.answer));
    report_note(report, "session %lld, turn %lld", (long long)ask->session.id, (long long)turn);
    return catalog_reading_tell_age(ask->session.local, fingerprint(ask), report, err);
}

static bool answer_question(Ask *ask, Report *report, Error *err)
{
    const char *model = BUILTIN;
    int64_t turn = 0;
    AskQuestion question = question_of(ask);
    bool ok = ask_model(ask, &question, &model, report, err);
    bool builtin = text_equal(model, BUILTIN);
    const Answer *answer = builtin ? &ask->answer : &ask->asked.answer;
    return ok && (!builtin || ask_answer(&question, &ask->answer, err)) &&
           ask_session_answer(&ask->session, answer, model, &turn, err) &&
           report_answer(ask, answer, model, turn, report, err);
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
    const Profile *profile = NULL;
    ask->session.app = app;
    if (!ask_question_read(app, args, &ask->text, err) || !choose_model(app, args, &ask->llm, err) ||
        !app_profile(app, &profile, err) ||
        !app_fingerprint(app, profile, &ask->session.binding.fingerprint, err)) {
        return false;
    }
    ask->session.binding.db_profile = profile->name;
    return app_local(app, &ask->session.local, err);
}

static bool read_turns(Ask *ask, bool unasked, Error *err)
{
    bool ok = ask_turns_read(ask->session.local, ask->session.id, &ask->turns, &ask->turn_count, err);
    ask->before = ask->turn_count - (ok && !unasked && ask->turn_count > 0 ? 1 : 0);
    return ok;
}

bool cmd_ask(App *app, const Args *args, Report *report, Error *err)
{
    Ask ask = {0};
    const bool show = args_flag(args, "show-prompt");
    bool ok = prepare(&ask, app, args, err) && take_question(&ask, args, !show, report, err) &&
              read_turns(&ask, show, err) &&
              (show ? show_prompt(&ask, report, err) : answer_question(&ask, report, err));
    ask_turns_free(ask.turns, ask.turn_count);
    ask_llm_free(&ask.asked);
    answer_free(&ask.answer);
    /* of a session that was named: whoever leaves that out gets one that fits */
    if (!ok && ask.session.local && err->kind == ERROR_GUARD && args_text(args, "session") &&
        !args_flag(args, "show-prompt")) {
        session_record_refusal(ask.session.local, "refused ask", NULL, ask.session.id, &ask.session.binding);
    }
    text_free(&ask.text);
    return ok;
}

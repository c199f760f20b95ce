/* ask: a question, answered from the catalog, recorded as two turns of a session. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "catalog_cache.h"
#include "catalog_reading.h"
#include "memory.h"
#include "session_command.h"
#include "standard_input.h"
#include "text.h"

enum {
    QUESTION_LIMIT = 64 * 1024,
};

static const ReportColumn columns[] = {
    {"session", "session", REPORT_NUMBER},
    {"turn", "turn", REPORT_NUMBER},
    {"question", NULL, REPORT_WIDE},
    {"known", NULL, REPORT_TEXT},
    {"answer", "answer", REPORT_WIDE},
    {"citations", NULL, REPORT_TEXT},
    {"catalog_read", "catalog read", REPORT_TIME},
    {"catalog_age", NULL, REPORT_NUMBER},
};

/* What the steps of one ask hand on. */
typedef struct Ask {
    App *app;
    Local *local;
    const Profile *profile;
    SessionBinding binding;
    Text question;
    int64_t session;
} Ask;

static void join_words(Text *question, const Args *args)
{
    for (int i = 0; i < args->word_count; i++) {
        text_addf(question, "%s%s", i ? " " : "", args_word(args, i));
    }
}

static void trim(Text *text)
{
    static const char blanks[] = " \t\r\n\f\v";
    size_t lead = strspn(text_string(text), blanks);
    while (text->length > lead && strchr(blanks, text->data[text->length - 1])) {
        text->data[--text->length] = '\0';
    }
    if (lead > 0 && text->data) {
        text->length -= lead;
        memmove(text->data, text->data + lead, text->length + 1);
    }
}

static bool get_question(const App *app, Text *question, const Args *args, Error *err)
{
    if (args->word_count == 1 && text_equal(args_word(args, 0), "-")) {
        if (!standard_input_read(app, QUESTION_LIMIT, "the question", question, err)) {
            return false;
        }
    } else {
        join_words(question, args);
    }
    if (question->length > QUESTION_LIMIT) {
        error_set(err, ERROR_USAGE, "the question is longer than %d KiB", QUESTION_LIMIT / 1024);
        return error_hint(err, "name what you look for in a few words; nothing was asked");
    }
    if (!text_is_utf8(text_string(question), question->length)) {
        return error_set(err, ERROR_USAGE, "the question is not valid UTF-8");
    }
    trim(question);
    return question->length > 0 || error_set(err, ERROR_USAGE, "the question is empty");
}

/* Does the session suit --local-only or share_sessions = false, whose turns must never be shared? */
static bool is_private_enough(const Ask *ask, int64_t session, bool *out, Error *err)
{
    *out = true;
    return !session_stays_here(ask->app) || sessions_is_private(ask->local, session, out, err);
}

/* The session of --session, else the active one, else a new one. */
static bool choose_session(Ask *ask, const Args *args, Error *err)
{
    bool suits = false;
    bool named = args_text(args, "session") != NULL;
    ask->session = args_number(args, "session", 0);
    if (!named && !sessions_active(ask->local, &ask->binding, &ask->session, err)) {
        return false;
    }
    if ((named || ask->session > 0) && !is_private_enough(ask, ask->session, &suits, err)) {
        return false;
    }
    if (named && !suits) {
        error_set(err, ERROR_GUARD, "session %lld may be shared, and %s says that this must not be",
                  (long long)ask->session, session_why_here(ask->app));
        return error_hint(err, "leave out --session for a session of its own");
    }
    return suits ||
           sessions_start(ask->local, &ask->binding, NULL, session_stays_here(ask->app), &ask->session, err);
}

/* Session and question in one transaction: a refused question leaves no empty session behind. Without `keep`
 * nothing is recorded, and it only tells whether the question would be refused. */
static bool record_question(Ask *ask, const Args *args, bool keep, Error *err)
{
    SessionTurn turn = {.role = "user", .content = text_string(&ask->question)};
    if (!local_begin(ask->local, err)) {
        return false;
    }
    bool taken = choose_session(ask, args, err) &&
                 sessions_add_turn(ask->local, ask->session, &ask->binding, &turn, err);
    if (taken && keep) {
        return local_commit(ask->local, err);
    }
    local_rollback(ask->local);
    return taken;
}

static bool record_answer(Ask *ask, const Answer *answer, int64_t *number, Error *err)
{
    char *first = NULL;
    char *citations = json_dumps(answer->citations, JSON_COMPACT);
    SessionTurn turn = {
        .role = "assistant", .content = answer->text, .citations = citations, .model = "builtin"};
    bool ok = sessions_add_turn(ask->local, ask->session, &ask->binding, &turn, err) &&
              sessions_summary(ask->local, ask->session, number, &first, err);
    free(first);
    free(citations);
    return ok;
}

static bool report_answer(Ask *ask, const Answer *answer, int64_t turn, Report *report, Error *err)
{
    char taken_at[CLOCK_TEXT_SIZE];
    int64_t seconds = 0;
    if (!catalog_cache_age(ask->local, ask->binding.fingerprint, taken_at, &seconds, err)) {
        return false;
    }
    report_object(report, "amx.answer/1", columns, sizeof columns / sizeof *columns);
    json_t *row = report_row(report);
    row_int(row, "session", ask->session);
    row_int(row, "turn", turn);
    row_text(row, "question", text_string(&ask->question));
    row_bool(row, "known", answer->known);
    row_text(row, "answer", answer->text);
    row_json(row, "citations", json_incref(answer->citations));
    row_text(row, "catalog_read", taken_at);
    row_int(row, "catalog_age", seconds);
    report_text_form(report, memory_string(answer->text));
    report_note(report, "session %lld, turn %lld", (long long)ask->session, (long long)turn);
    return catalog_reading_tell_age(ask->local, ask->binding.fingerprint, report, err);
}

/* A question that is refused costs no look at the database, and one that can't be answered is not recorded.
 */
static bool take_question(Ask *ask, const Args *args, Report *report, Error *err)
{
    return record_question(ask, args, false, err) &&
           catalog_reading_renew(ask->app, ask->local, ask->binding.fingerprint, args_flag(args, "refresh"),
                                 report, err) &&
           record_question(ask, args, true, err);
}

static bool answer_question(Ask *ask, Report *report, Error *err)
{
    Answer answer = {0};
    int64_t turn = 0;
    bool ok = ask_answer(ask->local, ask->binding.fingerprint, ask->binding.db_profile,
                         text_string(&ask->question), &answer, err) &&
              record_answer(ask, &answer, &turn, err) && report_answer(ask, &answer, turn, report, err);
    answer_free(&answer);
    return ok;
}

bool cmd_ask(App *app, const Args *args, Report *report, Error *err)
{
    Ask ask = {.app = app};
    bool ok = get_question(app, &ask.question, args, err) && app_profile(app, &ask.profile, err) &&
              app_fingerprint(app, ask.profile, &ask.binding.fingerprint, err) &&
              app_local(app, &ask.local, err);
    if (ok) {
        ask.binding.db_profile = ask.profile->name;
        ok = take_question(&ask, args, report, err) && answer_question(&ask, report, err);
    }
    text_free(&ask.question);
    return ok;
}

#include "ask_session.h"

#include <stdlib.h>

#include "session_command.h"
#include "text.h"

/* Does the session suit --local-only or share_sessions = false, whose turns must never be shared? */
static bool is_private_enough(const AskSession *session, bool stays_here, bool *out, Error *err)
{
    *out = true;
    return !stays_here || sessions_is_private(session->local, session->id, out, err);
}

static bool refuse_shared(const AskSession *session, Error *err)
{
    return error_set(err, ERROR_GUARD, "session %lld may be shared, and %s says that this must not be",
                     (long long)session->id, session_why_here(session->app));
}

/* The id is 0 when it takes a new session. Of a refusal it is the session that is not gone on with. */
static bool find(AskSession *session, const Args *args, bool stays_here, Error *err)
{
    bool suits = true;
    bool named = args_text(args, "session") != NULL;
    session->id = args_number(args, "session", 0);
    if (named ? !sessions_takes_turns(session->local, session->id, &session->binding, err)
              : !sessions_active(session->local, &session->binding, &session->id, err)) {
        return false;
    }
    if ((named || session->id > 0) && !is_private_enough(session, stays_here, &suits, err)) {
        return false;
    }
    if (named && !suits) {
        refuse_shared(session, err);
        return error_hint(err, "leave out --session for a session of its own");
    }
    if (!named && session->id == 0) {
        return sessions_none_left(session->local, &session->binding, &session->id, err);
    }
    if (!suits) {
        session->id = 0;
    }
    return true;
}

static bool choose(AskSession *session, const Args *args, bool stays_here, Error *err)
{
    if (!find(session, args, stays_here, err)) {
        return false;
    }
    if (session->id == 0) {
        return sessions_start(session->local, &session->binding, NULL, stays_here, &session->id, err);
    }
    return args_text(args, "session") || sessions_resume(session->local, session->id, &session->binding, err);
}

bool ask_session_find(AskSession *session, const Args *args, Error *err)
{
    return find(session, args, session_stays_here(session->app), err);
}

/* Guard 1 as near to the write as can be: in its transaction, before the turn. */
static bool is_bound(const AskSession *session, const char *what, bool *stays_here, Error *err)
{
    return session_still_bound(session->app, &session->binding, what, stays_here, err);
}

static bool add_turn(AskSession *session, const SessionTurn *turn, int64_t *number, Error *err)
{
    return sessions_add_turn(session->local, session->id, &session->binding, turn, err) &&
           sessions_last_turn(session->local, session->id, number, err);
}

bool ask_session_question(AskSession *session, const Args *args, const char *question, bool keep, Error *err)
{
    SessionTurn turn = {.role = "user", .content = question};
    bool stays_here = false;
    if (!local_begin(session->local, err)) {
        return false;
    }
    bool taken = is_bound(session, "the question", &stays_here, err) &&
                 choose(session, args, stays_here, err) && add_turn(session, &turn, &session->asked, err);
    if (taken && keep) {
        return local_commit(session->local, err);
    }
    local_rollback(session->local);
    return taken;
}

/* *out: was what was asked, or what was said before it, redacted since? */
static bool is_redacted(const AskSession *session, const AskQuestion *question, bool *out, Error *err)
{
    AskTurn *turns = NULL;
    size_t count = 0;
    bool ok = ask_turns_read(session->local, session->id, session->asked + 1, &turns, &count, err);
    *out = false;
    for (size_t i = 0; i < count && i <= question->turn_count; i++) {
        const char *said = i < question->turn_count ? question->turns[i].content : question->text;
        *out = *out || !text_equal(turns[i].content, said);
    }
    ask_turns_free(turns, count);
    return ok;
}

static bool may_be_said(AskSession *session, const AskQuestion *question, Error *err)
{
    if (!is_redacted(session, question, &session->redacted, err)) {
        return false;
    }
    if (session->redacted) {
        error_set(err, ERROR_GUARD,
                  "the answer is refused: what was said in session %lld was redacted meanwhile, and it may "
                  "repeat that",
                  (long long)session->id);
        return error_hint(err, "ask again, without what was redacted");
    }
    return true;
}

/* It was there when the question was asked. */
static bool explain_refusal(const AskSession *session, Error *err)
{
    if (err && err->kind == ERROR_NOT_FOUND) {
        error_set(err, ERROR_NOT_FOUND, "session %lld was deleted meanwhile, and its turns with it",
                  (long long)session->id);
        error_hint(err, "ask again: what is asked next begins a new session");
    }
    return error_prefix(err, "the answer is refused: ");
}

static bool add_answer(AskSession *session, const SessionTurn *said, int64_t *turn, Error *err)
{
    bool stays_here = false, suits = false;
    if (!is_bound(session, "the answer", &stays_here, err)) {
        return error_hint(err, "session %lld keeps the question: amx session show --id %lld",
                          (long long)session->id, (long long)session->id);
    }
    bool ok = sessions_takes_turns(session->local, session->id, &session->binding, err) &&
              is_private_enough(session, stays_here, &suits, err) && (suits || refuse_shared(session, err)) &&
              add_turn(session, said, turn, err);
    return ok || explain_refusal(session, err);
}

bool ask_session_answer(AskSession *session, const AskQuestion *question, const Answer *answer,
                        const char *model, int64_t *turn, Error *err)
{
    if (!local_begin(session->local, err)) {
        return false;
    }
    char *citations = json_dumps(answer->citations, JSON_COMPACT);
    const char *text = text_is_empty(answer->text) ? "I do not know." : answer->text;
    SessionTurn said = {.role = "assistant",
                        .content = text,
                        .citations = citations,
                        .model = model,
                        .answers = session->asked};
    bool ok = local_end(session->local,
                        may_be_said(session, question, err) && add_answer(session, &said, turn, err), err);
    free(citations);
    return ok;
}

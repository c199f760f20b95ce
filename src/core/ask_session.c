#include "ask_session.h"

#include <stdlib.h>

#include "session_command.h"
#include "text.h"

/* Does the session suit --local-only or share_sessions = false, whose turns must never be shared? */
static bool is_private_enough(const AskSession *session, int64_t id, bool *out, Error *err)
{
    *out = true;
    return !session_stays_here(session->app) || sessions_is_private(session->local, id, out, err);
}

static bool choose(AskSession *session, const Args *args, Error *err)
{
    bool suits = false;
    bool named = args_text(args, "session") != NULL;
    session->id = args_number(args, "session", 0);
    if (!named && !sessions_active(session->local, &session->binding, &session->id, err)) {
        return false;
    }
    if ((named || session->id > 0) && !is_private_enough(session, session->id, &suits, err)) {
        return false;
    }
    if (named && !suits) {
        error_set(err, ERROR_GUARD, "session %lld may be shared, and %s says that this must not be",
                  (long long)session->id, session_why_here(session->app));
        return error_hint(err, "leave out --session for a session of its own");
    }
    return suits || sessions_start(session->local, &session->binding, NULL, session_stays_here(session->app),
                                   &session->id, err);
}

bool ask_session_question(AskSession *session, const Args *args, const char *question, bool keep, Error *err)
{
    SessionTurn turn = {.role = "user", .content = question};
    if (!local_begin(session->local, err)) {
        return false;
    }
    bool taken = choose(session, args, err) &&
                 sessions_add_turn(session->local, session->id, &session->binding, &turn, err);
    if (taken && keep) {
        return local_commit(session->local, err);
    }
    local_rollback(session->local);
    return taken;
}

/* Does the profile still lead to the database that was asked about? As amx.conf is now, not as it was read.
 */
static bool is_still_bound(const AskSession *session, Error *err)
{
    AppOptions options = *app_options(session->app);
    App *now = NULL;
    const Profile *profile = NULL;
    const char *fingerprint = NULL;
    Error why = {0};
    options.profile = session->binding.db_profile;
    bool there = app_open(&options, &now, &why) && app_profile(now, &profile, &why) &&
                 app_fingerprint(now, profile, &fingerprint, &why);
    bool same = there && text_equal(fingerprint, session->binding.fingerprint);
    app_close(now);
    if (!there) {
        error_set(err, ERROR_GUARD, "the answer is refused: profile %s is gone since it was asked: %s",
                  session->binding.db_profile, why.message);
    } else if (!same) {
        error_set(err, ERROR_GUARD,
                  "the answer is refused: profile %s was pointed to another database since it was asked",
                  session->binding.db_profile);
    }
    return same || error_hint(err, "session %lld keeps the question: amx session show --id %lld",
                              (long long)session->id, (long long)session->id);
}

bool ask_session_answer(AskSession *session, const Answer *answer, const char *model, int64_t *turn,
                        Error *err)
{
    char *first = NULL;
    if (!is_still_bound(session, err)) {
        return false;
    }
    char *citations = json_dumps(answer->citations, JSON_COMPACT);
    SessionTurn said = {.role = "assistant", .content = answer->text, .citations = citations, .model = model};
    bool ok = sessions_add_turn(session->local, session->id, &session->binding, &said, err) ||
              error_prefix(err, "the answer is refused: ");
    ok = ok && sessions_summary(session->local, session->id, turn, &first, err);
    free(first);
    free(citations);
    return ok;
}

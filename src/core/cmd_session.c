/* session new, rename, resume, end, delete. Guard 1 itself stands in store/sessions.c. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "session_command.h"
#include "text.h"

bool cmd_session_new(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    SessionBinding binding;
    int64_t id = 0;
    if (!session_check_title(args_text(args, "title"), err) || !session_bind(app, &binding, err) ||
        !app_local(app, &local, err) ||
        !sessions_start(local, &binding, args_text(args, "title"), session_stays_here(app), &id, err)) {
        return false;
    }
    report_note(report, "session %lld is active under profile %s", (long long)id, binding.db_profile);
    return session_report(local, id, true, report, err);
}

/* May the session get a new title here, when nothing more of it may be shared? */
static bool may_rename(const App *app, Local *local, long long id, Error *err)
{
    bool is_private = false;
    if (!session_stays_here(app)) {
        return true;
    }
    if (!sessions_is_private(local, id, &is_private, err)) {
        return false;
    }
    if (!is_private) {
        error_set(err, ERROR_GUARD, "session %lld may be shared, and %s says that its title must not be", id,
                  session_why_here(app));
        return error_hint(err, "fork it, and rename the fork: amx session fork --id %lld", id);
    }
    return true;
}

static bool take_title(const Args *args, const char **title, Error *err)
{
    *title = args_text(args, "title");
    if (!*title) {
        error_set(err, ERROR_USAGE, "a session is renamed to something");
        return error_hint(err, "name it with: --title TITLE");
    }
    return session_check_title(*title, err);
}

bool cmd_session_rename(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    const char *title = NULL;
    SessionBinding binding;
    int64_t active = 0;
    long long id;
    if (!take_title(args, &title, err) || !app_local(app, &local, err) ||
        !session_choose(app, local, args, &id, err) || !may_rename(app, local, id, err) ||
        !sessions_rename(local, id, title, err)) {
        return false;
    }
    report_note(report, "session %lld has a new title", id);
    bool bound = session_bind(app, &binding, NULL) && sessions_active(local, &binding, &active, NULL);
    return session_report(local, id, bound && active == id, report, err);
}

bool cmd_session_resume(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    SessionBinding binding;
    long long id;
    if (!session_bind(app, &binding, err) || !app_local(app, &local, err) ||
        !session_choose(app, local, args, &id, err)) {
        return false;
    }
    if (!sessions_resume(local, id, &binding, err)) {
        if (err->kind == ERROR_GUARD) {
            session_hint_profile(&(SessionSource){.app = app, .local = local, .id = id}, err);
            session_record_refusal(local, "refused resume", NULL, id, &binding);
        }
        return false;
    }
    report_note(report, "session %lld is active under profile %s", id, binding.db_profile);
    return session_report(local, id, true, report, err);
}

bool cmd_session_end(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    long long id;
    if (!app_local(app, &local, err) || !session_choose(app, local, args, &id, err) ||
        !sessions_end(local, id, err)) {
        return false;
    }
    report_note(report, "session %lld is ended; resume opens it again", id);
    return session_report(local, id, false, report, err);
}

bool cmd_session_delete(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    long long id;
    if (!app_local(app, &local, err) || !session_choose(app, local, args, &id, err)) {
        return false;
    }
    if (!args_flag(args, "yes")) {
        const AppOptions *options = app_options(app);
        char *question =
            text_format("Remove session %lld with all its turns, here and in the shared store?", id);
        bool yes = options->ask && options->ask(options->ask_context, question);
        free(question);
        if (!yes) {
            error_set(err, ERROR_USAGE,
                      options->ask ? "session %lld was not removed"
                                   : "removing session %lld has to be confirmed",
                      id);
            return error_hint(err, "confirm it with --yes");
        }
    }
    if (!sessions_delete(local, id, err)) {
        return false;
    }
    static const ReportColumn columns[] = {{"deleted", "deleted", REPORT_NUMBER}};
    report_object(report, "amx.session/1", columns, 1);
    row_int(report_row(report), "deleted", id);
    report_note(report, "session %lld is removed", id);
    return true;
}

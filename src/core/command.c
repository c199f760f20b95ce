/* Running a command: what is refused before it, what follows it. */
#include "command.h"

#include <unistd.h>

#include "delivery.h"
#include "runs.h"
#include "text.h"

bool command_writes(const Args *args)
{
    const Command *command = args->command;
    bool writes = command->flags & (COMMAND_WRITES | COMMAND_CHANGES_DB);
    for (size_t i = 0; writes && i < command->option_count; i++) {
        const CommandOption *option = &command->options[i];
        writes = option->kind != OPTION_READS || !args_flag(args, option->name);
    }
    return writes;
}

bool command_may_write(const Args *args, const AppOptions *options, const Config *config, Error *err)
{
    bool read_only = options->read_only || config->ui_read_only;
    if (read_only && command_writes(args)) {
        error_set(err, ERROR_GUARD, "%s would write, and this amx is read-only", args->command->name);
        return error_hint(err, options->read_only ? "run it without --read-only"
                                                  : "ui { read_only } in amx.conf says so");
    }
    return true;
}

/* The rows are safe in history.db whatever happens here; the person is told where they stand with the team.
 */
static void deliver(App *app, Report *report)
{
    Delivery delivery;
    Error err = {0};
    if (access(app_paths(app)->history, F_OK) != 0) {
        return; /* nothing was written */
    }
    if (!delivery_run(app, DELIVERY_AFTER_COMMAND, &delivery, &err)) {
        report_warning(report, "not delivered: %s", err.message);
        return;
    }
    long long pending = delivery.left.queued + delivery.left.parked;
    if (*delivery.notice) {
        report_warning(report, "%s", delivery.notice);
    }
    if (delivery.parked > 0) {
        report_warning(report, "the shared store refused %lld row%s; see: amx db history-store list-pending",
                       (long long)delivery.parked, text_plural(delivery.parked));
    }
    if (delivery.trouble.kind != ERROR_NONE) {
        report_warning(report, "queued, %lld pending: %s", pending, delivery.trouble.message);
        if (*delivery.trouble.hint) {
            report_note(report, "%s", delivery.trouble.hint);
        }
    } else if (delivery.attempted && delivery.left.queued - delivery.left.waiting > 0) {
        report_note(report, "queued, %lld pending: out of time, the next command goes on", pending);
    }
}

/* A crash leaves a run "running" for ever: whoever comes next and may write says what became of it. */
void command_settle_runs(App *app, Report *report)
{
    Local *local = NULL;
    int64_t count = 0;
    const AppOptions *options = app_options(app);
    bool reads = options->reading || options->read_only || app_config(app)->ui_read_only;
    if (reads || access(app_paths(app)->history, W_OK) != 0 || !app_local(app, &local, NULL)) {
        return;
    }
    if (runs_mark_interrupted(local, &count, NULL) && count > 0) {
        report_warning(report,
                       count == 1 ? "%lld unfinished run of an amx that ended early is marked interrupted"
                                  : "%lld unfinished runs of amxes that ended early are marked interrupted",
                       (long long)count);
    }
}

static bool delivers_itself(const Command *command)
{
    return text_starts(command->name, "db history-store");
}

/* What was refused wrote nothing: the refusal must not wait for the network. What a person stopped ends here,
 * unless it said that it obeyed and what there is may go. The next command delivers what waits. */
static bool may_deliver(bool ok, const Error *err)
{
    bool refused = err->kind == ERROR_GUARD || err->kind == ERROR_USAGE || err->kind == ERROR_CONFIG;
    bool local_failed = err->kind == ERROR_LOCAL; /* nothing to deliver from, and it was said */
    return ok || !(refused || local_failed || interrupt_requested());
}

bool command_run(App *app, const Args *args, Report *report, Error *err)
{
    const Command *command = args->command;
    app_set_options(app, &args->app);
    app_leave_lost_local(app);
    if (!command_may_write(args, app_options(app), app_config(app), err)) {
        return false;
    }
    if (command_writes(args) || text_starts(command->name, "history")) {
        command_settle_runs(app, report);
    }
    bool ok = command->run(app, args, report, err);
    if (!ok) {
        report_drop_empty(report);
    }
    app_release_database(app);
    if (command_writes(args) && !delivers_itself(command) && may_deliver(ok, err)) {
        deliver(app, report);
    }
    return ok;
}

bool command_run_bare(const Args *args, Report *report, Error *err)
{
    return args->command->run(NULL, args, report, err);
}

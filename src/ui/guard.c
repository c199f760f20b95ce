#include "guard.h"

#include <string.h>

#include "ask_queue.h"
#include "command.h"
#include "dialog.h"
#include "form_enable.h"
#include "quote.h"
#include "text.h"
#include "view_ask.h"
#include "view_review.h"

#define FLUSH "db history-store flush-pending"
#define DROP "db history-store drop-pending"

static void run_if_yes(Screen *screen, const char *line, size_t button)
{
    if (button == 1) {
        screen_submit(screen, line);
    } else {
        screen_say(screen, DRAW_PLAIN, "nothing was changed");
    }
}

static void ask_disable(Screen *screen, const char *line)
{
    long long pending = status_number(screen_status(screen), "pending");
    char *text =
        text_format("Stops dual-writing for everyone who uses this workstation's amx, not for one run.\n"
                    "%lld queued row%s queued; shared rows stay.\n"
                    "For one run only: amx run --local-only",
                    pending, pending == 1 ? " stays" : "s stay");
    dialog_confirm(screen, "Disable shared history?", text, line, run_if_yes);
    free(text);
}

static void ask_dump_ddl(Screen *screen, const char *line)
{
    const Status *status = screen_status(screen);
    const char *schema = status_text(status, "store_schema");
    char *text =
        status_exists(status) == TRI_YES
            ? text_format("The schema %s is there already. The DDL only makes what is missing, but who "
                          "runs it should know that a team may be using it.",
                          schema)
            : text_format("Nobody can tell whether the schema %s is there already: the store was not "
                          "reached.",
                          schema);
    dialog_confirm(screen, "Dump the DDL?", text, line, run_if_yes);
    free(text);
}

static void ask_any(Screen *screen, const char *line)
{
    char *text = text_format("amx %s", line);
    dialog_confirm(screen, "Run this command?", text, line, run_if_yes);
    free(text);
}

/* A command with --yes asks by itself, and knows better what to ask: the worker hands its question to the
 * screen. */
static bool asks_itself(const Command *command)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (text_equal(command->options[i].name, "yes")) {
            return true;
        }
    }
    return false;
}

static bool asks(const Screen *screen, const Command *command)
{
    if (command->flags & COMMAND_ASKS) {
        return !asks_itself(command);
    }
    return (command->flags & COMMAND_ASKS_IF_EXISTS) && status_exists(screen_status(screen)) != TRI_NO;
}

static void ask(Screen *screen, const Command *command, const char *line)
{
    if (text_equal(command->name, "db history-store disable")) {
        ask_disable(screen, line);
    } else if (text_equal(command->name, FLUSH)) {
        ask_queue_flush(screen, line);
    } else if (text_equal(command->name, DROP)) {
        ask_queue_drop(screen);
    } else if (text_equal(command->name, "db history-store dump-ddl")) {
        ask_dump_ddl(screen, line);
    } else {
        ask_any(screen, line);
    }
}

/* Asking "really?" and refusing after the Yes would be a poor joke. */
static bool is_refused(Screen *screen, const Args *args)
{
    Error err = {0};
    AppOptions options = *screen_options(screen);
    options.read_only = options.read_only || args->app.read_only;
    if (command_may_write(args, &options, screen_config(screen), &err)) {
        return false;
    }
    screen_say_error(screen, &err);
    return true;
}

/* Without a decision a person wants to see what there is to decide. */
static void open_review(Screen *screen, const char *run)
{
    Text line = {0};
    text_add(&line, "history drafts ");
    quote_add(&line, run);
    text_addf(&line, " --limit %d", VIEW_REVIEW_PAGE);
    screen_submit(screen, text_string(&line));
    text_free(&line);
}

void guard_run(Screen *screen, const char *line)
{
    Args *args = NULL;
    Error err = {0};
    if (!command_parse_line(line, &args, &err)) {
        screen_say_error(screen, &err);
        return;
    }
    const Command *command = args->help || args->version ? NULL : args->command;
    if (command && text_equal(command->name, "review") && args->value_count == 0) {
        open_review(screen, args_word(args, 0));
        args_free(args);
        return;
    }
    if (command && is_refused(screen, args)) {
        args_free(args);
        return;
    }
    if (command && view_ask_takes(args)) {
        view_ask_question(screen, args);
    } else if (command && (command->flags & COMMAND_SCREEN) && args->word_count == 0) {
        screen_home(screen);
    } else if (command && text_equal(command->name, "db history-store enable") && args->value_count == 0) {
        form_enable_open(screen);
    } else if (command && asks(screen, command)) {
        ask(screen, command, line);
    } else {
        screen_submit(screen, line);
    }
    args_free(args);
}

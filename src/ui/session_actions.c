#include "session_actions.h"

#include "dialog.h"
#include "guard.h"
#include "memory.h"
#include "prompt.h"
#include "quote.h"
#include "text.h"

bool session_actions_is_teammates(const Screen *screen, const json_t *row, bool team)
{
    const char *origin = json_string_value(json_object_get(row, "origin_id"));
    return team && !text_equal(origin, status_text(screen_status(screen), "origin"));
}

SessionName session_actions_name(const Screen *screen, const json_t *row, bool team)
{
    bool teammates = session_actions_is_teammates(screen, row, team);
    return (SessionName){
        .id = (long long)json_integer_value(json_object_get(row, "local_id")),
        .origin = teammates ? json_string_value(json_object_get(row, "origin_id")) : NULL,
    };
}

/* "session fork --id 3 --origin .."; owned by the caller. */
static char *line_about(const char *command, SessionName name)
{
    Text line = {0};
    text_addf(&line, "%s --id %lld", command, name.id);
    if (name.origin) {
        text_add(&line, " --origin ");
        quote_add(&line, name.origin);
    }
    return text_take(&line);
}

static unsigned submit(Screen *screen, char *line)
{
    unsigned ticket = screen_submit(screen, line);
    free(line);
    return ticket;
}

static void close_dialog(Screen *screen, const char *line, size_t button)
{
    (void)screen;
    (void)line;
    (void)button;
}

static void say_refused(Screen *screen, const char *title, const char *why)
{
    dialog_open(screen, &(DialogSpec){.title = title,
                                      .text = why,
                                      .buttons = {{"Close", 'c'}},
                                      .button_count = 1,
                                      .line = "",
                                      .answered = close_dialog});
}

unsigned session_actions_resume(Screen *screen, SessionName name, const char *foreign)
{
    if (name.origin) {
        char *why =
            text_format("%s\n\nA conversation belongs to the history it was begun in. Go on from it in "
                        "one of your own: F forks it.",
                        foreign);
        say_refused(screen, "Not resumed", why);
        free(why);
        return 0;
    }
    return submit(screen, line_about("session resume", name));
}

unsigned session_actions_fork(Screen *screen, SessionName name)
{
    return submit(screen, line_about("session fork", name));
}

void session_actions_done(Screen *screen, const Outcome *got)
{
    if (got->done) {
        screen_lead(screen, TAB_ASK);
    } else if (got->error.kind == ERROR_GUARD) {
        char *why = text_format("%s.\n\n%s.", got->error.message, got->error.hint);
        say_refused(screen, text_starts(got->line, "session fork") ? "Not forked" : "Not resumed", why);
        free(why);
    } else {
        screen_say_error(screen, &got->error);
    }
}

static void rename_to(Screen *screen, void *context, const char *title)
{
    Text line = {0};
    text_add(&line, context);
    text_add(&line, " --title ");
    quote_add(&line, title);
    guard_run(screen, text_string(&line));
    text_free(&line);
}

void session_actions_rename(Screen *screen, SessionName name, const char *title)
{
    if (name.origin) {
        screen_say(screen, DRAW_WARNING, "a teammate's session keeps the title it has there; F forks it");
        return;
    }
    prompt_open(screen, &(PromptSpec){.label = "Title: ",
                                      .initial = title,
                                      .answered = rename_to,
                                      .context = line_about("session rename", name),
                                      .release = free});
}

void session_actions_export(Screen *screen, SessionName name)
{
    char *about = line_about("session export", name);
    char *line = text_format("%s --md", about);
    submit(screen, line);
    free(about);
}

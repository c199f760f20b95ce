#include "command_line.h"

#include <string.h>

#include "guard.h"
#include "memory.h"
#include "prompt.h"
#include "screen_internal.h"

#define MOST_WORDS 32

static void run_typed(Screen *screen, void *context, const char *text)
{
    (void)context;
    Error err = {0};
    text += strspn(text, " ");
    if (!*text) {
        return;
    }
    bool kept = screen_read_only(screen) || paths_prepare(app_paths(screen->app), &err);
    if (!kept || !line_history_add(&screen->typed, text, &err)) {
        screen_say_error(screen, &err);
    }
    if (text_equal(text, "q") || text_equal(text, "quit")) {
        screen_quit(screen, false);
    } else {
        guard_run(screen, text);
    }
}

/* Where the last word begins: after a blank, or after a slash in a first word that is written with them. */
static size_t last_word(const char *typed)
{
    const char *blank = strrchr(typed, ' ');
    if (blank) {
        return (size_t)(blank - typed) + 1;
    }
    const char *slash = typed[0] == '/' ? strrchr(typed, '/') : NULL;
    return slash ? (size_t)(slash - typed) + 1 : 0;
}

char *command_line_complete(App *app, const char *typed, size_t *start)
{
    const char *words[MOST_WORDS];
    int count = 0;
    *start = last_word(typed);
    char *before = memory_string_n(typed, *start);
    char *rest = before;
    const char *between = " ";
    if (*before == '/') {
        between = "/ ";
    }
    for (char *word; count < MOST_WORDS - 1 && (word = strtok_r(NULL, between, &rest)) != NULL;) {
        words[count++] = word;
    }
    words[count++] = typed + *start;
    char *candidates = command_complete(app, count, words);
    free(before);
    return candidates;
}

static char *complete(Screen *screen, const char *typed, size_t *start)
{
    return command_line_complete(screen->app, typed, start);
}

void command_line_open(Screen *screen)
{
    prompt_open(
        screen,
        &(PromptSpec){.label = ":", .answered = run_typed, .history = &screen->typed, .complete = complete});
}

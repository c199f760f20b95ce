#include "terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "support_internal.h"
#include "text.h"

#define MAX_KEYS 32
#define TMUX_SECONDS 20

struct Terminal {
    Terminal *next;     /* of those that are open */
    const char *folder; /* of the socket and of what tmux prints */
    char *socket;
    char *out;
    char *err;
};

static Terminal *open_terminals;

typedef struct Expectation {
    Terminal *terminal;
    const char *text;
    bool shown;
} Expectation;

/* Runs one tmux command; `arguments` end with NULL. Returns what it printed. */
static const char *tmux(Terminal *terminal, const char *const *arguments)
{
    char *argv[MAX_KEYS + 16] = {"tmux", "-u", "-S", terminal->socket, "-f", "/dev/null"};
    size_t count = 6;
    for (; *arguments; arguments++) {
        argv[count++] = support_keep(memory_string(*arguments));
    }
    if (support_execute(argv, NULL, "/dev/null", terminal->out, terminal->err, TMUX_SECONDS) != 0) {
        fail_msg("tmux %s failed: %s", argv[6], support_read(terminal->err));
    }
    return support_read(terminal->out);
}

static void add_quoted(Text *line, const char *value)
{
    text_add_char(line, '\'');
    for (const char *c = value; *c; c++) {
        text_add(line, *c == '\'' ? "'\\''" : (char[]){*c, '\0'});
    }
    text_add(line, "' ");
}

static void add_inherited(Text *line, const char *name)
{
    const char *value = getenv(name);
    if (value) {
        text_addf(line, "%s=", name);
        add_quoted(line, value);
    }
}

static char *command_line(const char *binary, const char *const *env, const char *arguments)
{
    Text line = {0};
    text_add(&line, "env -i LANG=C.UTF-8 TERM=screen-256color ");
    add_inherited(&line, "PATH");
    add_inherited(&line, "ASAN_OPTIONS");
    add_inherited(&line, "UBSAN_OPTIONS");
    for (; env && *env; env++) {
        add_quoted(&line, *env);
    }
    text_addf(&line, "%s %s; echo \"left with $?\"; exec cat", binary, arguments);
    return text_take(&line);
}

Terminal *terminal_start(const char *const *env, int columns, int lines, const char *arguments)
{
    return terminal_start_build(AMX_BINARY, env, columns, lines, arguments);
}

Terminal *terminal_start_build(const char *binary, const char *const *env, int columns, int lines,
                               const char *arguments)
{
    Terminal *terminal = memory_zero(1, sizeof *terminal);
    terminal->folder = support_folder();
    terminal->socket = text_format("%s/tmux", terminal->folder);
    terminal->out = text_format("%s/out", terminal->folder);
    terminal->err = text_format("%s/err", terminal->folder);
    char *command = command_line(binary, env, arguments);
    char *width = text_format("%d", columns);
    char *height = text_format("%d", lines);
    tmux(terminal, (const char *[]){"new-session",
                                    "-d",
                                    "-x",
                                    width,
                                    "-y",
                                    height,
                                    "/bin/sh",
                                    "-m", /* a suspended program is a job, as at anybody's prompt */
                                    "-c",
                                    command,
                                    ";",
                                    "set-option",
                                    "-g",
                                    "status",
                                    "off",
                                    ";",
                                    "set-option",
                                    "-g",
                                    "default-terminal",
                                    "screen-256color",
                                    ";",
                                    "set-option",
                                    "-s",
                                    "set-clipboard",
                                    "on",
                                    ";",
                                    "resize-window",
                                    "-x",
                                    width,
                                    "-y",
                                    height,
                                    NULL});
    free(height);
    free(width);
    free(command);
    terminal->next = open_terminals;
    open_terminals = terminal;
    return terminal;
}

void terminal_stop(Terminal *terminal)
{
    Terminal **link = &open_terminals;
    while (*link != terminal) {
        link = &(*link)->next;
    }
    *link = terminal->next;
    tmux(terminal, (const char *[]){"kill-server", NULL});
    free(terminal->socket);
    free(terminal->out);
    free(terminal->err);
    free(terminal);
}

int terminal_teardown(void **state)
{
    (void)state;
    while (open_terminals) {
        terminal_stop(open_terminals);
    }
    return 0;
}

void terminal_keys(Terminal *terminal, ...)
{
    const char *arguments[MAX_KEYS + 2] = {"send-keys"};
    size_t count = 1;
    va_list keys;
    va_start(keys, terminal);
    for (const char *key; (key = va_arg(keys, const char *));) {
        assert_true(count < MAX_KEYS);
        arguments[count++] = key;
    }
    va_end(keys);
    tmux(terminal, arguments);
}

void terminal_type(Terminal *terminal, const char *text)
{
    tmux(terminal, (const char *[]){"send-keys", "-l", text, NULL});
}

void terminal_paste(Terminal *terminal, const char *text)
{
    const char *file = support_file(support_folder(), "pasted", text); /* a command takes less */
    tmux(terminal, (const char *[]){"load-buffer", file, ";", "paste-buffer", "-p", "-r", NULL});
}

void terminal_resize(Terminal *terminal, int columns, int lines)
{
    char *width = text_format("%d", columns);
    char *height = text_format("%d", lines);
    tmux(terminal, (const char *[]){"resize-window", "-x", width, "-y", height, NULL});
    free(height);
    free(width);
}

void terminal_signal(Terminal *terminal, int signal_number)
{
    const char *shell = tmux(terminal, (const char *[]){"display-message", "-p", "#{pane_pid}", NULL});
    int pid = atoi(shell);
    char *children = text_format("/proc/%d/task/%d/children", pid, pid);
    int child = atoi(support_read(children));
    free(children);
    if (child <= 0 || kill(child, signal_number) != 0) {
        fail_msg("no program to signal in the terminal");
    }
}

const char *terminal_device(Terminal *terminal)
{
    const char *path = tmux(terminal, (const char *[]){"display-message", "-p", "#{pane_tty}", NULL});
    return support_keep(text_format("%.*s", (int)strcspn(path, "\n"), path));
}

const char *terminal_screen(Terminal *terminal)
{
    return tmux(terminal, (const char *[]){"capture-pane", "-p", NULL});
}

const char *terminal_capture(Terminal *terminal)
{
    return tmux(terminal, (const char *[]){"capture-pane", "-e", "-p", "-N", NULL});
}

const char *terminal_clipboard(Terminal *terminal)
{
    return tmux(terminal, (const char *[]){"show-buffer", NULL});
}

static bool as_expected(void *context)
{
    const Expectation *expectation = context;
    bool shown = strstr(terminal_screen(expectation->terminal), expectation->text) != NULL;
    return shown == expectation->shown;
}

static void expect(Terminal *terminal, const char *text, bool shown)
{
    Expectation expectation = {.terminal = terminal, .text = text, .shown = shown};
    if (!support_wait(as_expected, &expectation)) {
        fail_msg("the screen %s \"%s\":\n%s", shown ? "does not show" : "still shows", text,
                 terminal_screen(terminal));
    }
}

void terminal_expect(Terminal *terminal, const char *text)
{
    expect(terminal, text, true);
}

void terminal_expect_gone(Terminal *terminal, const char *text)
{
    expect(terminal, text, false);
}

void terminal_expect_end(Terminal *terminal)
{
    terminal_expect(terminal, "left with 0");
    terminal_stop(terminal);
}

void terminal_command(Terminal *terminal, const char *line)
{
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, line);
    terminal_keys(terminal, "Enter", NULL);
}

/* On a slow machine what was decided last may still be being written after the moment that amx gives it. */
static bool is_left_or_stays(void *context)
{
    Terminal *terminal = context;
    const char *screen = terminal_screen(terminal);
    if (strstr(screen, "left with 0")) {
        return true;
    }
    if (strstr(screen, "Stop it and leave?")) {
        terminal_keys(terminal, "n", NULL);
        terminal_expect_gone(terminal, "Stop it and leave?");
        terminal_keys(terminal, "q", NULL);
    }
    return false;
}

void terminal_leave(Terminal *terminal)
{
    terminal_keys(terminal, "q", NULL);
    support_wait(is_left_or_stays, terminal);
    terminal_expect_end(terminal);
}

#include "shell.h"

#include <errno.h>
#include <jansson.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "command.h"
#include "memory.h"
#include "print.h"
#include "progress.h"
#include "question.h"
#include "screen.h"
#include "text.h"

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupt_request();
}

static void set_signals(void)
{
    /* Asks the command to stop; a second one ends it the hard way, should it not listen. */
    struct sigaction interrupt = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &interrupt, NULL);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe and a file at its size limit are errors of write, not deaths */
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGCHLD,
           SIG_DFL); /* whoever started amx may have left it ignored, and no child could be waited for */
}

/* Passwords pass through this process: no core file, no ptrace by others of the same user. */
static void forbid_core_dumps(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifndef __SANITIZE_ADDRESS__ /* the leak check attaches to its own process */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* The encoding is all that is taken from the locale: JSON and SQL want a decimal point, amx speaks English,
 * so the system's reasons in its messages do too, and each category opens a file at every start. */
static void set_locale(void)
{
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") == 0) {
        setlocale(LC_CTYPE, "C.UTF-8"); /* no locale was chosen: what we read and write is UTF-8 */
    }
}

static bool on_terminal(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static bool opens_screen(const Args *args)
{
    bool asks_for_it = !args->command || (args->command->flags & COMMAND_SCREEN);
    return asks_for_it && args->word_count == 0 && args->value_count == 0 && args->format == OUTPUT_TEXT &&
           on_terminal();
}

static int fail(const Error *err, const PrintStyle *style)
{
    print_failure(stderr, err, style);
    return error_exit_code(err->kind);
}

/* Prints text made by amx itself (help, version) and returns `exit_code`, or 1 when the stream broke. */
static int print_own(const char *text, int exit_code)
{
    Report report = {0};
    report_document(&report, NULL, memory_string(text));
    bool printed = print_report(stdout, &report, &(PrintStyle){.format = OUTPUT_TEXT});
    report_free(&report);
    return printed ? exit_code : 1;
}

static int print_help(const Args *args, int exit_code)
{
    char *help = command_help(args->command ? args->command->name : NULL);
    int code = print_own(help, exit_code);
    free(help);
    return code;
}

static bool has_content(const Report *report)
{
    return !text_is_empty(report->document) || json_array_size(report->items) > 0 ||
           json_object_size(report->items) > 0;
}

static int print_outcome(const Report *report, bool done, const Error *err, const PrintStyle *style)
{
    errno = 0;
    /* What a failed command found before it failed is printed; "No runs." would be a lie: nobody could look.
     */
    bool printed = (!done && !has_content(report)) || print_report(stdout, report, style);
    int write_errno = errno;
    print_messages(stderr, report, style);
    if (!done) {
        return fail(err, style);
    }
    if (!printed) {
        Error broken = {0};
        error_set(&broken, ERROR_SYSTEM, "standard output can't be written: %s", strerror(write_errno));
        error_hint(&broken, "the command itself was done; only its output is incomplete");
        return fail(&broken, style);
    }
    return report->exit_code;
}

/* What an asking and long-running command may use of the terminal. */
static void offer_terminal(AppOptions *options, const Args *args, Progress *progress)
{
    options->ask = question_possible() ? question_ask : NULL;
    options->ask_context = progress;
    bool drawable = isatty(STDERR_FILENO) && !text_equal(getenv("TERM"), "dumb") && args->quiet <= 0;
    options->progress = drawable ? progress_show : NULL;
    options->progress_context = progress;
}

static void print_warnings(const Config *config)
{
    for (char **warning = config->warnings; *warning; warning++) {
        char *text = text_visible(*warning);
        fprintf(stderr, "amx: warning: %s\n", text);
        free(text);
    }
}

static int run_command(App *app, const Args *args, Progress *progress, const PrintStyle *style)
{
    Error err = {0};
    Report report = {0};
    bool done = app ? command_run(app, args, &report, &err) : command_run_bare(args, &report, &err);
    progress_end(progress);
    int code = print_outcome(&report, done, &err, style);
    report_free(&report);
    return code;
}

static int run_with_app(Args *args)
{
    Error err = {0};
    App *app = NULL;
    Progress progress = {0};
    offer_terminal(&args->app, args, &progress);
    if (!app_open(&args->app, &app, &err)) {
        PrintStyle style = print_style(args, NULL, stdout);
        return fail(&err, &style);
    }
    const Config *config = app_config(app);
    PrintStyle style = print_style(args, config, stdout);
    print_warnings(config);
    int code;
    if (opens_screen(args)) {
        code = screen_run(args, app, &err) ? 0 : fail(&err, &style);
    } else {
        code = run_command(app, args, &progress, &style);
    }
    app_close(app);
    return code;
}

static int run(Args *args)
{
    if (args->command && (args->command->flags & COMMAND_BARE)) {
        PrintStyle style = print_style(args, NULL, stdout);
        return run_command(NULL, args, &(Progress){0}, &style);
    }
    return run_with_app(args);
}

/* A command line that can't be parsed has no Args to say how its error should look. */
static PrintStyle style_of_words(int argc, char **argv)
{
    PrintStyle style = {.format = OUTPUT_TEXT};
    for (int i = 1; i < argc; i++) {
        if (text_equal(argv[i], "--json") || text_equal(argv[i], "--jsonl")) {
            style.format = OUTPUT_JSON;
        }
    }
    return style;
}

/* amx __complete -- WORDS..: what completion scripts ask. A broken amx.conf only means fewer candidates. */
static int complete(int argc, char **argv)
{
    App *app = NULL;
    if (!app_open(&(AppOptions){0}, &app, NULL)) {
        app = NULL;
    }
    int first = argc > 2 && strcmp(argv[2], "--") == 0 ? 3 : 2;
    char *candidates = command_complete(app, argc - first, (const char *const *)argv + first);
    int code = print_own(candidates, 0);
    free(candidates);
    app_close(app);
    return code;
}

int shell_run(int argc, char **argv)
{
    set_locale();
    set_signals();
    forbid_core_dumps();
    json_set_alloc_funcs(memory_alloc, free); /* no value is left out for want of memory without a word */

    if (argc > 1 && strcmp(argv[1], "__complete") == 0) {
        return complete(argc, argv);
    }
    Error err = {0};
    Args *args = NULL;
    if (!command_parse(argc - 1, (const char *const *)argv + 1, &args, &err)) {
        PrintStyle style = style_of_words(argc, argv);
        return fail(&err, &style);
    }
    if (args->version && !args->help) {
        args->command = command_find("version");
    }
    int code;
    if (args->help) {
        code = print_help(args, 0);
    } else if (!args->command && !opens_screen(args)) {
        code = print_help(args, 2);
    } else {
        code = run(args);
    }
    args_free(args);
    return code;
}

#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "support_internal.h"
#include "text.h"

void cli_configure(const Cli *cli, const char *conf, ...)
{
    va_list args;
    va_start(args, conf);
    support_file(cli->home, "amx.conf", support_keep(text_vformat(conf, args)));
    va_end(args);
}

Cli cli_new(const char *user, const char *conf, ...)
{
    Cli cli = {.home = support_folder()};
    va_list args;
    va_start(args, conf);
    support_file(cli.home, "amx.conf", support_keep(text_vformat(conf, args)));
    va_end(args);
    cli.history = support_keep(text_format("%s/history.db", cli.home));
    cli_set(&cli, support_keep(text_format("AMX_HOME=%s", cli.home)));
    cli_set(&cli, support_keep(text_format("LOGNAME=%s", user)));
    return cli;
}

void cli_set(Cli *cli, const char *assignment)
{
    size_t count = 0;
    while (cli->env[count]) {
        count++;
    }
    assert_true(count + 1 < sizeof cli->env / sizeof *cli->env);
    cli->env[count] = assignment;
}

static SupportRun run_line(const Cli *cli, const char *line)
{
    return support_shell(cli->env, support_keep(text_format("\"$AMX\" %s", line)));
}

static SupportRun expect(const Cli *cli, int code, const char *words, va_list args)
{
    char *line = support_keep(text_vformat(words, args));
    SupportRun result = run_line(cli, line);
    if (result.exit_code != code) {
        fail_msg("amx %s: exit %d, not %d\n%s%s", line, result.exit_code, code, result.out, result.err);
    }
    return result;
}

SupportRun cli_run(const Cli *cli, const char *words, ...)
{
    va_list args;
    va_start(args, words);
    SupportRun result = run_line(cli, support_keep(text_vformat(words, args)));
    va_end(args);
    return result;
}

SupportRun cli_expect(const Cli *cli, int code, const char *words, ...)
{
    va_list args;
    va_start(args, words);
    SupportRun result = expect(cli, code, words, args);
    va_end(args);
    return result;
}

SupportRun cli_ok(const Cli *cli, const char *words, ...)
{
    va_list args;
    va_start(args, words);
    SupportRun result = expect(cli, 0, words, args);
    va_end(args);
    return result;
}

static const json_t *step_into(const json_t *value, const char *key)
{
    return json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10)) : json_object_get(value, key);
}

const char *cli_json(const char *document, const char *path)
{
    json_error_t why;
    json_t *root = json_loads(document, JSON_REJECT_DUPLICATES, &why);
    if (!root) {
        fail_msg("no JSON (%s): %s", why.text, document);
    }
    const json_t *value = root;
    char *copy = support_keep(text_format("%s", path));
    char *rest = NULL;
    for (char *key = strtok_r(copy, ".", &rest); key && value; key = strtok_r(NULL, ".", &rest)) {
        if (strcmp(key, "#") == 0) {
            char *size = text_format("%zu", json_array_size(value));
            json_decref(root);
            return support_keep(size);
        }
        value = step_into(value, key);
    }
    if (!value) {
        json_decref(root);
        fail_msg("there is no %s in %s", path, document);
    }
    char *text = json_is_string(value) ? text_format("%s", json_string_value(value))
                                       : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    json_decref(root);
    return support_keep(text);
}

long long cli_json_number(const char *document, const char *path)
{
    return strtoll(cli_json(document, path), NULL, 10);
}

void cli_shows(const char *text, const char *wanted)
{
    if (!strstr(text, wanted)) {
        fail_msg("\"%s\" is not in: %s", wanted, text);
    }
}

void cli_hides(const char *text, const char *unwanted)
{
    if (strstr(text, unwanted)) {
        fail_msg("\"%s\" is in: %s", unwanted, text);
    }
}

static bool is_replaced(const char *assignment, const char *const *by)
{
    size_t name = strcspn(assignment, "=") + 1;
    for (; *by; by++) {
        if (strncmp(assignment, *by, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A shell of its own session, in the environment of the test and `env`. Spawned, not forked: a fork copies
 * the page tables of the whole test program, which the sanitizers make large. */
static pid_t spawn(const char *const *env, const char *script)
{
    char **all = NULL;
    size_t count = 0, capacity = 0;
    for (char **assignment = environ; *assignment; assignment++) {
        if (!is_replaced(*assignment, env)) {
            memory_grow((void **)&all, count, &capacity, sizeof *all);
            all[count++] = *assignment;
        }
    }
    do { /* with the NULL at its end */
        memory_grow((void **)&all, count, &capacity, sizeof *all);
        all[count++] = (char *)(uintptr_t)*env;
    } while (*env++);
    char *const argv[] = {"sh", "-c", (char *)(uintptr_t)script, NULL};
    posix_spawnattr_t attributes;
    pid_t pid = -1;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    int state = posix_spawn(&pid, "/bin/sh", NULL, &attributes, argv, all);
    posix_spawnattr_destroy(&attributes);
    free(all);
    if (state != 0) {
        fail_msg("can't start a program: %s", strerror(state));
    }
    return pid;
}

CliProcess cli_start(const Cli *cli, const char *words, ...)
{
    const char *folder = support_folder();
    CliProcess process = {.out = support_file(folder, "out", ""), .err = support_file(folder, "err", "")};
    va_list args;
    va_start(args, words);
    char *line = support_keep(text_vformat(words, args));
    va_end(args);
    char *script = support_keep(text_format("exec \"%s\" </dev/null %s >\"%s\" 2>\"%s\"", AMX_BINARY, line,
                                            process.out, process.err));
    process.pid = spawn(cli->env, script);
    return process;
}

typedef struct Waiting {
    pid_t pid;
    int status;
    const char *file;
    const char *text;
} Waiting;

static bool has_ended(void *context)
{
    Waiting *waiting = context;
    return waitpid(waiting->pid, &waiting->status, WNOHANG) == waiting->pid;
}

static bool has_said(void *context)
{
    const Waiting *waiting = context;
    return strstr(support_read(waiting->file), waiting->text);
}

SupportRun cli_wait(const CliProcess *process)
{
    Waiting waiting = {.pid = process->pid};
    if (!support_wait(has_ended, &waiting) && !support_wait(has_ended, &waiting) &&
        !support_wait(has_ended, &waiting)) {
        kill(-process->pid, SIGKILL);
        waitpid(process->pid, &waiting.status, 0);
        fail_msg("amx did not end; it had printed: %s%s", support_read(process->out),
                 support_read(process->err));
    }
    int status = waiting.status;
    return (SupportRun){.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                        .out = support_read(process->out),
                        .err = support_read(process->err)};
}

void cli_wait_for_error(const CliProcess *process, const char *text)
{
    Waiting waiting = {.file = process->err, .text = text};
    if (!support_wait(has_said, &waiting)) {
        fail_msg("\"%s\" was not said: %s", text, support_read(process->err));
    }
}

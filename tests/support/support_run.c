/* Running programs: the real binary, a shell around it, the PostgreSQL tools. */
#include "support_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "memory.h"
#include "text.h"

#define RUN_SECONDS 60
#define MAX_ARGUMENTS 64

extern char **environ;

/* Starts a program in a session of its own: no controlling terminal, and a group that can be killed as a
 * whole. Spawned, as a fork would copy the page tables of a test program, which are huge under the
 * sanitizers. Returns an errno. */
static int start(pid_t *child, char *const argv[], char *const env[], const int files[3])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    for (int i = 0; i < 3; i++) {
        posix_spawn_file_actions_adddup2(&actions, files[i], i);
    }
    int problem = posix_spawnp(child, argv[0], &actions, &attributes, argv, env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

static int exit_code(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int open_or_fail(const char *path, int flags)
{
    int file = open(path, flags | O_CLOEXEC, 0600);
    if (file < 0) {
        fail_msg("can't open %s: %s", path, strerror(errno));
    }
    return file;
}

/* Is told the moment it ends: thousands of short runs make up a test. */
static bool ends_within(pid_t child, int seconds)
{
    Deadline deadline = deadline_in(seconds * 1000LL);
    struct pollfd process = {.fd = pidfd_open(child, 0), .events = POLLIN};
    int ready = 0;
    if (process.fd < 0) {
        fail_msg("can't wait for a program: %s", strerror(errno));
    }
    do {
        ready = poll(&process, 1, (int)deadline_left(deadline));
    } while (ready < 0 && errno == EINTR);
    close(process.fd);
    return ready > 0;
}

int support_execute(char *const argv[], char *const env[], const char *in, const char *out, const char *err,
                    int seconds)
{
    int files[3] = {open_or_fail(in, O_RDONLY), open_or_fail(out, O_WRONLY | O_CREAT | O_TRUNC),
                    open_or_fail(err, O_WRONLY | O_CREAT | O_APPEND)};
    int status = 0;
    pid_t child = 0;
    int problem = start(&child, argv, env ? env : environ, files);
    for (int i = 0; i < 3; i++) {
        close(files[i]);
    }
    if (problem) {
        fail_msg("can't start %s: %s", argv[0], strerror(problem));
    }
    bool ended = ends_within(child, seconds);
    if (!ended) {
        kill(-child, SIGKILL);
    }
    waitpid(child, &status, 0);
    if (!ended) {
        fail_msg("%s did not end within %d s; it had printed: %s%s", argv[0], seconds, support_read(out),
                 support_read(err));
    }
    return exit_code(status);
}

/* The environment of a run: what the test names, and what any program needs. */
static char **make_environment(const char *const *env, const char *extra)
{
    static const char *const inherited[] = {"PATH", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};
    char **list = memory_zero(MAX_ARGUMENTS, sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++) {
        const char *value = getenv(inherited[i]);
        if (value) {
            list[count++] = support_keep(text_format("%s=%s", inherited[i], value));
        }
    }
    if (extra) {
        list[count++] = support_keep(memory_string(extra));
    }
    for (; env && *env; env++) {
        assert_true(count < MAX_ARGUMENTS - 1);
        list[count++] = support_keep(memory_string(*env));
    }
    return list;
}

static SupportRun run(char *const argv[], const char *const *env, const char *extra, const char *input)
{
    const char *folder = support_folder();
    const char *in = input ? support_file(folder, "in", input) : "/dev/null";
    const char *out = support_file(folder, "out", "");
    const char *err = support_file(folder, "err", "");
    char **environment = make_environment(env, extra);
    SupportRun result = {.exit_code = support_execute(argv, environment, in, out, err, RUN_SECONDS)};
    free(environment);
    result.out = support_read(out);
    result.err = support_read(err);
    return result;
}

SupportRun support_amx(const char *const *env, const char *input, ...)
{
    char *argv[MAX_ARGUMENTS] = {support_keep(memory_string(AMX_BINARY))};
    size_t count = 1;
    va_list args;
    va_start(args, input);
    for (const char *argument; (argument = va_arg(args, const char *));) {
        assert_true(count < MAX_ARGUMENTS - 1);
        argv[count++] = support_keep(memory_string(argument));
    }
    va_end(args);
    return run(argv, env, NULL, input);
}

SupportRun support_shell(const char *const *env, const char *command)
{
    char *argv[] = {"/bin/sh", "-c", support_keep(memory_string(command)), NULL};
    return run(argv, env, "AMX=" AMX_BINARY, NULL);
}

#include "llm_key.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

extern char **environ;

enum { COMMAND_MS = 30 * 1000, SLICE_MS = 20, OUTPUT_BYTES = 8 * 1024, READS_AT_ONCE = 16 };

/* What a command writes: kept up to a limit, read to its end. */
typedef struct Output {
    int file; /* -1: at its end */
    size_t length;
    char bytes[OUTPUT_BYTES + 1]; /* NUL-ended; wiped by close_output */
} Output;

typedef struct KeyCommand {
    pid_t pid; /* 0: it was not started, or has ended */
    int status;
    Output out;
} KeyCommand;

static void close_output(Output *output)
{
    if (output->file >= 0) {
        close(output->file);
    }
    output->file = -1;
    explicit_bzero(output->bytes, sizeof output->bytes);
}

/* Reads what there is, but so much at once that whoever waits for the command looks at the clock between. */
static void read_output(Output *output)
{
    char piece[1024];
    for (int reads = 0; output->file >= 0 && reads < READS_AT_ONCE; reads++) {
        ssize_t size = read(output->file, piece, sizeof piece);
        if (size < 0 && errno == EAGAIN) {
            break;
        }
        if (size == 0 || (size < 0 && errno != EINTR)) {
            close(output->file);
            output->file = -1;
        }
        size_t room = OUTPUT_BYTES - output->length;
        size_t come = size > 0 ? (size_t)size : 0;
        size_t kept = come < room ? come : room;
        memcpy(output->bytes + output->length, piece, kept);
        output->length += kept;
    }
    explicit_bzero(piece, sizeof piece);
}

/* Whose end the system has told nobody of (SIGCHLD is ignored) has ended, too; its number may be another's by
 * now. */
static bool has_ended(KeyCommand *command)
{
    if (command->pid > 0) {
        pid_t got = waitpid(command->pid, &command->status, WNOHANG);
        if (got == command->pid || (got < 0 && errno == ECHILD)) {
            command->pid = 0;
        }
    }
    return command->pid == 0;
}

static void kill_command(KeyCommand *command)
{
    if (!has_ended(command)) {
        kill(-command->pid, SIGKILL); /* it leads a session, so a process group, of its own */
        while (waitpid(command->pid, &command->status, 0) < 0 && errno == EINTR) {
        }
        command->pid = 0;
    }
}

/* A session of its own: no terminal, on which it could draw over the screen, and one name for all it starts.
 * What it complains of is not kept: a shell that traces (set -x) writes the key there. */
static int spawn(const char *line, int out, pid_t *pid)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    sigset_t none;
    sigset_t defaults;
    const char *const words[] = {"sh", "-c", line, NULL};
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    sigaddset(&defaults, SIGINT);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawn(pid, "/bin/sh", &actions, &attributes, (char *const *)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static bool open_pipe(int ends[2])
{
    /* only our end does not wait: the command's does, as it expects */
    return pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool start_command(const LlmProfile *profile, KeyCommand *command, Error *err)
{
    int out[2] = {-1, -1};
    int failed = open_pipe(out) ? spawn(profile->api_key_command, out[1], &command->pid) : errno;
    command->out.file = out[0];
    if (out[1] >= 0) {
        close(out[1]);
    }
    if (failed) {
        command->pid = 0;
        error_set(err, ERROR_SYSTEM, "llm_profile %s: can't run its api_key_command: %s", profile->name,
                  strerror(failed));
        return error_hint(err, "try it in a shell, or take api_key_env instead");
    }
    return true;
}

static bool does_not_end(const LlmProfile *profile, int limit_ms, Error *err)
{
    error_set(err, ERROR_TIMEOUT, "llm_profile %s: its api_key_command does not end within %d ms",
              profile->name, limit_ms);
    return error_hint(err, "it gets no terminal and no standard input; does it wait for a password? its time "
                           "counts for total_ms and --timeout, and it has 30 seconds at most");
}

/* Until it has ended: what it left running in the background may keep the pipe open for ever. */
static bool wait_for_command(const LlmProfile *profile, KeyCommand *command, Deadline deadline, Error *err)
{
    Deadline own = deadline_in(COMMAND_MS);
    Deadline limit = own < deadline ? own : deadline;
    const int limit_ms = deadline_left(limit);
    while (!has_ended(command)) {
        struct pollfd file = {.fd = command->out.file, .events = POLLIN};
        if (interrupt_requested()) {
            return error_set(err, ERROR_INTERRUPTED,
                             "interrupted while the api_key_command of llm_profile %s ran", profile->name);
        }
        if (deadline_left(limit) == 0) {
            return does_not_end(profile, limit_ms, err);
        }
        poll(&file, 1, SLICE_MS);
        read_output(&command->out);
    }
    read_output(&command->out);
    return true;
}

static bool refuse_command(const LlmProfile *profile, int status, Error *err)
{
    bool ended = WIFEXITED(status);
    error_set(err, ERROR_CONFIG, "llm_profile %s: its api_key_command %s %d", profile->name,
              ended ? "ends with exit code" : "is killed by signal",
              ended ? WEXITSTATUS(status) : WTERMSIG(status));
    return error_hint(err,
                      "run it in a shell to see why: its first line of output has to be the key, and its "
                      "exit code 0");
}

static bool run_command(const LlmProfile *profile, Deadline deadline, char **out, Error *err)
{
    KeyCommand *command = memory_zero(1, sizeof *command);
    command->out.file = -1;
    bool ok = start_command(profile, command, err) && wait_for_command(profile, command, deadline, err);
    if (ok && (!WIFEXITED(command->status) || WEXITSTATUS(command->status) != 0)) {
        ok = refuse_command(profile, command->status, err);
    }
    if (ok) {
        *out = memory_string_n(command->out.bytes, strcspn(command->out.bytes, "\r\n"));
    }
    kill_command(command);
    close_output(&command->out);
    free(command);
    return ok;
}

static bool is_printable(const char *key)
{
    for (; *key; key++) {
        if (*key <= ' ' || *key >= 0x7f) {
            return false;
        }
    }
    return true;
}

static bool check_key(const LlmProfile *profile, const char *key, Error *err)
{
    char *source = llm_key_source(profile);
    if (text_is_empty(key)) {
        error_set(err, ERROR_CONFIG, "llm_profile %s: there is no key: %s holds none", profile->name, source);
        if (profile->api_key_env) {
            error_hint(err, "set it before amx is started: export %s=..", profile->api_key_env);
        } else {
            error_hint(err, "the first line of output of %s has to be the key", source);
        }
    } else if (!is_printable(key)) {
        error_set(err, ERROR_CONFIG, "llm_profile %s: what %s holds is no key: blanks or control characters",
                  profile->name, source);
        error_hint(err, "was more copied than the key?");
    }
    free(source);
    return !text_is_empty(key) && is_printable(key);
}

/* --- what commands told --- */

/* A command line and its key. */
typedef struct Told {
    char *command;
    char *key; /* NULL: forgotten */
    struct Told *next;
} Told;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the list */
static Told *told_before;

/* NULL when nothing was told yet. The caller holds the lock. */
static Told *find_told(const char *command)
{
    Told *told = told_before;
    while (told && !text_equal(told->command, command)) {
        told = told->next;
    }
    return told;
}

/* NULL when there is none. */
static char *recall(const char *command)
{
    pthread_mutex_lock(&lock);
    const Told *told = find_told(command);
    char *key = told ? memory_string(told->key) : NULL;
    pthread_mutex_unlock(&lock);
    return key;
}

static void remember(const char *command, const char *key)
{
    pthread_mutex_lock(&lock);
    Told *told = find_told(command);
    if (!told) {
        told = memory_zero(1, sizeof *told);
        told->command = memory_string(command);
        told->next = told_before;
        told_before = told;
    }
    llm_key_free(told->key);
    told->key = memory_string(key);
    pthread_mutex_unlock(&lock);
}

bool llm_key_forget(const LlmProfile *profile)
{
    if (profile->api_key_env || !profile->api_key_command) {
        return false;
    }
    pthread_mutex_lock(&lock);
    Told *told = find_told(profile->api_key_command);
    if (told) {
        llm_key_free(told->key);
        told->key = NULL;
    }
    pthread_mutex_unlock(&lock);
    return true;
}

static bool find_by_command(const LlmProfile *profile, Deadline deadline, char **key, Error *err)
{
    *key = recall(profile->api_key_command);
    if (*key) {
        return true;
    }
    if (!run_command(profile, deadline, key, err) || !check_key(profile, *key, err)) {
        llm_key_free(*key);
        *key = NULL;
        return false;
    }
    remember(profile->api_key_command, *key);
    return true;
}

bool llm_key_find(const LlmProfile *profile, Deadline deadline, char **out, Error *err)
{
    char *key = NULL;
    *out = NULL;
    if (profile->api_key_env) {
        key = memory_string(getenv(profile->api_key_env));
    } else if (profile->api_key_command) {
        return find_by_command(profile, deadline, out, err);
    } else if (profile->api_key) {
        key = memory_string(profile->api_key);
    } else {
        return true;
    }
    if (!check_key(profile, key, err)) {
        llm_key_free(key);
        return false;
    }
    *out = key;
    return true;
}

void llm_key_free(char *key)
{
    if (key) {
        explicit_bzero(key, strlen(key));
    }
    free(key);
}

char *llm_key_source(const LlmProfile *profile)
{
    if (profile->api_key_env) {
        return text_format("environment variable %s", profile->api_key_env);
    }
    return memory_string(profile->api_key_command ? "api_key_command"
                         : profile->api_key       ? "amx.conf"
                                                  : "none");
}

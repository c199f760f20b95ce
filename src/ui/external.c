#include "external.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "memory.h"
#include "text.h"
#include "tty.h"

#define CANT_EXECUTE 126 /* what a shell says of a program that is there but is none */
#define NOT_FOUND 127
#define GROUP_STEP_MS 20
#define ENDING_MS 2000 /* what a program gets to end in when it is asked to */

/* A program that the person chose, or the one that is there for those who chose none. */
typedef struct Choice {
    const char *variable; /* of the environment */
    const char *command;  /* for the shell */
    const char *program;  /* what a message calls it */
    bool chosen;
} Choice;

static Choice choose(const char *first, const char *second, Choice otherwise)
{
    const char *variable = text_is_empty(getenv(first)) && second ? second : first;
    const char *command = getenv(variable);
    return text_is_empty(command) ? otherwise : (Choice){variable, command, command, true};
}

static Choice choose_pager(void)
{
    return choose("PAGER", NULL,
                  (Choice){"PAGER", "if command -v less >/dev/null 2>&1; then exec less; else exec more; fi",
                           "less or more", false});
}

static Choice choose_editor(void)
{
    return choose("VISUAL", "EDITOR", (Choice){"EDITOR", "vi", "vi", false});
}

/* Which program it was, what became of it, and what to do. */
static bool explain_start(const Choice *choice, int status, Error *err)
{
    char *program = text_format(choice->chosen ? "%s, which $%s names," : "%s, taken because $%s names none,",
                                choice->program, choice->variable);
    error_set(err, ERROR_SYSTEM, WEXITSTATUS(status) == NOT_FOUND ? "%s is not installed" : "%s can't be run",
              program);
    free(program);
    return error_hint(err,
                      "leave amx, set the variable to a program that is installed (export %s=..), and "
                      "start it again",
                      choice->variable);
}

/* Who ended a pager on purpose knows it; a text that was being edited is lost all the same. */
static bool explain_signal(const Choice *choice, int number, bool edits, bool meant, Error *err)
{
    if (meant && !edits) {
        return true;
    }
    return error_set(err, ERROR_SYSTEM, "%s was ended by a signal (%s)%s", choice->program, strsignal(number),
                     edits ? ": nothing was taken over" : "");
}

static bool write_all(int fd, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t written = write(fd, text, left);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text += written > 0 ? written : 0;
        left -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

/* A program that has the terminal. */
typedef struct Guest {
    pid_t pid;
    bool job; /* its process group is its own: the keys that stop or end a program reach it alone */
} Guest;

/* The child gets the signals as a program expects them, not as the screen set them. */
static void prepare(posix_spawnattr_t *attributes, bool job)
{
    sigset_t none;
    sigset_t defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    sigaddset(&defaults, SIGINT);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                             (job ? POSIX_SPAWN_SETPGROUP : 0));
}

static void tell(const Guest *guest, int number)
{
    kill(guest->job ? -guest->pid : guest->pid, number);
}

/* When the guest is stopped, amx stops too, so that the shell gets its prompt; both go on together. */
static void stop_with(const Guest *guest)
{
    if (guest->job) {
        tty_take();
    }
    tty_stop();
    if (guest->job) {
        tty_give(guest->pid);
    }
    tell(guest, SIGCONT);
}

/* A signal that came while the guest had the terminal, 0 when none came until `end`. Those that keys send
 * were meant for the guest. */
static int next_signal(Deadline end)
{
    struct pollfd signals = {.fd = tty_signal_fd(), .events = POLLIN};
    return poll(&signals, 1, deadline_left(end)) > 0 ? tty_signal() : 0;
}

/* The shell that was started may end before what it started. */
static void end_group(const Guest *guest, Deadline end)
{
    while (guest->job && kill(-guest->pid, 0) == 0 && deadline_left(end) > 0) {
        poll(NULL, 0, GROUP_STEP_MS);
    }
    if (guest->job) {
        tell(guest, SIGKILL);
    }
}

/* Waits until the guest has ended. When amx is to end meanwhile (*ended_by), the guest is told as well. */
static bool wait_for(const Guest *guest, int *status, int *ended_by)
{
    Deadline end = DEADLINE_NONE;
    for (;;) {
        pid_t got = waitpid(guest->pid, status, WNOHANG | WUNTRACED);
        if (got == guest->pid && !WIFSTOPPED(*status)) {
            if (*ended_by) {
                end_group(guest, end);
            }
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
        if (got == guest->pid && !*ended_by) {
            stop_with(guest);
        }
        int number = next_signal(end);
        if (number == SIGTERM || number == SIGHUP) {
            *ended_by = number;
            end = end == DEADLINE_NONE ? deadline_in(ENDING_MS) : end;
            tell(guest, number);
            tell(guest, SIGCONT); /* a stopped one hears nothing */
        } else if (deadline_left(end) == 0) {
            tell(guest, SIGKILL);
            end = deadline_in(ENDING_MS);
        }
    }
}

/* Runs a choice on the terminal, with `file` as its last argument unless it is NULL and `input` as standard
 * input unless it is -1. */
static bool run(const Choice *choice, const char *file, int input, Error *err)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    Guest guest = {.job = tty_is_ours()};
    prepare(&attributes, guest.job);
    posix_spawn_file_actions_init(&actions);
    if (guest.job) {
        posix_spawn_file_actions_addtcsetpgrp_np(&actions, STDIN_FILENO);
    }
    if (input >= 0) {
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    }
    char *command = text_format(file ? "%s \"$1\"" : "%s", choice->command);
    char *arguments[] = {(char[]){"sh"}, (char[]){"-c"}, command, (char[]){"amx"}, memory_string(file), NULL};
    tty_release();
    int status = 0;
    int ended_by = 0;
    int failed = posix_spawn(&guest.pid, "/bin/sh", &actions, &attributes, arguments, environ);
    if (!failed && !wait_for(&guest, &status, &ended_by)) {
        failed = errno;
    }
    if (guest.job) {
        tty_take();
    }
    tty_reclaim();
    if (ended_by) {
        raise(ended_by); /* for the screen, which reads it like any other */
    }
    free(arguments[4]);
    free(command);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed) {
        error_set(err, ERROR_SYSTEM, "/bin/sh, which starts %s, can't be run: %s", choice->program,
                  strerror(failed));
        return error_hint(err, "end other programs, then try again");
    }
    if (WIFSIGNALED(status)) {
        return explain_signal(choice, WTERMSIG(status), file, ended_by || WTERMSIG(status) == SIGINT, err);
    }
    if (WEXITSTATUS(status) == CANT_EXECUTE || WEXITSTATUS(status) == NOT_FOUND) {
        return explain_start(choice, status, err);
    }
    if (WEXITSTATUS(status) != 0 && file) {
        error_set(err, ERROR_SYSTEM, "%s failed (exit %d): nothing was taken over", choice->program,
                  WEXITSTATUS(status));
        return error_hint(err, "open it again, and leave the editor by saving");
    }
    return true;
}

bool external_page(const char *text, Error *err)
{
    Choice pager = choose_pager();
    int fd = memfd_create("amx", MFD_CLOEXEC);
    bool ready = fd >= 0 && write_all(fd, text) && lseek(fd, 0, SEEK_SET) == 0;
    bool done = ready
                    ? run(&pager, NULL, fd, err)
                    : error_set(err, ERROR_SYSTEM, "the text can't be given to a pager: %s", strerror(errno));
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

/* A file of this user's own; the path is owned by the caller, NULL when there could be none. */
static char *make_file(const char *text, Error *err)
{
    const char *folder = getenv("TMPDIR");
    char *path = text_format("%s/amx-XXXXXX.txt", text_is_empty(folder) ? "/tmp" : folder);
    int fd = mkostemps(path, 4, O_CLOEXEC); /* 0600 */
    bool written = fd >= 0 && write_all(fd, text);
    int saved = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (written) {
        return path;
    }
    error_set(err, ERROR_SYSTEM, "%s can't be written: %s", path, strerror(saved));
    error_hint(err, "set TMPDIR to a folder that you can write to");
    if (fd >= 0) {
        unlink(path);
    }
    free(path);
    return NULL;
}

static char *read_file(const char *path, Error *err)
{
    Text out = {0};
    char bytes[4096];
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    while (fd >= 0 && (got = read(fd, bytes, sizeof bytes)) > 0) {
        text_add_n(&out, bytes, (size_t)got);
    }
    if (got < 0) {
        error_set(err, ERROR_SYSTEM, "%s, which was edited, can't be read: %s", path, strerror(errno));
        error_hint(err, "nothing was taken over; edit it again");
        text_free(&out);
    }
    if (fd >= 0) {
        close(fd);
    }
    return got < 0 ? NULL : text_take(&out);
}

bool external_edit(const char *text, char **edited, Error *err)
{
    char *path = make_file(text, err);
    if (!path) {
        return false;
    }
    Choice editor = choose_editor();
    *edited = run(&editor, path, -1, err) ? read_file(path, err) : NULL;
    unlink(path);
    free(path);
    return *edited != NULL;
}

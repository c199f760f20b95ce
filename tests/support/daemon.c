#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "support_internal.h"
#include "text.h"

#define BIN "/usr/lib/postgresql/15/bin/"
#define TOOL_SECONDS 120
#define MAX_WORDS 32

static const struct passwd *postgres(void)
{
    const struct passwd *user = getpwnam("postgres");
    if (!user) {
        fail_msg("there is no user postgres");
    }
    return user;
}

static const char *give(const char *path)
{
    if (geteuid() == 0 && chown(path, postgres()->pw_uid, postgres()->pw_gid)) {
        fail_msg("can't give %s to the user postgres: %s", path, strerror(errno));
    }
    return path;
}

const char *daemon_folder(void)
{
    return give(support_folder());
}

const char *daemon_file(const char *folder, const char *name, const char *content)
{
    return give(support_file(folder, name, content));
}

static void add_words(char **argv, size_t count, va_list args)
{
    for (const char *word; (word = va_arg(args, const char *));) {
        assert_true(count < MAX_WORDS - 1);
        argv[count++] = support_keep(memory_string(word));
    }
}

void daemon_tool(const char *folder, ...)
{
    static const char *const as_postgres[] = {"runuser", "-u", "postgres", "--", NULL};
    char *argv[MAX_WORDS] = {NULL};
    size_t count = 0;
    for (const char *const *word = as_postgres; geteuid() == 0 && *word; word++) {
        argv[count++] = support_keep(memory_string(*word));
    }
    va_list args;
    va_start(args, folder);
    add_words(argv, count, args);
    va_end(args);
    const char *log = support_keep(text_format("%s/tool.log", folder));
    if (support_execute(argv, NULL, "/dev/null", log, log, TOOL_SECONDS) != 0) {
        fail_msg("%s failed: %s", argv[count], support_read(log));
    }
}

/* Child side. Without a handler of its own a test program that crashes would leave the daemon behind, so the
 * kernel is asked to end it (SIGQUIT: at once, to PostgreSQL and PgBouncer alike). */
static _Noreturn void become(char *const argv[], int log)
{
    setsid();
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    if (geteuid() == 0) {
        const struct passwd *user = getpwnam("postgres");
        if (!user || initgroups(user->pw_name, user->pw_gid) || setgid(user->pw_gid) ||
            setuid(user->pw_uid)) {
            _exit(126);
        }
    }
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    execv(argv[0], argv);
    _exit(127);
}

static Daemon start(const char *folder, char *const argv[])
{
    Daemon daemon = {.log = support_keep(text_format("%s/log", folder))};
    int log = open(daemon.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    daemon.pid = fork();
    if (daemon.pid == 0) {
        become(argv, log);
    }
    close(log);
    if (daemon.pid < 0) {
        fail_msg("can't fork: %s", strerror(errno));
    }
    return daemon;
}

Daemon daemon_start(const char *folder, ...)
{
    char *argv[MAX_WORDS] = {NULL};
    va_list args;
    va_start(args, folder);
    add_words(argv, 0, args);
    va_end(args);
    return start(folder, argv);
}

static bool has_ended(void *context)
{
    return waitpid(((Daemon *)context)->pid, NULL, WNOHANG) != 0;
}

void daemon_stop(Daemon *daemon, int signal_number)
{
    if (daemon->pid <= 0) {
        return;
    }
    kill(daemon->pid, signal_number);
    if (!support_wait(has_ended, daemon)) {
        kill(daemon->pid, SIGKILL);
        waitpid(daemon->pid, NULL, 0);
    }
    daemon->pid = 0;
}

static bool can_log_in(void *conninfo)
{
    PGconn *conn = PQconnectdb(conninfo);
    bool connected = PQstatus(conn) == CONNECTION_OK;
    PQfinish(conn);
    return connected;
}

void daemon_await(const Daemon *daemon, const char *conninfo)
{
    if (!support_wait(can_log_in, support_keep(memory_string(conninfo)))) {
        fail_msg("%s can't be reached: %s", conninfo, support_read(daemon->log));
    }
}

static char *data_of(const char *folder)
{
    return support_keep(text_format("%s/data", folder));
}

void daemon_initdb(const char *folder)
{
    daemon_tool(folder, BIN "initdb", "-D", data_of(folder), "-U", "tester", "-A", "trust", "-E", "UTF8",
                "--locale=C", "--no-sync", NULL);
}

Daemon daemon_postgres(const char *folder, ...)
{
    char *socket = support_keep(text_format("unix_socket_directories=%s", folder));
    const char *const words[] = {"-D", data_of(folder),       "-c", socket,
                                 "-c", "listen_addresses=",   "-c", "fsync=off",
                                 "-c", "shared_buffers=32MB", "-c", "max_connections=30"};
    char *argv[MAX_WORDS] = {support_keep(memory_string(BIN "postgres"))};
    size_t count = 1;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        argv[count++] = support_keep(memory_string(words[i]));
    }
    va_list args;
    va_start(args, folder);
    add_words(argv, count, args);
    va_end(args);
    return start(folder, argv);
}

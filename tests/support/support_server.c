/* The private PostgreSQL cluster. */
#include "support_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

#define BIN "/usr/lib/postgresql/15/bin/"
#define TOOL_SECONDS 120

static SupportServer server;
static bool running;
static int guard_pipe = -1;
static pid_t guard;

static char *data_folder(void)
{
    return support_keep(text_format("%s/data", server.folder));
}

/* Runs a tool of PostgreSQL; as root it runs as postgres, because a server refuses to run as root. */
static bool run_tool(const char *const *arguments)
{
    static const char *const as_postgres[] = {"runuser", "-u", "postgres", "--", NULL};
    char *argv[32];
    size_t count = 0;
    for (const char *const *word = as_postgres; geteuid() == 0 && *word; word++) {
        argv[count++] = support_keep(memory_string(*word));
    }
    for (; *arguments; arguments++) {
        argv[count++] = support_keep(memory_string(*arguments));
    }
    argv[count] = NULL;
    const char *log = support_keep(text_format("%s/tool.log", server.folder));
    return support_execute(argv, NULL, "/dev/null", log, log, TOOL_SECONDS) == 0;
}

static void must_run(const char *const *arguments)
{
    if (!run_tool(arguments)) {
        fail_msg("%s failed: %s", arguments[0],
                 support_read(support_keep(text_format("%s/tool.log", server.folder))));
    }
}

/* A test program that is killed or crashes runs no exit handlers. So a shell of its own session waits for the
 * end of a pipe whose other end only this program holds, and stops the server then. */
static void post_guard(void)
{
    static const char script[] = "cat; cd / && if [ -e \"$0/data/postmaster.pid\" ]; then "
                                 "if [ \"$(id -u)\" = 0 ]; then runuser -u postgres -- " BIN
                                 "pg_ctl -D \"$0/data\" -m immediate stop; else " BIN
                                 "pg_ctl -D \"$0/data\" -m immediate stop; fi; rm -rf \"$0\"; fi";
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) {
        fail_msg("can't make a pipe: %s", strerror(errno));
    }
    guard = fork();
    if (guard == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(ends[0], STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        setsid();
        execl("/bin/sh", "sh", "-c", script, server.folder, (char *)NULL);
        _exit(127);
    }
    close(ends[0]);
    guard_pipe = ends[1];
}

static void give_to_postgres(const char *folder)
{
    if (geteuid() != 0) {
        return;
    }
    const struct passwd *postgres = getpwnam("postgres");
    if (!postgres || chown(folder, postgres->pw_uid, postgres->pw_gid)) {
        fail_msg("can't give %s to the user postgres: %s", folder, strerror(errno));
    }
}

void support_server_start(void)
{
    const char *data = data_folder();
    const char *log = support_keep(text_format("%s/server.log", server.folder));
    const char *options = support_keep(
        text_format("-c listen_addresses='' -c unix_socket_directories='%s' -c port=%d -c fsync=off "
                    "-c shared_buffers=32MB -c max_connections=50",
                    server.socket, server.port));
    must_run((const char *const[]){BIN "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start", NULL});
    running = true;
}

void support_server_stop(const char *mode)
{
    must_run((const char *const[]){BIN "pg_ctl", "-D", data_folder(), "-w", "-m", mode, "stop", NULL});
    running = false;
}

const SupportServer *support_server(void)
{
    if (!server.folder) {
        const char *folder = support_folder();
        server =
            (SupportServer){.folder = memory_string(folder), .socket = memory_string(folder), .port = 5432};
        give_to_postgres(folder);
        must_run((const char *const[]){BIN "initdb", "-D", data_folder(), "-U", "tester", "-A", "trust", "-E",
                                       "UTF8", "--locale=C", "--no-sync", NULL});
        post_guard();
        support_server_start();
    }
    return &server;
}

void support_server_cleanup(void)
{
    if (!server.folder) {
        return;
    }
    if (running) {
        run_tool(
            (const char *const[]){BIN "pg_ctl", "-D", data_folder(), "-w", "-m", "immediate", "stop", NULL});
        running = false;
    }
    close(guard_pipe);
    waitpid(guard, NULL, 0);
    free(server.folder);
    free(server.socket);
    server = (SupportServer){0};
}

const char *support_database(void)
{
    static int number;
    const SupportServer *on = support_server();
    char *base = text_format("host=%s port=%d user=tester dbname=", on->socket, on->port);
    const char *maintenance = support_keep(text_format("%spostgres", base));
    const char *create = support_keep(text_format("CREATE DATABASE test_%d", ++number));
    support_sql(maintenance, create);
    const char *conninfo = support_keep(text_format("%stest_%d", base, number));
    free(base);
    return conninfo;
}

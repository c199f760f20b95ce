/* Whole commands: a write while the store rests, and the start. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "local_sqlite.h"
#include "text.h"

#define SPAWNS 20

typedef struct Program {
    const char *home;
    const char *const *argv;
    long rss_kib;
} Program;

typedef struct Pair {
    Program ours;
    Program bare;
} Pair;

static double spawn_some(Program *program)
{
    double took = 0;
    for (int i = 0; i < SPAWNS; i++) {
        took += bench_spawn(program->home, program->argv, &program->rss_kib);
    }
    return took / SPAWNS;
}

static double pair_ours(void *context)
{
    return spawn_some(&((Pair *)context)->ours);
}

static double pair_bare(void *context)
{
    return spawn_some(&((Pair *)context)->bare);
}

static const char *const write_one[] = {AMX_BINARY, "-q", "session", "new", "--title", "bench", NULL};

/* A port that accepts and stays silent, or one where nobody listens; the socket stays open. */
static int make_port(bool mute, int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || (mute && listen(fd, 8) != 0) ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        bench_fail("socket", "can't be made");
    }
    *port = ntohs(address.sin_port);
    return fd;
}

static void measure_unreachable(Bench *bench, bool mute)
{
    static const char *const enable[] = {AMX_BINARY, "db", "history-store", "enable", "--profile",
                                         "team",     NULL};
    Error err = {0};
    int port;
    int fd = make_port(mute, &port);
    char *off = bench_home(bench, mute ? "off-mute" : "off-refused", bench->conninfo);
    char *on = bench_home(bench, mute ? "on-mute" : "on-refused", bench->conninfo);
    char *conninfo = text_format("host=127.0.0.1 port=%d user=bench dbname=postgres", port);
    bench_spawn(off, write_one, NULL);
    bench_spawn(on, enable, NULL);
    bench_conf(on, conninfo);
    bench_spawn(on, write_one, NULL); /* meets the trouble; the store rests from now on */
    Local *local = bench_open(on);
    bench_must(sqlite_run(local_sqlite(local), &err,
                          "UPDATE settings SET value = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+290 seconds') "
                          "WHERE key = 'sharing.retry_at'",
                          NO_VALUES),
               &err);
    local_close(local);
    Pair pair = {.ours = {.home = on, .argv = write_one}, .bare = {.home = off, .argv = write_one}};
    bench_row(bench, &(BenchRow){.name = mute ? "one command that writes, store mute, in the backoff"
                                              : "one command that writes, store refuses, in the backoff",
                                 .baseline = "the same with sharing off",
                                 .target = 1.1,
                                 .ours = pair_ours,
                                 .bare = pair_bare,
                                 .context = &pair});
    close(fd);
    free(conninfo);
    free(off);
    free(on);
}

void bench_unreachable(Bench *bench)
{
    measure_unreachable(bench, false);
    measure_unreachable(bench, true);
}

void bench_start(Bench *bench)
{
    /* Debian's /usr/bin/psql is a Perl script that looks for clusters; the real binary is behind it */
    static const char *const psql[] = {"/usr/lib/postgresql/15/bin/psql", "--version", NULL};
    static const char *const status[] = {AMX_BINARY, "db", "history-store", "status", "--json", NULL};
    char *home = bench_home(bench, "start", bench->conninfo);
    bench_spawn(home, write_one, NULL);
    Pair pair = {.ours = {.home = home, .argv = status}, .bare = {.home = home, .argv = psql}};
    json_t *row = bench_row(bench, &(BenchRow){.name = "amx db history-store status --json, sharing off",
                                               .baseline = "psql --version",
                                               .target = 1.2,
                                               .ours = pair_ours,
                                               .bare = pair_bare,
                                               .context = &pair});
    json_object_set_new(row, "rss_kib", json_integer(pair.ours.rss_kib));
    json_object_set_new(row, "baseline_rss_kib", json_integer(pair.bare.rss_kib));
    printf("    memory: %.1f MiB, psql %.1f MiB (at most 14 MiB)\n", (double)pair.ours.rss_kib / 1024,
           (double)pair.bare.rss_kib / 1024);
    free(home);
}

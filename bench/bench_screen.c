/* The screen over a very long history: from exec to the first whole frame, and from a key to its frame, in a
 * pseudo terminal that reads what amx draws. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "fill_sessions.h"
#include "memory.h"
#include "text.h"

#define PATIENCE_S 120.0
#define QUIET_MS 8 /* a frame is whole when nothing has come for so long after it */
#define SETTLED_MS 60
#define PRESSES 200

typedef struct Pty {
    pid_t pid;
    int fd;
    double started;
    Text seen; /* since the last key */
} Pty;

static Pty pty_start(const char *home, const char *const *argv)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    Pty pty = {.started = bench_now()};
    pty.pid = forkpty(&pty.fd, NULL, NULL, &size);
    if (pty.pid < 0) {
        bench_fail("forkpty", strerror(errno));
    }
    if (pty.pid == 0) {
        setenv("AMX_HOME", home, 1);
        setenv("TERM", "xterm-256color", 1);
        setenv("LC_ALL", "C.UTF-8", 1);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    return pty;
}

/* Reads what comes within so many milliseconds; false when nothing did. */
static bool pty_read(Pty *pty, int milliseconds)
{
    char piece[65536];
    struct pollfd ready = {.fd = pty->fd, .events = POLLIN};
    if (poll(&ready, 1, milliseconds) <= 0) {
        return false;
    }
    ssize_t got = read(pty->fd, piece, sizeof piece);
    if (got <= 0) {
        bench_fail("amx", "ended while it was measured");
    }
    text_add_n(&pty->seen, piece, (size_t)got);
    return true;
}

/* Reads until a text has been drawn and the frame is whole; when its last byte came. */
static double pty_wait(Pty *pty, const char *text)
{
    double last = bench_now();
    double until = last + PATIENCE_S;
    while (!strstr(text_string(&pty->seen), text)) {
        if (bench_now() > until) {
            bench_fail("never drawn", text);
        }
        pty_read(pty, 1000);
    }
    last = bench_now();
    while (pty_read(pty, QUIET_MS)) {
        last = bench_now();
    }
    return last;
}

/* Presses a key and reads the frame that answers it; seconds. */
static double pty_press(Pty *pty, const char *key)
{
    text_clear(&pty->seen);
    double began = bench_now();
    if (write(pty->fd, key, strlen(key)) < 0) {
        bench_fail("key", strerror(errno));
    }
    if (!pty_read(pty, (int)(PATIENCE_S * 1000))) {
        bench_fail("no frame after key", key);
    }
    double last = bench_now();
    while (pty_read(pty, QUIET_MS)) {
        last = bench_now();
    }
    return last - began;
}

/* Waits for what the key has set going: the page that is read. */
static void pty_settle(Pty *pty)
{
    while (pty_read(pty, SETTLED_MS)) {
    }
}

static long pty_rss_kib(const Pty *pty)
{
    char line[256];
    long kib = 0;
    char *path = text_format("/proc/%d/status", (int)pty->pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        sscanf(line, "VmHWM: %ld", &kib);
    }
    if (file) {
        fclose(file);
    }
    free(path);
    return kib;
}

static void pty_stop(Pty *pty)
{
    kill(pty->pid, SIGKILL);
    waitpid(pty->pid, NULL, 0);
    close(pty->fd);
    text_free(&pty->seen);
}

/* --- the first frame --- */

static const char *const amx[] = {AMX_BINARY, NULL};
static const char *const tig[] = {"tig", "--version", NULL};

static double first_frame(void *context)
{
    Pty pty = pty_start(context, amx);
    double took = pty_wait(&pty, "Dump DDL") - pty.started;
    pty_stop(&pty);
    return took;
}

static double tig_version(void *context)
{
    return bench_spawn(context, tig, NULL);
}

/* --- keys --- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void add_latencies(Bench *bench, const char *name, double *seconds, size_t count, double target_ms)
{
    qsort(seconds, count, sizeof *seconds, compare);
    double p50 = 1e3 * seconds[count / 2];
    double p99 = 1e3 * seconds[(count * 99 + 99) / 100 - 1];
    printf("| %s | | p50 %.2f ms, p99 %.2f ms | | | p99 <= %.0f ms | %s |\n", name, p50, p99, target_ms,
           p99 <= target_ms ? "yes" : "no");
    fflush(stdout);
    json_array_append_new(bench->table,
                          json_pack("{s:s, s:f, s:f, s:f, s:b}", "work", name, "p50_ms", p50, "p99_ms", p99,
                                    "target_ms", target_ms, "reached", p99 <= target_ms));
}

static void press_often(Bench *bench, Pty *pty, const char *name, const char *key, const char *other)
{
    double seconds[PRESSES];
    for (size_t i = 0; i < PRESSES; i++) {
        seconds[i] = pty_press(pty, key);
        pty_settle(pty);
        if (other) {
            pty_press(pty, other);
            pty_settle(pty);
        }
    }
    add_latencies(bench, name, seconds, PRESSES, 16);
}

static void type_filters(Bench *bench, Pty *pty)
{
    static const char typed[] = "customer";
    double seconds[10 * (sizeof typed - 1)];
    size_t count = 0;
    for (int round = 0; round < 10; round++) {
        pty_press(pty, "/");
        for (const char *c = typed; *c; c++) {
            seconds[count++] = pty_press(pty, (char[]){*c, '\0'});
        }
        pty_settle(pty);
        pty_press(pty, "\x1b");
        pty_settle(pty);
    }
    add_latencies(bench, "each character of a filter, to the frame that shows it", seconds, count, 16);
}

static void fill(const char *home, int64_t sessions)
{
    Error err = {0};
    Local *local = bench_open(home);
    bench_must(
        fill_sessions(local, &(SessionBinding){"here", "sqlite:here.db"}, sessions, 5 * sessions, &err),
        &err);
    local_close(local);
}

void bench_screen(Bench *bench)
{
    char *home = bench_home(bench, "screen", bench->conninfo);
    fill(home, bench->sessions);
    char *name = text_format("amx to its first whole frame, %lld sessions", (long long)bench->sessions);
    bench_row(bench, &(BenchRow){.name = name,
                                 .baseline = "tig --version",
                                 .target = 1.5,
                                 .allowance = 0.015,
                                 .ours = first_frame,
                                 .bare = tig_version,
                                 .context = home});
    free(name);
    Pty pty = pty_start(home, amx);
    pty_wait(&pty, "Dump DDL");
    pty_settle(&pty);
    double opened[20];
    size_t openings = sizeof opened / sizeof *opened;
    for (size_t i = 0; i < openings; i++) {
        opened[i] = pty_press(&pty, "S");
        pty_settle(&pty);
        pty_press(&pty, "P");
        pty_settle(&pty);
    }
    add_latencies(bench, "S: the sessions", opened, openings, 16);
    pty_press(&pty, "S");
    pty_settle(&pty);
    press_often(bench, &pty, "j", "j", NULL);
    press_often(bench, &pty, "PgDn", "\x1b[6~", NULL);
    press_often(bench, &pty, "G (and g between)", "G", "g");
    type_filters(bench, &pty);
    printf("    memory: %.1f MiB (at most 24 MiB)\n", (double)pty_rss_kib(&pty) / 1024);
    json_array_append_new(bench->table, json_pack("{s:s, s:I}", "work", "screen memory", "rss_kib",
                                                  (json_int_t)pty_rss_kib(&pty)));
    pty_stop(&pty);
    free(home);
}

#include "line_history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

#define LONGEST_LINE 8192

static void forget_first(LineHistory *history)
{
    free(history->lines[0]);
    memmove(history->lines, history->lines + 1, --history->count * sizeof *history->lines);
}

static void remember(LineHistory *history, const char *line)
{
    if (history->count > 0 && text_equal(history->lines[history->count - 1], line)) {
        return;
    }
    if (history->count == LINE_HISTORY_LINES) {
        forget_first(history);
    }
    history->lines[history->count++] = memory_string(line);
}

static void forget_all(LineHistory *history)
{
    while (history->count > 0) {
        free(history->lines[--history->count]);
    }
}

/* False when there is no file to read. Somebody else's or a device in its place is left alone. */
static bool read_lines(LineHistory *history, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat about;
    FILE *file = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) ? fdopen(fd, "r") : NULL;
    if (!file) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    char line[LONGEST_LINE];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line) {
            remember(history, line);
        }
    }
    fclose(file);
    return true;
}

static bool write_lines(const LineHistory *history, int fd)
{
    FILE *file = fdopen(fd, "w");
    if (!file) {
        close(fd);
        return false;
    }
    bool written = true;
    for (size_t i = 0; i < history->count; i++) {
        written = fprintf(file, "%s\n", history->lines[i]) > 0 && written;
    }
    return fclose(file) == 0 && written;
}

static bool replace_file(const LineHistory *history, Error *err)
{
    char *fresh = text_format("%s.XXXXXX", history->path);
    int fd = mkostemp(fresh, O_CLOEXEC); /* 0600 */
    bool replaced = fd >= 0 && write_lines(history, fd) && rename(fresh, history->path) == 0;
    if (!replaced) {
        error_set(err, ERROR_SYSTEM, "%s can't be written: %s", history->path, strerror(errno));
        if (fd >= 0) {
            unlink(fresh);
        }
    }
    free(fresh);
    return replaced;
}

void line_history_open(LineHistory *history, const char *path, bool keep)
{
    history->lines = memory_zero(LINE_HISTORY_LINES, sizeof *history->lines);
    history->path = keep ? memory_string(path) : NULL;
    read_lines(history, path);
}

/* Does an option's name speak of a secret? */
static bool names_secret(const char *option)
{
    static const char *const words[] = {"password", "passwd", "passphrase", "secret",
                                        "token",    "key",    "conninfo",   "credential"};
    char *name = memory_string_n(option, strcspn(option, "= \t"));
    bool secret = false;
    for (size_t i = 0; i < sizeof words / sizeof *words && !secret; i++) {
        secret = strcasestr(name, words[i]) != NULL;
    }
    free(name);
    return secret;
}

bool line_history_keeps(const char *line)
{
    if (strstr(line, "redact")) { /* what is to be redacted stands on that line */
        return false;
    }
    for (const char *option = strstr(line, "--"); option; option = strstr(option + 2, "--")) {
        if (names_secret(option)) {
            return false;
        }
    }
    return !strcasestr(line, "password") && !strstr(line, "://");
}

bool line_history_add(LineHistory *history, const char *line, Error *err)
{
    if (!line_history_keeps(line) || strlen(line) + 1 >= LONGEST_LINE) {
        return true;
    }
    if (!history->path) {
        remember(history, line);
        return true;
    }
    LineHistory now = {.lines = memory_zero(LINE_HISTORY_LINES, sizeof *now.lines)};
    if (read_lines(&now, history->path)) { /* with what another amx has added */
        forget_all(history);
        free(history->lines);
        history->lines = now.lines;
        history->count = now.count;
    } else {
        free(now.lines);
    }
    remember(history, line);
    return replace_file(history, err);
}

const char *line_history_line(const LineHistory *history, size_t back)
{
    return history->lines[history->count - back];
}

void line_history_close(LineHistory *history)
{
    if (history->lines) {
        forget_all(history);
    }
    free(history->lines);
    free(history->path);
    *history = (LineHistory){0};
}

#include "config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

enum { LARGEST = 1024 * 1024 };

static bool can_not_read(const char *path, const char *why, Error *err)
{
    error_set(err, ERROR_CONFIG, "%s: can't be read: %s", path, why);
    return error_hint(err, "make it a file that you may read, or name another one with --config");
}

static bool read_all(int file, const char *path, Text *text, Error *err)
{
    char block[16 * 1024];
    for (;;) {
        ssize_t got = read(file, block, sizeof block);
        if (got == 0) {
            return true;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return can_not_read(path, strerror(errno), err);
        }
        text_add_n(text, block, (size_t)got);
        if (text->length > LARGEST) {
            return can_not_read(path, "it is larger than 1 MiB", err);
        }
    }
}

static bool check_utf8(const char *path, const Text *text, Error *err)
{
    const char *at = text_string(text);
    const char *end = at + text->length;
    for (int line = 1; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline ? newline : end;
        if (!text_is_utf8(at, (size_t)(line_end - at))) {
            error_set(err, ERROR_CONFIG, "%s:%d: not text in UTF-8", path, line);
            return error_hint(err, "save the file in UTF-8");
        }
        at = newline ? newline + 1 : end;
    }
    return true;
}

/* A place in the text; `line` follows the newlines that were passed. */
typedef struct Scanner {
    char *at;
    int line;
} Scanner;

static void advance(Scanner *scanner)
{
    scanner->line += *scanner->at == '\n';
    scanner->at++;
}

/* Moves over `open`, then behind the next `close`, where a backslash may hide the next character. False when
 * the text ends first. */
static bool pass(Scanner *scanner, const char *open, const char *close, bool backslash)
{
    for (size_t i = 0; i < strlen(open); i++) {
        advance(scanner);
    }
    while (*scanner->at && !text_starts(scanner->at, close)) {
        if (backslash && *scanner->at == '\\' && scanner->at[1]) {
            advance(scanner);
        }
        advance(scanner);
    }
    bool closed = *scanner->at;
    for (size_t i = 0; closed && i < strlen(close); i++) {
        advance(scanner);
    }
    return closed;
}

static void blank(char *from, const char *to)
{
    for (; from < to; from++) {
        if (*from != '\n') {
            *from = ' ';
        }
    }
}

static bool left_open(const char *path, int line, const char *what, const char *how, Error *err)
{
    error_set(err, ERROR_CONFIG, "%s:%d: this %s is never closed", path, line, what);
    return error_hint(err, "close it with %s", how);
}

static bool blank_comments(const char *path, char *text, Error *err)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    if (text_starts(text, byte_order_mark)) {
        blank(text, text + strlen(byte_order_mark));
    }
    Scanner scanner = {.at = text, .line = 1};
    int depth = 0;
    int section = 0; /* line of the outermost section that is open */
    bool in_word = false;
    while (*scanner.at) {
        char *start = scanner.at;
        int line = scanner.line;
        bool word = in_word;
        in_word = false;
        if (*start == '#' || (!word && text_starts(start, "//"))) {
            pass(&scanner, "", "\n", false);
            blank(start, scanner.at);
        } else if (!word && text_starts(start, "/*")) {
            if (!pass(&scanner, "/*", "*/", false)) {
                return left_open(path, line, "comment", "*/", err);
            }
            blank(start, scanner.at);
        } else if (*start == '"' || *start == '\'') {
            const char quote[] = {*start, '\0'};
            if (!pass(&scanner, quote, quote, true)) {
                return left_open(path, line, "quote", quote, err);
            }
        } else if (text_starts(start, "${")) {
            in_word = true;
            if (!pass(&scanner, "${", "}", false)) {
                return left_open(path, line, "${", "}", err);
            }
        } else {
            if (*start == '{' && depth++ == 0) {
                section = line;
            }
            depth -= *start == '}';
            in_word = !strchr(" \t\r\n={}()+,", *start);
            advance(&scanner);
        }
    }
    return depth <= 0 || left_open(path, section, "section", "}", err);
}

bool config_file_read(const char *path, ConfigFile *out, Error *err)
{
    bool done = false;
    Text text = {0};
    struct stat status;
    *out = (ConfigFile){0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        out->text = memory_string("");
        return true;
    }
    if (file < 0 || fstat(file, &status) < 0) {
        can_not_read(path, strerror(errno), err);
        goto cleanup;
    }
    if (S_ISDIR(status.st_mode)) {
        can_not_read(path, "it is a folder", err);
        goto cleanup;
    }
    if (!read_all(file, path, &text, err) || !check_utf8(path, &text, err)) {
        goto cleanup;
    }
    out->exists = true;
    out->mode = status.st_mode & 07777;
    out->text = text_take(&text);
    done = blank_comments(path, out->text, err);
    if (!done) {
        free(out->text);
        *out = (ConfigFile){0};
    }

cleanup:
    text_free(&text);
    if (file >= 0) {
        close(file);
    }
    return done;
}

#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static void format_into(char *buffer, size_t size, const char *format, va_list args)
{
    char *text = text_vformat(format, args);
    text_copy(buffer, size, text);
    free(text);
}

bool error_set(Error *err, ErrorKind kind, const char *format, ...)
{
    if (err) {
        error_clear(err);
        err->kind = kind;
        va_list args;
        va_start(args, format);
        format_into(err->message, sizeof err->message, format, args);
        va_end(args);
    }
    return false;
}

bool error_sqlstate(Error *err, const char *sqlstate)
{
    if (err) {
        text_copy(err->sqlstate, sizeof err->sqlstate, sqlstate);
    }
    return false;
}

bool error_hint(Error *err, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        format_into(err->hint, sizeof err->hint, format, args);
        va_end(args);
    }
    return false;
}

bool error_prefix(Error *err, const char *format, ...)
{
    if (err) {
        char message[sizeof err->message];
        memcpy(message, err->message, sizeof message);
        va_list args;
        va_start(args, format);
        char *prefix = text_vformat(format, args);
        va_end(args);
        char *whole = text_format("%s%s", prefix, message);
        text_copy(err->message, sizeof err->message, whole);
        free(whole);
        free(prefix);
    }
    return false;
}

void error_clear(Error *err)
{
    if (err) {
        err->kind = ERROR_NONE;
        err->sqlstate[0] = '\0';
        err->message[0] = '\0';
        err->hint[0] = '\0';
    }
}

const char *error_code(ErrorKind kind)
{
    switch (kind) {
#define X(name, code, exit_code)                                                                             \
    case ERROR_##name:                                                                                       \
        return code;
        ERROR_KINDS(X)
#undef X
    }
    return "unknown"; /* not reached: the macro makes a case of every kind */
}

int error_exit_code(ErrorKind kind)
{
    switch (kind) {
#define X(name, code, exit_code)                                                                             \
    case ERROR_##name:                                                                                       \
        return exit_code;
        ERROR_KINDS(X)
#undef X
    }
    return 1; /* not reached: the macro makes a case of every kind */
}

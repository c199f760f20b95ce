#include "standard_input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A NUL would end the text for whoever reads it as a string. */
static bool refuse_nul(const Text *text, const char *what, Error *err)
{
    if (text->length > 0 && memchr(text->data, '\0', text->length)) {
        error_set(err, ERROR_USAGE, "%s holds a NUL character", what);
        return error_hint(err, "is it text? Take the NUL out, like: tr -d '\\0'");
    }
    return true;
}

bool standard_input_read(const App *app, size_t limit, const char *what, Text *out, Error *err)
{
    char buffer[4096];
    if (!app_may_read_input(app, err)) {
        return false;
    }
    while (out->length <= limit) { /* one byte more is enough to refuse it */
        ssize_t count = read(STDIN_FILENO, buffer, sizeof buffer);
        if (count == 0) {
            return refuse_nul(out, what, err);
        }
        if (count > 0) {
            text_add_n(out, buffer, (size_t)count);
        } else if (interrupt_requested()) {
            return error_set(err, ERROR_INTERRUPTED, "interrupted while reading %s", what);
        } else if (errno != EINTR) {
            return error_set(err, ERROR_SYSTEM, "can't read %s from standard input: %s", what,
                             strerror(errno));
        }
    }
    return true;
}

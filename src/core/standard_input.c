#include "standard_input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool standard_input_read(const App *app, size_t limit, const char *what, Text *out, Error *err)
{
    char buffer[4096];
    if (!app_may_read_input(app, err)) {
        return false;
    }
    while (out->length <= limit) { /* one byte more is enough to refuse it */
        ssize_t count = read(STDIN_FILENO, buffer, sizeof buffer);
        if (count == 0) {
            return true;
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

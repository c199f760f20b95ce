#include "print.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "print_body.h"
#include "text.h"

static bool is_json(const PrintStyle *style)
{
    return style->format == OUTPUT_JSON || style->format == OUTPUT_JSON_LINES;
}

static bool wants_color(const char *when, bool terminal)
{
    if (text_equal(when, "always")) {
        return true;
    }
    if (text_equal(when, "never")) {
        return false;
    }
    return terminal && text_is_empty(getenv("NO_COLOR")) && !text_equal(getenv("TERM"), "dumb");
}

PrintStyle print_style(const Args *args, const Config *config, FILE *out)
{
    bool terminal = isatty(fileno(out)) == 1;
    struct winsize size = {0};
    if (terminal) {
        ioctl(fileno(out), TIOCGWINSZ, &size);
    }
    const char *when = args && args->color ? args->color : config ? config->ui_color : NULL;
    return (PrintStyle){
        .format = args ? args->format : OUTPUT_TEXT,
        .color = wants_color(when, terminal),
        .width = size.ws_col,
        .quiet = args ? args->quiet : 0,
    };
}

bool print_report(FILE *out, const Report *report, const PrintStyle *style)
{
    errno = 0;
    switch (style->format) {
    case OUTPUT_TEXT:
        print_body_text(out, report, style);
        break;
    case OUTPUT_JSON:
        print_body_json(out, report);
        break;
    case OUTPUT_JSON_LINES:
        print_body_json_lines(out, report);
        break;
    case OUTPUT_CSV:
        print_body_csv(out, report);
        break;
    }
    /* A reader that has seen enough (`| head`) closes the pipe; that is its right and not our failure. */
    bool flushed = fflush(out) == 0 && !ferror(out);
    return flushed || errno == EPIPE;
}

void print_messages(FILE *err, const Report *report, const PrintStyle *style)
{
    for (size_t i = 0; i < report->message_count; i++) {
        const ReportMessage *message = &report->messages[i];
        if (message->level == REPORT_NOTE && style->quiet > 0) {
            continue;
        }
        char *text = text_visible(message->text);
        fprintf(err, "amx: %s%s\n", message->level == REPORT_WARNING ? "warning: " : "", text);
        free(text);
    }
}

static void print_failure_json(FILE *err, const Error *error)
{
    json_t *document = json_object();
    json_t *body = json_object();
    row_text(body, "code", error_code(error->kind));
    row_text(body, "message", error->message);
    row_text(body, "hint", error->hint[0] ? error->hint : NULL);
    row_json(document, "error", body);
    char *json = json_dumps(document, JSON_COMPACT);
    char *harmless = text_json_harmless(json);
    fprintf(err, "%s\n", harmless);
    free(harmless);
    free(json);
    json_decref(document);
}

void print_failure(FILE *err, const Error *error, const PrintStyle *style)
{
    if (is_json(style)) {
        print_failure_json(err, error);
        return;
    }
    char *message = text_visible(error->message);
    char *hint = text_visible(error->hint);
    fprintf(err, "amx: %s\n", message);
    if (*hint) {
        fprintf(err, "hint: %s\n", hint);
    }
    free(hint);
    free(message);
}

#include "print_body.h"

#include <string.h>

#include "display.h"
#include "table.h"
#include "text.h"

static void print_list(FILE *out, const Report *report, const PrintStyle *style)
{
    if (json_array_size(report->items) == 0) {
        if (report->empty) {
            fprintf(out, "%s\n", report->empty);
        }
        return;
    }
    Table table;
    table_open(&table, report);
    table_layout(&table, style->width);
    char *heading = table_heading(&table);
    fprintf(out, style->color ? "\x1b[1m%s\x1b[0m\n" : "%s\n", heading);
    free(heading);
    for (size_t row = 0; row < table.rows; row++) {
        char *line = table_line(&table, row);
        fprintf(out, "%s\n", line);
        free(line);
    }
    table_close(&table);
    if (report->next) {
        char *next = text_visible(report->next);
        fprintf(out, ".. more: --after %s\n", next);
        free(next);
    }
}

static void print_document(FILE *out, const Report *report)
{
    if (report->exact) {
        fputs(report->document, out);
        return;
    }
    char *text = text_visible_lines(report->document);
    size_t length = strlen(text);
    fputs(text, out);
    if (length > 0 && text[length - 1] != '\n') {
        fputc('\n', out);
    }
    free(text);
}

void print_body_text(FILE *out, const Report *report, const PrintStyle *style)
{
    if (report->document) {
        print_document(out, report);
        return;
    }
    switch (report->body) {
    case REPORT_EMPTY:
    case REPORT_DOCUMENT:
        break;
    case REPORT_LIST:
        print_list(out, report, style);
        break;
    case REPORT_OBJECT: {
        char *text = display_object(report);
        fputs(text, out);
        free(text);
        break;
    }
    }
}

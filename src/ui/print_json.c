#include "print_body.h"

#include "display.h"
#include "text.h"

static void print_value(FILE *out, const json_t *value, size_t flags)
{
    char *json = json_dumps(value, flags | JSON_ENCODE_ANY | DISPLAY_JSON_REALS);
    char *harmless = text_json_harmless(json ? json : "null");
    fprintf(out, "%s\n", harmless);
    free(harmless);
    free(json);
}

/* The whole report as one value; the schema comes first. Owned by the caller. */
static json_t *whole(const Report *report)
{
    json_t *value = json_object();
    if (report->body != REPORT_EMPTY) {
        row_text(value, "schema", report->schema);
    }
    switch (report->body) {
    case REPORT_EMPTY:
        break;
    case REPORT_LIST:
        row_json(value, "items", json_incref(report->items));
        row_text(value, "next", report->next);
        row_text(value, "previous", report->previous);
        row_json(value, "total", report->total < 0 ? json_null() : json_integer(report->total));
        if (report->version > 0) {
            row_int(value, "version", report->version);
        }
        break;
    case REPORT_OBJECT:
        json_object_update_missing(value, report->items);
        break;
    case REPORT_DOCUMENT:
        row_text(value, "text", report->document);
        break;
    }
    return value;
}

void print_body_json(FILE *out, const Report *report)
{
    json_t *value = whole(report);
    print_value(out, value, JSON_INDENT(2));
    json_decref(value);
}

void print_body_json_lines(FILE *out, const Report *report)
{
    if (report->body == REPORT_LIST) {
        size_t index;
        json_t *row;
        json_array_foreach(report->items, index, row)
        {
            print_value(out, row, JSON_COMPACT);
        }
    } else if (report->body != REPORT_EMPTY) {
        json_t *value = whole(report);
        print_value(out, value, JSON_COMPACT);
        json_decref(value);
    }
}

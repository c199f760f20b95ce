#include "print_body.h"

#include "display.h"
#include "export.h"
#include "memory.h"
#include "text.h"

static void print_field(FILE *out, const char *text, bool first)
{
    Text field = {0};
    export_csv_add(&field, text);
    fprintf(out, "%s%s", first ? "" : ",", text_string(&field));
    text_free(&field);
}

/* The raw value: times and numbers as in JSON, null empty, lists and objects as compact JSON. */
static char *field_text(const json_t *value)
{
    if (!value || json_is_null(value)) {
        return memory_string("");
    }
    if (json_is_string(value)) {
        return export_csv_text(json_string_value(value));
    }
    char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | DISPLAY_JSON_REALS);
    char *harmless = text_json_harmless(json ? json : "");
    free(json);
    return harmless;
}

static void print_row(FILE *out, const Report *report, const json_t *row)
{
    for (size_t i = 0; i < report->column_count; i++) {
        char *field = field_text(json_object_get(row, report->columns[i].key));
        print_field(out, field, i == 0);
        free(field);
    }
    fputs("\r\n", out);
}

static void print_header(FILE *out, const Report *report)
{
    for (size_t i = 0; i < report->column_count; i++) {
        print_field(out, report->columns[i].key, i == 0);
    }
    fputs("\r\n", out);
}

static void print_document(FILE *out, const char *document)
{
    char *field = export_csv_text(document);
    fputs("text\r\n", out);
    print_field(out, field, true);
    fputs("\r\n", out);
    free(field);
}

void print_body_csv(FILE *out, const Report *report)
{
    size_t index;
    json_t *row;
    switch (report->body) {
    case REPORT_EMPTY:
        break;
    case REPORT_LIST:
        print_header(out, report);
        json_array_foreach(report->items, index, row)
        {
            print_row(out, report, row);
        }
        break;
    case REPORT_OBJECT:
        print_header(out, report);
        print_row(out, report, report->items);
        break;
    case REPORT_DOCUMENT:
        print_document(out, report->document);
        break;
    }
}

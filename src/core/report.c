#include "report.h"

#include <stdarg.h>
#include <string.h>

#include "memory.h"
#include "text.h"

void report_free(Report *report)
{
    json_decref(report->items);
    free(report->next);
    free(report->previous);
    free(report->title);
    free(report->document);
    for (size_t i = 0; i < report->message_count; i++) {
        free(report->messages[i].text);
    }
    free(report->messages);
    *report = (Report){0};
}

void report_drop_empty(Report *report)
{
    bool rows = report->body == REPORT_LIST || report->body == REPORT_OBJECT;
    if (rows && json_array_size(report->items) == 0 && json_object_size(report->items) == 0) {
        report->body = REPORT_EMPTY;
    }
}

static void start_body(Report *report, ReportBody body, const char *schema, const ReportColumn *columns,
                       size_t count)
{
    json_decref(report->items);
    report->body = body;
    report->schema = schema;
    report->columns = columns;
    report->column_count = count;
    report->total = -1;
    report->items = body == REPORT_LIST ? json_array() : json_object();
}

void report_list(Report *report, const char *schema, const ReportColumn *columns, size_t count)
{
    start_body(report, REPORT_LIST, schema, columns, count);
}

void report_object(Report *report, const char *schema, const ReportColumn *columns, size_t count)
{
    start_body(report, REPORT_OBJECT, schema, columns, count);
}

void report_document(Report *report, const char *schema, char *text)
{
    free(report->document);
    report->body = REPORT_DOCUMENT;
    report->schema = schema;
    report->document = text;
}

void report_text_form(Report *report, char *text)
{
    free(report->document);
    report->document = text;
}

json_t *report_row(Report *report)
{
    if (report->body == REPORT_OBJECT) {
        return report->items;
    }
    json_t *row = json_object();
    json_array_append_new(report->items, row);
    return row;
}

void row_text(json_t *row, const char *key, const char *value)
{
    if (!value) {
        json_object_set_new(row, key, json_null());
        return;
    }
    char *clean = text_to_utf8(value, strlen(value));
    json_object_set_new(row, key, json_string(clean));
    free(clean);
}

void row_int(json_t *row, const char *key, long long value)
{
    json_object_set_new(row, key, json_integer(value));
}

void row_real(json_t *row, const char *key, double value)
{
    json_object_set_new(row, key, json_real(value));
}

void row_bool(json_t *row, const char *key, bool value)
{
    json_object_set_new(row, key, json_boolean(value));
}

void row_json(json_t *row, const char *key, json_t *value)
{
    json_object_set_new(row, key, value);
}

void row_json_text(json_t *row, const char *key, const char *text)
{
    json_t *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : json_null();
    if (value) {
        row_json(row, key, value);
    } else {
        row_text(row, key, text);
    }
}

static void add_message(Report *report, ReportLevel level, const char *format, va_list args)
{
    memory_grow((void **)&report->messages, report->message_count, &report->message_capacity,
                sizeof *report->messages);
    report->messages[report->message_count++] =
        (ReportMessage){.level = level, .text = text_vformat(format, args)};
}

void report_note(Report *report, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_message(report, REPORT_NOTE, format, args);
    va_end(args);
}

void report_warning(Report *report, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_message(report, REPORT_WARNING, format, args);
    va_end(args);
}

/* Reports on paper: aligned, and harmless whatever the text in them wants. */
#include <locale.h>
#include <string.h>

#include "cells.h"
#include "memory.h"
#include "print.h"
#include "support.h"
#include "text.h"

static const ReportColumn columns[] = {
    {"local_id", "ID", REPORT_NUMBER},
    {"name", "Name", REPORT_TEXT},
    {"note", "Note", REPORT_WIDE},
    {"hidden", NULL, REPORT_TEXT},
};

static Report make_list(void)
{
    Report report = {0};
    report_list(&report, "amx.things/1", columns, sizeof columns / sizeof *columns);
    report.empty = "No things yet.";
    return report;
}

static json_t *add_row(Report *report, long long id, const char *name, const char *note)
{
    json_t *row = report_row(report);
    row_int(row, "local_id", id);
    row_text(row, "name", name);
    row_text(row, "note", note);
    row_text(row, "hidden", "h");
    return row;
}

/* What print_report writes; the report is freed. Owned by the caller. */
static char *printed(Report *report, OutputFormat format, int width)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_true(print_report(out, report, &(PrintStyle){.format = format, .width = width}));
    fclose(out);
    report_free(report);
    return text;
}

static void assert_printed(Report report, OutputFormat format, int width, const char *expected)
{
    char *text = printed(&report, format, width);
    assert_string_equal(text, expected);
    free(text);
}

/* No byte of it can move a cursor, hide or reorder text, or break UTF-8. */
static void assert_harmless(const char *text)
{
    assert_true(text_is_utf8(text, strlen(text)));
    char *visible = text_visible_lines(text);
    assert_string_equal(text, visible);
    free(visible);
}

static const char *const hostile[] = {
    "\x1b[2J\x1b[31mred",
    "\x1b]0;title\a",
    "c1 \xc2\x9b"
    "31m",
    "bidi \xe2\x80\xae gnp.exe",
    "zero\xe2\x80\x8bwidth",
    "bad \xff\xfe",
    "line\xe2\x80\xa8separator",
    "carriage\rreturn\bspace",
    "tag \xf3\xa0\x81\x81",
};

static void a_list_is_aligned_by_cells(void **state)
{
    (void)state;
    Report report = make_list();
    add_row(&report, 7, "日本", "wide");
    add_row(&report, 123, "e\xcc\x81", "combining");
    add_row(&report, 8, "😀", "emoji");
    add_row(&report, 9, "plain", NULL);
    assert_printed(report, OUTPUT_TEXT, 0,
                   " ID  Name   Note\n"
                   "  7  日本   wide\n"
                   "123  e\xcc\x81      combining\n"
                   "  8  😀     emoji\n"
                   "  9  plain\n");
}

static void a_terminal_gets_no_line_wider_than_itself(void **state)
{
    (void)state;
    Report report = make_list();
    add_row(&report, 1, "a name that goes on", "日本語日本語日本語日本語日本語日本語");
    char *text = printed(&report, OUTPUT_TEXT, 30);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        assert_in_range(cells_width(line), 1, 30);
    }
    free(text);
}

static void an_empty_list_says_so(void **state)
{
    (void)state;
    assert_printed(make_list(), OUTPUT_TEXT, 0, "No things yet.\n");
    assert_printed(make_list(), OUTPUT_JSON_LINES, 0, "");
    assert_printed(make_list(), OUTPUT_CSV, 0, "local_id,name,note,hidden\r\n");
}

static void json_names_its_schema_and_keeps_every_value(void **state)
{
    (void)state;
    Report report = make_list();
    add_row(&report, 9007199254740993, "n", NULL);
    assert_printed(report, OUTPUT_JSON, 0,
                   "{\n"
                   "  \"schema\": \"amx.things/1\",\n"
                   "  \"items\": [\n"
                   "    {\n"
                   "      \"local_id\": 9007199254740993,\n"
                   "      \"name\": \"n\",\n"
                   "      \"note\": null,\n"
                   "      \"hidden\": \"h\"\n"
                   "    }\n"
                   "  ],\n"
                   "  \"next\": null,\n"
                   "  \"previous\": null,\n"
                   "  \"total\": null\n"
                   "}\n");
}

static void numbers_are_printed_as_they_were_written(void **state)
{
    (void)state;
    static const ReportColumn numbers[] = {{"confidence", "Confidence", REPORT_NUMBER},
                                           {"rows", "Rows", REPORT_NUMBER}};
    static const char *const expected[] = {[OUTPUT_JSON_LINES] =
                                               "{\"confidence\":0.6,\"rows\":123456789.5}\n",
                                           [OUTPUT_CSV] = "confidence,rows\r\n0.6,123456789.5\r\n"};
    for (OutputFormat format = OUTPUT_JSON_LINES; format <= OUTPUT_CSV; format++) {
        Report report = {0};
        report_list(&report, "amx.things/1", numbers, 2);
        json_t *row = report_row(&report);
        row_real(row, "confidence", 0.6);
        row_real(row, "rows", 123456789.5);
        assert_printed(report, format, 0, expected[format]);
    }
}

static void json_lines_are_one_row_each(void **state)
{
    (void)state;
    Report report = make_list();
    add_row(&report, 1, "two\nlines", "x");
    add_row(&report, 2, "b", "y");
    assert_printed(report, OUTPUT_JSON_LINES, 0,
                   "{\"local_id\":1,\"name\":\"two\\nlines\",\"note\":\"x\",\"hidden\":\"h\"}\n"
                   "{\"local_id\":2,\"name\":\"b\",\"note\":\"y\",\"hidden\":\"h\"}\n");
}

static void an_object_is_lines_and_json_members(void **state)
{
    (void)state;
    for (int json = 0; json < 2; json++) {
        Report report = {0};
        report_object(&report, "amx.thing/1", columns, sizeof columns / sizeof *columns);
        json_t *row = report_row(&report);
        row_int(row, "local_id", 5);
        row_text(row, "name", NULL);
        row_text(row, "note", "first\nsecond");
        assert_printed(report, json ? OUTPUT_JSON_LINES : OUTPUT_TEXT, 0,
                       json ? "{\"schema\":\"amx.thing/1\",\"local_id\":5,\"name\":null,\"note\":"
                              "\"first\\nsecond\"}\n"
                            : "ID:    5\nName:  -\nNote:  first\n       second\n");
    }
}

static void csv_quotes_and_disarms_formulas(void **state)
{
    (void)state;
    Report report = make_list();
    add_row(&report, -1, "=1+1", "say \"hi\", you");
    add_row(&report, 2, "+2", "@sum");
    add_row(&report, 3, "-3", "two\nlines");
    assert_printed(report, OUTPUT_CSV, 0,
                   "local_id,name,note,hidden\r\n"
                   "-1,'=1+1,\"say \"\"hi\"\", you\",h\r\n"
                   "2,'+2,'@sum,h\r\n"
                   "3,'-3,\"two\nlines\",h\r\n");
}

static void hostile_text_is_harmless_in_every_format(void **state)
{
    (void)state;
    static const OutputFormat formats[] = {OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_JSON_LINES, OUTPUT_CSV};
    for (size_t format = 0; format < sizeof formats / sizeof *formats; format++) {
        Report report = make_list();
        for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
            add_row(&report, (long long)i, hostile[i], hostile[i]);
        }
        char *text = printed(&report, formats[format], 0);
        if (formats[format] == OUTPUT_CSV) { /* the line ends of RFC 4180 are ours */
            for (char *end; (end = strstr(text, "\r\n"));) {
                *end = ' ';
            }
        }
        assert_harmless(text);
        free(text);
    }
}

static void a_document_keeps_its_lines_and_nothing_else(void **state)
{
    (void)state;
    Report report = {0};
    report_document(&report, "amx.ddl/1", memory_string("CREATE\n\tTABLE \x1b[2J;"));
    assert_printed(report, OUTPUT_TEXT, 0, "CREATE\n\tTABLE \\x1b[2J;\n");
}

static void errors_are_for_people_or_for_scripts(void **state)
{
    (void)state;
    Error error = {0};
    error_set(&error, ERROR_CONNECTION, "no way to \x1b[31m db");
    error_hint(&error, "start it");
    static const char *const expected[] = {"amx: no way to \\x1b[31m db\nhint: start it\n",
                                           "{\"error\":{\"code\":\"connection\",\"message\":\"no way to "
                                           "\\u001B[31m db\",\"hint\":\"start it\"}}\n"};
    for (size_t i = 0; i < 2; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        print_failure(out, &error, &(PrintStyle){.format = i ? OUTPUT_JSON : OUTPUT_TEXT});
        fclose(out);
        assert_string_equal(text, expected[i]);
        free(text);
    }
}

static void quiet_drops_notes_and_keeps_warnings(void **state)
{
    (void)state;
    Report report = {0};
    report_note(&report, "queued, %d pending", 3);
    report_warning(&report, "from %s", "\x1b]0;x\a");
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    print_messages(out, &report, &(PrintStyle){.quiet = 1});
    fclose(out);
    assert_string_equal(text, "amx: warning: from \\x1b]0;x\\x07\n");
    free(text);
    report_free(&report);
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    Report report = make_list();
    add_row(&report, 1, "a", "b");
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_false(print_report(full, &report, &(PrintStyle){.format = OUTPUT_TEXT}));
    fclose(full);
    report_free(&report);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_aligned_by_cells),
        cmocka_unit_test(a_terminal_gets_no_line_wider_than_itself),
        cmocka_unit_test(an_empty_list_says_so),
        cmocka_unit_test(json_names_its_schema_and_keeps_every_value),
        cmocka_unit_test(json_lines_are_one_row_each),
        cmocka_unit_test(numbers_are_printed_as_they_were_written),
        cmocka_unit_test(an_object_is_lines_and_json_members),
        cmocka_unit_test(csv_quotes_and_disarms_formulas),
        cmocka_unit_test(hostile_text_is_harmless_in_every_format),
        cmocka_unit_test(a_document_keeps_its_lines_and_nothing_else),
        cmocka_unit_test(errors_are_for_people_or_for_scripts),
        cmocka_unit_test(quiet_drops_notes_and_keeps_warnings),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

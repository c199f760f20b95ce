/* What a command found and did, as data. Commands fill a report and never print; ui renders it as aligned
 * text, JSON, JSON Lines, CSV, or a view on the screen.
 *
 * A report has one body: a list (typed rows under declared columns), an object (one row shown as "name:
 * value" lines), or a document (plain text: DDL, a man page); and any number of messages for people (stderr).
 */
#ifndef AMX_CORE_REPORT_H
#define AMX_CORE_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum ReportBody { REPORT_EMPTY, REPORT_LIST, REPORT_OBJECT, REPORT_DOCUMENT } ReportBody;

/* How a column is shown as text. JSON always carries the raw value. */
typedef enum ReportFormat {
    REPORT_TEXT,   /* as it is */
    REPORT_NUMBER, /* right-aligned */
    REPORT_AGE,    /* a UTC time, shown as age: "2m", "3d" */
    REPORT_TIME,   /* a UTC time, shown as "2026-11-22 21:50:43Z" */
    REPORT_WIDE    /* long text: takes what room is left */
} ReportFormat;

typedef struct ReportColumn {
    const char *key;   /* JSON name, snake_case */
    const char *title; /* heading; NULL: only in JSON, JSON Lines and CSV */
    ReportFormat format;
} ReportColumn;

typedef enum ReportLevel { REPORT_NOTE, REPORT_WARNING } ReportLevel;

typedef struct ReportMessage {
    ReportLevel level;
    char *text;
} ReportMessage;

typedef struct Report {
    const char *schema; /* "amx.runs/1": first member of the JSON body; static */
    ReportBody body;
    const ReportColumn *columns; /* static; of a list or object */
    size_t column_count;
    json_t *items;     /* list: array of objects; object: the object itself */
    char *next;        /* list: what to pass to --after for the next page, NULL at the end */
    char *previous;    /* list: what to pass to --before for the page before, NULL at the start */
    long long total;   /* list: rows on all pages, -1 when that is not known */
    long long least;   /* list: there are more rows than this on all pages; 0 when that is not known either */
    long long version; /* list: what to pass to --since for what changes from now on; 0: it has none */
    const char *empty; /* list: sentence shown instead of no rows; static */
    char *title;       /* list: what it is about, as a heading; NULL: its kind says enough */
    char *document; /* document text; of a list or object: how it reads as text, NULL = as a table or lines */
    bool exact;     /* document: it holds nothing hostile; as text it is printed byte for byte */
    ReportMessage *messages;
    size_t message_count;
    size_t message_capacity;
    int exit_code; /* 0, or 2 it was not meant, 5 partly done, 7 a check failed: a command that worked, but ..
                    */
} Report;

/* `Report r = {0}` starts one; report_free empties it again. */
void report_free(Report *report);

/* Takes back a list or object in which nothing was put: a command that failed must not look as if it had
 * found nothing. Messages, documents and what was found before the failure stay. */
void report_drop_empty(Report *report);

/* Starts a list or an object body. `columns` is a static array. */
void report_list(Report *report, const char *schema, const ReportColumn *columns, size_t count);
void report_object(Report *report, const char *schema, const ReportColumn *columns, size_t count);
/* Sets the document body; takes ownership of text. */
void report_document(Report *report, const char *schema, char *text);

/* Gives a list or object a text of its own, for where a table or lines read badly: conversations, answers.
 * JSON and CSV go on carrying the rows. Takes ownership of text. */
void report_text_form(Report *report, char *text);

/* Adds an empty row to a list and returns it (borrowed); values are set with the functions below. For an
 * object body, report_row returns the object. */
json_t *report_row(Report *report);
/* Sets a value of a row. Text is made valid UTF-8 first; NULL becomes JSON null. */
void row_text(json_t *row, const char *key, const char *value);
void row_int(json_t *row, const char *key, long long value);
void row_real(json_t *row, const char *key, double value);
void row_bool(json_t *row, const char *key, bool value);
/* Takes over the reference to `value`. */
void row_json(json_t *row, const char *key, json_t *value);
/* Parses JSON text kept in the store; what is not JSON becomes a string. NULL becomes null. */
void row_json_text(json_t *row, const char *key, const char *text);

void report_note(Report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_warning(Report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

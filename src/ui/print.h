/* A report on standard output and its messages on standard error: data to stdout, talk to stderr. */
#ifndef AMX_UI_PRINT_H
#define AMX_UI_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "command.h"
#include "error.h"
#include "report.h"

typedef struct PrintStyle {
    OutputFormat format;
    bool color; /* bold headings; never the only carrier of meaning */
    int width;  /* columns of the terminal; 0: not a terminal, nothing is cut */
    int quiet;  /* 1: no notes; warnings and errors stay */
} PrintStyle;

/* Decides colour and width from --color, NO_COLOR, TERM and what `out` is. */
PrintStyle print_style(const Args *args, const Config *config, FILE *out);

/* Prints the body. False when the stream broke (a full disk; a closed pipe is no error). Text is aligned by
 * terminal cells and made visible (text_visible); JSON and CSV carry no raw hostile character; a CSV cell
 * that begins with = + - @ gets a ' in front (spreadsheets would run it). */
bool print_report(FILE *out, const Report *report, const PrintStyle *style);
/* Prints the messages, one line each: "amx: ..". */
void print_messages(FILE *err, const Report *report, const PrintStyle *style);
/* One line and its hint, or {"error":{"code","message","hint"}} with the JSON formats. */
void print_failure(FILE *err, const Error *error, const PrintStyle *style);

#endif

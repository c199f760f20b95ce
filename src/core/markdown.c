#include "markdown.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

void markdown_add_inline(Text *out, const char *text)
{
    char *visible = text_visible_lines(text);
    for (const char *c = visible; *c; c++) {
        bool inside = c > visible && is_word(c[-1]) && is_word(c[1]);
        if (*c == '\n') {
            text_add(out, "<br>");
        } else if (*c == '\t') {
            text_add_char(out, ' ');
        } else if (*c == '<') {
            text_add(out, "&lt;");
        } else if (*c == '>') {
            text_add(out, "&gt;");
        } else if (*c == '&') {
            text_add(out, "&amp;");
        } else {
            bool means = strchr("\\`*[]|~$#", *c) || (*c == '_' && !inside);
            text_add(out, means ? "\\" : "");
            text_add_char(out, *c);
        }
    }
    free(visible);
}

/* Database texts may have the line ends of another system. */
static char *without_returns(const char *text)
{
    Text out = {0};
    for (const char *c = text; *c; c++) {
        if (*c != '\r' || c[1] != '\n') {
            text_add_char(&out, *c);
        }
    }
    return text_take(&out);
}

void markdown_add_text(Text *out, const char *text)
{
    char *lines = without_returns(text ? text : "");
    const char *start = lines + strspn(lines, " \t\n");
    for (size_t length = strlen(start); length > 0 && strchr(" \t\n", start[length - 1]); length--) {
        lines[(size_t)(start - lines) + length - 1] = '\0';
    }
    markdown_add_inline(out, start);
    free(lines);
}

void markdown_add_paragraph(Text *out, const char *text)
{
    Text line = {0};
    markdown_add_text(&line, text);
    const char *start = text_string(&line);
    size_t digits = strspn(start, "0123456789");
    if (digits > 0 && strchr(".)", start[digits]) && start[digits]) {
        text_add_n(out, start, digits);
        start += digits;
        text_add(out, "\\");
    } else {
        text_add(out, *start && strchr("+-=", *start) ? "\\" : "");
    }
    text_addf(out, "%s\n\n", start);
    text_free(&line);
}

/* --- text of several lines --- */

typedef enum LineKind { LINE_BLANK, LINE_PLAIN, LINE_ITEM } LineKind;

typedef struct Line {
    LineKind kind;
    bool set_in;      /* it begins with blanks */
    char marker[16];  /* of an item: "-" or "12." */
    const char *text; /* behind the marker */
} Line;

/* What a number that begins a list has at most: more digits begin none. */
enum { LIST_DIGITS = 9 };

static Line read_line(const char *text)
{
    size_t blanks = strspn(text, " \t");
    Line line = {.set_in = blanks > 0, .kind = LINE_PLAIN, .text = text + blanks};
    size_t digits = strspn(line.text, "0123456789");
    if (!*line.text) {
        line.kind = LINE_BLANK;
    } else if (strchr("-*", *line.text) && line.text[1] == ' ') {
        line.kind = LINE_ITEM;
        text_copy(line.marker, sizeof line.marker, "-");
        line.text += 2;
    } else if (digits > 0 && digits <= LIST_DIGITS && line.text[digits] == '.' &&
               line.text[digits + 1] == ' ') {
        line.kind = LINE_ITEM;
        char *marker = memory_string_n(line.text, digits + 1);
        text_copy(line.marker, sizeof line.marker, marker);
        free(marker);
        line.text += digits + 2;
    } else if (*line.text == '[' && isdigit((unsigned char)line.text[1])) {
        line.kind = LINE_ITEM;
        text_copy(line.marker, sizeof line.marker, "-");
    }
    line.text += strspn(line.text, " \t");
    return line;
}

/* The length of a name in backticks at the beginning of a text, with them; 0 when there is none. */
static size_t code_length(const char *text)
{
    size_t name = 0;
    while (isalnum((unsigned char)text[name + 1]) || (text[name + 1] && strchr("_.", text[name + 1]))) {
        name++;
    }
    return name > 0 && text[name + 1] == '`' ? name + 2 : 0;
}

/* One line, which begins nothing but text. */
static void add_words(Text *out, const char *text)
{
    Text plain = {0};
    text_add(out, *text && strchr("+-=", *text) ? "\\" : "");
    size_t digits = strspn(text, "0123456789");
    if (digits > 0 && text[digits] && strchr(".)", text[digits])) {
        text_add_n(out, text, digits);
        text_add(out, "\\");
        text += digits;
    }
    while (*text) {
        size_t code = *text == '`' ? code_length(text) : 0;
        if (code > 0) {
            markdown_add_inline(out, text_string(&plain));
            text_clear(&plain);
            text_add_n(out, text, code);
        } else {
            text_add_char(&plain, *text);
        }
        text += code > 0 ? code : 1;
    }
    markdown_add_inline(out, text_string(&plain));
    text_free(&plain);
}

/* What stands between two lines. */
static const char *between(LineKind before, LineKind now)
{
    return before == LINE_BLANK                        ? ""
           : before == LINE_ITEM && now == LINE_ITEM   ? "\n"
           : before == LINE_PLAIN && now == LINE_PLAIN ? "\\\n"
                                                       : "\n\n";
}

static void add_line(Text *out, const Line *line, LineKind before, bool below)
{
    text_add(out, between(before, line->kind));
    if (line->kind == LINE_ITEM) {
        text_addf(out, "%s%s ", below ? "    " : "", line->marker);
    }
    add_words(out, line->text);
}

/* The lines of a text without those at its ends that are blank; owned by the caller. */
static char *trimmed_lines(const char *text)
{
    char *lines = without_returns(text ? text : "");
    char *start = lines;
    for (char *c = lines; *c == ' ' || *c == '\t' || *c == '\n'; c++) {
        start = *c == '\n' ? c + 1 : start;
    }
    size_t length = strlen(start);
    while (length > 0 && strchr(" \t\n", start[length - 1])) {
        length--;
    }
    char *kept = memory_string_n(start, length);
    free(lines);
    return kept;
}

/* Cuts the first line off; NULL after the last one. */
static char *next_line(char **rest)
{
    char *line = *rest;
    char *end = line ? strchr(line, '\n') : NULL;
    if (end) {
        *end = '\0';
    }
    *rest = end ? end + 1 : NULL;
    return line;
}

void markdown_add_prose(Text *out, const char *text)
{
    char *lines = trimmed_lines(text);
    char *rest = lines;
    LineKind before = LINE_BLANK;
    bool list = false; /* an item was there that others can be below */
    for (char *at = next_line(&rest); at; at = next_line(&rest)) {
        Line line = read_line(at);
        if (line.kind == LINE_BLANK) {
            text_add(out, before == LINE_BLANK ? "" : "\n\n");
        } else {
            add_line(out, &line, before, list && line.set_in);
            list = line.kind == LINE_ITEM && (list || !line.set_in);
        }
        before = line.kind;
    }
    text_add(out, "\n");
    free(lines);
}

void markdown_add_quote(Text *out, const char *text)
{
    char *lines = trimmed_lines(text);
    char *rest = lines;
    for (char *at = next_line(&rest); at; at = next_line(&rest)) {
        at += strspn(at, " \t");
        text_add(out, *at ? "> " : ">");
        add_words(out, at);
        text_add(out, *at && rest && *rest && *rest != '\n' ? "\\\n" : "\n");
    }
    free(lines);
}

void markdown_add_code(Text *out, const char *name)
{
    char *visible = text_visible(name);
    size_t length = strlen(visible);
    bool plain = length > 0 && !strpbrk(visible, "`|\\") && visible[0] != ' ' && visible[length - 1] != ' ';
    if (plain) {
        text_addf(out, "`%s`", visible);
    } else {
        markdown_add_inline(out, name);
    }
    free(visible);
}

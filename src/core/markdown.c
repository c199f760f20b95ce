#include "markdown.h"

#include <ctype.h>
#include <string.h>

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

/* Hostile text in Markdown (GFM): nothing in it is taken for Markdown or HTML, and nothing hides. */
#ifndef AMX_CORE_MARKDOWN_H
#define AMX_CORE_MARKDOWN_H

#include "text.h"

/* Appends text as it reads, on one line; line breaks become <br>. An underscore inside a word means nothing
 * and stays bare, so that the source is readable, too. */
void markdown_add_inline(Text *out, const char *text);
/* The same without blanks and line breaks around it, and with the line ends of any system. NULL adds nothing.
 */
void markdown_add_text(Text *out, const char *text);
/* The same as a paragraph: what begins a list, a heading or a line across the page does not begin one here.
 */
void markdown_add_paragraph(Text *out, const char *text);
/* Text of several lines as it is laid out: its paragraphs and line breaks, its lists (lines that begin with
 * "-", "*", "1." or "[1]", set in ones below the one before) and names in backticks. Nothing else in it means
 * anything. */
void markdown_add_prose(Text *out, const char *text);
/* The same as a quotation, each line of it as it is, without lists. */
void markdown_add_quote(Text *out, const char *text);
/* A name as code, which needs no escapes; a name that would break out of it as text. */
void markdown_add_code(Text *out, const char *name);

#endif

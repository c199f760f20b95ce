/* Text: a growing buffer, formatting, and the rules by which hostile text is made harmless.
 *
 * Text from databases, servers and teammates is hostile until escaped. "Hostile" here means: C0 and C1
 * control characters, DEL, bidi controls (CVE-2021-42574), zero-width and other format characters that hide
 * text, U+2028/2029, and anything that is not UTF-8. */
#ifndef AMX_STORE_TEXT_H
#define AMX_STORE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* A growing, NUL-ended buffer. Zero-initialize it (`Text t = {0}`), free it with text_free. `data` is NULL
 * until something was added; text_string() never is. */
typedef struct Text {
    char *data;
    size_t length;
    size_t capacity;
} Text;

void text_add(Text *text, const char *string);
void text_add_n(Text *text, const char *bytes, size_t length);
void text_add_char(Text *text, char c);
void text_addf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_string(const Text *text);
/* The buffer's string, owned by the caller (free()); the buffer is empty afterwards. Never NULL. */
char *text_take(Text *text);
void text_trim(Text *text);  /* takes the blanks around it away */
void text_clear(Text *text); /* empty, keeps the memory */
void text_free(Text *text);

/* printf into a new string, owned by the caller. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_vformat(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* Copies `text` (NULL counts as "") into a fixed buffer, NUL-ended, cut at a character, and with bytes that
 * are not UTF-8 replaced by U+FFFD. */
void text_copy(char *buffer, size_t size, const char *text);

bool text_is_ascii(const char *text);
/* Takes over what libunistring has made; as a string, owned by the caller, or NULL when that is NULL. */
char *text_take_bytes(uint8_t *bytes, size_t length);
/* Is it valid UTF-8 without NUL (RFC 3629)? */
bool text_is_utf8(const char *text, size_t length);
/* A new string in which every byte that is not UTF-8 became U+FFFD. */
char *text_to_utf8(const char *text, size_t length);

/* Is this code point one that must never reach a terminal or file raw? Newline and tab count as hostile. */
bool text_is_hostile(uint32_t code_point);
/* A new string for a terminal or Markdown: newline and tab become a space, every other hostile character
 * a visible escape (\x1b, \u202e), every invalid byte U+FFFD. NULL gives "". */
char *text_visible(const char *text);
/* Like text_visible, but keeps newlines and tabs: for whole documents (DDL, prompts). */
char *text_visible_lines(const char *text);
/* Escapes the hostile characters that a JSON encoder left raw inside a JSON document, as \uXXXX. */
char *text_json_harmless(const char *json);

/* The ending of a counted noun: "s", but "" after one. printf("%lld row%s", n, text_plural(n)). */
const char *text_plural(long long count);

bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
bool text_starts(const char *text, const char *prefix);
bool text_is_empty(const char *text); /* NULL or "" */
/* Is there nothing to read in it: NULL, "", or only what Unicode calls white space or shows as nothing? */
bool text_is_blank(const char *text);

#endif

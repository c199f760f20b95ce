/* A session as lines of text: who said what, when and with which amx, and what it cites. Knows no terminal.
 */
#ifndef AMX_UI_SESSION_TEXT_H
#define AMX_UI_SESSION_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum SessionLineKind {
    SESSION_HEAD,    /* whose session it is */
    SESSION_FOREIGN, /* why it can only be read */
    SESSION_SPEAKER,
    SESSION_SPEECH,
    SESSION_CITES
} SessionLineKind;

/* Where a citation stands in the lines. */
typedef struct SessionCite {
    size_t line;
    int column; /* cells */
    int cells;
    const json_t *cited; /* {"schema", "table", "column"}; borrowed from the turns */
} SessionCite;

typedef struct SessionLine {
    SessionLineKind kind;
    char *text; /* harmless */
} SessionLine;

typedef struct SessionText {
    SessionLine *lines;
    size_t count;
    size_t capacity;
    SessionCite *cites; /* in the order in which they stand there */
    size_t cite_count;
    size_t cite_capacity;
} SessionText;

/* Lays a session out in lines of at most `width` cells. `head` and `foreign` may be NULL; `turns` is the
 * array of `session show`, of whatever texts, and must outlive what is made of it. Owned by the caller
 * (session_text_free). */
SessionText session_text_open(const char *head, const char *foreign, const json_t *turns, int width);
void session_text_free(SessionText *text);
/* Adds something that is being said: who says it, the question that it answers where that is not what stands
 * before it (or NULL), and as much of it as there is (""). */
void session_text_add(SessionText *text, const char *speaker, const char *question, const char *hostile,
                      int width);

/* Why a session of `session list` can only be read here; owned by the caller, NULL when it can be resumed.
 * `team`: it was listed from the shared store. */
char *session_text_foreign(const json_t *row, bool team);

#endif

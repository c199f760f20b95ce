/* A small documented database whose catalog was read, and questions to it: one session, in which each answer
 * is kept. Whatever goes wrong fails the test. */
#ifndef AMX_TESTS_ASKED_H
#define AMX_TESTS_ASKED_H

#include "ask.h"
#include "catalog.h"

#define ASKED_PRINT "sqlite:/shop"

typedef struct Asked {
    const char *path; /* of the documented database, a SQLite file */
    Catalog *catalog; /* as it was read last */
    Local *local;
    AskTurn *turns; /* the session */
    size_t turn_count;
    size_t turn_capacity;
    bool known;   /* what the last answer said of itself */
    size_t cited; /* how many citations it has */
} Asked;

/* A new database with these tables, asked by ada. A table "hr.staff" is staff of schema hr, here and below.
 */
Asked asked_open(const char *sql);
void asked_close(Asked *asked);
/* Reads the catalog of the database again. */
void asked_read(Asked *asked);
/* From now on the database estimates so many rows in this table; nothing before that. */
void asked_estimate(Asked *asked, const char *table, double rows);

/* Asks; the answer must say something, and every citation of the answer must be in the catalog and have its
 * mark in the text. The text lives until the session is forgotten. */
const char *asked_answer(Asked *asked, const char *question);
/* Fails, with the answer, unless it holds the words, or when it does. */
void asked_says(Asked *asked, const char *question, const char *words);
void asked_says_not(Asked *asked, const char *question, const char *words);

/* The session: a turn that somebody else wrote, and none any more. `citations` may be NULL. */
void asked_keep_turn(Asked *asked, const char *role, const char *content, const char *citations);
void asked_forget(Asked *asked);

/* A draft for a table, or a column of it, that ada accepted with this text; the id of its result. */
int64_t asked_decide(Asked *asked, const char *table, const char *column, const char *text);

#endif

/* Finding tables and columns by a question. */
#ifndef AMX_CORE_SEARCH_H
#define AMX_CORE_SEARCH_H

/* A question as an SQLite FTS5 expression: its words without those that every question has, each with its
 * singular and plural, with what it abbreviates and how it is abbreviated (words.h), as quoted strings joined
 * by OR. Whatever the question holds, the result is valid FTS5 and nothing in it acts as an operator. "" when
 * nothing searchable is left. Owned by the caller. */
char *search_match_expression(const char *question);

#endif

/* Finding tables and columns by the words of a question. */
#ifndef AMX_CORE_SEARCH_H
#define AMX_CORE_SEARCH_H

#include <stdbool.h>

#include "catalog.h"
#include "local.h"
#include "text.h"
#include "words.h"

/* Is it a word that every question has, "which", "table", or a single letter? */
bool search_is_stop_word(const char *word);

/* Was it one of these, and slipped: "tabels", "colums", "wheree"? Ask only of words that nothing fits. */
bool search_is_stop_word_slip(const char *word);

/* Appends the forms in which a word may stand in a catalog, each once: itself, singular and plural, what it
 * abbreviates and how it is abbreviated (words.h). */
void search_add_forms(Words *forms, const char *word);

/* Appends the forms, any of which will do, to an SQLite FTS5 expression. Whatever they hold, the result is
 * valid FTS5 and nothing in it acts as an operator. */
void search_add_expression(Text *expression, const Words *forms);

/* Keeps and indexes a catalog (catalog_cache_save). Names are split into words, also where they are written
 * without anything between: "contactgroups" is found as "contact groups" where other names hold these words.
 * ERROR_LOCAL, ERROR_INTERRUPTED; either leaves what was kept before. */
bool search_keep(Local *local, const char *fingerprint, const Catalog *catalog, Error *err);

#endif

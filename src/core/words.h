/* Names as words: "tblCustAddr_2" is "customer address 2". Splits identifiers, expands well-known
 * abbreviations, and knows singular and plural of English words. Conservative: what is not certain stays as
 * it is written.
 *
 * Words come out in lower case, are valid UTF-8 and hold no hostile character, whatever the name holds. */
#ifndef AMX_CORE_WORDS_H
#define AMX_CORE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Where in a name an abbreviation means what the table says. */
typedef enum WordPlace {
    WORD_ANYWHERE,
    WORD_LAST,     /* only as the last of several words: order_no, but no_show */
    WORD_NOT_ALONE /* only next to other words: alt_text, but alt */
} WordPlace;

typedef struct WordAbbreviation {
    const char *abbreviation;
    const char *expansion; /* may be several words; capitals only in what is always written so: "URL" */
    WordPlace place;
} WordAbbreviation;

/* The built-in dictionary, sorted by abbreviation (byte order). */
const WordAbbreviation *words_dictionary(size_t *count);
/* The team's own abbreviations, which win over the built-in ones: amx.conf's. They hold for the whole process
 * and for every thread, from the call on; the entries are copied. NULL and 0 take them away. */
void words_set_own(const WordAbbreviation *entries, size_t count);
/* Those that hold, sorted by abbreviation. They stay valid for as long as the process lives. */
const WordAbbreviation *words_own(size_t *count);
/* The entry of an abbreviation in lower case, the team's own before the built-in one, or NULL. */
const WordAbbreviation *words_find(const char *abbreviation);

/* Is the word one of the list, which ends with NULL? */
bool words_is_one_of(const char *word, const char *const *list);

/* A list of words. `Words w = {0}` starts one, words_free empties it. */
typedef struct Words {
    char **items;
    size_t count;
    size_t capacity;
} Words;

void words_add(Words *words, const char *word);
void words_remove(Words *words, size_t index);
void words_free(Words *words);

/* Appends the words of a name, unexpanded: split at everything that is no letter or digit, at camelCase humps
 * ("HTTPServer" is "http server"), and before the number that ends a word ("line2", but not "ipv4"). */
void words_split(const char *name, Words *out);
/* Replaces each abbreviation by its expansion (one item, which may hold blanks), without a last word that
 * follows anyway: ip is "IP address", and so is ip_address. */
void words_expand(Words *words);
/* Removes a prefix that says what kind of object this is and nothing about its meaning: tbl_, vw_, fk_, pk_;
 * with a column's `type` (may be NULL) also dt_ of dates, b_ of booleans, str_ of text, int_ and dbl_ of
 * numbers. Never the last word.
 */
void words_strip_prefix(Words *words, const char *type);

/* The words from `from` up to `to` (not included) with blanks between; owned by the caller. */
char *words_join(const Words *words, size_t from, size_t to);
/* All three steps: "tbl_cust_addr" gives "customer address". Owned by the caller, may be "". */
char *words_phrase(const char *name, const char *type);

/* Singular and plural of one English word in lower case; a word that is not known to be otherwise stays as it
 * is. Owned by the caller. */
char *words_singular(const char *word);
char *words_plural(const char *word);

#endif

#include "search.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "text.h"
#include "words.h"

enum { TERMS_LIMIT = 120 }; /* a pasted page must not become a query of thousands of terms */

/* Sorted, for bsearch. Besides the usual ones, the words in which people ask about databases. */
static const char *const stop_words[] = {
    "a",        "about",    "all",   "am",    "an",    "and",    "any",     "are",     "as",       "at",
    "be",       "been",     "but",   "by",    "can",   "column", "columns", "contain", "contains", "could",
    "database", "describe", "did",   "do",    "does",  "each",   "every",   "explain", "field",    "fields",
    "find",     "for",      "from",  "get",   "give",  "had",    "has",     "have",    "held",     "hold",
    "holds",    "how",      "i",     "if",    "in",    "into",   "is",      "it",      "its",      "join",
    "joined",   "joins",    "keep",  "keeps", "kept",  "list",   "me",      "mean",    "means",    "my",
    "not",      "of",       "on",    "one",   "or",    "our",    "please",  "row",     "rows",     "saved",
    "see",      "show",     "so",    "some",  "store", "stored", "stores",  "table",   "tables",   "tell",
    "that",     "the",      "their", "them",  "there", "these",  "they",    "this",    "those",    "to",
    "us",       "use",      "used",  "was",   "we",    "were",   "what",    "when",    "where",    "which",
    "who",      "whose",    "why",   "will",  "with",  "would",  "you",     "your",
};

static int compare_words(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

static bool is_stop_word(const char *word)
{
    bool letter = strlen(word) == 1 && (*word < '0' || *word > '9');
    return letter || bsearch(word, stop_words, sizeof stop_words / sizeof *stop_words, sizeof *stop_words,
                             compare_words) != NULL;
}

static void add_term(Words *terms, const char *term)
{
    for (size_t i = 0; i < terms->count; i++) {
        if (strcasecmp(terms->items[i], term) == 0) {
            return;
        }
    }
    if (terms->count < TERMS_LIMIT) {
        words_add(terms, term);
    }
}

/* "customer" also as cust and custs: everything the dictionary shortens to it. */
static void add_abbreviations(Words *terms, const char *word)
{
    size_t own_count;
    size_t count;
    const WordAbbreviation *own = words_own(&own_count);
    const WordAbbreviation *dictionary = words_dictionary(&count);
    for (size_t i = 0; i < own_count; i++) {
        if (strcasecmp(own[i].expansion, word) == 0) {
            add_term(terms, own[i].abbreviation);
        }
    }
    for (size_t i = 0; i < count; i++) {
        bool holds = words_find(dictionary[i].abbreviation) == &dictionary[i];
        if (holds && strcasecmp(dictionary[i].expansion, word) == 0) {
            add_term(terms, dictionary[i].abbreviation);
        }
    }
}

static void add_word(Words *terms, const char *word)
{
    const WordAbbreviation *entry = words_find(word);
    char *singular = words_singular(word);
    char *plural = words_plural(singular);
    add_term(terms, word);
    add_term(terms, singular);
    add_term(terms, plural);
    if (entry) {
        add_term(terms, entry->expansion);
    }
    add_abbreviations(terms, singular);
    add_abbreviations(terms, plural);
    free(singular);
    free(plural);
}

/* A name of several words ("orderDate") is searched as a whole too: the index may hold it as one token. */
static void add_whole_names(Words *terms, const char *question)
{
    static const char separators[] = " \t\r\n\f\v.,;:!?()[]{}<>\"'`/\\|*+=&%#@^~-_";
    char *copy = memory_string(question);
    char *rest = copy;
    for (char *name; (name = strsep(&rest, separators));) {
        Words parts = {0};
        words_split(name, &parts);
        if (parts.count > 1) {
            char *whole = text_visible(name);
            add_term(terms, whole);
            free(whole);
        }
        words_free(&parts);
    }
    free(copy);
}

char *search_match_expression(const char *question)
{
    Words words = {0};
    Words terms = {0};
    Text expression = {0};
    words_split(question, &words);
    for (size_t i = 0; i < words.count && terms.count < TERMS_LIMIT; i++) {
        if (!is_stop_word(words.items[i])) {
            add_word(&terms, words.items[i]);
        }
    }
    add_whole_names(&terms, question);
    for (size_t i = 0; i < terms.count; i++) {
        /* no term holds a double quote: it separates names and is no part of words */
        text_addf(&expression, "%s\"%s\"", i ? " OR " : "", terms.items[i]);
    }
    words_free(&words);
    words_free(&terms);
    return text_take(&expression);
}

#include "search.h"

#include <jansson.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "ask_synonyms.h"
#include "catalog_cache.h"
#include "memory.h"

enum {
    SLIP_LEAST = 5,  /* shorter words are near to too many: "form" is not "from" */
    GLUED_LEAST = 6, /* shorter words are not taken apart, */
    GLUED_MOST = 64, /* nor are longer ones: nobody writes so many without anything between */
    PART_LEAST = 3
};

/* Sorted, for bsearch. Besides the usual ones, the words in which people ask about databases. */
static const char *const stop_words[] = {
    "a",        "about",    "all",      "am",        "an",      "and",     "another", "any",     "anybody",
    "are",      "as",       "at",       "be",        "because", "been",    "belong",  "belongs", "but",
    "by",       "call",     "called",   "can",       "column",  "columns", "come",    "contain", "contained",
    "contains", "could",    "database", "describe",  "did",     "do",      "does",    "each",    "every",
    "exactly",  "exist",    "exists",   "explain",   "field",   "fields",  "find",    "for",     "from",
    "get",      "give",     "go",       "goes",      "had",     "has",     "have",    "held",    "hold",
    "holds",    "how",      "i",        "if",        "in",      "into",    "is",      "it",      "its",
    "join",     "joined",   "joins",    "just",      "keep",    "keeps",   "kept",    "list",    "many",
    "me",       "mean",     "means",    "mine",      "much",    "my",      "named",   "need",    "not",
    "now",      "of",       "on",       "one",       "or",      "other",   "our",     "please",  "right",
    "row",      "rows",     "said",     "saved",     "say",     "says",    "see",     "show",    "so",
    "some",     "somebody", "someone",  "something", "soon",    "store",   "stored",  "stores",  "table",
    "tables",   "tell",     "than",     "that",      "the",     "their",   "them",    "then",    "there",
    "these",    "they",     "this",     "those",     "to",      "us",      "use",     "used",    "very",
    "was",      "we",       "went",     "were",      "what",    "when",    "where",   "which",   "who",
    "whose",    "why",      "will",     "with",      "would",   "you",     "your",
};

static int compare_words(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

bool search_is_stop_word(const char *word)
{
    bool letter = strlen(word) == 1 && (*word < '0' || *word > '9');
    return letter || bsearch(word, stop_words, sizeof stop_words / sizeof *stop_words, sizeof *stop_words,
                             compare_words) != NULL;
}

/* Two letters in the wrong order, one left out, or one doubled; the first one is right. */
static bool is_slip_of(const char *word, const char *meant)
{
    size_t at = 0;
    while (word[at] && word[at] == meant[at]) {
        at++;
    }
    if (at == 0) {
        return false;
    }
    const char *rest = word + at;
    const char *right = meant + at;
    bool swapped =
        *rest && *right && rest[0] == right[1] && rest[1] == right[0] && text_equal(rest + 2, right + 2);
    bool left_out = *right && text_equal(rest, right + 1);
    bool doubled = *rest && *rest == word[at - 1] && text_equal(rest + 1, right);
    return swapped || left_out || doubled;
}

bool search_is_stop_word_slip(const char *word)
{
    for (size_t i = 0; strlen(word) >= SLIP_LEAST && i < sizeof stop_words / sizeof *stop_words; i++) {
        if (is_slip_of(word, stop_words[i])) {
            return true;
        }
    }
    return false;
}

static void add_new(Words *terms, const char *term)
{
    for (size_t i = 0; i < terms->count; i++) {
        if (strcasecmp(terms->items[i], term) == 0) {
            return;
        }
    }
    words_add(terms, term);
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
            add_new(terms, own[i].abbreviation);
        }
    }
    for (size_t i = 0; i < count; i++) {
        bool holds = words_find(dictionary[i].abbreviation) == &dictionary[i];
        if (holds && strcasecmp(dictionary[i].expansion, word) == 0) {
            add_new(terms, dictionary[i].abbreviation);
        }
    }
}

void search_add_forms(Words *terms, const char *word)
{
    const WordAbbreviation *entry = words_find(word);
    char *singular = words_singular(word);
    char *plural = words_plural(singular);
    add_new(terms, word);
    add_new(terms, singular);
    add_new(terms, plural);
    if (entry) {
        add_new(terms, entry->expansion);
    }
    add_abbreviations(terms, singular);
    add_abbreviations(terms, plural);
    free(singular);
    free(plural);
}

void search_add_expression(Text *expression, const Words *forms)
{
    for (size_t i = 0; i < forms->count; i++) {
        const char *separator = expression->length ? " OR " : "";
        text_addf(expression, "%s\"", separator);
        for (const char *c = forms->items[i]; *c; c++) {
            text_add(expression, *c == '"' ? "\"\"" : (const char[]){*c, '\0'});
        }
        text_add_char(expression, '"');
    }
}

/* --- the words of a catalog --- */

/* The words of which the names of a catalog consist, and what each name was turned into already. */
typedef struct Names {
    json_t *words;
    json_t *phrases;
    const char *prefix; /* with which most tables begin ("pg"), which says nothing of any; or NULL */
} Names;

static void learn(Names *names, const char *name)
{
    Words words = {0};
    words_split(name, &words);
    for (size_t i = 0; i < words.count; i++) {
        if (strlen(words.items[i]) < PART_LEAST) {
            continue;
        }
        char *singular = words_singular(words.items[i]);
        char *plural = words_plural(singular);
        json_object_set_new(names->words, words.items[i], json_true());
        json_object_set_new(names->words, singular, json_true());
        json_object_set_new(names->words, plural, json_true());
        free(singular);
        free(plural);
    }
    words_free(&words);
}

static bool knows(const Names *names, const char *word)
{
    return text_equal(word, "id") || text_equal(word, "ids") ||
           (strlen(word) >= PART_LEAST &&
            (json_object_get(names->words, word) || words_find(word) || ask_synonyms_know(word)));
}

/* A word that is taken apart. */
typedef struct Glued {
    const char *word;
    uint64_t whole; /* a bit for each place from which on it cannot be: none is tried twice */
} Glued;

/* The parts of a word, from a place on, that other names of the catalog hold as words: "contactgroups" is
 * "contact groups". The longest first part counts. False when there are none. */
static bool take_apart(const Names *names, Glued *glued, size_t at, Words *parts)
{
    const char *word = glued->word + at;
    size_t before = parts->count;
    if (glued->whole >> at & 1) {
        return false;
    }
    for (size_t length = strlen(word); --length >= PART_LEAST - 1;) {
        char *first = memory_string_n(word, length);
        bool short_one = length < PART_LEAST && strlen(word) > PART_LEAST + length && words_find(first);
        if (short_one || knows(names, first)) {
            words_add(parts, first);
            if (knows(names, word + length)) {
                words_add(parts, word + length);
            } else if (!take_apart(names, glued, at + length, parts)) {
                words_remove(parts, before);
            }
        }
        free(first);
        if (parts->count > before) {
            return true;
        }
    }
    glued->whole |= UINT64_C(1) << at;
    return false;
}

static bool is_glued(const Names *names, const char *word, Words *parts)
{
    size_t length = strlen(word);
    return length >= GLUED_LEAST && length <= GLUED_MOST && !words_find(word) &&
           take_apart(names, &(Glued){.word = word}, 0, parts);
}

static char *phrase_of(const Names *names, const char *name, const char *type)
{
    Words words = {0}, parts = {0};
    words_split(name, &words);
    words_strip_prefix(&words, type);
    if (!type && names->prefix && words.count > 1 && text_equal(words.items[0], names->prefix)) {
        words_remove(&words, 0);
    }
    for (size_t i = 0; i < words.count; i++) {
        if (!is_glued(names, words.items[i], &parts)) {
            words_add(&parts, words.items[i]);
        }
    }
    words_expand(&parts);
    char *phrase = words_join(&parts, 0, parts.count);
    words_free(&parts);
    words_free(&words);
    return phrase;
}

static char *words_of(void *context, const char *name, const char *type)
{
    Names *names = context;
    char *key = text_format("%s\n%s", name, type ? type : "");
    json_t *known = json_object_get(names->phrases, key);
    char *phrase = known ? memory_string(json_string_value(known)) : phrase_of(names, name, type);
    if (!known) {
        json_object_set_new(names->phrases, key, json_string(phrase));
    }
    free(key);
    return phrase;
}

/* The word with which more than half of the tables begin; NULL when there is none. Borrowed from `seen`. */
static const char *common_prefix(const Catalog *catalog, json_t *seen)
{
    const char *word;
    json_t *count;
    for (size_t i = 0; i < catalog->table_count; i++) {
        Words words = {0};
        words_split(catalog->tables[i].name, &words);
        if (words.count > 1) {
            json_int_t before = json_integer_value(json_object_get(seen, words.items[0]));
            json_object_set_new(seen, words.items[0], json_integer(before + 1));
        }
        words_free(&words);
    }
    json_object_foreach(seen, word, count)
    {
        if ((size_t)json_integer_value(count) * 2 > catalog->table_count && catalog->table_count > 4) {
            return word;
        }
    }
    return NULL;
}

bool search_keep(Local *local, const char *fingerprint, const Catalog *catalog, Error *err)
{
    json_t *seen = json_object();
    Names names = {.words = json_object(), .phrases = json_object(), .prefix = common_prefix(catalog, seen)};
    const CatalogWords words = {.of = words_of, .context = &names};
    for (size_t i = 0; i < catalog->table_count; i++) {
        const CatalogTable *table = &catalog->tables[i];
        learn(&names, table->name);
        for (size_t c = 0; c < table->column_count; c++) {
            learn(&names, table->columns[c].name);
        }
    }
    bool ok = catalog_cache_save(local, fingerprint, catalog, &words, err);
    json_decref(seen);
    json_decref(names.words);
    json_decref(names.phrases);
    return ok;
}

#include "ask_work.h"

#include <string.h>

#include "ask_fold.h"
#include "memory.h"
#include "search.h"

enum { SENTENCE_LEAST = 3 }; /* fewer words may be names alone */

/* Words that say what kind of question it is, and nothing of what it is about. */
static const char *const fillers[] = {
    "alone",      "also",        "among",        "and",         "between",      "comment",
    "commented",  "comments",    "connect",      "connected",   "count",        "describe",
    "described",  "description", "descriptions", "does",        "documented",   "else",
    "first",      "foreign",     "key",          "keys",        "last",         "lack",
    "lacks",      "link",        "linked",       "meaning",     "mean",         "missing",
    "more",       "no",          "number",       "only",        "path",         "point",
    "pointing",   "points",      "primary",      "reach",       "refer",        "reference",
    "referenced", "references",  "referencing",  "refers",      "related",      "relationship",
    "schema",     "schemas",     "second",       "still",       "than",         "then",
    "third",      "type",        "types",        "undescribed", "undocumented", "view",
    "views",      "way",         "without",      "what's",      "onto",         NULL};

bool ask_is_filler(const char *word)
{
    return search_is_stop_word(word) || words_is_one_of(word, fillers);
}

/* Bytes of a sign that stands around words and is no part of them, 0: there is none. Also the quotes of
 * print: U+2018 to U+201E. Double quotes hold a name together, and stay. */
static size_t around(const char *at)
{
    if (strncmp(at, "\xe2\x80", 2) == 0 && (unsigned char)at[2] >= 0x98 && (unsigned char)at[2] <= 0x9e) {
        return 3;
    }
    if (*at == '<' || *at == '>') { /* "> 30" compares */
        return at[1] && strchr(" =0123456789", at[1]) ? 0 : 1;
    }
    return *at && strchr(" \t\r\n\f\v.,;:!?()[]{}'`", *at) ? 1 : 0;
}

/* The same of the sign before `end`. */
static size_t around_before(const char *begin, const char *end)
{
    return end - begin >= 3 && around(end - 3) == 3 ? 3 : end > begin ? around(end - 1) : 0;
}

/* The end of the word that begins here; quotes hold blanks together. */
static const char *end_of_word(const char *at)
{
    bool quoted = false;
    for (; *at && (quoted || !strchr(" \t\r\n\f\v,;?!()", *at)); at++) {
        quoted = quoted != (*at == '"' && (quoted || strchr(at + 1, '"')));
    }
    return at;
}

static void add_lower(Words *words, const char *word)
{
    char *lower = ask_lower(word);
    words_add(words, lower);
    free(lower);
}

void ask_words_read(AskWork *work)
{
    Text sentence = {0};
    text_add(&sentence, " ");
    for (const char *at = work->question->text; *at;) {
        if (around(at) > 0) {
            at += around(at);
            continue;
        }
        const char *end = end_of_word(at);
        size_t length = (size_t)(end - at);
        for (size_t sign; (sign = around_before(at, at + length)) > 0;) {
            length -= sign;
        }
        char *word = memory_string_n(at, length);
        words_add(&work->raw, word);
        add_lower(&work->words, word);
        text_addf(&sentence, "%s ", work->words.items[work->words.count - 1]);
        free(word);
        at = end > at ? end : at + 1;
    }
    work->sentence = text_take(&sentence);
    work->denies = ask_denies(work->sentence);
}

bool ask_denies(const char *sentence)
{
    static const char *const denials[] = {
        "not",    "never", "no",     "without", "except",  "excluding", "neither", "nor",   "cannot",
        "can't",  "don't", "dont",   "doesn't", "doesnt",  "didn't",    "didnt",   "isn't", "isnt",
        "aren't", "arent", "wasn't", "weren't", "haven't", "hasn't",    NULL};
    bool denies = false;
    for (size_t i = 0; denials[i] && !denies; i++) {
        char *padded = text_format(" %s ", denials[i]);
        denies = strstr(sentence, padded) != NULL;
        free(padded);
    }
    return denies;
}

bool ask_says(const AskWork *work, const char *const *phrases)
{
    for (; *phrases; phrases++) {
        char *padded = text_format(" %s ", *phrases);
        bool said = strstr(work->sentence, padded) != NULL;
        free(padded);
        if (said) {
            return true;
        }
    }
    return false;
}

long ask_word_at(const AskWork *work, const char *const *list)
{
    for (size_t i = 0; i < work->words.count; i++) {
        if (words_is_one_of(work->words.items[i], list)) {
            return (long)i;
        }
    }
    return -1;
}

bool ask_is_english(const AskWork *work)
{
    static const char *const shared[] = {"a",  "am",  "an",   "as", "but", "do",    "has", "i",
                                         "in", "is",  "me",   "no", "on",  "or",    "see", "so",
                                         "us", "was", "will", "go", "all", "table", NULL};
    bool english = work->words.count < SENTENCE_LEAST;
    for (size_t i = 0; i < work->words.count; i++) {
        const char *word = work->words.items[i];
        english =
            english || (strlen(word) > 1 && search_is_stop_word(word) && !words_is_one_of(word, shared));
    }
    return english;
}

char *ask_content(const AskWork *work)
{
    Text content = {0};
    for (size_t i = 0; i < work->words.count; i++) {
        if (!ask_is_filler(work->words.items[i])) {
            text_addf(&content, "%s%s", content.length ? " " : "", work->raw.items[i]);
        }
    }
    return text_take(&content);
}

#include "ask_near.h"

#include <stdlib.h>
#include <string.h>

#include "ask_name.h"
#include "ask_ordinary.h"
#include "catalog_cache.h"
#include "memory.h"
#include "search.h"
#include "text.h"

enum {
    LETTERS_LIMIT = 40, /* longer words are not compared */
    LETTERS_LEAST = 4,  /* shorter ones are near to everything */
    LETTERS_TWO = 7,    /* from here on, two slips are tolerated */
    WORDS_LIMIT = 8,
    NAMES_LIMIT = 3
};

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* How many letters to add, drop, change or swap with the next one, at most `most`; more than that: most + 1.
 * Optimal string alignment, three rows of its table at a time. */
static int edits_between(const char *a, const char *b, int most)
{
    size_t a_length = strlen(a), b_length = strlen(b);
    size_t apart = a_length > b_length ? a_length - b_length : b_length - a_length;
    int rows[3][LETTERS_LIMIT + 1];
    if (apart > (size_t)most || a_length > LETTERS_LIMIT || b_length > LETTERS_LIMIT) {
        return most + 1;
    }
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = (int)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        int *row = rows[i % 3], *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
        row[0] = (int)i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
    }
    return least(rows[a_length % 3][b_length], most + 1);
}

/* How many edits still make a slip of the pen: 0, 1 or 2 by the length of the word. */
static int slips(const char *word)
{
    size_t length = strlen(word);
    return length < LETTERS_LEAST ? 0 : length < LETTERS_TWO ? 1 : 2;
}

typedef struct Near {
    char *word;
    int distance;
    int64_t tables;
} Near;

typedef struct Search {
    const Words *words;
    bool wide; /* also beginnings, and up to a third of the letters */
    Near near[WORDS_LIMIT];
    size_t count;
} Search;

static bool goes_before(const Near *a, const Near *b)
{
    if (a->distance != b->distance) {
        return a->distance < b->distance;
    }
    return a->tables != b->tables ? a->tables > b->tables : strcmp(a->word, b->word) < 0;
}

/* Keeps the list sorted. */
static void insert(Search *search, const Near *near)
{
    size_t at = search->count;
    while (at > 0 && goes_before(near, &search->near[at - 1])) {
        at--;
    }
    if (at == WORDS_LIMIT) {
        return;
    }
    if (search->count == WORDS_LIMIT) {
        free(search->near[--search->count].word);
    }
    memmove(&search->near[at + 1], &search->near[at], (search->count - at) * sizeof *search->near);
    search->near[at] = *near;
    search->near[at].word = memory_string(near->word);
    search->count++;
}

static int tolerated(const Search *search, const char *word)
{
    int third = (int)strlen(word) / 3;
    int edits = slips(word);
    return search->wide && edits > 0 && third > edits ? third : edits;
}

static void look_at(void *context, const char *word, int64_t tables)
{
    Search *search = context;
    for (size_t i = 0; i < search->words->count; i++) {
        const char *asked = search->words->items[i];
        int most = tolerated(search, asked);
        Near near = {.word = (char *)word, .tables = tables};
        if (most == 0 || strlen(word) < LETTERS_LEAST - 1) {
            continue;
        }
        near.distance = search->wide && text_starts(word, asked) ? 1 : edits_between(asked, word, most);
        if (near.distance <= most) {
            insert(search, &near);
        }
    }
}

static void search_free(Search *search)
{
    for (size_t i = 0; i < search->count; i++) {
        free(search->near[i].word);
    }
}

/* "{name columns} : ("word")" */
static char *name_expression(const char *word)
{
    Words words = {0};
    Text expression = {0}, whole = {0};
    words_add(&words, word);
    search_add_expression(&expression, &words);
    text_addf(&whole, "{name columns} : (%s)", text_string(&expression));
    text_free(&expression);
    words_free(&words);
    return text_take(&whole);
}

bool ask_near_word(Local *local, const char *fingerprint, const char *word, char **out, Error *err)
{
    Words words = {0};
    words_add(&words, word);
    Search search = {.words = &words};
    *out = NULL;
    bool ok =
        slips(word) == 0 || ask_is_ordinary(word) || catalog_cache_vocabulary(local, look_at, &search, err);
    for (size_t i = 0; ok && !*out && i < search.count; i++) {
        int64_t tables = 0;
        char *expression = name_expression(search.near[i].word);
        ok = catalog_cache_count(local, fingerprint, expression, &tables, err);
        *out = tables > 0 ? memory_string(search.near[i].word) : NULL;
        free(expression);
    }
    search_free(&search);
    words_free(&words);
    return ok;
}

typedef struct Naming {
    const char *word;
    char *name; /* of the first table or column that holds the word */
    int64_t table;
} Naming;

static bool has_word(const char *text, const char *word)
{
    Words words = {0};
    bool has = false;
    words_split(text, &words);
    for (size_t i = 0; i < words.count; i++) {
        has = has || text_equal(words.items[i], word);
    }
    words_free(&words);
    return has;
}

static void take_name(void *context, const CatalogObject *object)
{
    Naming *naming = context;
    const char *name = object->column ? object->column : object->table;
    if (!naming->name && (has_word(name, naming->word) || has_word(object->words, naming->word))) {
        naming->name = ask_name(object->schema, object->table, object->column);
    }
}

static void take_table(void *context, int64_t id)
{
    ((Naming *)context)->table = id;
}

static bool add_name(Local *local, const char *fingerprint, const char *word, Text *names, Error *err)
{
    Naming naming = {.word = word};
    char *expression = name_expression(word);
    bool ok =
        catalog_cache_search(local, fingerprint, expression, 1, take_table, &naming, err) &&
        (naming.table == 0 || catalog_cache_table(local, fingerprint, naming.table, take_name, &naming, err));
    if (naming.name && !strstr(text_string(names), naming.name)) {
        text_addf(names, "%s%s", names->length ? ", " : "", naming.name);
    }
    free(naming.name);
    free(expression);
    return ok;
}

bool ask_near_names(Local *local, const char *fingerprint, const Words *words, char **out, Error *err)
{
    Search search = {.words = words, .wide = true};
    Text names = {0};
    bool ok = catalog_cache_vocabulary(local, look_at, &search, err);
    for (size_t i = 0; ok && i < search.count && i < NAMES_LIMIT; i++) {
        ok = add_name(local, fingerprint, search.near[i].word, &names, err);
    }
    search_free(&search);
    *out = text_take(&names);
    return ok;
}

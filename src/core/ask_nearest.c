#include "ask_nearest.h"

#include <stdlib.h>
#include <string.h>

#include "ask_joins.h"
#include "catalog_cache.h"
#include "memory.h"
#include "text.h"
#include "words.h"

enum {
    NAMES_LIMIT = 3,
    LETTERS_LIMIT = 40, /* longer words are not compared */
    LETTERS_LEAST = 4,  /* shorter ones are near to everything */
    WORD_STEP = 16,     /* an edit counts more than the other words of a name */
    FAR = 1000
};

typedef struct Near {
    char *name;
    int distance;
} Near;

typedef struct Nearest {
    const AskMatch *match;
    Near near[NAMES_LIMIT]; /* nearest first */
    size_t count;
} Nearest;

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* How many letters to add, drop or change (Levenshtein), one row of the table at a time. */
static int edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int row[LETTERS_LIMIT + 1];
    for (size_t j = 0; j <= b_length; j++) {
        row[j] = (int)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= b_length; j++) {
            int above = row[j];
            int changed = diagonal + (a[i - 1] != b[j - 1]);
            row[j] = least(changed, least(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[b_length];
}

/* FAR unless it is the beginning of the name's word or a third of its letters at most differ. */
static int distance(const char *asked, const char *named)
{
    size_t a = strlen(asked), b = strlen(named);
    if (a < LETTERS_LEAST || b < LETTERS_LEAST || a > LETTERS_LIMIT || b > LETTERS_LIMIT) {
        return FAR;
    }
    if (text_starts(named, asked)) {
        return 1;
    }
    int edits = edit_distance(asked, a, named, b);
    return edits <= (int)a / 3 ? edits : FAR;
}

static int distance_to_name(const AskMatch *match, const char *name)
{
    Words words = {0};
    int nearest = FAR;
    words_split(name, &words);
    for (size_t i = 0; i < match->term_count; i++) {
        for (size_t w = 0; !match->terms[i].found && w < words.count; w++) {
            nearest = least(nearest, distance(match->terms[i].word, words.items[w]));
        }
    }
    if (nearest < FAR) {
        nearest = nearest * WORD_STEP + least((int)words.count, WORD_STEP - 1);
    }
    words_free(&words);
    return nearest;
}

/* Keeps the list sorted; of names equally near, the one seen first stays. */
static void insert(Nearest *nearest, char *name, int how_far)
{
    size_t at = nearest->count;
    while (at > 0 && nearest->near[at - 1].distance > how_far) {
        at--;
    }
    if (at == NAMES_LIMIT) {
        free(name);
        return;
    }
    if (nearest->count == NAMES_LIMIT) {
        free(nearest->near[--nearest->count].name);
    }
    memmove(&nearest->near[at + 1], &nearest->near[at], (nearest->count - at) * sizeof *nearest->near);
    nearest->near[at] = (Near){.name = name, .distance = how_far};
    nearest->count++;
}

static void look_at(void *context, const CatalogObject *object)
{
    Nearest *nearest = context;
    int how_far = distance_to_name(nearest->match, object->column ? object->column : object->table);
    if (how_far < FAR) {
        insert(nearest, ask_name(object->schema, object->table, object->column), how_far);
    }
}

bool ask_nearest(Local *local, const char *fingerprint, const AskMatch *match, char **out, Error *err)
{
    Nearest nearest = {.match = match};
    Text names = {0};
    bool ok = catalog_cache_list(local, fingerprint, NULL, NULL, look_at, &nearest, err);
    for (size_t i = 0; i < nearest.count; i++) {
        text_addf(&names, "%s%s", i ? ", " : "", nearest.near[i].name);
        free(nearest.near[i].name);
    }
    *out = text_take(&names);
    return ok;
}

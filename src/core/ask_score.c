#include "ask_score.h"

#include <stdlib.h>
#include <string.h>

#include "ask_fold.h"
#include "memory.h"
#include "text.h"

/* A word in a table's name speaks of the table; in a key that points elsewhere it speaks of that other table.
 */
#define TABLE_NAME 1.5
#define COLUMN_NAME 0.8
#define REFERENCE_NAME 0.45
#define TABLE_TEXT 0.8
#define COLUMN_TEXT 0.4
/* A name is worth the more, the more of it was asked for. */
#define PART_OF_NAME 0.45
/* A table that holds all of the question goes before one that holds a part of it well. */
#define PART_OF_QUESTION 0.5
#define KIN 0.7

enum { WORD_SIZE = 64 };

static int compare_forms(const void *a, const void *b)
{
    return strcmp(((const AskForm *)a)->text, ((const AskForm *)b)->text);
}

static void add_forms(AskForms *out, const Words *words, size_t term, double strength)
{
    for (size_t i = 0; i < words->count; i++) {
        memory_grow((void **)&out->items, out->count, &out->capacity, sizeof *out->items);
        out->items[out->count++] = (AskForm){ask_fold(words->items[i]), term, strength};
    }
}

AskForms ask_forms_of(const AskMatch *match)
{
    AskForms forms = {0};
    for (size_t i = 0; i < match->term_count; i++) {
        add_forms(&forms, &match->terms[i].forms, i, 1);
        add_forms(&forms, &match->terms[i].kin, i, KIN);
    }
    if (forms.count > 1) {
        qsort(forms.items, forms.count, sizeof *forms.items, compare_forms);
    }
    return forms;
}

void ask_forms_free(AskForms *forms)
{
    for (size_t i = 0; i < forms->count; i++) {
        free(forms->items[i].text);
    }
    free(forms->items);
    *forms = (AskForms){0};
}

static bool in_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

/* Copies the next word of a text in lower case. Returns what follows it, NULL at the end of the text. */
static const char *next_word(const char *text, char word[WORD_SIZE])
{
    size_t length = 0;
    while (*text && !in_word(*text)) {
        text++;
    }
    if (*text == '\0') {
        return NULL;
    }
    for (; in_word(*text); text++) {
        if (length + 1 < WORD_SIZE) {
            word[length++] = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
        }
    }
    word[length] = '\0';
    return text;
}

/* As the forms are: the index knows no marks either. */
static void fold_word(char word[WORD_SIZE])
{
    bool plain = true;
    for (const char *c = word; *c; c++) {
        plain = plain && !(*c & 0x80);
    }
    if (!plain) {
        char *folded = ask_fold(word);
        text_copy(word, WORD_SIZE, folded);
        free(folded);
    }
}

/* What of each term a text holds, and how much of the text was asked for. */
typedef struct Found {
    double strength[ASK_TERMS_LIMIT];
    size_t said;
    size_t words;
} Found;

static void find_word(const AskForms *forms, const char *word, Found *found)
{
    size_t low = 0, high = forms->count;
    double best = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(forms->items[middle].text, word) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < forms->count && strcmp(forms->items[low].text, word) == 0; low++) {
        const AskForm *form = &forms->items[low];
        if (form->strength > found->strength[form->term]) {
            found->strength[form->term] = form->strength;
        }
        if (form->strength > best) {
            best = form->strength;
        }
    }
    found->said += best > 0;
    found->words++;
}

static Found find_words(const AskForms *forms, const char *text)
{
    Found found = {0};
    char word[WORD_SIZE];
    while (text && (text = next_word(text, word))) {
        fold_word(word);
        find_word(forms, word, &found);
    }
    return found;
}

/* Raises the best place of each term; returns the sum of what is worth something here. */
static double take(const AskMatch *match, const Found *found, double weight, AskScore *score)
{
    double sum = 0;
    for (size_t i = 0; i < match->term_count; i++) {
        double value = found->strength[i] * weight;
        sum += value * match->terms[i].weight;
        if (value > score->best[i]) {
            score->best[i] = value;
        }
    }
    return sum;
}

double ask_score_object(const AskMatch *match, const AskForms *forms, const CatalogObject *object,
                        AskScore *score)
{
    Found name = find_words(forms, object->words);
    double place = !object->column ? TABLE_NAME : object->refers_to ? REFERENCE_NAME : COLUMN_NAME;
    double share = name.words ? (double)name.said / (double)name.words : 0;
    double sum = take(match, &name, place * (PART_OF_NAME + (1 - PART_OF_NAME) * share), score);
    if (!object->column && name.words && share >= 1) {
        score->called = true;
    }
    if (object->description) {
        Found text = find_words(forms, object->description);
        sum += take(match, &text, object->column ? COLUMN_TEXT : TABLE_TEXT, score);
    }
    return sum;
}

double ask_score_sum(const AskMatch *match, const AskScore *score)
{
    double sum = 0, asked = 0, held = 0;
    for (size_t i = 0; i < match->term_count; i++) {
        sum += match->terms[i].weight * score->best[i];
        asked += match->terms[i].weight;
        held += score->best[i] > 0 ? match->terms[i].weight : 0;
    }
    return asked > 0 ? sum * (PART_OF_QUESTION + (1 - PART_OF_QUESTION) * held / asked) : 0;
}

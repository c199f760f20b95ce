#include "ask_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "catalog_cache.h"
#include "memory.h"
#include "search.h"
#include "text.h"
#include "words.h"

enum {
    TERMS_LIMIT = 32, /* a pasted page must not become thousands of searches */
    HITS_LIMIT = 300, /* per word */
    TABLES_LIMIT = 5,
    COLUMNS_LIMIT = 4 /* per table */
};

/* What is worth less than this share of the best is left out. */
#define WORTH_TELLING (1.0 / 3)

/* A word in a table's name speaks of the table; in a key that points elsewhere it speaks of that other table.
 */
#define TABLE_WEIGHT 1.5
#define REFERENCE_WEIGHT 0.6
/* What a match in a description is worth; one in a name is worth the more, the more of the name was asked
 * for. */
#define DESCRIPTION_WEIGHT 0.4
#define WHOLE_NAME 1.0

typedef struct Search {
    AskMatch *match;
    Words asked;        /* the terms in the singular */
    Words said;         /* singular of every word that the question says, written out */
    const Words *forms; /* of the present term: its words, written out and in the singular */
    size_t hits;        /* of the present term */
    double best;        /* relevance of its first hit */
} Search;

static bool holds(const Words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++) {
        if (strcasecmp(words->items[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/* The words of a name or a question word, written out and in the singular: "dob" is date, of, birth. */
static Words singular_words(const char *name, const char *type)
{
    Words plain = {0}, out = {0};
    char *phrase = words_phrase(name, type);
    words_split(phrase, &plain);
    for (size_t i = 0; i < plain.count; i++) {
        char *singular = words_singular(plain.items[i]);
        words_add(&out, singular);
        free(singular);
    }
    words_free(&plain);
    free(phrase);
    return out;
}

/* An abbreviation of several words also stands for them in another order: dob finds birth_date. */
static void add_spelt_out(Text *expression, const char *word)
{
    Words words = singular_words(word, NULL);
    Text all = {0};
    size_t count = 0;
    for (size_t i = 0; i < words.count; i++) {
        char *one = search_match_expression(words.items[i]);
        if (*one) {
            text_addf(&all, "%s(%s)", count++ ? " AND " : "", one);
        }
        free(one);
    }
    if (count > 1) {
        text_addf(expression, " OR (%s)", text_string(&all));
    }
    text_free(&all);
    words_free(&words);
}

/* The FTS5 expression for one word of the question; "" for one that every question has. Owned by the caller.
 */
static char *term_expression(const char *word)
{
    Text expression = {0};
    char *plain = search_match_expression(word);
    text_add(&expression, plain);
    if (*plain) {
        add_spelt_out(&expression, word);
    }
    free(plain);
    return text_take(&expression);
}

static void add_term(Search *search, const char *word)
{
    AskMatch *match = search->match;
    char *singular = words_singular(word);
    char *expression = term_expression(word);
    if (*expression == '\0' || holds(&search->asked, singular)) {
        free(expression);
        free(singular);
        return;
    }
    memory_grow((void **)&match->terms, match->term_count, &match->term_capacity, sizeof *match->terms);
    match->terms[match->term_count++] = (AskTerm){.word = memory_string(word), .expression = expression};
    words_add(&search->asked, singular);
    words_add(&search->said, singular);
    Words more = singular_words(word, NULL);
    for (size_t i = 0; i < more.count; i++) {
        words_add(&search->said, more.items[i]);
    }
    words_free(&more);
    free(singular);
}

static void add_terms(Search *search, const char *question)
{
    Words words = {0};
    words_split(question, &words);
    for (size_t i = 0; i < words.count && search->match->term_count < TERMS_LIMIT; i++) {
        add_term(search, words.items[i]);
    }
    words_free(&words);
}

/* What a word found in this object is worth: WHOLE_NAME when the question holds all words of its name. */
static double value_of(const Search *search, const CatalogObject *object)
{
    Words words = singular_words(object->column ? object->column : object->table, object->type);
    size_t said = 0;
    bool named = false;
    for (size_t i = 0; i < words.count; i++) {
        said += holds(&search->said, words.items[i]);
        named = named || holds(search->forms, words.items[i]);
    }
    double value = DESCRIPTION_WEIGHT;
    if (named && said == words.count) {
        value = WHOLE_NAME;
    } else if (named) {
        value += (WHOLE_NAME - DESCRIPTION_WEIGHT) * (double)said / (double)words.count;
    } else if (search->best > 0) {
        value *= object->relevance / search->best;
    }
    words_free(&words);
    return value;
}

static double weight_of(const CatalogObject *object)
{
    return !object->column ? TABLE_WEIGHT : object->refers_to ? REFERENCE_WEIGHT : 1;
}

static AskTable *table_of(AskMatch *match, const CatalogObject *object)
{
    for (size_t i = 0; i < match->table_count; i++) {
        AskTable *table = &match->tables[i];
        if (text_equal(table->name, object->table) && text_equal(table->schema, object->schema)) {
            return table;
        }
    }
    memory_grow((void **)&match->tables, match->table_count, &match->table_capacity, sizeof *match->tables);
    AskTable *table = &match->tables[match->table_count++];
    *table = (AskTable){.schema = memory_string(object->schema), .name = memory_string(object->table)};
    return table;
}

static AskColumn *column_of(AskTable *table, const CatalogObject *object)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (text_equal(table->columns[i].name, object->column)) {
            return &table->columns[i];
        }
    }
    memory_grow((void **)&table->columns, table->column_count, &table->column_capacity,
                sizeof *table->columns);
    AskColumn *column = &table->columns[table->column_count++];
    *column = (AskColumn){.name = memory_string(object->column),
                          .type = memory_string(object->type),
                          .description = memory_string(object->description),
                          .accepted = object->accepted,
                          .refers_to = memory_string(object->refers_to)};
    return column;
}

static void add_hit(void *context, const CatalogObject *object)
{
    Search *search = context;
    if (search->hits++ == 0) {
        search->best = object->relevance;
    }
    AskTable *table = table_of(search->match, object);
    double value = value_of(search, object);
    double score = value * weight_of(object);
    if (object->column) {
        column_of(table, object)->term_score = score;
    } else if (value >= WHOLE_NAME) {
        table->called = true;
    }
    if (score > table->term_score) {
        table->term_score = score;
    }
}

/* Adds what a term found to the scores. A word that is everywhere says little. */
static void settle_term(AskMatch *match, size_t hits)
{
    double rarity = 1 / log2(1 + (double)hits);
    for (size_t i = 0; i < match->table_count; i++) {
        AskTable *table = &match->tables[i];
        table->score += rarity * table->term_score;
        table->term_score = 0;
        for (size_t c = 0; c < table->column_count; c++) {
            table->columns[c].score += rarity * table->columns[c].term_score;
            table->columns[c].term_score = 0;
        }
    }
}

static bool search_term(Search *search, Local *local, const char *fingerprint, AskTerm *term, Error *err)
{
    Words forms = singular_words(term->word, NULL);
    char *singular = words_singular(term->word);
    words_add(&forms, singular);
    search->forms = &forms;
    search->hits = 0;
    bool ok = catalog_cache_search(local, fingerprint, term->expression, HITS_LIMIT, add_hit, search, err);
    term->found = search->hits > 0;
    if (term->found) {
        settle_term(search->match, search->hits);
    }
    search->forms = NULL;
    free(singular);
    words_free(&forms);
    return ok;
}

static int compare_scores(double a, double b)
{
    return a > b ? -1 : a < b;
}

static int compare_columns(const void *a, const void *b)
{
    const AskColumn *left = a, *right = b;
    int order = compare_scores(left->score, right->score);
    return order ? order : strcmp(left->name, right->name);
}

static int compare_tables(const void *a, const void *b)
{
    const AskTable *left = a, *right = b;
    int order = compare_scores(left->score, right->score);
    if (order == 0) {
        order = strcmp(left->schema, right->schema);
    }
    return order ? order : strcmp(left->name, right->name);
}

static void free_column(AskColumn *column)
{
    free(column->name);
    free(column->type);
    free(column->description);
    free(column->refers_to);
}

static void free_table(AskTable *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        free_column(&table->columns[i]);
    }
    free(table->columns);
    free(table->schema);
    free(table->name);
    free(table->kind);
    free(table->description);
}

static void keep_best_columns(AskTable *table)
{
    if (table->column_count == 0) {
        return;
    }
    qsort(table->columns, table->column_count, sizeof *table->columns, compare_columns);
    double least = table->columns[0].score * WORTH_TELLING;
    while (table->column_count > COLUMNS_LIMIT || table->columns[table->column_count - 1].score < least) {
        free_column(&table->columns[--table->column_count]);
    }
}

/* A table that the question calls by its whole name is told of however little it is worth beside the best. */
static void keep_best(AskMatch *match)
{
    size_t kept = 0;
    if (match->table_count > 1) {
        qsort(match->tables, match->table_count, sizeof *match->tables, compare_tables);
    }
    for (size_t i = 0; i < match->table_count; i++) {
        AskTable *table = &match->tables[i];
        if (kept < TABLES_LIMIT &&
            (table->called || i == 0 || table->score >= match->tables[0].score * WORTH_TELLING)) {
            keep_best_columns(table);
            match->tables[kept++] = *table;
        } else {
            free_table(table);
        }
    }
    match->table_count = kept;
}

static void describe_table(void *context, const CatalogObject *object)
{
    AskTable *table = context;
    if (!object->column) {
        table->kind = memory_string(object->kind);
        table->description = memory_string(object->description);
        table->accepted = object->accepted;
    }
}

static bool describe_tables(AskMatch *match, Local *local, const char *fingerprint, Error *err)
{
    for (size_t i = 0; i < match->table_count; i++) {
        AskTable *table = &match->tables[i];
        if (!catalog_cache_list(local, fingerprint, table->schema, table->name, describe_table, table, err)) {
            return false;
        }
    }
    return true;
}

bool ask_match_find(Local *local, const char *fingerprint, const char *question, AskMatch *out, Error *err)
{
    *out = (AskMatch){0};
    Search search = {.match = out};
    bool ok = true;
    add_terms(&search, question);
    for (size_t i = 0; ok && i < out->term_count; i++) {
        ok = search_term(&search, local, fingerprint, &out->terms[i], err);
    }
    words_free(&search.asked);
    words_free(&search.said);
    keep_best(out);
    return ok && describe_tables(out, local, fingerprint, err);
}

void ask_match_free(AskMatch *match)
{
    for (size_t i = 0; i < match->term_count; i++) {
        free(match->terms[i].word);
        free(match->terms[i].expression);
    }
    free(match->terms);
    for (size_t i = 0; i < match->table_count; i++) {
        free_table(&match->tables[i]);
    }
    free(match->tables);
    *match = (AskMatch){0};
}

#include "ask_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ask_near.h"
#include "ask_score.h"
#include "ask_synonyms.h"
#include "catalog_cache.h"
#include "clock.h"
#include "memory.h"
#include "search.h"
#include "text.h"

enum {
    CANDIDATES_LIMIT = 48,
    FIRST_TABLES = 3,
    PLENTY = 400,     /* tables that a word may fit and still name candidates */
    COLUMNS_LIMIT = 4 /* per table */
};

/* What is worth less than this share of the best is left out, of the first few less than that. */
#define WORTH_TELLING (1.0 / 3)
#define FIRST_WORTH_TELLING 0.15
/* The index sees more than scores do ("uber" is "über" to it): what it alone finds is worth the least. */
#define WORTH_OF_INDEX 1e-6

typedef struct Search {
    Local *local;
    const char *fingerprint;
    AskMatch *match;
    AskForms forms;
    int64_t table_count;
    int64_t candidates[CANDIDATES_LIMIT * 3];
    size_t candidate_count;
    AskTable *table; /* that is being scored */
    AskScore score;
} Search;

/* --- terms --- */

static void add_all_forms(Words *forms, const Words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        search_add_forms(forms, words->items[i]);
    }
}

static bool is_asked(const AskMatch *match, const char *word)
{
    for (size_t i = 0; i < match->term_count; i++) {
        const Words *forms = &match->terms[i].forms;
        for (size_t f = 0; f < forms->count; f++) {
            if (strcasecmp(forms->items[f], word) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void to_lower(char *text)
{
    for (; *text; text++) {
        *text = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
    }
}

/* Abbreviations of several words stand for these in any order: dob finds birth_date. */
static void spell_out(const Words *forms, Words *kin)
{
    for (size_t i = 0; i < forms->count; i++) {
        to_lower(forms->items[i]);
        Words words = {0};
        words_split(forms->items[i], &words);
        for (size_t w = 0; words.count > 1 && w < words.count; w++) {
            if (!search_is_stop_word(words.items[w])) {
                words_add(kin, words.items[w]);
            }
        }
        words_free(&words);
    }
}

static void set_forms(AskTerm *term, const char *word)
{
    Words kin = {0};
    words_free(&term->forms);
    words_free(&term->kin);
    search_add_forms(&term->forms, word);
    ask_synonyms_inflect(&term->forms, word);
    spell_out(&term->forms, &kin);
    ask_synonyms_add(&kin, word);
    add_all_forms(&term->kin, &kin);
    words_free(&kin);
}

static void add_term(AskMatch *match, const char *word)
{
    if (search_is_stop_word(word) || is_asked(match, word)) {
        return;
    }
    memory_grow((void **)&match->terms, match->term_count, &match->term_capacity, sizeof *match->terms);
    AskTerm *term = &match->terms[match->term_count++];
    *term = (AskTerm){.word = memory_string(word)};
    set_forms(term, word);
}

static void add_terms(AskMatch *match, const char *question)
{
    Words words = {0};
    size_t count = 1;
    words_split(question, &words);
    for (size_t i = 0; i < words.count && match->term_count < ASK_TERMS_LIMIT; i += count) {
        const char *meaning = ask_synonyms_phrase(&words, i, &count);
        add_term(match, meaning ? meaning : words.items[i]);
    }
    words_free(&words);
}

/* "a distribution list": at the end of a question such a word is a noun. */
static void add_last_noun(AskMatch *match, const char *question)
{
    static const char *const nouns[] = {"list", "call", "store", "right", "need", "use", NULL};
    Words words = {0};
    words_split(question, &words);
    const char *last = words.count > 2 ? words.items[words.count - 1] : "";
    if (words_is_one_of(last, nouns)) {
        memory_grow((void **)&match->terms, match->term_count, &match->term_capacity, sizeof *match->terms);
        match->terms[match->term_count] = (AskTerm){.word = memory_string(last)};
        set_forms(&match->terms[match->term_count++], last);
    }
    words_free(&words);
}

static bool count_tables(const Search *search, const Words *forms, int64_t *out, Error *err)
{
    Text expression = {0};
    *out = 0;
    search_add_expression(&expression, forms);
    bool ok = expression.length == 0 ||
              catalog_cache_count(search->local, search->fingerprint, text_string(&expression), out, err);
    text_free(&expression);
    return ok;
}

/* A word that nothing fits may be one that was written wrongly. */
static bool correct(Search *search, AskTerm *term, int64_t *tables, Error *err)
{
    if (!ask_near_word(search->local, search->fingerprint, term->word, &term->corrected, err)) {
        return false;
    }
    if (!term->corrected) {
        return true;
    }
    set_forms(term, term->corrected);
    return count_tables(search, &term->forms, tables, err);
}

/* What a word says by being there: the fewer tables fit it, the more. */
static bool weigh(Search *search, AskTerm *term, Error *err)
{
    int64_t tables = 0;
    bool ok = count_tables(search, &term->forms, &tables, err) &&
              (tables > 0 || count_tables(search, &term->kin, &tables, err)) &&
              (tables > 0 || search_is_stop_word_slip(term->word) || correct(search, term, &tables, err));
    term->found = tables > 0;
    term->plenty = tables > PLENTY;
    term->weight = tables > 0 ? log(1 + (double)search->table_count / (double)tables) : 0;
    return ok;
}

static void free_term(AskTerm *term)
{
    free(term->word);
    free(term->corrected);
    words_free(&term->forms);
    words_free(&term->kin);
}

/* "tabels" that nothing fits were "tables", which is no term at all. */
static bool weigh_all(Search *search, Error *err)
{
    AskMatch *match = search->match;
    bool ok = true;
    size_t kept = 0;
    for (size_t i = 0; i < match->term_count; i++) {
        AskTerm *term = &match->terms[i];
        ok = ok && weigh(search, term, err);
        if (ok && !term->found && search_is_stop_word_slip(term->word)) {
            free_term(term);
        } else {
            match->terms[kept++] = *term;
        }
    }
    match->term_count = kept;
    return ok;
}

static bool is_any_found(const AskMatch *match)
{
    for (size_t i = 0; i < match->term_count; i++) {
        if (match->terms[i].found) {
            return true;
        }
    }
    return false;
}

/* The words that are about something; where nothing fits any of these, the one that seldom is. */
static bool find_terms(Search *search, const char *question, Error *err)
{
    AskMatch *match = search->match;
    add_terms(match, question);
    if (!weigh_all(search, err)) {
        return false;
    }
    size_t count = match->term_count;
    if (!is_any_found(match) && count < ASK_TERMS_LIMIT) {
        add_last_noun(match, question);
    }
    return match->term_count == count || weigh(search, &match->terms[count], err);
}

/* --- candidates --- */

static void add_candidate(void *context, int64_t id)
{
    Search *search = context;
    for (size_t i = 0; i < search->candidate_count; i++) {
        if (search->candidates[i] == id) {
            return;
        }
    }
    if (search->candidate_count < sizeof search->candidates / sizeof *search->candidates) {
        search->candidates[search->candidate_count++] = id;
    }
}

static bool add_best(Search *search, const char *columns, const Text *expression, Error *err)
{
    if (expression->length == 0) {
        return true;
    }
    char *whole = text_format("{%s} : (%s)", columns, text_string(expression));
    bool ok = catalog_cache_search(search->local, search->fingerprint, whole, CANDIDATES_LIMIT, add_candidate,
                                   search, err);
    free(whole);
    return ok;
}

/* Those in which every word stands somewhere, and those whose names hold the rarest. */
static bool add_of_plenty(Search *search, Error *err)
{
    Text all = {0};
    const AskTerm *rarest = NULL;
    for (size_t i = 0; i < search->match->term_count; i++) {
        const AskTerm *term = &search->match->terms[i];
        if (term->found) {
            Text one = {0};
            search_add_expression(&one, &term->forms);
            text_addf(&all, "%s(%s)", all.length ? " AND " : "", text_string(&one));
            text_free(&one);
            rarest = !rarest || term->weight > rarest->weight ? term : rarest;
        }
    }
    bool ok = all.length == 0 || catalog_cache_fitting(search->local, search->fingerprint, text_string(&all),
                                                       CANDIDATES_LIMIT, add_candidate, search, err);
    text_free(&all);
    if (ok && rarest) {
        Text one = {0};
        search_add_expression(&one, &rarest->forms);
        char *named = text_format("name : (%s)", text_string(&one));
        ok = catalog_cache_fitting(search->local, search->fingerprint, named, CANDIDATES_LIMIT, add_candidate,
                                   search, err) &&
             catalog_cache_fitting(search->local, search->fingerprint, text_string(&one), CANDIDATES_LIMIT,
                                   add_candidate, search, err);
        free(named);
        text_free(&one);
    }
    return ok;
}

static bool add_candidates(Search *search, Error *err)
{
    Text words = {0};
    for (size_t i = 0; i < search->match->term_count; i++) {
        const AskTerm *term = &search->match->terms[i];
        if (term->found && !term->plenty) {
            search_add_expression(&words, &term->forms);
            search_add_expression(&words, &term->kin);
        }
    }
    bool ok = words.length > 0 ? add_best(search, "name", &words, err) &&
                                     add_best(search, "name columns description details", &words, err)
                               : add_of_plenty(search, err);
    text_free(&words);
    return ok;
}

/* --- scores --- */

static void add_column(AskTable *table, const CatalogObject *object, double score)
{
    memory_grow((void **)&table->columns, table->column_count, &table->column_capacity,
                sizeof *table->columns);
    table->columns[table->column_count++] = (AskColumn){.name = memory_string(object->column),
                                                        .type = memory_string(object->type),
                                                        .description = memory_string(object->description),
                                                        .accepted = object->accepted,
                                                        .refers_to = memory_string(object->refers_to),
                                                        .score = score};
}

static void score_object(void *context, const CatalogObject *object)
{
    Search *search = context;
    AskTable *table = search->table;
    double score = ask_score_object(search->match, &search->forms, object, &search->score);
    if (object->column) {
        if (score > 0) {
            add_column(table, object, score);
        }
        return;
    }
    table->schema = memory_string(object->schema);
    table->name = memory_string(object->table);
    table->kind = memory_string(object->kind);
    table->description = memory_string(object->description);
    table->accepted = object->accepted;
}

static bool score_candidates(Search *search, Error *err)
{
    AskMatch *match = search->match;
    for (size_t i = 0; i < search->candidate_count; i++) {
        memory_grow((void **)&match->tables, match->table_count, &match->table_capacity,
                    sizeof *match->tables);
        search->table = &match->tables[match->table_count++];
        *search->table = (AskTable){0};
        search->score = (AskScore){0};
        if (!catalog_cache_table(search->local, search->fingerprint, search->candidates[i], score_object,
                                 search, err)) {
            return false;
        }
        search->table->score = fmax(ask_score_sum(match, &search->score), WORTH_OF_INDEX);
        search->table->called = search->score.called;
        if (interrupt_requested()) {
            return error_set(err, ERROR_INTERRUPTED, "interrupted while looking for an answer");
        }
    }
    return true;
}

/* --- the best --- */

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
static void keep_best(AskMatch *match, size_t limit)
{
    size_t kept = 0;
    if (match->table_count > 1) {
        qsort(match->tables, match->table_count, sizeof *match->tables, compare_tables);
    }
    for (size_t i = 0; i < match->table_count; i++) {
        AskTable *table = &match->tables[i];
        double share = limit == ASK_MATCH_ALL ? 0 : kept < FIRST_TABLES ? FIRST_WORTH_TELLING : WORTH_TELLING;
        if (kept < limit && (table->called || table->score >= match->tables[0].score * share)) {
            keep_best_columns(table);
            match->tables[kept++] = *table;
        } else {
            free_table(table);
        }
    }
    match->table_count = kept;
}

bool ask_match_find(Local *local, const char *fingerprint, const char *question, size_t limit, AskMatch *out,
                    Error *err)
{
    *out = (AskMatch){0};
    Search search = {.local = local, .fingerprint = fingerprint, .match = out};
    bool ok = catalog_cache_table_count(local, fingerprint, &search.table_count, err) &&
              find_terms(&search, question, err);
    search.forms = ask_forms_of(out);
    ok = ok && add_candidates(&search, err) && score_candidates(&search, err);
    ask_forms_free(&search.forms);
    keep_best(out, ok ? limit : 0);
    return ok;
}

void ask_match_free(AskMatch *match)
{
    for (size_t i = 0; i < match->term_count; i++) {
        free_term(&match->terms[i]);
    }
    free(match->terms);
    for (size_t i = 0; i < match->table_count; i++) {
        free_table(&match->tables[i]);
    }
    free(match->tables);
    *match = (AskMatch){0};
}

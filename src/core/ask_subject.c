/* What a question is about: names in it, or what the answer before was about. */
#include "ask_work.h"

#include <string.h>

#include "ask_fold.h"
#include "ask_match.h"
#include "ask_name.h"
#include "memory.h"
#include "object_name.h"
#include "search.h"

void ask_subject_add(AskSubjects *subjects, const char *schema, const char *table, const char *column)
{
    for (size_t i = 0; i < subjects->count; i++) {
        const AskSubject *there = &subjects->items[i];
        if (text_equal(there->schema, schema) && text_equal(there->table, table) &&
            text_equal(there->column, column)) {
            return;
        }
    }
    memory_grow((void **)&subjects->items, subjects->count, &subjects->capacity, sizeof *subjects->items);
    subjects->items[subjects->count++] =
        (AskSubject){memory_string(schema), memory_string(table), memory_string(column)};
}

void ask_subjects_free(AskSubjects *subjects)
{
    for (size_t i = 0; i < subjects->count; i++) {
        free(subjects->items[i].schema);
        free(subjects->items[i].table);
        free(subjects->items[i].column);
    }
    free(subjects->items);
    *subjects = (AskSubjects){0};
}

void ask_work_free(AskWork *work)
{
    words_free(&work->raw);
    words_free(&work->words);
    free(work->sentence);
    ask_subjects_free(&work->named);
    ask_subjects_free(&work->before);
    text_free(&work->text);
}

const AskSubjects *ask_subjects(const AskWork *work)
{
    return work->named.count > 0 ? &work->named : &work->before;
}

bool ask_names_table(const char *said, const AskSubject *table)
{
    char *word = ask_unquoted(said);
    char *singular = words_singular(word);
    char *plural = words_plural(singular);
    bool names = ask_same_name(word, table->table) || ask_same_name(singular, table->table) ||
                 ask_same_name(plural, table->table);
    free(plural);
    free(singular);
    free(word);
    return names;
}

/* --- names in the question --- */

enum { PARTS_LIMIT = 6 };

static void take_table(void *context, const CatalogObject *object)
{
    ask_subject_add(context, object->schema, object->table, NULL);
}

static bool add_tables(AskWork *work, const char *schema, const char *table, AskSubjects *out, Error *err)
{
    return catalog_cache_named(work->question->local, work->question->fingerprint, schema, table, NULL,
                               take_table, out, err);
}

static void take_column(void *context, const CatalogObject *object)
{
    ask_subject_add(context, object->schema, object->table, object->column);
}

/* The columns of this name in tables of that name. */
static bool add_columns(AskWork *work, const char *schema, const char *table, const char *column, Error *err)
{
    return catalog_cache_named(work->question->local, work->question->fingerprint, schema, table, column,
                               take_column, &work->named, err);
}

/* The parts before `first` are the schema's, those from `last` on the column's. */
static bool add_reading(AskWork *work, char *const *parts, size_t count, size_t first, size_t last,
                        Error *err)
{
    Text names[3] = {0};
    for (size_t i = 0; i < count; i++) {
        Text *name = &names[i < first ? 0 : i < last ? 1 : 2];
        text_addf(name, "%s%s", name->length ? "." : "", parts[i]);
    }
    const char *schema = first > 0 ? text_string(&names[0]) : NULL;
    bool ok = last < count ? add_columns(work, schema, text_string(&names[1]), text_string(&names[2]), err)
                           : add_tables(work, schema, text_string(&names[1]), &work->named, err);
    for (size_t i = 0; i < 3; i++) {
        text_free(&names[i]);
    }
    return ok;
}

/* A path without quotes whose names hold dots themselves: weird.name.a.b is the column a.b of weird.name. */
static bool add_dotted(AskWork *work, const char *path, Error *err)
{
    Words parts = {0};
    char *copy = memory_string(path), *rest = copy;
    size_t before = work->named.count;
    bool ok = true;
    for (char *part; (part = strsep(&rest, "."));) {
        words_add(&parts, part);
    }
    for (size_t first = 0; ok && parts.count <= PARTS_LIMIT && first < parts.count; first++) {
        for (size_t last = parts.count; ok && last > first && work->named.count == before; last--) {
            ok = add_reading(work, parts.items, parts.count, first, last, err);
        }
    }
    words_free(&parts);
    free(copy);
    return ok;
}

/* schema.table.column, schema.table, table.column */
static bool add_qualified(AskWork *work, const char *word, Error *err)
{
    ObjectScope scope = {0};
    bool ok = true;
    size_t before = work->named.count;
    if (object_scope_parse(word, &scope, NULL)) {
        if (scope.count == 3) {
            ok = add_columns(work, scope.parts[0], scope.parts[1], scope.parts[2], err);
        } else if (scope.count == 2) {
            ok = add_tables(work, scope.parts[0], scope.parts[1], &work->named, err) &&
                 (work->named.count > before || add_columns(work, NULL, scope.parts[0], scope.parts[1], err));
        } else if (scope.count == 1) {
            ok = add_tables(work, NULL, scope.parts[0], &work->named, err);
        }
    }
    object_scope_free(&scope);
    return ok && (work->named.count > before || strchr(word, '"') || add_dotted(work, word, err));
}

/* A name as somebody says it: in the singular or plural. */
static bool add_spoken(AskWork *work, const char *name, Error *err)
{
    size_t before = work->named.count;
    char *singular = words_singular(name);
    char *plural = words_plural(singular);
    bool ok = add_tables(work, NULL, name, &work->named, err) &&
              (work->named.count > before || add_tables(work, NULL, singular, &work->named, err)) &&
              (work->named.count > before || add_tables(work, NULL, plural, &work->named, err));
    free(plural);
    free(singular);
    return ok;
}

/* Two words that make one name: "order items" is order_items. */
static bool add_pair(AskWork *work, size_t at, Error *err)
{
    if (at + 1 >= work->words.count || ask_is_filler(work->words.items[at]) ||
        ask_is_filler(work->words.items[at + 1])) {
        return true;
    }
    char *first = words_singular(work->words.items[at]);
    char *joined = text_format("%s_%s", work->words.items[at], work->words.items[at + 1]);
    char *other = text_format("%s_%s", first, work->words.items[at + 1]);
    size_t before = work->named.count;
    bool ok = add_spoken(work, joined, err) && (work->named.count > before || add_spoken(work, other, err));
    free(other);
    free(joined);
    free(first);
    return ok;
}

static bool find_names(AskWork *work, Error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < work->words.count; i++) {
        const char *raw = work->raw.items[i];
        size_t before = work->named.count;
        if (strpbrk(raw, ".\"")) {
            ok = add_qualified(work, raw, err);
        } else if (!ask_is_filler(work->words.items[i])) {
            ok = add_pair(work, i, err);
            if (work->named.count > before) {
                i++;
            } else {
                ok = ok && add_spoken(work, work->words.items[i], err);
            }
        }
    }
    return ok;
}

/* --- what the session was about --- */

/* Owned by the caller; NULL when the turn cites nothing. */
static json_t *citations_of(const AskTurn *turn)
{
    bool answers = text_equal(turn->role, "assistant") && turn->citations;
    json_t *citations = answers ? json_loads(turn->citations, 0, NULL) : NULL;
    if (json_array_size(citations) == 0) {
        json_decref(citations);
        return NULL;
    }
    return citations;
}

json_t *ask_cited_before(const AskQuestion *question, size_t *turn)
{
    for (size_t i = question->turn_count; i-- > 0;) {
        json_t *citations = citations_of(&question->turns[i]);
        if (citations) {
            *turn = i;
            return citations;
        }
    }
    return NULL;
}

/* Which of them "the second one" means; 0: all. */
static size_t chosen(const AskWork *work, size_t count)
{
    static const char *const first[] = {"first", "1st", NULL}, *const second[] = {"second", "2nd", NULL},
                             *const third[] = {"third", "3rd", NULL}, *const last[] = {"last one", NULL},
                             *const other[] = {"other one", NULL};
    return ask_word_at(work, first) >= 0                             ? 1
           : ask_word_at(work, second) >= 0 || ask_says(work, other) ? 2
           : ask_word_at(work, third) >= 0                           ? 3
           : ask_says(work, last)                                    ? count
                                                                     : 0;
}

bool ask_points_to_one(const AskWork *work)
{
    return chosen(work, 1) > 0;
}

static void keep_only(AskSubjects *subjects, size_t number)
{
    AskSubjects one = {0};
    if (number <= subjects->count) {
        const AskSubject *wanted = &subjects->items[number - 1];
        ask_subject_add(&one, wanted->schema, wanted->table, wanted->column);
    }
    ask_subjects_free(subjects);
    *subjects = one;
}

/* Each table once, in the order in which they were cited; what is gone by now is left out. */
static bool take_cited(AskWork *work, const AskTurn *turn, Error *err)
{
    const AskQuestion *question = work->question;
    json_t *citation;
    size_t index;
    bool ok = true;
    json_t *cited = citations_of(turn);
    json_array_foreach(cited, index, citation)
    {
        const char *schema = json_string_value(json_object_get(citation, "schema"));
        const char *table = json_string_value(json_object_get(citation, "table"));
        bool there = false;
        ok = ok && ask_exists(question->local, question->fingerprint, schema, table, NULL, &there, err);
        if (ok && there) {
            ask_subject_add(&work->before, schema, table, NULL);
        }
    }
    json_decref(cited);
    return ok;
}

/* The tables that somebody named in a question: it was about these, whatever the answer to it cites. */
static bool take_named(AskWork *work, const AskTurn *turn, AskSubjects *out, Error *err)
{
    AskQuestion asked = *work->question;
    asked.text = turn->content;
    AskWork inner = {.question = &asked};
    bool ok = true;
    if (text_equal(turn->role, "user")) {
        ask_words_read(&inner);
        ok = find_names(&inner, err);
    }
    for (size_t i = 0; ok && i < inner.named.count; i++) {
        ask_subject_add(out, inner.named.items[i].schema, inner.named.items[i].table, NULL);
    }
    ask_work_free(&inner);
    return ok;
}

static bool has_any(const AskSubjects *subjects, const AskSubjects *others)
{
    for (size_t i = 0; i < subjects->count; i++) {
        for (size_t o = 0; o < others->count; o++) {
            if (text_equal(subjects->items[i].table, others->items[o].table) &&
                text_equal(subjects->items[i].schema, others->items[o].schema)) {
                return true;
            }
        }
    }
    return false;
}

/* What an answer cites, and what its question names when it cites nothing of that. *about: it was about
 * something, even if that is gone by now. */
static bool take_turn(AskWork *work, size_t at, bool *about, Error *err)
{
    const AskTurn *turns = work->question->turns;
    AskSubjects named = {0};
    size_t asked = at;
    (void)ask_turn_question(turns, at, &asked);
    json_t *cited = citations_of(&turns[at]);
    bool ok = take_named(work, &turns[asked], &named, err);
    if (ok && cited) {
        ok = take_cited(work, &turns[at], err);
    }
    if (ok && !has_any(&named, &work->before)) {
        for (size_t i = 0; i < named.count; i++) {
            ask_subject_add(&work->before, named.items[i].schema, named.items[i].table, NULL);
        }
    }
    *about = cited || named.count > 0;
    json_decref(cited);
    ask_subjects_free(&named);
    return ok;
}

static bool find_before(AskWork *work, Error *err)
{
    bool ok = true, about = false;
    for (size_t i = work->question->turn_count; ok && !about && i-- > 0;) {
        ok = take_turn(work, i, &about, err);
    }
    size_t number = work->before.count ? chosen(work, work->before.count) : 0;
    if (number > 0) {
        keep_only(&work->before, number);
    }
    return ok;
}

static bool points_back(const AskWork *work)
{
    static const char *const pronouns[] = {"it", "its", "them", "they", "their", "those", "these", NULL},
                             *const starts[] = {"and", "what about", "how about", "only", "also", NULL},
                             *const ones[] = {"first one", "second one", "third one",  "last one",
                                              "other one", "the second", "the third",  "which one",
                                              "that one",  "this one",   "that table", "this table",
                                              NULL},
                             *const ends[] = {"that", "this", NULL}; /* "who described that" */
    for (size_t i = 0; starts[i]; i++) {
        char *padded = text_format(" %s ", starts[i]);
        bool begins = text_starts(work->sentence, padded);
        free(padded);
        if (begins) {
            return true;
        }
    }
    const char *last = work->words.count ? work->words.items[work->words.count - 1] : "";
    return ask_word_at(work, pronouns) >= 0 || ask_says(work, ones) || words_is_one_of(last, ends);
}

bool ask_subjects_find(AskWork *work, Error *err)
{
    work->points_back = points_back(work);
    return find_names(work, err) && ask_schema_find(work, err) &&
           (!work->points_back || find_before(work, err));
}

/* --- what is meant by words that are no name --- */

enum { GUESSES_LIMIT = 24 };

/* How the name of a table fits words that are not it. */
typedef struct Fit {
    bool whole;   /* it holds all of them */
    bool last;    /* its last word, which says what it is, is one of them: sales_order is an order, order_line
                     none */
    size_t extra; /* words that nobody asked for */
} Fit;

static bool is_asked(const AskMatch *match, const char *word, size_t *term)
{
    for (size_t i = 0; i < match->term_count; i++) {
        for (size_t f = 0; f < match->terms[i].forms.count; f++) {
            if (ask_same_name(match->terms[i].forms.items[f], word)) {
                *term = i;
                return true;
            }
        }
    }
    return false;
}

static Fit fit_of(const AskMatch *match, const char *name)
{
    Words words = {0};
    bool *held = memory_zero(match->term_count + 1, sizeof *held);
    Fit fit = {.whole = true};
    words_split(name, &words);
    words_strip_prefix(&words, NULL);
    for (size_t i = 0; i < words.count; i++) {
        size_t term = 0;
        fit.last = is_asked(match, words.items[i], &term);
        held[fit.last ? term : match->term_count] = true;
        fit.extra += !fit.last;
    }
    for (size_t i = 0; i < match->term_count; i++) {
        fit.whole = fit.whole && (held[i] || !match->terms[i].found);
    }
    free(held);
    words_free(&words);
    return fit;
}

static bool fits_better(Fit a, Fit b)
{
    return a.whole != b.whole ? a.whole : !a.whole ? false : a.last != b.last ? a.last : a.extra < b.extra;
}

static void say_guess(AskWork *work, const AskMatch *match, const AskTable *taken, const char *words)
{
    bool corrected = false;
    for (size_t i = 0; i < match->term_count; i++) {
        const AskTerm *term = &match->terms[i];
        if (term->corrected) {
            text_addf(&work->text, "Nothing is called %s; %s is near it.\n", term->word, term->corrected);
            corrected = true;
        }
    }
    Fit fit = fit_of(match, taken->name);
    if (!fit.whole || fit.extra > 0 || !corrected) {
        char *said = text_visible(words), *name = ask_name(taken->schema, taken->name, NULL);
        text_addf(&work->text, "No table is called %s; %s is taken for it.\n", said, name);
        free(name);
        free(said);
    }
}

bool ask_subject_guess(AskWork *work, const char *words, AskSubjects *out, Error *err)
{
    AskMatch match = {0};
    bool ok =
        ask_match_find(work->question->local, work->question->fingerprint, words, GUESSES_LIMIT, &match, err);
    if (ok && match.table_count > 0) {
        const AskTable *best = &match.tables[0];
        for (size_t i = 1; i < match.table_count; i++) {
            if (fits_better(fit_of(&match, match.tables[i].name), fit_of(&match, best->name))) {
                best = &match.tables[i];
            }
        }
        say_guess(work, &match, best, words);
        ask_subject_add(out, best->schema, best->name, NULL);
    }
    ask_match_free(&match);
    return ok;
}

bool ask_is_named_at(const AskWork *work, size_t at)
{
    const char *word = work->words.items[at];
    const char *before = at > 0 ? work->words.items[at - 1] : "";
    const char *next = at + 1 < work->words.count ? work->words.items[at + 1] : "";
    char *with_before = text_format("%s_%s", before, word), *with_next = text_format("%s_%s", word, next);
    bool named = strpbrk(word, ".\"") != NULL;
    for (size_t i = 0; i < work->named.count && !named; i++) {
        const AskSubject *table = &work->named.items[i];
        named = ask_names_table(word, table) || ask_names_table(with_before, table) ||
                ask_names_table(with_next, table);
    }
    free(with_next);
    free(with_before);
    return named;
}

bool ask_says_only(const AskWork *work, const char *const *known)
{
    for (size_t i = 0; i < work->words.count; i++) {
        const char *word = work->words.items[i];
        if (!ask_is_filler(word) && !words_is_one_of(word, known) && !ask_is_named_at(work, i) &&
            !ask_is_schema(work, work->raw.items[i])) {
            return false;
        }
    }
    return true;
}

bool ask_are_own_words(const AskWork *work, const Words *words, const char *where, bool *out, Error *err)
{
    *out = false;
    for (size_t i = 0; i < words->count && !*out; i++) {
        Words forms = {0};
        Text any = {0};
        int64_t tables = 0;
        search_add_forms(&forms, words->items[i]);
        search_add_expression(&any, &forms);
        char *expression = text_format("{%s} : (%s)", where, text_string(&any));
        bool ok =
            catalog_cache_count(work->question->local, work->question->fingerprint, expression, &tables, err);
        *out = tables > 0;
        free(expression);
        text_free(&any);
        words_free(&forms);
        if (!ok) {
            return false;
        }
    }
    return true;
}

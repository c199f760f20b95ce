/* "only the views", "only those with a date": what is left of what the last answer told of. */
#include "ask_kind.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ask_condition.h"
#include "ask_types.h"
#include "search.h"

enum { LIST_LIMIT = 20, COLUMNS_LIMIT = 4, QUESTION_SIZE = 80 };

/* What is asked for. */
typedef struct Narrow {
    AskWork *work;
    AskCondition said;
    bool columns;
    CatalogFilter of_table;
    CatalogFilter of_column;
    bool lacks;        /* no column must be so */
    Words words;       /* of the name of a column */
    const char *place; /* a schema, or NULL */
    const AskSubject *named;
} Narrow;

/* --- what is understood --- */

/* "only" narrows at the beginning: "hosts that only have a name" asks something else. */
static bool take_opening(AskCondition *said, bool *only)
{
    static const char *const onlys[] = {"only",      "and only",  "but only",   "now only",
                                        "then only", "just the",  "just those", "show me only",
                                        "show only", "list only", NULL},
                             *const which[] = {"which of them", "which of those", "which of these",
                                               "which ones are", NULL};
    for (size_t i = 0; !*only && onlys[i]; i++) {
        char *padded = text_format(" %s ", onlys[i]);
        *only = text_starts(text_string(&said->rest), padded) &&
                ask_condition_take(said, (const char *const[]){onlys[i], NULL});
        free(padded);
    }
    return *only || ask_condition_take(said, which);
}

static bool is_of_columns(const char *word)
{
    static const char *const ignored[] = {"type", "types", "schema", "and", "also", "having", "but", NULL};
    return !words_is_one_of(word, ignored);
}

/* A type, a table that was named, or behind "with" the words of a column; false: nobody knows. */
static bool take_word(Narrow *narrow, const char *word, bool with)
{
    char *singular = words_singular(word);
    char *plural = words_plural(singular);
    const char *const *types = ask_types_of(plural); /* a date is also a moment, as "dates" are */
    bool taken = true;
    if (types) {
        narrow->of_column.types = types;
        narrow->of_column.arrays = !types[0];
        ask_condition_say(&narrow->said, narrow->lacks ? "without a column of type " : "of type ", word);
    } else if (with) {
        words_add(&narrow->words, word);
        ask_condition_say(&narrow->said, narrow->lacks ? "without a column " : "with a column ", word);
    } else {
        taken = false;
        for (size_t i = 0; !taken && i < narrow->work->named.count; i++) {
            if (ask_names_table(word, &narrow->work->named.items[i])) {
                narrow->named = &narrow->work->named.items[i];
                ask_condition_say(&narrow->said, "", narrow->named->table);
                taken = true;
            }
        }
    }
    free(plural);
    free(singular);
    return taken;
}

/* Takes what is left word by word; the words that nobody knows, owned by the caller. */
static char *take_words(Narrow *narrow)
{
    static const char *const withs[] = {"with", "having", "have", "has", "hold", "holding", NULL};
    Text unknown = {0};
    bool with = false;
    for (size_t i = 0; withs[i] && !with; i++) {
        char *padded = text_format(" %s ", withs[i]);
        with = strstr(narrow->said.rest.data, padded) != NULL;
        free(padded);
    }
    narrow->lacks = ask_condition_take(
        &narrow->said, (const char *const[]){"without", "lacking", "have no", "has no", NULL});
    const char *at = narrow->said.rest.data;
    for (char *word; (word = ask_condition_word(&at));) {
        if (is_of_columns(word) && !take_word(narrow, word, with || narrow->lacks)) {
            text_addf(&unknown, "%s%s", unknown.length ? ", " : "", word);
        }
        free(word);
    }
    return text_take(&unknown);
}

/* --- what was told before --- */

static bool is_cut(const char *text)
{
    return strstr(text, "    .. and ") != NULL;
}

/* What the last answer cites, all of it where it told only some: then its question is asked once more. */
static bool find_cited(AskWork *work, size_t turn, json_t **cited, bool *cut, Error *err)
{
    AskQuestion before = *work->question;
    size_t asked = 0;
    *cut = is_cut(before.turns[turn].content);
    if (!*cut || !ask_turn_question(before.turns, turn, &asked)) {
        return true;
    }
    Answer answer = {.citations = json_array()};
    AskWork again = {.question = &before, .out = &answer, .whole = true};
    before.text = before.turns[asked].content;
    before.turn_count = asked;
    bool ok = ask_kind_read(&again, err);
    if (ok && json_array_size(answer.citations) >= json_array_size(*cited)) {
        json_decref(*cited);
        *cited = json_incref(answer.citations);
        *cut = is_cut(text_string(&again.text));
    }
    ask_work_free(&again);
    answer_free(&answer);
    return ok;
}

/* The tables among the citations, or when there is none (or `columns`) the columns. */
static AskSubjects subjects_of(const json_t *cited, bool columns)
{
    AskSubjects tables = {0}, all = {0};
    size_t index;
    const json_t *item;
    json_array_foreach(cited, index, item)
    {
        const char *column = json_string_value(json_object_get(item, "column"));
        ask_subject_add(column ? &all : &tables, json_string_value(json_object_get(item, "schema")),
                        json_string_value(json_object_get(item, "table")), column);
    }
    bool wanted = columns || tables.count == 0;
    ask_subjects_free(wanted ? &tables : &all);
    return wanted ? all : tables;
}

/* --- what is left --- */

static bool fits_words(const Narrow *narrow, const CatalogObject *object)
{
    Words said = {0};
    bool fits = true;
    words_split(object->words, &said);
    words_add(&said, object->column);
    for (size_t i = 0; fits && i < narrow->words.count; i++) {
        Words forms = {0};
        bool found = false;
        search_add_forms(&forms, narrow->words.items[i]);
        for (size_t f = 0; f < forms.count; f++) {
            for (size_t w = 0; w < said.count; w++) {
                found = found || strcasecmp(forms.items[f], said.items[w]) == 0;
            }
        }
        words_free(&forms);
        fits = found;
    }
    words_free(&said);
    return fits;
}

typedef struct Look {
    const Narrow *narrow;
    AskSubjects *columns; /* those that fit */
} Look;

static void look_at(void *context, const CatalogObject *object)
{
    Look *look = context;
    if (fits_words(look->narrow, object)) {
        ask_subject_add(look->columns, object->schema, object->table, object->column);
    }
}

static bool is_in_place(const Narrow *narrow, const AskSubject *subject)
{
    const AskSubject *named = narrow->named;
    return (!narrow->place || text_equal(narrow->place, subject->schema)) &&
           (!named ||
            (text_equal(named->table, subject->table) && text_equal(named->schema, subject->schema)));
}

/* Does the table, or the column, fit? *columns: of a table those that made it fit. */
static bool look_into(const Narrow *narrow, const AskSubject *subject, AskSubjects *columns, bool *fits,
                      Error *err)
{
    const AskQuestion *question = narrow->work->question;
    CatalogFilter table = narrow->of_table, column = narrow->of_column;
    int64_t total = 0;
    bool of_table = !subject->column;
    table.schema = column.schema = subject->schema;
    table.table = column.table = subject->table;
    column.column = subject->column;
    table.tables = column.columns = true;
    table.undescribed = table.undescribed && of_table;
    table.described = table.described && of_table;
    column.undescribed = column.undescribed && !of_table;
    column.described = column.described && !of_table;
    *fits = false;
    if (!is_in_place(narrow, subject)) {
        return true;
    }
    bool ok =
        catalog_cache_select(question->local, question->fingerprint, &table, 0, NULL, NULL, &total, err);
    *fits = total > 0;
    if (ok && *fits && (!of_table || column.types || narrow->words.count > 0)) {
        Look look = {.narrow = narrow, .columns = columns};
        ok = catalog_cache_select(question->local, question->fingerprint, &column, INT_MAX, look_at, &look,
                                  &total, err);
        *fits = (columns->count > 0) != narrow->lacks;
    }
    return ok;
}

static void say_object(void *context, const CatalogObject *object)
{
    ask_say_object(context, "    ", object);
}

static bool say_subject(AskWork *work, const AskSubject *subject, Error *err)
{
    const CatalogFilter one = {.schema = subject->schema,
                               .table = subject->table,
                               .column = subject->column,
                               .tables = !subject->column,
                               .columns = subject->column != NULL};
    int64_t total = 0;
    return catalog_cache_select(work->question->local, work->question->fingerprint, &one, 1, say_object, work,
                                &total, err);
}

/* "2 of 5 tables that answer "tables without descriptions" are left: views." and these. */
static bool say_left(Narrow *narrow, const AskSubjects *subjects, const char *before, bool cut, Error *err)
{
    AskWork *work = narrow->work;
    Text head = work->text;
    int64_t left = 0;
    bool of_columns = narrow->columns || (subjects->count > 0 && subjects->items[0].column);
    bool ok = true;
    work->text = (Text){0};
    for (size_t i = 0; ok && i < subjects->count; i++) {
        AskSubjects columns = {0};
        bool fits = false;
        ok = look_into(narrow, &subjects->items[i], &columns, &fits, err);
        if (ok && fits && ++left <= ask_list_limit(work, LIST_LIMIT)) {
            ok = say_subject(work, &subjects->items[i], err);
            for (size_t c = 0; ok && !subjects->items[i].column && c < columns.count && c < COLUMNS_LIMIT;
                 c++) {
                text_add(&work->text, "    ");
                ok = say_subject(work, &columns.items[c], err);
            }
        }
        ask_subjects_free(&columns);
    }
    Text listed = work->text;
    char short_one[QUESTION_SIZE];
    text_copy(short_one, sizeof short_one, before);
    char *question = text_visible(short_one);
    work->text = head;
    text_addf(&work->text, "%lld of %zu %s%s that answer \"%s%s\" %s left: only %s.\n", (long long)left,
              subjects->count, of_columns ? "column" : "table", text_plural((long long)subjects->count),
              question, strlen(before) < sizeof short_one ? "" : " ..", left == 1 ? "is" : "are",
              text_string(&narrow->said.what));
    text_add(&work->text, cut ? "That answer leaves some out; these were not looked at.\n" : "");
    text_add(&work->text, text_string(&listed));
    ask_say_more(work, left, ask_list_limit(work, LIST_LIMIT), of_columns ? "column" : "table");
    work->out->known = true;
    text_free(&listed);
    free(question);
    return ok;
}

static void say_not_understood(AskWork *work, const char *unknown)
{
    char *visible = text_visible(unknown);
    text_addf(&work->text,
              "I do not know how to tell which of these are meant by: %s. Nothing was left out of the answer "
              "before.\n"
              "What it lists can be narrowed by kind (only the views), schema (only those in sales), type "
              "(only those "
              "with a date), the name of a column (only those with an email), descriptions and keys.\n",
              visible);
    free(visible);
}

static bool narrow_down(Narrow *narrow, size_t turn, json_t **cited, Error *err)
{
    const AskTurn *turns = narrow->work->question->turns;
    size_t at = 0;
    bool asked = ask_turn_question(turns, turn, &at), cut = false;
    bool ok = find_cited(narrow->work, turn, cited, &cut, err);
    AskSubjects subjects = subjects_of(*cited, narrow->columns);
    ok = ok && say_left(narrow, &subjects, asked ? turns[at].content : "the question before", cut, err);
    ask_subjects_free(&subjects);
    return ok;
}

static void say_kind_and_place(Narrow *narrow)
{
    if (narrow->columns) {
        ask_condition_say(&narrow->said, "", "columns");
    }
    if (narrow->of_table.kind) {
        char *kinds = text_format("%ss", narrow->of_table.kind);
        ask_condition_say(&narrow->said, "", kinds);
        free(kinds);
    }
    if (narrow->place) {
        ask_condition_say(&narrow->said, "in schema ", narrow->place);
    }
}

bool ask_narrow(AskWork *work, bool *taken, Error *err)
{
    static const char *const columns[] = {"columns", "fields", NULL};
    Narrow narrow = {.work = work, .said = ask_condition_of(work)};
    size_t turn = 0;
    bool ok = true, only = false;
    json_t *cited = ask_cited_before(work->question, &turn);
    if (cited && !ask_points_to_one(work) && take_opening(&narrow.said, &only)) {
        narrow.columns = ask_condition_take(&narrow.said, columns);
        ask_condition_tables(&narrow.said, &narrow.of_table);
        narrow.of_column.undescribed = narrow.of_table.undescribed;
        narrow.of_column.described = narrow.of_table.described;
        ok = ask_condition_schema(work, &narrow.said, &narrow.place, err);
        say_kind_and_place(&narrow);
        char *unknown = take_words(&narrow);
        bool asks = *unknown || narrow.said.what.length > 0 || narrow.columns;
        *taken = ok && asks && (only || (!*unknown && narrow.words.count == 0));
        if (*taken && *unknown) {
            say_not_understood(work, unknown);
        } else if (*taken) {
            ok = narrow_down(&narrow, turn, &cited, err);
        }
        free(unknown);
    }
    json_decref(cited);
    words_free(&narrow.words);
    ask_condition_free(&narrow.said);
    return ok;
}

/* "only the views", "only those with a date": what is left of what the last answer told of. */
#include "ask_kind.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ask_condition.h"
#include "ask_name.h"
#include "ask_narrow_keys.h"
#include "ask_part.h"
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
    AskPart part;      /* of their own name */
    const char *place; /* a schema, or NULL */
    AskSubjects in;    /* the tables they must be, or be of; none: any */
    bool refers;       /* to a table that is named */
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

/* A number is of any size and a text of any length, unless a type is called so. */
static const char *const *types_of(const Narrow *narrow, const char *plural)
{
    static const char *const numbers[] = {"integer",  "int",    "int4",    "bigint",           "int8",
                                          "smallint", "int2",   "tinyint", "mediumint",        "numeric",
                                          "decimal",  "real",   "float4",  "double precision", "float8",
                                          "float",    "double", "money",   "number",           NULL},
                             *const types[] = {"type", "types", NULL};
    bool exact = ask_word_at(narrow->work, types) >= 0;
    return text_equal(plural, "numbers")           ? numbers
           : text_equal(plural, "texts") && !exact ? ask_types_of("strings")
                                                   : ask_types_of(plural);
}

/* "hosts", "public.hosts", and each word of "order items" */
static bool is_name_of(const char *word, const AskSubject *table)
{
    Words words = {0};
    char *name = ask_name(table->schema, table->table, NULL);
    char *full = text_format("%s.%s", table->schema, table->table);
    bool is = ask_names_table(word, table) || strcasecmp(word, name) == 0 || strcasecmp(word, full) == 0;
    words_split(table->table, &words);
    for (size_t i = 0; !is && i < words.count; i++) {
        const AskSubject part = {.table = words.items[i]};
        is = ask_names_table(word, &part);
    }
    words_free(&words);
    free(full);
    free(name);
    return is;
}

/* A type, a table that was named, or behind "with" the words of a column; false: nobody knows. */
static bool take_word(Narrow *narrow, const char *word, bool with)
{
    char *singular = words_singular(word);
    char *plural = words_plural(singular);
    const char *const *types = types_of(narrow, plural); /* a date is also a moment, as "dates" are */
    const AskSubjects *named = &narrow->work->named;
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
        for (size_t i = 0; i < named->count; i++) {
            if (is_name_of(word, &named->items[i])) {
                taken = true;
                if (!narrow->refers) {
                    ask_subject_add(&narrow->in, named->items[i].schema, named->items[i].table, NULL);
                }
            }
        }
        if (taken && !narrow->refers) {
            ask_condition_say(&narrow->said, "", word);
        }
    }
    free(plural);
    free(singular);
    return taken;
}

/* Where the first of these words stands in what is left; its end when none does. */
static size_t place_of(const AskCondition *said, const char *const *words)
{
    size_t place = said->rest.length;
    for (; *words; words++) {
        char *padded = text_format(" %s ", *words);
        const char *at = strstr(text_string(&said->rest), padded);
        place = at && (size_t)(at - said->rest.data) < place ? (size_t)(at - said->rest.data) : place;
        free(padded);
    }
    return place;
}

/* Takes what is left word by word: what stands behind "with" is of a column. Adds the words that nobody
 * knows. */
static void take_words(Narrow *narrow, Text *unknown)
{
    static const char *const withs[] = {"with", "having", "have", "has", "hold", "holding", NULL},
                             *const withouts[] = {"without", "lacking", "have no", "has no", NULL};
    size_t without = place_of(&narrow->said, withouts);
    narrow->lacks = ask_condition_take(&narrow->said, withouts);
    size_t with = place_of(&narrow->said, withs);
    with = narrow->lacks && without < with ? without : with;
    const char *at = narrow->said.rest.data;
    for (char *word; (word = ask_condition_word(&at));) {
        bool behind = (size_t)(at - narrow->said.rest.data) > with;
        if (is_of_columns(word) && !take_word(narrow, word, behind)) {
            text_addf(unknown, "%s%s", unknown->length ? ", " : "", word);
        }
        free(word);
    }
}

/* Adds the words that are of no column anywhere: nobody knows what these mean. */
static bool find_no_columns(const Narrow *narrow, Text *unknown, Error *err)
{
    const AskQuestion *question = narrow->work->question;
    for (size_t i = 0; i < narrow->words.count; i++) {
        const CatalogFilter called = {.columns = true, .column = narrow->words.items[i]};
        Words forms = {0};
        Text any = {0};
        int64_t columns = 0, tables = 0;
        search_add_forms(&forms, called.column);
        search_add_expression(&any, &forms);
        char *expression = text_format("{columns} : (%s)", text_string(&any));
        bool ok = catalog_cache_select(question->local, question->fingerprint, &called, 0, NULL, NULL,
                                       &columns, err) &&
                  catalog_cache_count(question->local, question->fingerprint, expression, &tables, err);
        if (columns + tables == 0) {
            text_addf(unknown, "%s%s", unknown->length ? ", " : "", called.column);
        }
        free(expression);
        text_free(&any);
        words_free(&forms);
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* "with a foreign key to hosts" */
static void take_target(Narrow *narrow)
{
    static const char *const to[] = {"with a foreign key to",
                                     "with foreign keys to",
                                     "with a reference to",
                                     "that reference",
                                     "that references",
                                     "that refer to",
                                     "that refers to",
                                     "that point to",
                                     "that points to",
                                     "referencing",
                                     "referring to",
                                     "pointing to",
                                     "refer to",
                                     "reference",
                                     "point to",
                                     NULL};
    const AskSubjects *named = &narrow->work->named;
    Text names = {0};
    narrow->refers = named->count > 0 && ask_condition_take(&narrow->said, to);
    for (size_t i = 0; narrow->refers && i < named->count; i++) {
        char *name = ask_name(named->items[i].schema, named->items[i].table, NULL);
        text_addf(&names, "%s%s", i ? " or " : "", name);
        free(name);
    }
    if (narrow->refers) {
        ask_condition_say(&narrow->said, "with a foreign key to ", text_string(&names));
    }
    text_free(&names);
}

/* All but what stands there word by word. */
static bool take_conditions(Narrow *narrow, Error *err)
{
    static const char *const columns[] = {"columns", "fields", NULL};
    ask_part_take(&narrow->said, &narrow->part);
    take_target(narrow);
    narrow->columns = ask_condition_take(&narrow->said, columns);
    ask_condition_columns(&narrow->said, &narrow->of_column);
    ask_condition_tables(&narrow->said, &narrow->of_table);
    narrow->of_table.foreign_key = narrow->refers ? CATALOG_HAS : narrow->of_table.foreign_key;
    narrow->of_column.undescribed = narrow->of_table.undescribed;
    narrow->of_column.described = narrow->of_table.described;
    return ask_condition_schema(narrow->work, &narrow->said, &narrow->place, err);
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
    bool in = narrow->in.count == 0;
    for (size_t i = 0; !in && i < narrow->in.count; i++) {
        in = text_equal(narrow->in.items[i].table, subject->table) &&
             text_equal(narrow->in.items[i].schema, subject->schema);
    }
    return in && (!narrow->place || text_equal(narrow->place, subject->schema)) &&
           ask_part_fits(&narrow->part, subject->column ? subject->column : subject->table);
}

/* What must be so of the table; keys are a column's own. */
static CatalogFilter table_filter(const Narrow *narrow, const AskSubject *subject)
{
    CatalogFilter table = narrow->of_table;
    table.schema = subject->schema;
    table.table = subject->table;
    table.tables = true;
    if (subject->column) {
        table.undescribed = table.described = false;
        table.primary_key = table.foreign_key = table.referenced = table.self_reference = CATALOG_HAS_ANY;
    }
    return table;
}

static bool has_rule(const CatalogFilter *column)
{
    return column->not_null != CATALOG_HAS_ANY || column->unique != CATALOG_HAS_ANY ||
           column->generated != CATALOG_HAS_ANY || column->with_default != CATALOG_HAS_ANY;
}

/* Does the table, or the column, fit? *columns: of a table those that made it fit. */
static bool look_into(const Narrow *narrow, const AskSubject *subject, AskSubjects *columns, bool *fits,
                      Error *err)
{
    const AskQuestion *question = narrow->work->question;
    CatalogFilter table = table_filter(narrow, subject), column = narrow->of_column;
    int64_t total = 0;
    bool of_table = !subject->column;
    column.schema = subject->schema;
    column.table = subject->table;
    column.column = subject->column;
    column.columns = true;
    column.undescribed = column.undescribed && !of_table;
    column.described = column.described && !of_table;
    *fits = false;
    if (!is_in_place(narrow, subject)) {
        return true;
    }
    bool ok =
        catalog_cache_select(question->local, question->fingerprint, &table, 0, NULL, NULL, &total, err);
    *fits = total > 0;
    if (ok && *fits && (!of_table || column.types || has_rule(&column) || narrow->words.count > 0)) {
        Look look = {.narrow = narrow, .columns = columns};
        ok = catalog_cache_select(question->local, question->fingerprint, &column, INT_MAX, look_at, &look,
                                  &total, err);
        *fits = (columns->count > 0) != narrow->lacks;
    }
    return ok &&
           (!*fits || ask_narrow_keys(question, &narrow->of_table,
                                      narrow->refers ? &narrow->work->named : NULL, subject, fits, err));
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
              "(only those with a date), the name of a column (only those with an email), a part of the name "
              "(only those that start with cust), descriptions, keys and references (only those with a "
              "foreign key to users).\n",
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

/* Reads what is asked for, and answers; *taken is false, and nothing said, when it asks something else. */
static bool narrow_by(Narrow *narrow, size_t turn, bool only, json_t **cited, bool *taken, Error *err)
{
    Text unknown = {0};
    bool ok = take_conditions(narrow, err);
    say_kind_and_place(narrow);
    take_words(narrow, &unknown);
    ok = ok && find_no_columns(narrow, &unknown, err);
    bool asks = unknown.length > 0 || narrow->said.what.length > 0 || narrow->columns;
    *taken = ok && asks && (only || (unknown.length == 0 && narrow->words.count == 0));
    narrow->work->denies = *taken ? ask_denies(text_string(&narrow->said.rest)) : narrow->work->denies;
    if (*taken && unknown.length > 0) {
        say_not_understood(narrow->work, text_string(&unknown));
    } else if (*taken) {
        ok = narrow_down(narrow, turn, cited, err);
    }
    text_free(&unknown);
    return ok;
}

bool ask_narrow(AskWork *work, bool *taken, Error *err)
{
    Narrow narrow = {.work = work, .said = ask_condition_of(work)};
    size_t turn = 0;
    bool ok = true, only = false;
    json_t *cited = ask_cited_before(work->question, &turn);
    if (cited && !ask_points_to_one(work) && take_opening(&narrow.said, &only)) {
        ok = narrow_by(&narrow, turn, only, &cited, taken, err);
    }
    json_decref(cited);
    ask_part_free(&narrow.part);
    ask_subjects_free(&narrow.in);
    words_free(&narrow.words);
    ask_condition_free(&narrow.said);
    return ok;
}

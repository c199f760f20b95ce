/* Lists of tables and columns: all, of a type, without descriptions. */
#include "ask_kind.h"

#include <stdlib.h>
#include <string.h>

#include "ask_condition.h"
#include "ask_name.h"
#include "ask_types.h"

enum { LIST_LIMIT = 20 };

static const char *const column_words[] = {"column", "columns", "field", "fields", "attributes", NULL};
static const char *const table_words[] = {"table", "tables", "relations", "views", NULL};

/* --- what all of them share --- */

static void say_one(void *context, const CatalogObject *object)
{
    AskWork *work = context;
    char *name = ask_name(object->schema, object->table, object->column);
    char *type = text_visible(object->column ? object->type : object->kind);
    text_add(&work->text, "    ");
    ask_cite(work, object->schema, object->table, object->column);
    text_addf(&work->text, *type ? "%s (%s)" : "%s%s", name, type);
    ask_say_description(work, object->description, object->accepted, NULL);
    free(type);
    free(name);
}

static bool count_of(AskWork *work, const CatalogFilter *filter, int64_t *out, Error *err)
{
    return catalog_cache_select(work->question->local, work->question->fingerprint, filter, 0, say_one, work,
                                out, err);
}

bool ask_list_kinds(AskWork *work, const CatalogFilter *filter, char **out, Error *err)
{
    static const char *const kinds[] = {"table", "view", "materialized view"};
    int64_t counts[3] = {0};
    Text text = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < 3; i++) {
        CatalogFilter of_kind = *filter;
        of_kind.kind = kinds[i];
        ok = count_of(work, &of_kind, &counts[i], err);
    }
    counts[1] -= counts[2]; /* which are views, too */
    for (size_t i = 0; ok && i < 3; i++) {
        if (counts[i] > 0) {
            text_addf(&text, "%s%lld %s%s", text.length ? ", " : "", (long long)counts[i], kinds[i],
                      text_plural(counts[i]));
        }
    }
    text_add(&text, text.length ? "" : "0 tables");
    *out = text_take(&text);
    return ok;
}

/* "12 columns", "3 tables, 1 view" */
static bool count_nouns(AskWork *work, const CatalogFilter *filter, const char *noun, int64_t total,
                        char **out, Error *err)
{
    if (filter->tables && !filter->columns && !filter->kind) {
        return ask_list_kinds(work, filter, out, err);
    }
    *out = text_format("%lld %s%s", (long long)total, noun, text_plural(total));
    return true;
}

/* "12 columns of sales.order have no description:" and the first of them. */
bool ask_list_say(AskWork *work, const CatalogFilter *filter, const char *what, Error *err)
{
    int64_t total = 0, limit = ask_list_limit(work, LIST_LIMIT);
    Text listed = {0}, head = work->text;
    work->text = listed;
    bool ok = catalog_cache_select(work->question->local, work->question->fingerprint, filter, (int)limit,
                                   say_one, work, &total, err);
    listed = work->text;
    work->text = head;
    const char *noun = filter->columns && filter->tables ? "table or column"
                       : filter->columns                 ? "column"
                       : filter->kind                    ? filter->kind
                                                         : "table";
    char *table = filter->table ? ask_name(filter->schema, filter->table, NULL) : NULL;
    char *schema = text_visible(filter->schema);
    char *counted = NULL;
    ok = ok && count_nouns(work, filter, noun, total, &counted, err);
    text_addf(&work->text, "%s%s%s%s%s\n", counted ? counted : "",
              table            ? " of "
              : filter->schema ? " in schema "
                               : "",
              table            ? table
              : filter->schema ? schema
                               : "",
              what, total > 0 ? ":" : ".");
    text_add(&work->text, text_string(&listed));
    bool mixed = counted && strstr(counted, "view") && !filter->kind;
    ask_say_more(work, total, total < limit ? total : limit, mixed ? "relation" : noun);
    work->out->known = work->out->known || total > 0;
    free(counted);
    free(schema);
    free(table);
    text_free(&listed);
    return ok;
}

/* Says which words a list does not answer: all but those from `at` on, fillers, names and the schema. */
static void say_unanswered(AskWork *work, size_t at, size_t length)
{
    static const char *const conditions[] = {"not",     "except",  "don't", "doesn't", "aren't", "isn't",
                                             "primary", "foreign", "key",   "keys",    NULL};
    bool described = ask_says(work, ask_without_description); /* which may be "not described" */
    static const char *const empty[] = {"yet",       "please", "currently", "complete", "full",
                                        "attribute", "names",  "every",     "already",  NULL};
    Words left = {0};
    for (size_t i = 0; i < work->words.count; i++) {
        const char *word = work->words.items[i];
        bool within = i >= at && i < at + length;
        bool known = ask_is_filler(word) || words_is_one_of(word, column_words) ||
                     words_is_one_of(word, empty) || ask_is_named_at(work, i) ||
                     ask_is_schema(work, work->raw.items[i]);
        if (!within && (!known || (!described && words_is_one_of(word, conditions)))) {
            words_add(&left, work->raw.items[i]);
        }
    }
    ask_say_left(work, &left);
    words_free(&left);
}

bool ask_list_each(AskWork *work, CatalogFilter filter, const char *what, Error *err)
{
    const AskSubjects *subjects = ask_subjects(work);
    bool ok = true;
    size_t told = 0;
    if (work->schema || subjects->count == 0) {
        bool missing = false;
        filter.schema = work->schema;
        ok = ask_schema_missing(work, &missing, err);
        return ok && (missing || ask_list_say(work, &filter, what, err));
    }
    for (; ok && told < subjects->count && ask_has_room(work, told); told++) {
        filter.schema = subjects->items[told].schema;
        filter.table = subjects->items[told].table;
        ok = ask_list_say(work, &filter, what, err);
    }
    ask_say_more(work, (int64_t)subjects->count, (int64_t)told, "table");
    return ok;
}

/* The kind of relation that is asked for; NULL: any. */
static const char *kind_of(const AskWork *work)
{
    static const char *const materialized[] = {"materialized view", "materialized views", NULL},
                             *const views[] = {"view", "views", NULL},
                             *const foreign[] = {"foreign table", "foreign tables", NULL},
                             *const partitioned[] = {"partitioned table", "partitioned tables", NULL};
    static const char *const both[] = {"tables and views", "tables or views", "views and tables", NULL};
    return ask_says(work, both)           ? NULL
           : ask_says(work, materialized) ? "materialized view"
           : ask_says(work, views)        ? "view"
           : ask_says(work, foreign)      ? "foreign table"
           : ask_says(work, partitioned)  ? "partitioned table"
                                          : NULL;
}

/* --- without descriptions --- */

const char *const ask_without_description[] = {"without description",
                                               "without descriptions",
                                               "without a description",
                                               "without any description",
                                               "without comment",
                                               "without comments",
                                               "without a comment",
                                               "without documentation",
                                               "no description",
                                               "no descriptions",
                                               "no comment",
                                               "no comments",
                                               "undescribed",
                                               "undocumented",
                                               "not described",
                                               "not documented",
                                               "not commented",
                                               "lack a description",
                                               "lack descriptions",
                                               "lacks a description",
                                               "missing description",
                                               "missing descriptions",
                                               "missing comments",
                                               "missing a description",
                                               "missing comment",
                                               NULL};

static bool find_type(const AskWork *work, AskType *out, size_t *at);

bool ask_undescribed(AskWork *work, bool *taken, Error *err)
{
    AskType type = {0};
    size_t at;
    bool typed = find_type(work, &type, &at); /* ask_type knows both */
    ask_type_free(&type);
    if (typed || !ask_says(work, ask_without_description)) {
        return true;
    }
    *taken = true;
    bool columns = ask_word_at(work, column_words) >= 0, tables = ask_word_at(work, table_words) >= 0;
    /* "columns of table hosts" is about columns, "which of them" about what was cited */
    CatalogFilter filter = {.undescribed = true,
                            .kind = columns ? NULL : kind_of(work),
                            .tables = !columns,
                            .columns = columns || (!tables && ask_subjects(work)->count == 0)};
    bool ok = ask_list_each(work, filter, " without a description", err);
    say_unanswered(work, 0, 0);
    work->out->known = true;
    return ok;
}

/* --- under a condition --- */

/* Is nothing asked for but a list, its schema and conditions that are known? */
static bool is_known(const AskWork *work)
{
    static const char *const known[] = {"materialized", "partitioned", "don't", "dont",
                                        "doesn't",      "doesnt",      NULL};
    for (size_t i = 0; i < work->words.count; i++) {
        if (!ask_is_filler(work->words.items[i]) && !words_is_one_of(work->words.items[i], known) &&
            !ask_is_schema(work, work->raw.items[i])) {
            return false;
        }
    }
    return true;
}

bool ask_conditions(AskWork *work, bool *taken, Error *err)
{
    static const char *const primary[] = {"primary key", "primary keys", NULL},
                             *const foreign[] = {"foreign key", "foreign keys", NULL},
                             *const without[] = {"no",    "not",  "without", "lack",   "lacks", "missing",
                                                 "don't", "dont", "doesn't", "doesnt", NULL},
                             *const relations[] = {"tables", "view", "views", NULL};
    bool columns = ask_word_at(work, column_words) >= 0;
    bool key = ask_says(work, primary), link = ask_says(work, foreign);
    bool lacks = ask_word_at(work, without) >= 0;
    CatalogFilter filter = {.tables = true, .kind = kind_of(work), .schema = work->schema};
    bool about_kind = filter.kind && !lacks && !key && !link && work->words.count > 1;
    if (columns || key + link + about_kind != 1 || ask_word_at(work, relations) < 0 || work->points_back ||
        !is_known(work)) {
        return true;
    }
    CatalogHas has = lacks ? CATALOG_HAS_NOT : CATALOG_HAS;
    filter.kind = filter.kind ? filter.kind : "table"; /* also a partitioned or foreign one, but no view */
    filter.primary_key = key ? has : CATALOG_HAS_ANY;
    filter.foreign_key = link ? has : CATALOG_HAS_ANY;
    *taken = true;
    char *what = about_kind
                     ? text_format("%s", "")
                     : text_format(" %s a %s key", lacks ? "without" : "with", key ? "primary" : "foreign");
    bool ok = ask_list_say(work, &filter, what, err);
    work->out->known = true;
    free(what);
    return ok;
}

/* --- of a type --- */

/* Where to look: the word after "in" or "of"; NULL when there is none. Borrowed. */
static const char *place_of(const AskWork *work)
{
    static const char *const before[] = {"in", "of", "from", "within", NULL};
    for (size_t i = 1; i < work->words.count; i++) {
        const char *word = work->words.items[i];
        if (words_is_one_of(work->words.items[i - 1], before) && !ask_is_filler(word) &&
            !ask_types_of(word)) {
            return work->raw.items[i];
        }
    }
    return NULL;
}

/* Does anything but fillers, names and the schema stand there beside these words? */
static bool stands_alone(const AskWork *work, size_t at, size_t length)
{
    for (size_t i = 0; i < work->words.count; i++) {
        bool within = i >= at && i < at + length;
        if (!within && !ask_is_filler(work->words.items[i]) && work->named.count == 0 &&
            !ask_is_schema(work, work->raw.items[i])) {
            return false;
        }
    }
    return true;
}

static bool is_named(const AskWork *work, const char *word)
{
    for (size_t i = 0; i < work->named.count; i++) {
        if (ask_names_table(word, &work->named.items[i])) {
            return true;
        }
    }
    return false;
}

/* "booleans in hr": nothing but types in a place. */
static bool is_of_place(const AskWork *work, size_t at)
{
    const char *type = work->words.items[at];
    bool is =
        (work->schema || work->named.count > 0) && type[strlen(type) - 1] == 's' && !is_named(work, type);
    for (size_t i = 0; is && i < work->words.count; i++) {
        const char *word = work->words.items[i];
        is = i == at || ask_is_filler(word) || ask_is_schema(work, word) || is_named(work, word);
    }
    return is;
}

/* "of type jsonb" or "boolean columns"; false: it is about no type. */
static bool find_type(const AskWork *work, AskType *out, size_t *at)
{
    bool columns = ask_word_at(work, column_words) >= 0;
    for (size_t i = 0; i < work->words.count; i++) {
        bool announced =
            i > 0 && text_equal(work->words.items[i - 1], "type") && !ask_is_filler(work->words.items[i]);
        bool is_type = ask_types_of(work->words.items[i]) != NULL;
        *out = announced || is_type ? ask_type_read(work, i) : (AskType){0};
        if (announced || (is_type && (columns ? stands_alone(work, i, out->words) : is_of_place(work, i)))) {
            *at = i;
            return true;
        }
        ask_type_free(out);
    }
    return false;
}

/* Nothing was listed: is there any of the type where nobody asked for it? */
static bool say_none(AskWork *work, CatalogFilter filter, const char *type, Error *err)
{
    int64_t elsewhere = 0;
    filter.schema = filter.table = NULL;
    bool ok = count_of(work, &filter, &elsewhere, err);
    if (elsewhere > 0) {
        text_addf(&work->text, "Elsewhere %lld column%s of type %s.\n", (long long)elsewhere,
                  elsewhere == 1 ? " is" : "s are", type);
    } else if (filter.types && filter.types[0] && text_equal(filter.types[0], "enum")) {
        text_add(&work->text, "I do not know which types are enums; ask for one by its name: columns of type "
                              "mood.\n");
    } else {
        text_addf(&work->text, "I do not know a column of type %s.\n", type);
    }
    return ok;
}

static bool say_type(AskWork *work, const AskType *type, size_t at, Error *err)
{
    static const char *const zoneless[] = {"without time zone", NULL};
    const char *schema = work->schema;
    const char *place = place_of(work);
    if (place && !schema && ask_subjects(work)->count == 0) {
        char *unknown = text_visible(place);
        text_addf(&work->text, "Nothing is called %s.\n", unknown);
        free(unknown);
        return true;
    }
    CatalogFilter filter = {.schema = schema, .columns = true, .types = (const char *const *)type->types};
    char *brackets = text_format("%s[]", work->raw.items[at]);
    bool of_elements = strstr(work->question->text, brackets) != NULL;
    filter.arrays = of_elements || !type->types[0];
    char *visible = text_visible(of_elements ? brackets : type->said);
    filter.undescribed = ask_says(work, ask_without_description);
    filter.described = !filter.undescribed && ask_says(work, ask_with_description);
    AskCondition rules = ask_condition_of(work);
    ask_condition_take(&rules, zoneless); /* which leaves nothing out */
    ask_condition_columns(&rules, &filter);
    work->denies = ask_denies(text_string(&rules.rest)) && !filter.undescribed;
    char *what =
        text_format(" of type %s%s%s%s%s", visible, type->both_zones ? ", with or without time zone" : "",
                    filter.undescribed ? " without a description"
                    : filter.described ? " with a description"
                                       : "",
                    rules.what.length ? " " : "", text_string(&rules.what));
    bool ok = schema ? ask_list_say(work, &filter, what, err) : ask_list_each(work, filter, what, err);
    if (rules.what.length > 0) {
        work->out->known = true;
    } else if (ok && !work->out->known) {
        ok = say_none(work, filter, visible, err);
    }
    if (rules.what.length == 0) {
        say_unanswered(work, at, type->words);
    }
    ask_condition_free(&rules);
    free(what);
    free(visible);
    free(brackets);
    return ok;
}

bool ask_type(AskWork *work, bool *taken, Error *err)
{
    AskType type;
    size_t at;
    if (!find_type(work, &type, &at)) {
        return true;
    }
    *taken = true;
    bool ok = say_type(work, &type, at, err);
    ask_type_free(&type);
    return ok;
}

/* --- all of them --- */

/* Is nothing asked for but that they are there? */
static bool is_bare(const AskWork *work)
{
    for (size_t i = 0; i < work->words.count; i++) {
        if (!ask_is_filler(work->words.items[i]) && !ask_is_schema(work, work->raw.items[i])) {
            return false;
        }
    }
    return true;
}

/* "columns of ordes": what is near a name is taken for it. */
static bool guess_table(AskWork *work, Error *err)
{
    char *content = ask_content(work);
    Words words = {0};
    words_split(content, &words);
    bool ok = true;
    for (size_t i = words.count; i-- > 0 && work->named.count == 0;) {
        if (!words_is_one_of(words.items[i], column_words) && !ask_types_of(words.items[i])) {
            ok = ask_subject_guess(work, words.items[i], &work->named, err);
            break;
        }
    }
    words_free(&words);
    free(content);
    return ok;
}

/* "tables in hr and sales" */
static bool list_schemas(AskWork *work, bool *taken, Error *err)
{
    Words schemas = {0};
    bool columns = ask_word_at(work, column_words) >= 0;
    bool ok = (!columns && ask_word_at(work, table_words) < 0) || work->named.count > 0 ||
              work->points_back ||
              ask_schemas_named(work, columns ? column_words : table_words, &schemas, err);
    for (size_t i = 0; ok && schemas.count > 1 && i < schemas.count; i++) {
        const CatalogFilter filter = {.schema = schemas.items[i], .columns = columns, .tables = !columns};
        ok = ask_list_say(work, &filter, "", err);
        *taken = true;
    }
    words_free(&schemas);
    return ok;
}

bool ask_list(AskWork *work, bool *taken, Error *err)
{
    if (!list_schemas(work, taken, err) || *taken) {
        return *taken;
    }
    static const char *const of_columns[] = {
        "columns of",  "columns in", "columns does",  "columns has", "columns are in", "columns are there",
        "its columns", "columns do", "their columns", "fields of",   "fields in",      "fields does",
        "its fields",  NULL};
    static const char *const in_schema[] = {"is in", "what's in", "is there in", "is within", "are in", NULL};
    bool columns = ask_word_at(work, column_words) >= 0, tables = ask_word_at(work, table_words) >= 0;
    bool of_one = columns && ask_says(work, of_columns), called = work->named.count > 0;
    if (of_one && ask_subjects(work)->count == 0 && !work->schema && !guess_table(work, err)) {
        return false;
    }
    bool about_table = of_one && ask_subjects(work)->count > 0;
    bool about_schema = work->schema && ask_says(work, in_schema); /* "what is in hr" */
    if (!about_table && (!(columns || tables || about_schema) || !is_bare(work) || work->points_back)) {
        return true;
    }
    if (!about_table && work->words.count < 2) {
        return true;
    }
    static const char *const asks[] = {"are there", "how many", "list",       "show",  "exist",     "all",
                                       "what",      "which",    "do we have", "count", "number of", NULL};
    static const char *const counts[] = {"is the table", NULL};
    static const char *const of_both[] = {"tables and columns", "columns and tables", NULL};
    if (!about_table && ((!ask_says(work, asks) && !work->schema) || ask_says(work, counts))) {
        return true;
    }
    *taken = true;
    bool both = columns && !about_table && ask_says(work, of_both);
    bool ok = (!both || ask_list_each(work, (CatalogFilter){.tables = true}, "", err)) &&
              ask_list_each(work, (CatalogFilter){.columns = columns, .tables = !columns}, "", err);
    if (about_table && (called || work->points_back)) {
        say_unanswered(work, 0, 0);
    }
    return ok;
}

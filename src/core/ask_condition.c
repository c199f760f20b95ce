#include "ask_condition.h"

#include <string.h>

#include "ask_kind.h"
#include "search.h"

AskCondition ask_condition_of(const AskWork *work)
{
    AskCondition condition = {0};
    text_add(&condition.rest, work->sentence);
    return condition;
}

void ask_condition_free(AskCondition *condition)
{
    text_free(&condition->rest);
    text_free(&condition->what);
}

bool ask_condition_take(AskCondition *condition, const char *const *phrases)
{
    for (; *phrases; phrases++) {
        char *padded = text_format(" %s ", *phrases);
        size_t length = strlen(padded) - 1;
        char *at = strstr(condition->rest.data, padded);
        free(padded);
        if (at) {
            memmove(at, at + length, strlen(at + length) + 1);
            return true;
        }
    }
    return false;
}

void ask_condition_say(AskCondition *condition, const char *lead, const char *what)
{
    char *visible = text_visible(what);
    text_addf(&condition->what, "%s%s%s", condition->what.length ? ", " : "", lead, visible);
    free(visible);
}

char *ask_condition_word(const char **at)
{
    static const char *const empty[] = {"only", "ones", "also", "but", "there", "most", NULL};
    while (**at) {
        *at += strspn(*at, " ");
        size_t length = strcspn(*at, " ");
        char *word = text_format("%.*s", (int)length, *at);
        *at += length;
        if (*word && !search_is_stop_word(word) && !words_is_one_of(word, empty)) {
            return word;
        }
        free(word);
    }
    return NULL;
}

/* --- tables --- */

const char *const ask_with_description[] = {
    "with a description", "with descriptions", "with a comment", "with comments",
    "described",          "documented",        "commented",      NULL};

static void take_description(AskCondition *condition, CatalogFilter *filter)
{
    filter->undescribed = ask_condition_take(condition, ask_without_description);
    filter->described = !filter->undescribed && ask_condition_take(condition, ask_with_description);
    if (filter->undescribed || filter->described) {
        ask_condition_say(condition, filter->described ? "with" : "without", " a description");
    }
}

/* --- what a table must have, or must not --- */

typedef struct Having {
    const char *const * not ;
    const char *const *has;
    const char *what_not;
    const char *what;
} Having;

static CatalogHas take_having(AskCondition *condition, const Having *having)
{
    CatalogHas has = ask_condition_take(condition, having->not )  ? CATALOG_HAS_NOT
                     : ask_condition_take(condition, having->has) ? CATALOG_HAS
                                                                  : CATALOG_HAS_ANY;
    if (has != CATALOG_HAS_ANY) {
        ask_condition_say(condition, "", has == CATALOG_HAS ? having->what : having->what_not);
    }
    return has;
}

#define PHRASES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void take_primary_key(AskCondition *condition, CatalogFilter *filter)
{
    const Having key = {
        .not = PHRASES("without a primary key", "without primary keys", "without primary key",
                       "without any primary key", "no primary key", "no primary keys",
                       "not have a primary key", "lack a primary key"),
        .has = PHRASES("with a primary key", "with primary keys", "with primary key", "have a primary key"),
        .what_not = "without a primary key",
        .what = "with a primary key"};
    filter->primary_key = take_having(condition, &key);
}

static void take_references(AskCondition *condition, CatalogFilter *filter)
{
    const Having outgoing = {
        .not = PHRASES("without a foreign key", "without any foreign key", "without any foreign keys",
                       "without foreign keys", "no foreign keys", "no foreign key", "reference nothing",
                       "references nothing", "refer to nothing", "refers to nothing", "point to nothing",
                       "points to nothing", "not reference anything", "not refer to anything",
                       "not point to anything", "not reference any other table", "not reference any table",
                       "not reference other tables", "don't reference anything", "don't refer to anything",
                       "reference no other table", "reference no other tables", "reference no table",
                       "reference no tables"),
        .has = PHRASES("with a foreign key", "with foreign keys"),
        .what_not = "that reference nothing",
        .what = "with a foreign key"};
    const Having incoming = {
        .not = PHRASES(
            "not referenced by anything", "not referenced by any other table", "not referenced by any table",
            "not referenced by other tables", "not referenced by another table", "never referenced",
            "not referenced", "aren't referenced by anything", "aren't referenced", "unreferenced",
            "nothing references", "nothing refers to", "nothing points to", "nothing point to",
            "no table references", "no table refers to", "no table points to", "no other table references",
            "no other table points to", "no other table refers to", "without incoming foreign keys"),
        .has = PHRASES("referenced by other tables", "referenced by another table", "that are referenced"),
        .what_not = "that nothing references",
        .what = "that another table references"};
    const Having own = {.not = PHRASES("not refer to themselves", "not refer to itself",
                                       "not reference themselves", "not reference itself",
                                       "not point to themselves"),
                        .has = PHRASES("refer to themselves", "refers to itself", "reference themselves",
                                       "references itself", "point to themselves", "points to itself",
                                       "with a foreign key to themselves", "with a foreign key to itself",
                                       "self-referencing", "self referencing", "self-referential"),
                        .what_not = "without a foreign key to the same table",
                        .what = "with a foreign key to the same table"};
    static const char *const isolated[] = {
        "not connected to anything", "not connected",           "unconnected", "isolated",
        "not linked to anything",    "not related to anything", NULL};
    if (ask_condition_take(condition, isolated)) {
        filter->foreign_key = filter->referenced = CATALOG_HAS_NOT;
        ask_condition_say(condition, "", "that reference nothing and that nothing references");
        return;
    }
    filter->self_reference = take_having(condition, &own);
    filter->foreign_key = take_having(condition, &outgoing);
    filter->referenced = take_having(condition, &incoming);
}

static void take_rows(AskCondition *condition, CatalogFilter *filter)
{
    static const char *const not_empty[] = {"not empty", "non-empty", "nonempty", NULL};
    const Having rows = {
        .not = PHRASES("empty", "without any rows", "without rows", "without data", "without any data",
                       "without records", "no rows", "no row", "no data", "no records", "zero rows", "0 rows",
                       "not have any rows", "not have rows"),
        .has = PHRASES("with rows", "with any rows", "have any rows", "have rows", "with data", "have data"),
        .what_not = "with no rows, as the database estimates them",
        .what = "with rows, as the database estimates them"};
    if (ask_condition_take(condition, not_empty)) {
        filter->rows = CATALOG_HAS;
        ask_condition_say(condition, "", rows.what);
        return;
    }
    filter->rows = take_having(condition, &rows);
}

static void take_kind(AskCondition *condition, CatalogFilter *filter)
{
    static const struct {
        const char *const phrases[3];
        const char *kind;
    } kinds[] = {
        {{"materialized views", "materialized view", NULL}, "materialized view"},
        {{"foreign tables", "foreign table", NULL}, "foreign table"},
        {{"partitioned tables", "partitioned table", NULL}, "partitioned table"},
        {{"views", "view", NULL}, "view"},
        {{"tables", "table", NULL}, "table"},
    };
    if (ask_condition_take(condition, PHRASES("tables and views", "tables or views", "views and tables",
                                              "table or view", "views or tables"))) {
        return;
    }
    for (size_t i = 0; !filter->kind && i < sizeof kinds / sizeof *kinds; i++) {
        filter->kind = ask_condition_take(condition, kinds[i].phrases) ? kinds[i].kind : NULL;
    }
}

void ask_condition_tables(AskCondition *condition, CatalogFilter *filter)
{
    take_description(condition, filter);
    take_primary_key(condition, filter);
    take_references(condition, filter);
    take_rows(condition, filter);
    take_kind(condition, filter);
}

void ask_condition_columns(AskCondition *condition, CatalogFilter *filter)
{
    const Having not_null = {
        .not = PHRASES("nullable", "may be null", "can be null", "might be null", "be null", "allow null",
                       "allow nulls", "allows null", "allows nulls", "optional", "with nulls allowed"),
        .has = PHRASES("not nullable", "not null", "non-null", "may not be null", "can not be null",
                       "cannot be null", "can't be null", "must not be null", "never null", "not allow nulls",
                       "not allow null", "required", "mandatory"),
        .what_not = "that may be null",
        .what = "that may not be null"};
    const Having unique = {.not = PHRASES("not unique", "non-unique"),
                           .has = PHRASES("unique", "must be unique"),
                           .what_not = "that are not unique by themselves",
                           .what = "that are unique by themselves"};
    const Having generated = {
        .not = PHRASES("not generated", "not computed"),
        .has = PHRASES("generated", "computed", "identity", "serial", "autoincrement", "auto-increment"),
        .what_not = "that the database does not fill",
        .what = "that the database fills"};
    const Having with_default = {
        .not = PHRASES("without a default", "without default", "without defaults", "without a default value",
                       "no default", "no default value", "not have a default"),
        .has = PHRASES("with a default value", "with default values", "with a default", "with defaults",
                       "with default", "have a default", "has a default", "have default values"),
        .what_not = "without a default",
        .what = "with a default"};
    filter->not_null = ask_condition_take(condition, not_null.has) ? CATALOG_HAS : CATALOG_HAS_ANY;
    if (filter->not_null == CATALOG_HAS) { /* "not nullable" holds "nullable" */
        ask_condition_say(condition, "", not_null.what);
    } else {
        filter->not_null = take_having(condition, &not_null);
    }
    filter->unique = take_having(condition, &unique);
    filter->generated = take_having(condition, &generated);
    filter->with_default = take_having(condition, &with_default);
}

bool ask_condition_schema(const AskWork *work, AskCondition *condition, const char **schema, Error *err)
{
    static const char *const before[] = {"in", "of", "from", "within", NULL}, *const between[] = {
                                                                                  "schema", "the", NULL};
    int64_t tables = 0;
    for (size_t i = 0; i + 1 < work->words.count; i++) {
        size_t at = i + 1;
        while (at + 1 < work->words.count && words_is_one_of(work->words.items[at], between)) {
            at++;
        }
        if (!words_is_one_of(work->words.items[i], before) || search_is_stop_word(work->words.items[at])) {
            continue;
        }
        const CatalogFilter in = {.schema = work->raw.items[at], .tables = true};
        if (!catalog_cache_select(work->question->local, work->question->fingerprint, &in, 0, NULL, NULL,
                                  &tables, err)) {
            return false;
        }
        if (tables > 0) {
            *schema = work->raw.items[at];
            ask_condition_take(condition, PHRASES(work->words.items[at]));
            ask_condition_take(condition, PHRASES("schema"));
            break;
        }
    }
    return true;
}

/* What the database demands of columns: nulls, uniqueness, defaults. */
#include "ask_kind.h"

#include <stdlib.h>

#include "ask_condition.h"
#include "ask_name.h"

static const char *const column_words[] = {"column", "columns", "field", "fields", NULL};

typedef struct Saying {
    AskWork *work;
    bool said;
} Saying;

static void say_rule(void *context, const CatalogRule *rule)
{
    Saying *saying = context;
    AskWork *work = saying->work;
    saying->said = true;
    text_addf(&work->text, "%s null, %s unique by itself, ", rule->not_null ? "may not be" : "may be",
              rule->unique ? "is" : "is not");
    if (rule->generated) {
        text_add(&work->text, "is filled by the database.\n");
    } else if (rule->default_value) {
        char *value = text_visible(rule->default_value);
        text_addf(&work->text, "has the default %s.\n", value);
        free(value);
    } else {
        text_add(&work->text, "has no default.\n");
    }
}

/* "orders.total: may be null, is not unique by itself, has the default 0." */
static bool say_column(AskWork *work, const AskSubject *subject, Error *err)
{
    char *name = ask_name(subject->schema, subject->table, subject->column);
    ask_cite(work, subject->schema, subject->table, subject->column);
    text_addf(&work->text, "%s: ", name);
    free(name);
    Saying saying = {.work = work};
    bool ok = catalog_cache_rule(work->question->local, work->question->fingerprint, subject->schema,
                                 subject->table, subject->column, say_rule, &saying, err);
    text_add(&work->text, saying.said ? "" : "a column of a view, of which the database does not tell it.\n");
    return ok;
}

/* Every column that is named; false: none is. */
static bool say_columns(AskWork *work, const AskSubjects *subjects, bool *said, Error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < subjects->count && ask_has_room(work, i); i++) {
        if (subjects->items[i].column) {
            ok = say_column(work, &subjects->items[i], err);
            *said = true;
        }
    }
    return ok;
}

/* Is all that is left of the question said by a list of columns? */
static bool is_all(const AskWork *work, const AskCondition *condition)
{
    static const char *const known[] = {"column",   "columns", "field",  "fields",   "default",
                                        "defaults", "value",   "values", "have",     "has",
                                        "all",      "null",    "unique", "nullable", NULL};
    const char *at = condition->rest.data;
    bool all = true;
    for (char *word; all && (word = ask_condition_word(&at));) {
        bool named = false;
        for (size_t i = 0; i < work->words.count; i++) {
            named = named || (text_equal(work->words.items[i], word) && ask_is_named_at(work, i));
        }
        all = named || ask_is_filler(word) || words_is_one_of(word, known) || ask_is_schema(work, word);
        free(word);
    }
    return all;
}

bool ask_rules(AskWork *work, bool *taken, Error *err)
{
    static const char *const defaults[] = {"default", "defaults", NULL};
    const AskSubjects *subjects = ask_subjects(work);
    AskCondition condition = ask_condition_of(work);
    CatalogFilter filter = {0};
    bool ok = true, said = false;
    ask_condition_columns(&condition, &filter);
    bool ruled = condition.what.length > 0 || ask_word_at(work, defaults) >= 0;
    if (ruled && is_all(work, &condition)) {
        ok = say_columns(work, subjects, &said, err);
    }
    bool listed = !said && condition.what.length > 0 && ask_word_at(work, column_words) >= 0;
    if (ok && listed && is_all(work, &condition)) {
        char *what = text_format(" %s", text_string(&condition.what));
        filter.columns = true;
        ok = ask_list_each(work, filter, what, err);
        free(what);
        said = true;
    }
    *taken = said;
    work->denies = said ? ask_denies(text_string(&condition.rest)) : work->denies;
    work->out->known = work->out->known || said;
    ask_condition_free(&condition);
    return ok;
}

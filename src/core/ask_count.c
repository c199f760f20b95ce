/* How many keys there are: what no list of tables or columns answers. */
#include "ask_kind.h"

#include <limits.h>
#include <stdlib.h>

#include "ask_condition.h"
#include "ask_name.h"

enum { LIST_LIMIT = 20 };

/* --- foreign keys --- */

typedef struct Keys {
    AskWork *work;
    int64_t keys;
    int64_t tables; /* that have any */
    int64_t limit;  /* of tables that are told */
} Keys;

static void add_keys(void *context, const CatalogObject *object, double number)
{
    Keys *keys = context;
    Text *text = &keys->work->text;
    keys->keys += (int64_t)number;
    if (number > 0 && ++keys->tables <= keys->limit) {
        char *name = ask_name(object->schema, object->table, NULL);
        text_add(text, "    ");
        ask_cite(keys->work, object->schema, object->table, NULL);
        text_addf(text, "%s: %.0f foreign key%s\n", name, number, text_plural((long long)number));
        free(name);
    }
}

static bool say_foreign_keys(AskWork *work, const char *schema, Error *err)
{
    const CatalogFilter filter = {.tables = true, .schema = schema};
    Keys keys = {.work = work, .limit = ask_list_limit(work, LIST_LIMIT)};
    Text head = work->text;
    int64_t total = 0;
    work->text = (Text){0};
    bool ok = catalog_cache_rank(work->question->local, work->question->fingerprint, &filter,
                                 CATALOG_FOREIGN_KEYS, false, INT_MAX, add_keys, &keys, &total, err);
    Text listed = work->text;
    char *place = text_visible(schema);
    work->text = head;
    text_addf(&work->text, "%lld foreign key%s%s%s", (long long)keys.keys, text_plural(keys.keys),
              *place ? " in schema " : "", place);
    if (keys.tables > 0) {
        text_addf(&work->text, ", of %lld table%s:\n%s", (long long)keys.tables, text_plural(keys.tables),
                  text_string(&listed));
    } else {
        text_add(&work->text, ".\n");
    }
    ask_say_more(work, keys.tables, keys.tables < keys.limit ? keys.tables : keys.limit, "table");
    free(place);
    text_free(&listed);
    return ok;
}

/* --- primary keys --- */

static bool say_primary_keys(AskWork *work, const char *schema, Error *err)
{
    const CatalogFilter filter = {
        .tables = true, .kind = "table", .schema = schema, .primary_key = CATALOG_HAS};
    return ask_list_say(work, &filter, " with a primary key", err);
}

/* --- the question --- */

static const struct {
    const char *const phrases[3];
    bool (*say)(AskWork *work, const char *schema, Error *err);
} things[] = {
    {{"foreign keys", "foreign key", NULL}, say_foreign_keys},
    {{"primary keys", "primary key", NULL}, say_primary_keys},
};

/* Is nothing left of the question that is about something? */
static bool is_all(const AskCondition *condition)
{
    const char *at = condition->rest.data;
    bool all = true;
    for (char *word; (word = ask_condition_word(&at));) {
        all = all && ask_is_filler(word);
        free(word);
    }
    return all;
}

bool ask_count(AskWork *work, bool *taken, Error *err)
{
    static const char *const asks[] = {"how many", "number of", "count", "list", "show",
                                       "which",    "what",      "all",   NULL};
    static const char *const relations[] = {"table", "tables", "view", "views", "column", "columns", NULL};
    bool ok = true;
    if ((!ask_says(work, asks) && !work->schema) || work->named.count > 0 || work->points_back ||
        ask_word_at(work, relations) >= 0) {
        return true;
    }
    for (size_t i = 0; ok && !*taken && i < sizeof things / sizeof *things; i++) {
        AskCondition condition = ask_condition_of(work);
        const char *schema = NULL;
        if (ask_condition_take(&condition, things[i].phrases)) {
            ok = ask_condition_schema(work, &condition, &schema, err);
            *taken = ok && is_all(&condition);
        }
        if (*taken) {
            work->denies = ask_denies(text_string(&condition.rest));
            ok = things[i].say(work, schema, err);
            work->out->known = true;
        }
        ask_condition_free(&condition);
    }
    return ok;
}

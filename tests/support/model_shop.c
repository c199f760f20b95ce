#include "model_shop.h"

#include <string.h>

#include "memory.h"
#include "support.h"
#include "text.h"

static const char shop[] = "CREATE TABLE customer (id INTEGER PRIMARY KEY, nm TEXT);"
                           "CREATE TABLE parcel (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL "
                           "REFERENCES customer, wgt REAL);";

void model_shop_configure(const ModelShop *person, const char *options)
{
    cli_configure(&person->cli,
                  "db_profile shop { backend = sqlite\n path = \"%s\" }\n"
                  "llm_profile local { base_url = \"%s\" model = llama api_key_env = AMX_TEST_KEY "
                  "%s%s}\n",
                  person->database, fake_llm_url(person->fake),
                  strstr(options, "retries") ? "" : "retries = 0 ", options);
}

int model_shop_start(void **state)
{
    ModelShop *person = memory_zero(1, sizeof *person);
    person->fake = fake_llm_start();
    person->database = support_file(support_folder(), "shop.db", "");
    support_sqlite(person->database, shop);
    person->cli = cli_new("ann", "%s", "");
    cli_set(&person->cli, "AMX_TEST_KEY=" MODEL_SHOP_KEY);
    model_shop_configure(person, "");
    *state = person;
    return 0;
}

int model_shop_stop(void **state)
{
    ModelShop *person = *state;
    fake_llm_stop(person->fake);
    free(person);
    return 0;
}

json_t *model_shop_data(const char *body)
{
    json_t *root = json_loads(body, 0, NULL);
    json_t *user = json_array_get(json_object_get(root, "messages"), 1);
    json_t *data = json_loads(json_string_value(json_object_get(user, "content")), 0, NULL);
    assert_non_null(data);
    json_decref(root);
    return data;
}

static json_t *good_texts(const char *about, long long count)
{
    json_t *texts = json_array();
    for (long long i = 0; i < count; i++) {
        char *text = text_format("Says what %s means to a shop, no. %lld.", about, i + 1);
        json_array_append_new(texts, json_string(text));
        free(text);
    }
    return texts;
}

char *model_shop_answer(const char *body, long long alternatives, const char *replaced, json_t *by)
{
    json_t *data = model_shop_data(body);
    json_t *asked = json_object_get(data, "asked");
    json_t *columns = json_object();
    json_t *name;
    size_t i;
    json_array_foreach(json_object_get(asked, "columns"), i, name)
    {
        const char *column = json_string_value(name);
        if (!text_equal(column, replaced)) {
            json_object_set_new(columns, column, good_texts(column, alternatives));
        } else if (by) {
            json_object_set(columns, column, by);
        }
    }
    json_t *root = json_pack("{s:O,s:o}", "table", json_object_get(data, "table"), "columns", columns);
    if (json_is_true(json_object_get(asked, "description"))) {
        json_object_set_new(root, "description", good_texts("a row", alternatives));
    }
    char *text = json_dumps(root, 0);
    json_decref(by);
    json_decref(root);
    json_decref(data);
    return text;
}

char *model_shop_good(void *context, const char *body)
{
    (void)context;
    return model_shop_answer(body, 1, NULL, NULL);
}

void model_shop_says(ModelShop *person, char *(*compose)(void *context, const char *body), void *context)
{
    fake_llm_then(person->fake, (FakeLlmReply){.compose = compose, .context = context});
}

void model_shop_expect_no_key(const ModelShop *person, SupportRun run)
{
    cli_hides(run.out, MODEL_SHOP_KEY);
    cli_hides(run.err, MODEL_SHOP_KEY);
    for (int i = 0; i < fake_llm_count(person->fake); i++) {
        cli_hides(fake_llm_body(person->fake, i), MODEL_SHOP_KEY);
    }
}

json_t *model_shop_result(const ModelShop *person, int run, const char *table, const char *column)
{
    SupportRun told = cli_ok(&person->cli, "history drafts %d --json --limit 100", run);
    json_t *root = json_loads(told.out, 0, NULL);
    json_t *row, *found = NULL;
    size_t i;
    json_array_foreach(json_object_get(root, "items"), i, row)
    {
        const char *name = json_string_value(json_object_get(row, "column_name"));
        if (text_equal(json_string_value(json_object_get(row, "table_name")), table) &&
            text_equal(name, column)) {
            found = json_deep_copy(row);
        }
    }
    json_decref(root);
    assert_non_null(found);
    return found;
}

static char *dumped(const ModelShop *person, int run, const char *table, const char *column)
{
    json_t *row = model_shop_result(person, run, table, column);
    char *text = json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(row);
    return text;
}

void model_shop_expect_result(const ModelShop *person, int run, const char *table, const char *column,
                              const char *shown)
{
    char *text = dumped(person, run, table, column);
    cli_shows(text, shown);
    free(text);
}

/* Somebody who drafts the tables of a small SQLite shop with a model that says what a test wrote down for it.
 */
#ifndef AMX_TESTS_MODEL_SHOP_H
#define AMX_TESTS_MODEL_SHOP_H

#include <jansson.h>

#include "cli.h"
#include "fake_llm.h"

#define MODEL_SHOP_KEY "sk-very-secret-0123456789"
#define MODEL_SHOP_PRICES "price_input = 10 price_output = 20 currency = EUR "

/* Tables customer (id, nm) and parcel (id, customer_id, wgt). */
enum { MODEL_SHOP_OBJECTS = 7, MODEL_SHOP_TABLES = 2 };

typedef struct ModelShop {
    FakeLlm *fake;
    Cli cli;
    const char *database;
} ModelShop;

/* Setup and teardown of a cmocka test, whose state is the shop. */
int model_shop_start(void **state);
int model_shop_stop(void **state);
/* Writes amx.conf, with more options for its llm_profile; the key is in the environment. */
void model_shop_configure(const ModelShop *person, const char *options);

/* What the model says from now on, composed out of each request's body. */
void model_shop_says(ModelShop *person, char *(*compose)(void *context, const char *body), void *context);
/* Says something good about all that was asked. */
char *model_shop_good(void *context, const char *body);
/* The same, `alternatives` times; `replaced`: but for this column, which gets `by` (taken over; NULL: it is
 * left out). */
char *model_shop_answer(const char *body, long long alternatives, const char *replaced, json_t *by);
/* The data about a table that a request brings; to be released. */
json_t *model_shop_data(const char *body);

/* The draft of a table's column among the results of a run; to be released. */
json_t *model_shop_result(const ModelShop *person, int run, const char *table, const char *column);
/* It holds these words. */
void model_shop_expect_result(const ModelShop *person, int run, const char *table, const char *column,
                              const char *shown);
/* The key is neither in what a command printed nor in what the model was asked. */
void model_shop_expect_no_key(const ModelShop *person, SupportRun run);

#endif

/* The JSON object in what a model says, whatever it says around it. */
#include "llm_object.h"

#include <string.h>

#include "cli.h"
#include "fake_llm.h"
#include "memory.h"
#include "support.h"
#include "text.h"

static const char *const members[] = {"answer", "reply", NULL};

/* `expected` is the member "answer", NULL when there is no object. */
static void expect(const char *text, const char *expected)
{
    json_t *found = llm_object_find(text, members);
    const char *answer = json_string_value(json_object_get(found, "answer"));
    if (!text_equal(answer, expected) || (expected && !found)) {
        fail_msg("%s\nholds \"%s\", not \"%s\"", text, answer ? answer : "nothing", expected);
    }
    json_decref(found);
}

static void an_object_is_found_between_words_and_fences(void **state)
{
    (void)state;
    expect("{\"answer\": \"x\"}", "x");
    expect("Sure, here is the JSON:\n{\"answer\": \"x\"}", "x");
    expect("```json\n{\"answer\": \"x\"}\n```\nTell me when you need more {or less}.", "x");
    expect("In {curly brackets}, as asked: {\"answer\": \"a } in \\\"quotes\\\"\"} :-}", "a } in \"quotes\"");
    expect("{\"note\": 1} {\"answer\": \"first\"} {\"answer\": \"last\"} {\"note\": 2}", "last");
    expect("{\"answer\": \"\xc3\xa4\xf0\x9f\x98\x80\"} and {\"answer\": \"\xe2\x82\xac\"}", "\xe2\x82\xac");
}

static void what_is_thought_is_no_answer(void **state)
{
    (void)state;
    expect("<think>\nShall I say {\"answer\": \"no\"}?\n</think>\n\n{\"answer\": \"yes\"}", "yes");
    expect("<think></think>{\"answer\": \"yes\"}<think>{\"answer\": \"no\"}</think>", "yes");
    expect("{\"answer\": \"no\"} or so.</think>{\"answer\": \"yes\"}", "yes");
    expect("<think>{\"answer\": \"it never ends\"}", NULL);
    expect("{\"answer\": \"write <think> and </think>\"}", "write <think> and </think>");
}

static void what_is_not_whole_or_inside_of_another_is_no_answer(void **state)
{
    (void)state;
    expect("", NULL);
    expect("no object at all", NULL);
    expect("{\"note\": {\"answer\": \"inner\"}}", NULL);
    expect("{\"note\": {\"answer\": \"inner\"}, \"answer\": \"it was cut", NULL);
    expect("{\"answer\": \"one\", \"answer\": \"two\"}", NULL);
    expect("{\"answer\": \"good\"} {\"answer\": \"it was cut", "good");
}

/* Brackets that are opened over and over are not read over and over. */
static void endless_brackets_end(void **state)
{
    static const char *const pieces[] = {"{", "{\"a\":", "{\"a\":[", "<think>", "{\"answer\":{\"a\":1},x"};
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        Text text = {0};
        while (text.length < (size_t)4 * 1024 * 1024) {
            text_add(&text, pieces[i]);
        }
        json_decref(llm_object_find(text_string(&text), members));
        text_free(&text);
    }
}

/* Drafts are read as answers are. */
static void a_drafter_that_thinks_aloud_drafts(void **state)
{
    (void)state;
    FakeLlm *fake = fake_llm_start();
    Cli ann = cli_new("ann",
                      "db_profile shop { backend = sqlite\n path = shop.db }\n"
                      "llm_profile local { base_url = \"%s\" model = llama }\n",
                      fake_llm_url(fake));
    support_sqlite(support_file(ann.home, "shop.db", ""), "CREATE TABLE customer(nm TEXT)");
    fake_llm_then(fake, (FakeLlmReply){.text = "<think>{\"description\": [\"A guess.\"]} {no}</think>Here:\n"
                                               "{\"description\": [\"Who buys here.\"], \"columns\": "
                                               "{\"nm\": [\"Full name of the person.\"]}}\nIs it {good}?"});
    SupportRun run = cli_ok(&ann, "run --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_builtin"), 0);
    assert_int_equal(fake_llm_count(fake), 1);
    fake_llm_stop(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_found_between_words_and_fences),
        cmocka_unit_test(what_is_thought_is_no_answer),
        cmocka_unit_test(what_is_not_whole_or_inside_of_another_is_no_answer),
        cmocka_unit_test(endless_brackets_end),
        cmocka_unit_test(a_drafter_that_thinks_aloud_drafts),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

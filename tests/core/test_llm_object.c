/* The JSON object in what a model says, whatever it says around it. */
#include "llm_object.h"

#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_found_between_words_and_fences),
        cmocka_unit_test(what_is_thought_is_no_answer),
        cmocka_unit_test(what_is_not_whole_or_inside_of_another_is_no_answer),
        cmocka_unit_test(endless_brackets_end),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

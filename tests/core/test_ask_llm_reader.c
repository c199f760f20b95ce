/* The text of a model's answer while it comes, however its JSON is cut. */
#include "ask_llm_reader.h"

#include <string.h>

#include "support.h"

enum { LIMIT = 1000 };

static void hear(void *context, const char *text, size_t length)
{
    text_add_n(context, text, length);
}

/* In pieces of `piece` bytes after a first one of `first`. */
static void assert_cut(const char *json, size_t first, size_t piece, const char *expected)
{
    Text heard = {0};
    AskLlmReader reader = {.said = hear, .context = &heard};
    size_t length = strlen(json);
    ask_llm_reader_feed(&reader, json, first, LIMIT);
    for (size_t at = first; at < length; at += piece) {
        ask_llm_reader_feed(&reader, json + at, piece < length - at ? piece : length - at, LIMIT);
    }
    assert_string_equal(text_string(&heard), expected);
    ask_llm_reader_free(&reader);
    text_free(&heard);
}

/* In two pieces, cut at every place; then byte by byte. */
static void assert_said(const char *json, const char *expected)
{
    for (size_t cut = 0; cut <= strlen(json); cut++) {
        assert_cut(json, cut, strlen(json) + 1, expected);
    }
    assert_cut(json, 0, 1, expected);
}

static void the_answer_is_read_wherever_it_is_cut(void **state)
{
    (void)state;
    assert_said("{\"answer\": \"Two tables.\", \"citations\": [], \"known\": true}", "Two tables.");
    assert_said("{\"known\":true,\"citations\":[{\"table\":\"answer\"}],\"answer\":\"last\"}", "last");
    assert_said("```json\n{\"answer\":\"fenced\"}\n```", "fenced");
    assert_said("{\"answer\":\"na\xc3\xafve \xf0\x9f\x98\x80\"}", "na\xc3\xafve \xf0\x9f\x98\x80");
}

static void escapes_are_the_characters_they_stand_for(void **state)
{
    (void)state;
    assert_said("{\"answer\":\"a\\n\\\"b\\\" \\\\ \\/ \\t\"}", "a\n\"b\" \\ / \t");
    assert_said("{\"answer\":\"\\u00e9\\u20ac\\ud83d\\ude00\"}", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_said("{\"answer\":\"\\ud83dx\\ude00\\u0000\"}", "\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd");
    assert_said("{\"\\u0061nswer\":\"yes\"}", "yes");
}

static void other_texts_are_not_the_answer(void **state)
{
    (void)state;
    assert_said("{\"thoughts\":{\"answer\":\"inner\"},\"list\":[\"answer\",\"x\"],\"answer\":\"outer\"}",
                "outer");
    assert_said("{\"known\":\"answer\",\"note\":\"answer\"}", "");
    assert_said("[\"answer\",\"x\"]", "");
    assert_said("{\"answer\":[\"x\"]}", "");
    assert_said("{\"answers\":\"x\"}", "");
    assert_said("plain \"answer\": \"x\"", "");
}

static void nothing_is_said_behind_its_end_or_behind_what_is_wrong(void **state)
{
    (void)state;
    assert_said("{\"answer\":\"one\",\"answer\":\"two\"}", "one");
    assert_said("{\"answer\":\"good\\xbad\"}", "good");
    assert_said("{\"answer\":\"good\\u12g4bad\"}", "good");
}

static void thoughts_and_words_before_the_answer_are_not_said(void **state)
{
    (void)state;
    assert_said("<think>Is it {\"answer\":\"no\"}? <b> </thin</think>\n{\"answer\":\"yes\"}", "yes");
    assert_said("<<think>{\"answer\":\"no\"}", "");
    assert_said("In {brackets} or {}, here it is: {\"answer\":\"yes\"} so {there}", "yes");
    assert_said("{\"note\":1}{ \"answer\":\"x <think> y\"}", "x <think> y");
}

static void a_long_answer_is_said_up_to_the_limit(void **state)
{
    (void)state;
    Text heard = {0};
    AskLlmReader reader = {.said = hear, .context = &heard};
    ask_llm_reader_feed(&reader, "{\"answer\":\"", 11, LIMIT);
    for (int i = 0; i < LIMIT; i++) {
        ask_llm_reader_feed(&reader, "abc", 3, LIMIT);
    }
    assert_int_equal(heard.length, LIMIT);
    ask_llm_reader_free(&reader);
    text_free(&heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_read_wherever_it_is_cut),
        cmocka_unit_test(escapes_are_the_characters_they_stand_for),
        cmocka_unit_test(other_texts_are_not_the_answer),
        cmocka_unit_test(nothing_is_said_behind_its_end_or_behind_what_is_wrong),
        cmocka_unit_test(thoughts_and_words_before_the_answer_are_not_said),
        cmocka_unit_test(a_long_answer_is_said_up_to_the_limit),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

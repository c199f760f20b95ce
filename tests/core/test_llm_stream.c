/* Server-sent events, however the network cuts them. */
#include "llm_stream.h"

#include <string.h>

#include "support.h"

typedef struct Heard {
    Text events; /* each followed by | */
    int wanted;  /* events until no more is wanted; 0: all */
    int count;
} Heard;

static bool hear(void *context, const char *data, size_t length)
{
    Heard *heard = context;
    text_add_n(&heard->events, data, length);
    text_add_char(&heard->events, '|');
    heard->count++;
    return heard->count != heard->wanted;
}

/* Feeds the pieces up to and after `cut`, and ends. */
static void assert_events_cut(const char *stream, size_t cut, const char *expected)
{
    Heard heard = {0};
    LlmStream reader = {.event = hear, .context = &heard};
    assert_true(llm_stream_feed(&reader, stream, cut));
    assert_true(llm_stream_feed(&reader, stream + cut, strlen(stream) - cut));
    assert_true(llm_stream_end(&reader));
    assert_string_equal(text_string(&heard.events), expected);
    llm_stream_free(&reader);
    text_free(&heard.events);
}

/* In two pieces, cut at every place; then byte by byte. */
static void assert_events(const char *stream, const char *expected)
{
    for (size_t cut = 0; cut <= strlen(stream); cut++) {
        assert_events_cut(stream, cut, expected);
    }
    Heard heard = {0};
    LlmStream reader = {.event = hear, .context = &heard};
    for (const char *at = stream; *at; at++) {
        assert_true(llm_stream_feed(&reader, at, 1));
    }
    assert_true(llm_stream_end(&reader));
    assert_string_equal(text_string(&heard.events), expected);
    llm_stream_free(&reader);
    text_free(&heard.events);
}

static void events_are_the_same_wherever_they_are_cut(void **state)
{
    (void)state;
    assert_events("data: one\n\ndata: two\n\n", "one|two|");
    assert_events("data:one\r\n\r\ndata: two\r\n\r\n", "one|two|");
    assert_events("data: one\r\rdata: two\r\r", "one|two|");
    assert_events("data: na\xc3\xafve \xf0\x9f\x98\x80\n\n", "na\xc3\xafve \xf0\x9f\x98\x80|");
}

static void lines_of_one_event_are_joined_and_other_fields_are_left_out(void **state)
{
    (void)state;
    assert_events("event: message\nid: 7\ndata: a\nretry: 5\ndata: b\n\n", "a\nb|");
    assert_events(": keep-alive\n\n: again\r\n\r\ndata: x\n\n", "x|");
    assert_events("data\n\ndata:\n\n", "||");
    assert_events("data:  x \n\n", " x |");
    assert_events("database: x\n\n", "");
    assert_events("\xef\xbb\xbf"
                  "data: x\n\n",
                  "x|");
}

static void an_event_whose_blank_line_is_missing_counts_but_half_a_line_does_not(void **state)
{
    (void)state;
    assert_events("data: [DONE]\n", "[DONE]|");
    assert_events("data: one\n\ndata: tw", "one|");
}

static void reading_stops_when_no_more_is_wanted(void **state)
{
    (void)state;
    Heard heard = {.wanted = 1};
    LlmStream reader = {.event = hear, .context = &heard};
    const char *stream = "data: one\n\ndata: two\n\n";
    assert_false(llm_stream_feed(&reader, stream, strlen(stream)));
    assert_false(reader.too_long);
    assert_string_equal(text_string(&heard.events), "one|");
    llm_stream_free(&reader);
    text_free(&heard.events);
}

static void a_line_and_an_event_without_end_are_given_up(void **state)
{
    (void)state;
    static const char *const pieces[] = {"data: no end in sight ", "data: no end in sight\n"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        Heard heard = {0};
        LlmStream reader = {.event = hear, .context = &heard};
        size_t fed = 0;
        while (fed <= 2 * LLM_STREAM_LINE_BYTES && llm_stream_feed(&reader, pieces[i], strlen(pieces[i]))) {
            fed += strlen(pieces[i]);
        }
        assert_true(reader.too_long);
        assert_int_equal(heard.count, 0);
        llm_stream_free(&reader);
        text_free(&heard.events);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_the_same_wherever_they_are_cut),
        cmocka_unit_test(lines_of_one_event_are_joined_and_other_fields_are_left_out),
        cmocka_unit_test(an_event_whose_blank_line_is_missing_counts_but_half_a_line_does_not),
        cmocka_unit_test(reading_stops_when_no_more_is_wanted),
        cmocka_unit_test(a_line_and_an_event_without_end_are_given_up),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

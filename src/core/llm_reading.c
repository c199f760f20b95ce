#include "llm_reading.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

#define END_OF_STREAM "[DONE]"
#define EVENT_STREAM "text/event-stream"

enum { ERROR_BODY_BYTES = 64 * 1024, QUOTED_CHARACTERS = 300, PLACES_OF_ERRORS = 4 };

static bool refuse(LlmReading *reading, const char *wrong)
{
    if (!*reading->wrong) {
        text_copy(reading->wrong, sizeof reading->wrong, wrong);
    }
    return false;
}

/* {"error": {"message": ".."}}, {"error": ".."}, {"message": ".."} and {"detail": ".."} are all in use. */
static void take_error(LlmReading *reading, const json_t *root)
{
    const json_t *error = json_object_get(root, "error");
    const json_t *texts[PLACES_OF_ERRORS] = {json_object_get(error, "message"), error,
                                             json_object_get(root, "message"),
                                             json_object_get(root, "detail")};
    for (size_t i = 0; i < PLACES_OF_ERRORS && !reading->error; i++) {
        reading->error = memory_string(json_string_value(texts[i]));
    }
}

static void take_usage(LlmReading *reading, const json_t *usage)
{
    const json_t *input = json_object_get(usage, "prompt_tokens");
    const json_t *output = json_object_get(usage, "completion_tokens");
    if (json_is_integer(input) && json_is_integer(output) && json_integer_value(input) >= 0 &&
        json_integer_value(output) >= 0) {
        reading->input_tokens = json_integer_value(input);
        reading->output_tokens = json_integer_value(output);
        reading->counted = true;
    }
}

/* Streams what has come after the first `before` bytes. */
static void hand_on(const LlmReading *reading, size_t before)
{
    size_t length = reading->text.length - before;
    if (reading->chunk && length > 0) {
        reading->chunk(reading->context, text_string(&reading->text) + before, length);
    }
}

static bool take_content(LlmReading *reading, const json_t *content)
{
    if (!content || json_is_null(content)) {
        return true;
    }
    if (!json_is_string(content)) {
        return refuse(reading, "answered with a content that is no text");
    }
    size_t before = reading->text.length;
    llm_scrub_feed(&reading->scrub, json_string_value(content), json_string_length(content), &reading->text);
    hand_on(reading, before);
    return true;
}

/* The text is all there: what was held back of it was no key. */
static void end_content(LlmReading *reading)
{
    size_t before = reading->text.length;
    llm_scrub_end(&reading->scrub, &reading->text);
    hand_on(reading, before);
}

/* `part`: where the text is, "delta" in a stream, "message" in a whole answer. */
static bool take_choice(LlmReading *reading, const json_t *choice, const char *part)
{
    const json_t *message = json_object_get(choice, part);
    const char *finish = json_string_value(json_object_get(choice, "finish_reason"));
    if (message && !json_is_object(message)) {
        return refuse(reading, "answered with JSON of another shape: a choice without a message");
    }
    if (!text_is_empty(finish)) { /* some servers say "" until it ends */
        reading->complete = true;
        reading->cut = text_equal(finish, "length");
    }
    return take_content(reading, json_object_get(message, "content"));
}

/* A whole answer, or one event of a stream. */
static bool take_json(LlmReading *reading, const char *text, size_t length, const char *part)
{
    json_error_t where;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
    if (!root) {
        return refuse(reading, "answered with what is not valid JSON");
    }
    bool ok = true;
    const char *model = json_string_value(json_object_get(root, "model"));
    const json_t *choices = json_object_get(root, "choices");
    if (!reading->model && !text_is_empty(model)) {
        reading->model = memory_string(model);
    }
    take_usage(reading, json_object_get(root, "usage"));
    if (json_is_object(json_object_get(root, "error")) || json_is_string(json_object_get(root, "error"))) {
        take_error(reading, root);
        ok = refuse(reading, "reports an error");
    } else if (!json_is_array(choices)) {
        ok = refuse(reading, "answered with JSON of another shape: it has no choices");
    } else if (json_array_size(choices) > 0) {
        ok = take_choice(reading, json_array_get(choices, 0), part);
    }
    json_decref(root);
    return ok;
}

static bool take_event(void *context, const char *data, size_t length)
{
    LlmReading *reading = context;
    if (text_equal(data, END_OF_STREAM)) {
        reading->complete = true;
        return false;
    }
    return take_json(reading, data, length, "delta");
}

static bool is_stream(const LlmHttpReply *reply)
{
    return reply->status == 200 && strcasecmp(reply->content_type, EVENT_STREAM) == 0;
}

bool llm_reading_take(LlmReading *reading, const LlmHttpReply *reply, const char *bytes, size_t length)
{
    reading->received += length;
    if (reply->status != 200) { /* of an error, the beginning is enough */
        text_add_n(&reading->body, bytes, length);
        return reading->body.length < ERROR_BODY_BYTES;
    }
    if (reading->received > LLM_READING_BYTES) {
        reading->too_long = true;
        return refuse(reading, "answered with more than 8 MiB");
    }
    if (!is_stream(reply)) {
        text_add_n(&reading->body, bytes, length);
        return true;
    }
    reading->stream.event = take_event;
    reading->stream.context = reading;
    bool more = llm_stream_feed(&reading->stream, bytes, length);
    reading->too_long = reading->stream.too_long;
    return reading->too_long ? refuse(reading, "answered with an event of more than 1 MiB") : more;
}

static void end_error(LlmReading *reading)
{
    json_t *root = json_loadb(text_string(&reading->body), reading->body.length, 0, NULL);
    take_error(reading, root);
    json_decref(root);
}

/* A server for people, or one that stands before the model's and wants them to log in. */
static bool is_web_page(const LlmHttpReply *reply, const char *body)
{
    return strcasecmp(reply->content_type, "text/html") == 0 ||
           strcasecmp(reply->content_type, "application/xhtml+xml") == 0 ||
           strncasecmp(body, "<!doctype html", strlen("<!doctype html")) == 0 ||
           strncasecmp(body, "<html", strlen("<html")) == 0;
}

static void end_whole(LlmReading *reading, const LlmHttpReply *reply)
{
    const char *body = text_string(&reading->body);
    const char *start = body + strspn(body, " \t\r\n");
    if (*start != '{' && is_web_page(reply, start)) {
        refuse(reading, "answered with a web page, not JSON: is base_url right?");
    } else if (*start != '{') {
        const char *type = reply->content_type;
        char *wrong = text_format("answered with %s, not with JSON", *type ? type : "something else");
        refuse(reading, wrong);
        free(wrong);
    } else if (take_json(reading, body, reading->body.length, "message")) {
        reading->complete = true; /* with a finish_reason or without: all of the JSON is there */
    }
}

void llm_reading_end(LlmReading *reading, const LlmHttpReply *reply)
{
    bool whole = reply->end == LLM_HTTP_WHOLE || reply->end == LLM_HTTP_ENOUGH;
    if (reply->status != 200) {
        end_error(reading);
    } else if (is_stream(reply)) {
        if (whole && !*reading->wrong && !reading->complete) {
            reading->stream.event = take_event;
            reading->stream.context = reading;
            llm_stream_end(&reading->stream);
        }
    } else if (whole && !*reading->wrong) {
        end_whole(reading, reply);
    }
    if (reading->complete && !*reading->wrong) {
        end_content(reading);
    }
    if (reading->complete && !*reading->wrong && reading->text.length == 0) {
        refuse(reading, reading->cut ? "answered nothing within max_tokens" : "answered nothing");
    }
}

void llm_reading_free(LlmReading *reading)
{
    llm_stream_free(&reading->stream);
    llm_scrub_free(&reading->scrub);
    text_free(&reading->body);
    text_free(&reading->text);
    free(reading->model);
    free(reading->error);
}

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t llm_reading_characters(const LlmReading *reading)
{
    size_t characters = 0;
    for (const char *at = text_string(&reading->text); *at; at++) {
        characters += begins_character(*at);
    }
    return characters;
}

/* The length of the first characters of a text. */
static size_t first_characters(const char *text, size_t characters)
{
    const char *at = text;
    for (; *at; at++) {
        if (begins_character(*at) && characters-- == 0) {
            break;
        }
    }
    return (size_t)(at - text);
}

char *llm_reading_quote(const char *text, const char *key)
{
    char *scrubbed = llm_scrub_text(text, key);
    char *visible = text_visible(scrubbed);
    size_t length = first_characters(visible, QUOTED_CHARACTERS);
    char *quote = text_format("%.*s%s", (int)length, visible, visible[length] ? ".." : "");
    free(visible);
    free(scrubbed);
    return quote;
}

char *llm_reading_error(const LlmReading *reading, const char *key)
{
    return reading->error ? llm_reading_quote(reading->error, key) : NULL;
}

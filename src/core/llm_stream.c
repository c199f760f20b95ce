#include "llm_stream.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define DATA "data"

static bool dispatch(LlmStream *stream)
{
    bool more = true;
    if (stream->has_data) {
        more = stream->event(stream->context, text_string(&stream->data), stream->data.length);
        text_clear(&stream->data);
        stream->has_data = false;
    }
    return more;
}

/* Keeps the value of a data field; comments and other fields say nothing about the answer. */
static bool take_field(LlmStream *stream, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    size_t name = colon ? (size_t)(colon - line) : length;
    if (name != strlen(DATA) || memcmp(line, DATA, name) != 0) {
        return true;
    }
    const char *value = line + name + (colon ? 1 : 0);
    const char *end = line + length;
    if (value < end && *value == ' ') {
        value++;
    }
    if (stream->has_data) {
        text_add_char(&stream->data, '\n');
    }
    text_add_n(&stream->data, value, (size_t)(end - value));
    stream->has_data = true;
    stream->too_long = stream->data.length > LLM_STREAM_LINE_BYTES;
    return !stream->too_long;
}

static bool end_line(LlmStream *stream)
{
    const char *line = text_string(&stream->line);
    size_t length = stream->line.length;
    if (!stream->begun && text_starts(line, BYTE_ORDER_MARK)) {
        line += strlen(BYTE_ORDER_MARK);
        length -= strlen(BYTE_ORDER_MARK);
    }
    stream->begun = true;
    bool more = length == 0 ? dispatch(stream) : take_field(stream, line, length);
    text_clear(&stream->line);
    return more;
}

bool llm_stream_feed(LlmStream *stream, const char *bytes, size_t length)
{
    for (const char *at = bytes, *end = bytes + length; at < end;) {
        if (stream->after_cr && *at == '\n') {
            at++;
        }
        stream->after_cr = false;
        const char *stop = at;
        while (stop < end && *stop != '\n' && *stop != '\r') {
            stop++;
        }
        text_add_n(&stream->line, at, (size_t)(stop - at));
        if (stream->line.length > LLM_STREAM_LINE_BYTES) {
            stream->too_long = true;
            return false;
        }
        if (stop < end) {
            stream->after_cr = *stop == '\r';
            if (!end_line(stream)) {
                return false;
            }
            stop++;
        }
        at = stop;
    }
    return true;
}

bool llm_stream_end(LlmStream *stream)
{
    return dispatch(stream);
}

void llm_stream_free(LlmStream *stream)
{
    text_free(&stream->line);
    text_free(&stream->data);
}

#include "input.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "memory.h"
#include "text.h"

static size_t bytes_of(const wchar_t *text, size_t count)
{
    uint8_t bytes[6];
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        int used = u8_uctomb(bytes, (ucs4_t)text[i], sizeof bytes);
        total += used > 0 ? (size_t)used : 0;
    }
    return total;
}

void input_free(Input *input)
{
    free(input->text);
    *input = (Input){.lines = input->lines};
}

bool input_has_room(const Input *input, wchar_t c)
{
    return input->lines ? input->bytes + bytes_of(&c, 1) <= INPUT_LINES_BYTES : input->length < INPUT_LENGTH;
}

static bool takes(const Input *input, wchar_t c)
{
    return input_has_room(input, c) && (!text_is_hostile((uint32_t)c) || (input->lines && c == L'\n'));
}

void input_insert(Input *input, wchar_t c)
{
    if (!takes(input, c)) {
        return;
    }
    memory_grow((void **)&input->text, input->length, &input->capacity, sizeof *input->text);
    wmemmove(input->text + input->cursor + 1, input->text + input->cursor, input->length - input->cursor);
    input->text[input->cursor++] = c;
    input->length++;
    input->bytes += bytes_of(&c, 1);
}

void input_type(Input *input, const char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        ucs4_t c = 0;
        int used = u8_mbtoucr(&c, (const uint8_t *)text + at, length - at);
        input_insert(input, used > 0 ? (wchar_t)c : (wchar_t)0xfffd);
        at += used > 0 ? (size_t)used : 1;
    }
}

void input_set(Input *input, const char *text)
{
    input->length = 0;
    input->bytes = 0;
    input->cursor = 0;
    input_type(input, text);
}

/* Takes `count` characters out behind the cursor. */
static void take_out(Input *input, size_t count)
{
    wchar_t *at = input->text + input->cursor;
    input->bytes -= bytes_of(at, count);
    input->length -= count;
    wmemmove(at, at + count, input->length - input->cursor);
}

void input_delete(Input *input)
{
    if (input->cursor < input->length) {
        take_out(input, 1);
    }
}

void input_erase_back(Input *input, size_t count)
{
    count = count < input->cursor ? count : input->cursor;
    if (count > 0) {
        input->cursor -= count;
        take_out(input, count);
    }
}

void input_erase(Input *input)
{
    input_erase_back(input, 1);
}

void input_erase_word(Input *input)
{
    while (input->cursor > 0 && input->text[input->cursor - 1] == L' ') {
        input_erase(input);
    }
    while (input->cursor > 0 && input->text[input->cursor - 1] != L' ') {
        input_erase(input);
    }
}

void input_move(Input *input, long by)
{
    if (by < 0) {
        size_t back = (size_t)-by;
        input->cursor = input->cursor > back ? input->cursor - back : 0;
    } else {
        size_t room = input->length - input->cursor;
        input->cursor += (size_t)by < room ? (size_t)by : room;
    }
}

static char *encode(const wchar_t *text, size_t count)
{
    Text out = {0};
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[6];
        int used = u8_uctomb(bytes, (ucs4_t)text[i], sizeof bytes);
        text_add_n(&out, (const char *)bytes, used > 0 ? (size_t)used : 0);
    }
    return text_take(&out);
}

char *input_text(const Input *input)
{
    return encode(input->text, input->length);
}

char *input_before_cursor(const Input *input)
{
    return encode(input->text, input->cursor);
}

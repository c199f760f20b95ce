#include "event_words.h"

#include <string.h>

#include "text.h"

/* Of what lies in what: nobody records more, but a teammate's row may hold anything. */
#define DEEPEST 4

static void add_value(Text *out, const json_t *value, int depth);

/* "unwithdrawn_deletes" as "unwithdrawn deletes". */
static void add_name(Text *out, const char *name)
{
    for (; *name; name++) {
        text_add_char(out, *name == '_' ? ' ' : *name);
    }
}

static void add_members(Text *out, const json_t *object, int depth)
{
    const char *name;
    json_t *value;
    bool first = true;
    json_object_foreach((json_t *)object, name, value)
    {
        if (!json_is_null(value)) {
            text_add(out, first ? "" : ", ");
            add_name(out, name);
            text_add(out, " ");
            add_value(out, value, depth);
            first = false;
        }
    }
}

static void add_items(Text *out, const json_t *array, int depth)
{
    size_t index;
    const json_t *item;
    json_array_foreach(array, index, item)
    {
        text_add(out, index ? "; " : "");
        add_value(out, item, depth);
    }
}

static void add_nested(Text *out, const json_t *value, int depth)
{
    text_add(out, "(");
    if (depth == DEEPEST) {
        text_add(out, "..");
    } else if (json_is_object(value)) {
        add_members(out, value, depth + 1);
    } else {
        add_items(out, value, depth + 1);
    }
    text_add(out, ")");
}

static void add_value(Text *out, const json_t *value, int depth)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        text_add(out, json_string_value(value));
        break;
    case JSON_INTEGER:
        text_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        text_addf(out, "%.10g", json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        text_add(out, json_is_true(value) ? "yes" : "no");
        break;
    case JSON_NULL:
        text_add(out, "-");
        break;
    case JSON_OBJECT:
    case JSON_ARRAY:
        add_nested(out, value, depth);
        break;
    }
}

char *event_words(const json_t *detail)
{
    Text out = {0};
    if (json_is_object(detail)) {
        add_members(&out, detail, 0);
    } else if (detail && !json_is_null(detail)) {
        add_value(&out, detail, 0);
    }
    return text_take(&out);
}

/* From text to tree, with libyaml's events: they know aliases, and where everything stands. */
#include <string.h>
#include <unistr.h>
#include <yaml.h>

#include "memory.h"
#include "yml_internal.h"

#define MAX_DEPTH 100
#define MAX_LENGTH ((size_t)256 << 20)

typedef struct Anchors {
    YmlNode **nodes; /* in the order they stand in the text */
    size_t count;
    size_t capacity;
} Anchors;

typedef struct Reader {
    YmlFile *file;
    yaml_parser_t parser;
    yaml_event_t event;
    uint32_t *bytes; /* where each character begins; NULL: all are one byte long */
    Anchors anchors;
    Anchors aliases;
    Error *err;
} Reader;

static bool fail(const Reader *reader, size_t line, const char *what)
{
    return error_set(reader->err, ERROR_SYSTEM, "%s, line %zu: %s", reader->file->name, line, what);
}

static size_t line_at(const YmlFile *file, size_t offset)
{
    size_t line = 1;
    for (size_t i = 0; i < offset && i < file->length; i++) {
        line += file->text[i] == '\n';
    }
    return line;
}

static bool next_event(Reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    yaml_event_delete(&reader->event);
    if (yaml_parser_parse(&reader->parser, &reader->event)) {
        return true;
    }
    if (parser->error == YAML_MEMORY_ERROR) {
        memory_exhausted();
    }
    size_t line = parser->error == YAML_READER_ERROR ? line_at(reader->file, parser->problem_offset)
                                                     : parser->problem_mark.line + 1;
    fail(reader, line, parser->problem ? parser->problem : "is not YAML");
    return error_hint(reader->err, "the file was left as it is; mend this line and try again");
}

static size_t byte_at(const Reader *reader, size_t character)
{
    return reader->bytes ? reader->bytes[character] : character;
}

/* libyaml counts characters; the text is bytes. */
static void index_characters(Reader *reader)
{
    const YmlFile *file = reader->file;
    size_t count = u8_mbsnlen((const uint8_t *)file->text, file->length);
    if (count == file->length) {
        return;
    }
    reader->bytes = memory_zero(count + 1, sizeof *reader->bytes);
    size_t at = 0;
    for (size_t i = 0; i < file->length; i++) {
        if (((unsigned char)file->text[i] & 0xC0U) != 0x80) {
            reader->bytes[at++] = (uint32_t)i;
        }
    }
    reader->bytes[count] = (uint32_t)file->length;
}

static void remember(Anchors *list, YmlNode *node)
{
    memory_grow((void **)&list->nodes, list->count, &list->capacity, sizeof(YmlNode *));
    list->nodes[list->count++] = node;
}

static YmlNode *find_anchor(const Anchors *anchors, const char *name)
{
    for (size_t i = anchors->count; i-- > 0;) {
        if (strcmp(anchors->nodes[i]->anchor, name) == 0) {
            return anchors->nodes[i];
        }
    }
    return NULL;
}

static void place(const Reader *reader, YmlNode *node, bool flow)
{
    const yaml_event_t *event = &reader->event;
    node->start = byte_at(reader, event->start_mark.index);
    node->end = byte_at(reader, event->end_mark.index);
    node->column = event->start_mark.column;
    node->line = event->start_mark.line + 1;
    node->flow = flow;
}

static void name_node(Reader *reader, YmlNode *node, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    node->named = node->frozen = anchor || tag;
    if (anchor) {
        node->anchor = memory_string((const char *)anchor);
        remember(&reader->anchors, node);
    }
}

static YmlStyle style_of(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return YML_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return YML_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
        return YML_BLOCK;
    default:
        return YML_PLAIN;
    }
}

static bool read_scalar(Reader *reader, YmlNode *node)
{
    const yaml_event_t *event = &reader->event;
    if (memchr(event->data.scalar.value, '\0', event->data.scalar.length)) {
        return fail(reader, node->line, "a text holds the character 0");
    }
    node->style = style_of(event->data.scalar.style);
    node->text = memory_string((const char *)event->data.scalar.value);
    name_node(reader, node, event->data.scalar.anchor, event->data.scalar.tag);
    return true;
}

static bool read_alias(Reader *reader, YmlNode *node)
{
    node->anchor = memory_string((const char *)reader->event.data.alias.anchor);
    node->target = find_anchor(&reader->anchors, node->anchor);
    node->frozen = true;
    remember(&reader->aliases, node);
    return node->target || fail(reader, node->line, "an alias repeats an anchor that is not there");
}

static bool read_node(Reader *reader, bool flow, int depth, YmlNode **out);

static int compare_keys(const void *a, const void *b)
{
    const YmlNode *const *left = a;
    const YmlNode *const *right = b;
    return strcmp((*left)->text, (*right)->text);
}

static bool check_keys(const Reader *reader, const YmlNode *mapping)
{
    YmlNode **keys = memory_zero(mapping->child_count + 1, sizeof(YmlNode *));
    size_t count = 0;
    for (size_t i = 0; i < mapping->child_count; i++) {
        if (yml_key(mapping, i)) {
            keys[count++] = mapping->children[i].key;
        }
    }
    qsort(keys, count, sizeof(YmlNode *), compare_keys);
    bool ok = true;
    for (size_t i = 1; i < count && ok; i++) {
        if (strcmp(keys[i]->text, keys[i - 1]->text) == 0) {
            size_t line = keys[i]->line > keys[i - 1]->line ? keys[i]->line : keys[i - 1]->line;
            char *visible = text_visible(keys[i]->text);
            char *what = text_format("the key \"%s\" stands twice in one mapping", visible);
            ok = fail(reader, line, what);
            free(what);
            free(visible);
        }
    }
    free(keys);
    return ok;
}

static bool read_children(Reader *reader, YmlNode *node, yaml_event_type_t last, int depth)
{
    for (;;) {
        YmlChild child = {0};
        if (!next_event(reader)) {
            return false;
        }
        if (reader->event.type == last) {
            if (node->own_flow) {
                node->end = byte_at(reader, reader->event.end_mark.index);
            }
            return node->kind == YML_SEQUENCE || check_keys(reader, node);
        }
        bool ok = node->kind == YML_SEQUENCE ||
                  (read_node(reader, node->flow, depth + 1, &child.key) && next_event(reader));
        ok = ok && read_node(reader, node->flow, depth + 1, &child.value);
        if (!ok) {
            yml_node_free(child.key);
            return false;
        }
        yml_node_insert(node, node->child_count, child);
    }
}

static bool read_collection(Reader *reader, YmlNode *node, int depth)
{
    const yaml_event_t *event = &reader->event;
    if (depth > MAX_DEPTH) {
        return fail(reader, node->line, "is nested too deeply");
    }
    if (node->kind == YML_SEQUENCE) {
        node->own_flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        name_node(reader, node, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    } else {
        node->own_flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
        name_node(reader, node, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    }
    node->flow = node->flow || node->own_flow;
    return read_children(
        reader, node, node->kind == YML_SEQUENCE ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT, depth);
}

/* The node whose first event is the present one. */
static bool read_node(Reader *reader, bool flow, int depth, YmlNode **out)
{
    bool ok;
    YmlNode *node = yml_node_new(YML_SCALAR);
    place(reader, node, flow);
    if (reader->event.type == YAML_SCALAR_EVENT) {
        ok = read_scalar(reader, node);
    } else if (reader->event.type == YAML_ALIAS_EVENT) {
        node->kind = YML_ALIAS;
        ok = read_alias(reader, node);
    } else {
        node->kind = reader->event.type == YAML_SEQUENCE_START_EVENT ? YML_SEQUENCE : YML_MAPPING;
        ok = read_collection(reader, node, depth);
    }
    if (ok) {
        *out = node;
    } else {
        /* Anchors and aliases may still point to it; nobody follows them after a failure. */
        yml_node_free(node);
    }
    return ok;
}

static void freeze(YmlNode *node)
{
    node->frozen = node->repeated = true;
    for (size_t i = 0; i < node->child_count; i++) {
        if (node->children[i].key) {
            freeze(node->children[i].key);
        }
        freeze(node->children[i].value);
    }
}

static void empty_root(Reader *reader)
{
    YmlFile *file = reader->file;
    file->root = yml_node_new(YML_SCALAR);
    file->root->text = memory_string("");
    file->root->style = YML_PLAIN;
    file->root->start = file->root->end = file->length;
}

static bool next_but_one(Reader *reader)
{
    for (int i = 0; i < 2; i++) {
        if (!next_event(reader)) {
            return false;
        }
    }
    return true;
}

static bool read_document(Reader *reader)
{
    if (!next_but_one(reader)) { /* the start of the stream, then of the document */
        return false;
    }
    if (reader->event.type == YAML_STREAM_END_EVENT) {
        empty_root(reader);
        return true;
    }
    if (!next_event(reader) || !read_node(reader, false, 0, &reader->file->root) ||
        !next_but_one(reader)) { /* the end of the document, then of the stream */
        return false;
    }
    if (reader->event.type != YAML_STREAM_END_EVENT) {
        fail(reader, reader->event.start_mark.line + 1, "a second document begins");
        return error_hint(reader->err, "keep one document in the file");
    }
    for (size_t i = 0; i < reader->aliases.count; i++) {
        if (!reader->aliases.nodes[i]->target->repeated) {
            freeze(reader->aliases.nodes[i]->target);
        }
    }
    return true;
}

static bool take_text(Reader *reader, const char *text, size_t length)
{
    YmlFile *file = reader->file;
    file->bom = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    text += file->bom ? 3 : 0;
    length -= file->bom ? 3 : 0;
    if (length > MAX_LENGTH) {
        return error_set(reader->err, ERROR_SYSTEM, "%s is too large: more than %zu MiB", file->name,
                         MAX_LENGTH >> 20);
    }
    file->text = memory_string_n(text, length);
    file->length = length;
    const uint8_t *bad = u8_check((const uint8_t *)text, length);
    return !bad || fail(reader, line_at(file, (size_t)(bad - (const uint8_t *)text)), "is not UTF-8");
}

bool yml_parse(const char *text, size_t length, const char *name, YmlFile **out, Error *err)
{
    YmlFile *file = memory_zero(1, sizeof *file);
    Reader reader = {.file = file, .err = err};
    file->name = memory_string(name);
    file->escaped = "";
    if (!yaml_parser_initialize(&reader.parser)) {
        memory_exhausted();
    }
    bool ok = take_text(&reader, text, length);
    if (ok) {
        index_characters(&reader);
        yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&reader.parser, (const unsigned char *)file->text, file->length);
        ok = read_document(&reader);
    }
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    free(reader.bytes);
    free(reader.anchors.nodes);
    free(reader.aliases.nodes);
    if (ok) {
        *out = file;
    } else {
        yml_free(file);
    }
    return ok;
}

/* From a changed tree back to text: splices, in the order of the text, and a second look at the result. */
#include <string.h>

#include "memory.h"
#include "yml_internal.h"

#define STEP 2 /* how much deeper new lines stand */

typedef struct Writer {
    const YmlFile *file;
    Text *out;
    size_t at; /* up to here the text is copied, or left out */
    const char *newline;
} Writer;

static const char *newline_of(const YmlFile *file)
{
    const char *first = strchr(file->text, '\n');
    return first && first > file->text && first[-1] == '\r' ? "\r\n" : "\n";
}

static void copy_to(Writer *writer, size_t offset)
{
    if (offset > writer->at) {
        text_add_n(writer->out, writer->file->text + writer->at, offset - writer->at);
        writer->at = offset;
    }
}

/* --- new nodes --------------------------------------------------------------------------------------- */

static void add_scalar(const Writer *writer, const char *text, YmlStyle style, bool flow, size_t indent)
{
    yml_scalar(writer->out, &(YmlScalar){.text = text,
                                         .wanted = style,
                                         .flow = flow,
                                         .indent = indent,
                                         .newline = writer->newline,
                                         .escaped = writer->file->escaped});
}

static void add_flow(const Writer *writer, const YmlNode *node);

static void add_flow_child(const Writer *writer, const YmlChild *child)
{
    if (child->key) {
        add_scalar(writer, child->key->text, YML_AUTO, true, 0);
        text_add(writer->out, ": ");
    }
    add_flow(writer, child->value);
}

static void add_flow(const Writer *writer, const YmlNode *node)
{
    if (node->kind == YML_SCALAR) {
        add_scalar(writer, node->text, YML_AUTO, true, 0);
        return;
    }
    text_add(writer->out, node->kind == YML_MAPPING ? "{" : "[");
    for (size_t i = 0; i < node->child_count; i++) {
        text_add(writer->out, i ? ", " : "");
        add_flow_child(writer, &node->children[i]);
    }
    text_add(writer->out, node->kind == YML_MAPPING ? "}" : "]");
}

static void add_block(const Writer *writer, const YmlNode *node, size_t indent, bool on_line);

/* What stands after "key:" or "-". */
static void add_block_value(const Writer *writer, const YmlNode *node, size_t indent, bool element)
{
    if (node->kind == YML_SCALAR) {
        text_add_char(writer->out, ' ');
        add_scalar(writer, node->text, node->style, false, indent + STEP);
        text_add(writer->out, writer->newline);
    } else if (node->child_count == 0) {
        text_addf(writer->out, " %s%s", node->kind == YML_MAPPING ? "{}" : "[]", writer->newline);
    } else if (element) {
        text_addf(writer->out, "%*s", STEP - 1, "");
        add_block(writer, node, indent + STEP, true);
    } else {
        text_add(writer->out, writer->newline);
        add_block(writer, node, indent + STEP, false);
    }
}

static void add_block_child(const Writer *writer, const YmlChild *child, size_t indent, bool on_line)
{
    text_addf(writer->out, "%*s", on_line ? 0 : (int)indent, "");
    if (child->key) {
        add_scalar(writer, child->key->text, YML_AUTO, true, 0);
        text_add_char(writer->out, ':');
    } else {
        text_add_char(writer->out, '-');
    }
    add_block_value(writer, child->value, indent, !child->key);
}

/* Whole lines. `on_line`: the first child goes on with the line that has begun. */
static void add_block(const Writer *writer, const YmlNode *node, size_t indent, bool on_line)
{
    for (size_t i = 0; i < node->child_count; i++) {
        add_block_child(writer, &node->children[i], indent, on_line && i == 0);
    }
}

/* --- where things end -------------------------------------------------------------------------------- */

static bool keeps_blank_lines(const YmlFile *file, const YmlNode *node)
{
    const char *header = file->text + node->start;
    return memchr(header, '+', strcspn(header, "#\n"));
}

/* Of a block scalar: before the line break that ends its last line with something on it. */
static size_t block_scalar_end(const YmlFile *file, const YmlNode *node)
{
    const char *text = file->text;
    size_t header = node->start + strcspn(text + node->start, "\n");
    size_t end = node->end;
    while (end > header) {
        size_t start = end;
        while (start > header && text[start - 1] != '\n') {
            start--;
        }
        if (strspn(text + start, " \r") < end - start) {
            break;
        }
        end = start - 1; /* a blank line; before it stands a line break */
    }
    return end > node->start && text[end - 1] == '\r' ? end - 1 : end;
}

/* Where what stands in the text of a node ends. */
static size_t content_end(const YmlFile *file, const YmlNode *node)
{
    if (node->kind == YML_SCALAR && node->style == YML_BLOCK) {
        return keeps_blank_lines(file, node) ? node->end : block_scalar_end(file, node);
    }
    bool block = (node->kind == YML_SEQUENCE || node->kind == YML_MAPPING) && !node->own_flow;
    size_t end = block ? node->start : node->end;
    for (size_t i = 0; block && i < node->child_count; i++) {
        const YmlNode *value = node->children[i].value;
        end = value->added ? end : content_end(file, value);
    }
    return end;
}

/* Copies up to where a new line may begin, after the line on which `offset` stands. */
static void copy_line(Writer *writer, size_t offset)
{
    const YmlFile *file = writer->file;
    bool begun = offset > 0 && file->text[offset - 1] != '\n';
    if (begun) {
        const char *end = memchr(file->text + offset, '\n', file->length - offset);
        offset = end ? (size_t)(end - file->text) + 1 : file->length;
    }
    copy_to(writer, offset);
    const Text *out = writer->out;
    if (out->length > 0 && out->data[out->length - 1] != '\n') {
        text_add(writer->out, writer->newline);
    }
}

/* --- changes ----------------------------------------------------------------------------------------- */

/* A comment after it on its line: it would become a line of a block. */
static bool is_commented(const YmlFile *file, const YmlNode *node)
{
    const char *rest = file->text + node->end;
    return node->style != YML_BLOCK && rest[strspn(rest, " \t")] == '#';
}

static void replace_scalar(Writer *writer, const YmlNode *node, size_t indent)
{
    copy_to(writer, node->start);
    const Text *out = writer->out;
    if (out->length > 0 && strchr(":-,", out->data[out->length - 1])) {
        text_add_char(writer->out, ' '); /* there was nothing: "key:" */
    }
    bool one_line = is_commented(writer->file, node) && strchr(node->text, '\n');
    add_scalar(writer, node->text, one_line ? YML_DOUBLE : node->style, node->flow, indent);
    writer->at = node->style == YML_BLOCK ? block_scalar_end(writer->file, node) : node->end;
}

/* A null, [] or {} that got children. `indent`: where their lines begin. */
static void replace_empty(Writer *writer, const YmlNode *node, size_t indent, bool in_flow)
{
    if (in_flow) {
        copy_to(writer, node->start);
        const Text *out = writer->out;
        bool tight = out->length > 0 && strchr(":-,", out->data[out->length - 1]);
        text_add(writer->out, tight ? " " : "");
        add_flow(writer, node);
        writer->at = node->end;
        return;
    }
    size_t start = node->start;
    while (start > writer->at && writer->file->text[start - 1] == ' ') {
        start--;
    }
    copy_to(writer, node->end > node->start ? start : node->start);
    writer->at = node->end;
    copy_line(writer, node->end);
    add_block(writer, node, indent, false);
}

static void write_node(Writer *writer, const YmlNode *node, size_t indent, bool in_flow);

static size_t column_of_children(const YmlNode *node)
{
    const YmlNode *first = node->kind == YML_MAPPING ? node->children[0].key : node;
    return first->column;
}

static void insert_child(Writer *writer, const YmlNode *node, size_t index, size_t column)
{
    const YmlChild *child = &node->children[index];
    size_t before = index;
    while (node->children[before].value->added) {
        before--; /* the first child stands in the text: else the whole would have been replaced */
    }
    size_t end = content_end(writer->file, node->children[before].value);
    if (node->own_flow) {
        copy_to(writer, end);
        text_add(writer->out, ", ");
        add_flow_child(writer, child);
    } else {
        if (before + 1 == index) {
            copy_line(writer, end);
        }
        add_block_child(writer, child, column, false);
    }
}

static void write_children(Writer *writer, const YmlNode *node)
{
    size_t column = column_of_children(node);
    for (size_t i = 0; i < node->child_count; i++) {
        const YmlNode *value = node->children[i].value;
        if (value->added) {
            insert_child(writer, node, i, column);
        } else {
            write_node(writer, value, column + STEP, node->flow);
        }
    }
}

/* `indent`: where lines of the node begin if it has to have new ones. */
static void write_node(Writer *writer, const YmlNode *node, size_t indent, bool in_flow)
{
    if (node->kind == YML_SCALAR && node->changed) {
        replace_scalar(writer, node, indent);
    } else if (node->kind != YML_SCALAR && node->changed) {
        replace_empty(writer, node, indent, in_flow);
    } else if (node->child_count > 0) {
        write_children(writer, node);
    }
}

/* --- the second look --------------------------------------------------------------------------------- */

static bool same(const YmlNode *meant, const YmlNode *read);

static bool same_child(const YmlChild *meant, const YmlChild *read)
{
    return !meant->key == !read->key && (!meant->key || same(meant->key, read->key)) &&
           same(meant->value, read->value);
}

static bool same(const YmlNode *meant, const YmlNode *read)
{
    if (meant->kind != read->kind || meant->child_count != read->child_count ||
        !text_equal(meant->text, read->text) || !text_equal(meant->anchor, read->anchor)) {
        return false;
    }
    bool changed = meant->changed || meant->added;
    if (!changed && (meant->style != read->style || meant->named != read->named)) {
        return false;
    }
    for (size_t i = 0; i < meant->child_count; i++) {
        if (!same_child(&meant->children[i], &read->children[i])) {
            return false;
        }
    }
    return true;
}

static bool says_what_was_meant(const YmlFile *file, const Text *written, Error *err)
{
    YmlFile *read = NULL;
    Error why = {0};
    bool ok = yml_parse(text_string(written), written->length, file->name, &read, &why) &&
              same(file->root, read->root);
    yml_free(read);
    if (!ok) {
        error_set(err, ERROR_SYSTEM, "%s is written in a way that can't be changed safely%s%s", file->name,
                  *why.message ? ": the result would not be read back: " : "", why.message);
        error_hint(err, "the file was left as it is; write to a new one, and merge by hand");
    }
    return ok;
}

bool yml_write(YmlFile *file, Text *out, Error *err)
{
    Text written = {0};
    Writer writer = {.file = file, .out = &written, .newline = newline_of(file)};
    write_node(&writer, file->root, 0, false);
    copy_to(&writer, file->length);
    bool ok = says_what_was_meant(file, &written, err);
    if (ok) {
        text_add(out, file->bom ? "\xEF\xBB\xBF" : "");
        text_add_n(out, text_string(&written), written.length);
    }
    text_free(&written);
    return ok;
}

#include "yml.h"

#include <string.h>

#include "memory.h"
#include "yml_internal.h"

/* A merge that contains itself must end somewhere. */
#define MAX_MERGES 8

YmlNode *yml_node_new(YmlKind kind)
{
    YmlNode *node = memory_zero(1, sizeof *node);
    node->kind = kind;
    return node;
}

void yml_node_free(YmlNode *node)
{
    if (!node) {
        return;
    }
    for (size_t i = 0; i < node->child_count; i++) {
        yml_node_free(node->children[i].key);
        yml_node_free(node->children[i].value);
    }
    free(node->children);
    free(node->text);
    free(node->anchor);
    free(node);
}

void yml_node_insert(YmlNode *node, size_t at, YmlChild child)
{
    memory_grow((void **)&node->children, node->child_count, &node->child_capacity, sizeof child);
    memmove(node->children + at + 1, node->children + at, (node->child_count - at) * sizeof child);
    node->children[at] = child;
    node->child_count++;
}

void yml_free(YmlFile *file)
{
    if (file) {
        yml_node_free(file->root);
        free(file->name);
        free(file->text);
        free(file);
    }
}

YmlNode *yml_root(YmlFile *file)
{
    return file->root;
}

static const YmlNode *resolve(const YmlNode *node)
{
    return node && node->kind == YML_ALIAS ? node->target : node;
}

YmlKind yml_kind(const YmlNode *node)
{
    node = resolve(node);
    return node ? node->kind : YML_SCALAR;
}

static bool is_null(const YmlNode *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != YML_SCALAR || node->style != YML_PLAIN || node->named) {
        return false;
    }
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++) {
        if (strcmp(node->text, nulls[i]) == 0) {
            return true;
        }
    }
    return false;
}

const char *yml_text(const YmlNode *node)
{
    node = resolve(node);
    return node && node->kind == YML_SCALAR && !is_null(node) ? node->text : NULL;
}

static YmlNode *own_value(const YmlNode *mapping, const char *key)
{
    for (size_t i = 0; i < mapping->child_count; i++) {
        const char *name = yml_key(mapping, i);
        if (name && strcmp(name, key) == 0) {
            return mapping->children[i].value;
        }
    }
    return NULL;
}

static YmlNode *get(const YmlNode *mapping, const char *key, int merges)
{
    mapping = resolve(mapping);
    if (!mapping || mapping->kind != YML_MAPPING || merges > MAX_MERGES) {
        return NULL;
    }
    YmlNode *value = own_value(mapping, key);
    const YmlNode *merged = value ? NULL : resolve(own_value(mapping, "<<"));
    if (merged && merged->kind == YML_SEQUENCE) {
        for (size_t i = 0; i < merged->child_count && !value; i++) {
            value = get(merged->children[i].value, key, merges + 1);
        }
        return value;
    }
    return merged ? get(merged, key, merges + 1) : value;
}

YmlNode *yml_get(const YmlNode *mapping, const char *key)
{
    return get(mapping, key, 0);
}

const char *yml_get_text(const YmlNode *mapping, const char *key)
{
    return yml_text(yml_get(mapping, key));
}

size_t yml_count(const YmlNode *node)
{
    node = resolve(node);
    return node ? node->child_count : 0;
}

YmlNode *yml_item(const YmlNode *node, size_t index)
{
    return resolve(node)->children[index].value;
}

const char *yml_key(const YmlNode *node, size_t index)
{
    const YmlNode *key = resolve(node)->children[index].key;
    return key && key->kind == YML_SCALAR ? key->text : NULL;
}

size_t yml_line(const YmlNode *node)
{
    return node ? node->line : 0;
}

bool yml_may_change(const YmlNode *node)
{
    return node && !node->frozen;
}

void yml_set(YmlNode *scalar, const char *text)
{
    free(scalar->text);
    scalar->text = memory_string(text);
    scalar->changed = true;
}

static YmlNode *add(YmlNode *container, const char *after, const char *key, YmlKind kind, const char *text)
{
    YmlNode *node = yml_node_new(kind);
    node->text = memory_string(text);
    node->added = true;
    YmlChild child = {NULL, node};
    if (container->kind == YML_SCALAR) { /* a null: it becomes what it is given */
        container->kind = key ? YML_MAPPING : YML_SEQUENCE;
        free(container->text);
        container->text = NULL;
    }
    if (container->child_count == 0) {
        container->changed = true;
    }
    size_t at = container->child_count;
    if (key) {
        child.key = yml_node_new(YML_SCALAR);
        child.key->text = memory_string(key);
        child.key->added = true;
        for (size_t i = 0; after && i < container->child_count; i++) {
            const char *name = yml_key(container, i);
            at = name && strcmp(name, after) == 0 ? i + 1 : at;
        }
    }
    yml_node_insert(container, at, child);
    return node;
}

YmlNode *yml_add_text(YmlNode *mapping, const char *after, const char *key, const char *text)
{
    return add(mapping, after, key, YML_SCALAR, text);
}

YmlNode *yml_add(YmlNode *container, const char *after, const char *key, YmlKind kind)
{
    return add(container, after, key, kind, NULL);
}

void yml_escape_also(YmlFile *file, const char *characters)
{
    file->escaped = characters;
}

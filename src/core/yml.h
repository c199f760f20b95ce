/* YAML files that belong to people: read, and changed in place. What is not changed stays as it is, byte for
 * byte: comments, order, quoting, indentation, line ends.
 *
 * A file is parsed into a tree that knows where in the text each node stands. The tree is changed; yml_write
 * then splices what changed into the text, parses the result again, and hands it out only when it says
 * exactly what the tree says.
 *
 * What is aliased (*name), has an anchor or a tag of its own, or stands inside something that an alias
 * repeats is read but never changed: the change would show elsewhere too. */
#ifndef AMX_CORE_YML_H
#define AMX_CORE_YML_H

#include "error.h"
#include "text.h"

typedef struct YmlFile YmlFile;
typedef struct YmlNode YmlNode;

typedef enum YmlKind { YML_SCALAR, YML_SEQUENCE, YML_MAPPING, YML_ALIAS } YmlKind;

/* Parses `length` bytes; "" and a text of comments alone are an empty mapping-to-be. `name` is what messages
 * call the file. *out is owned by the caller (yml_free) and needs neither text nor name any more.
 * ERROR_SYSTEM names the line: not UTF-8, not YAML, more than one document, a key that stands twice in one
 * mapping, nested too deeply, too large. */
bool yml_parse(const char *text, size_t length, const char *name, YmlFile **out, Error *err);
void yml_free(YmlFile *file); /* NULL is allowed */

YmlNode *yml_root(YmlFile *file);

/* Reading. All take NULL for a node and follow aliases. Nodes and strings belong to the file. */
YmlKind yml_kind(const YmlNode *node); /* never YML_ALIAS; NULL is a scalar */
/* The text of a scalar; NULL for null (nothing, ~, null), and for what is no scalar. */
const char *yml_text(const YmlNode *node);
/* The value of a key, own or merged in with <<; NULL when there is none. */
YmlNode *yml_get(const YmlNode *mapping, const char *key);
const char *yml_get_text(const YmlNode *mapping, const char *key);
/* The elements of a sequence, or the pairs of a mapping (own ones only). */
size_t yml_count(const YmlNode *node);
YmlNode *yml_item(const YmlNode *node, size_t index);
const char *yml_key(const YmlNode *node, size_t index); /* NULL: no plain text, or a sequence */
size_t yml_line(const YmlNode *node);                   /* from 1; 0: not in the file yet */

/* May it be changed, or be added to? */
bool yml_may_change(const YmlNode *node);

/* Changing; only what yml_may_change allows. */
void yml_set(YmlNode *scalar, const char *text);
/* Adds a pair to a mapping, after the pair `after` (NULL, or not there: at the end), or an element to a
 * sequence (`key` and `after` NULL, at its end). A null takes pairs as an empty mapping does, or elements.
 * The new node is a scalar with `text`, else an empty collection. Returns it. */
YmlNode *yml_add_text(YmlNode *mapping, const char *after, const char *key, const char *text);
YmlNode *yml_add(YmlNode *container, const char *after, const char *key, YmlKind kind);
/* Every character of `characters` (ASCII) is written as an escape in texts that are set or added. */
void yml_escape_also(YmlFile *file, const char *characters);

/* Appends the whole file with its changes. ERROR_SYSTEM when the result would not say what was meant. */
bool yml_write(YmlFile *file, Text *out, Error *err);

#endif

/* What the yml_*.c files share: the tree. */
#ifndef AMX_CORE_YML_INTERNAL_H
#define AMX_CORE_YML_INTERNAL_H

#include "yml.h"

typedef enum YmlStyle { YML_AUTO, YML_PLAIN, YML_SINGLE, YML_DOUBLE, YML_BLOCK } YmlStyle;

/* A pair of a mapping, or an element of a sequence (key NULL). */
typedef struct YmlChild {
    YmlNode *key;
    YmlNode *value;
} YmlChild;

struct YmlNode {
    YmlKind kind;
    YmlStyle style;  /* of a scalar: how it is written */
    bool flow;       /* stands in, or is, {..} or [..] */
    bool own_flow;   /* a collection that is written {..} or [..] itself */
    bool added;      /* not in the text yet */
    bool changed;    /* a scalar whose text is to be replaced; a null or empty collection that got children */
    bool named;      /* has an anchor or a tag */
    bool repeated;   /* is, or stands inside of, what an alias repeats */
    bool frozen;     /* either, or an alias */
    size_t start;    /* in the text of the file, in bytes; of a block collection, its first character */
    size_t end;      /* of a block collection: anywhere after it */
    size_t column;   /* of start, from 0 */
    size_t line;     /* from 1 */
    char *text;      /* of a scalar */
    char *anchor;    /* its anchor; of an alias the one it repeats */
    YmlNode *target; /* of an alias */
    YmlChild *children;
    size_t child_count;
    size_t child_capacity;
};

struct YmlFile {
    char *name;
    char *text; /* without the byte order mark */
    size_t length;
    bool bom;
    YmlNode *root;
    const char *escaped; /* yml_escape_also */
};

YmlNode *yml_node_new(YmlKind kind);
void yml_node_free(YmlNode *node);
void yml_node_insert(YmlNode *node, size_t at, YmlChild child);

/* Appends a scalar's text as YAML. `indent`: of the lines of a block scalar, which is used only outside of
 * flow collections. `newline` ends its lines. */
typedef struct YmlScalar {
    const char *text;
    YmlStyle wanted;
    bool flow;
    size_t indent;
    const char *newline;
    const char *escaped; /* characters that must not stand there raw; "" for none */
} YmlScalar;
void yml_scalar(Text *out, const YmlScalar *scalar);

#endif

/* What the exports share that merge into a YAML file of people: descriptions are set or added, and whatever
 * can't be is told, at most so many times. */
#ifndef AMX_CORE_EXPORT_MERGE_H
#define AMX_CORE_EXPORT_MERGE_H

#include "export.h"
#include "yml.h"

typedef struct ExportMerge {
    const ExportJob *job;
    YmlFile *file;
    size_t told;
    size_t untold;
} ExportMerge;

/* Parses what the file holds now. An empty file starts with the text `first` ("version: 2\n" or ""). Errors
 * as yml_parse; and ERROR_SYSTEM when its top is no mapping, or may not be changed. */
bool export_merge_open(ExportMerge *merge, const ExportJob *job, const char *first, Error *err);
/* Says how much was not told. */
void export_merge_close(ExportMerge *merge);

/* A warning about the line of a node, or, with NULL, about the file. */
void export_merge_warn(ExportMerge *merge, const YmlNode *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The collection under a key, made when there is none or a null; NULL, and a warning, when it is something
 * else or may not be added to. */
YmlNode *export_merge_list(ExportMerge *merge, YmlNode *owner, const char *key, YmlKind kind);

/* Makes the pair `key` of `owner` say `written`; a new one comes after `after`. Tells when it must not. */
void export_merge_set(ExportMerge *merge, YmlNode *owner, const char *after, const char *key,
                      const char *written);

/* Do they say the same, but for line breaks at the end, which are how the file is written? */
bool export_merge_same(const char *text, const char *in_file);

/* The documented object behind names of a file, found again. */
const CatalogTable *export_catalog_table(const Documentation *documentation, const char *schema,
                                         const char *name);
bool export_has_schema(const Documentation *documentation, const char *schema);

#endif

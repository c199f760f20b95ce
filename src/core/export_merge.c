#include "export_merge.h"

#include <string.h>

#include "memory.h"

#define MOST_WARNINGS 20

bool export_merge_open(ExportMerge *merge, const ExportJob *job, const char *first, Error *err)
{
    const char *existing = job->existing ? job->existing : "";
    const char *name = job->path ? job->path : "the file";
    *merge = (ExportMerge){.job = job};
    if (!yml_parse(existing, strlen(existing), name, &merge->file, err)) {
        return false;
    }
    const YmlNode *root = yml_root(merge->file);
    if (yml_kind(root) == YML_SCALAR && !yml_text(root) && *first) {
        size_t length = strlen(existing);
        bool open = length > 0 && existing[length - 1] != '\n';
        char *begun = text_format("%s%s%s", existing, open ? "\n" : "", first);
        yml_free(merge->file);
        merge->file = NULL;
        bool ok = yml_parse(begun, strlen(begun), name, &merge->file, err);
        free(begun);
        return ok;
    }
    bool empty = yml_kind(root) == YML_SCALAR && !yml_text(root);
    if ((!empty && yml_kind(root) != YML_MAPPING) || !yml_may_change(root)) {
        error_set(err, ERROR_SYSTEM, "%s can't be merged into: its top is no plain mapping", name);
        return error_hint(err, "the file was left as it is; write to a new one");
    }
    return true;
}

void export_merge_close(ExportMerge *merge)
{
    if (merge->untold > 0) {
        report_warning(merge->job->report, "%zu more of these", merge->untold);
    }
    yml_free(merge->file);
    merge->file = NULL;
}

void export_merge_warn(ExportMerge *merge, const YmlNode *node, const char *format, ...)
{
    if (merge->told >= MOST_WARNINGS) {
        merge->untold++;
        return;
    }
    va_list args;
    va_start(args, format);
    char *what = text_vformat(format, args);
    va_end(args);
    const char *name = merge->job->path ? merge->job->path : "the file";
    if (yml_line(node) > 0) {
        report_warning(merge->job->report, "%s, line %zu: %s", name, yml_line(node), what);
    } else {
        report_warning(merge->job->report, "%s: %s", name, what);
    }
    free(what);
    merge->told++;
}

static bool is_null(const YmlNode *node)
{
    return yml_kind(node) == YML_SCALAR && !yml_text(node);
}

YmlNode *export_merge_list(ExportMerge *merge, YmlNode *owner, const char *key, YmlKind kind)
{
    YmlNode *list = yml_get(owner, key);
    if (!list && yml_may_change(owner)) {
        return yml_add(owner, NULL, key, kind);
    }
    if (list && yml_may_change(list) && (yml_kind(list) == kind || is_null(list))) {
        return list;
    }
    bool repeated = !list || !yml_may_change(list);
    export_merge_warn(
        merge, list ? list : owner,
        repeated ? "\"%s\" belongs to something that has an anchor or tag, or is aliased; left as it is"
                 : "\"%s\" is not what it should be; left as it is",
        key);
    return NULL;
}

void export_merge_set(ExportMerge *merge, YmlNode *owner, const char *after, const char *key,
                      const char *written)
{
    YmlNode *node = yml_get(owner, key);
    if (!node && yml_may_change(owner)) {
        yml_add_text(owner, after, key, written);
    } else if (!node || !yml_may_change(node)) {
        export_merge_warn(
            merge, node ? node : owner,
            "\"%s\" belongs to something that has an anchor or tag, or is aliased; left as it is", key);
    } else if (yml_kind(node) != YML_SCALAR) {
        export_merge_warn(merge, node, "\"%s\" is no text; left as it is", key);
    } else {
        yml_set(node, written);
    }
}

bool export_merge_same(const char *text, const char *in_file)
{
    if (!text || !in_file) {
        return text == in_file;
    }
    size_t length = strlen(text), there = strlen(in_file);
    while (length > 0 && text[length - 1] == '\n') {
        length--;
    }
    while (there > 0 && in_file[there - 1] == '\n') {
        there--;
    }
    return length == there && memcmp(text, in_file, length) == 0;
}

const CatalogTable *export_catalog_table(const Documentation *documentation, const char *schema,
                                         const char *name)
{
    long at = catalog_find_table(documentation->catalog, schema, name);
    return at >= 0 ? &documentation->catalog->tables[at] : NULL;
}

bool export_has_schema(const Documentation *documentation, const char *schema)
{
    size_t low = 0, high = documentation->table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(documentation->tables[middle].table->schema, schema) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < documentation->table_count && strcmp(documentation->tables[low].table->schema, schema) == 0;
}

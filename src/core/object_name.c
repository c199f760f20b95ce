#include "object_name.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

static bool is_plain(const char *part)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    return *part && strspn(part, allowed) == strlen(part) && !(*part >= '0' && *part <= '9');
}

static void add_part(Text *out, const char *part)
{
    if (!part) {
        return;
    }
    if (out->length > 0) {
        text_add_char(out, '.');
    }
    if (is_plain(part)) {
        text_add(out, part);
        return;
    }
    text_add_char(out, '"');
    for (; *part; part++) {
        text_add(out, *part == '"' ? "\"" : "");
        text_add_char(out, *part);
    }
    text_add_char(out, '"');
}

char *object_name(const char *schema, const char *table, const char *column)
{
    Text out = {0};
    add_part(&out, schema);
    add_part(&out, table);
    add_part(&out, column);
    return text_take(&out);
}

/* Reads one part at *at, and moves past it and the dot after it. */
static bool read_part(const char **at, Text *part)
{
    bool quoted = **at == '"';
    const char *c = *at + quoted;
    for (; *c && (quoted || *c != '.'); c++) {
        if (quoted && *c == '"') {
            if (c[1] != '"') {
                break;
            }
            c++;
        }
        text_add_char(part, *c);
    }
    if (quoted && *c++ != '"') {
        return false;
    }
    *at = *c == '.' ? c + 1 : c;
    return part->length > 0 && (*c == '\0' || (*c == '.' && c[1]));
}

bool object_scope_parse(const char *text, ObjectScope *out, Error *err)
{
    *out = (ObjectScope){0};
    const char *at = text ? text : "";
    while (*at) {
        Text part = {0};
        bool ok = out->count < 3 && read_part(&at, &part);
        if (!ok) {
            text_free(&part);
            object_scope_free(out);
            error_set(err, ERROR_USAGE, "\"%s\" is no scope", text);
            return error_hint(err,
                              "a scope is schema, table, schema.table, table.column or schema.table.column; "
                              "odd names in double quotes");
        }
        out->parts[out->count++] = text_take(&part);
    }
    return true;
}

void object_scope_free(ObjectScope *scope)
{
    for (int i = 0; i < scope->count; i++) {
        free(scope->parts[i]);
    }
    *scope = (ObjectScope){0};
}

static bool has_schema(const Catalog *catalog, const char *schema)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        if (strcmp(catalog->tables[i].schema, schema) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_column(const Catalog *catalog, const char *schema, const char *table, const char *column)
{
    long at = catalog_find_table(catalog, schema, table);
    return at >= 0 && catalog_find_column(&catalog->tables[at], column);
}

bool object_scope_resolve(const ObjectScope *scope, const Catalog *catalog, ObjectMatch *out, Error *err)
{
    char *const *p = scope->parts;
    *out = (ObjectMatch){0};
    if (scope->count == 0) {
        return true;
    }
    if (scope->count == 1 && has_schema(catalog, p[0])) {
        out->schema = p[0];
    } else if (scope->count == 1 && catalog_find_table(catalog, NULL, p[0]) >= 0) {
        out->table = p[0];
    } else if (scope->count == 2 && catalog_find_table(catalog, p[0], p[1]) >= 0) {
        *out = (ObjectMatch){p[0], p[1], NULL};
    } else if (scope->count == 2 && has_column(catalog, NULL, p[0], p[1])) {
        *out = (ObjectMatch){NULL, p[0], p[1]};
    } else if (scope->count == 3 && has_column(catalog, p[0], p[1], p[2])) {
        *out = (ObjectMatch){p[0], p[1], p[2]};
    } else {
        char *name = object_name(p[0], p[1], p[2]);
        error_set(err, ERROR_NOT_FOUND, "there is no schema, table or column %s", name);
        free(name);
        return error_hint(err, "list what there is with: amx db tables");
    }
    return true;
}

bool object_matches(const ObjectMatch *match, const CatalogTable *table, const CatalogColumn *column)
{
    if (match->schema && strcmp(match->schema, table->schema) != 0) {
        return false;
    }
    if (match->table && strcmp(match->table, table->name) != 0) {
        return false;
    }
    return !match->column || (column && strcmp(match->column, column->name) == 0);
}

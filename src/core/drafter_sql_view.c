/* Which tables a view's definition reads. */
#include <string.h>

#include "drafter_sql.h"
#include "drafter_sql_tokens.h"
#include "memory.h"
#include "text.h"

/* One level of parentheses in a view's definition. */
typedef struct Level {
    bool select; /* a SELECT stands here */
    bool from;   /* inside its FROM list */
    bool expect; /* a table comes next */
} Level;

typedef struct SourceReader {
    const SqlToken *at;
    Level *levels;
    size_t depth; /* index of the current level */
    size_t capacity;
    SqlName *names;
    size_t count;
    size_t names_capacity;
} SourceReader;

static void add_source(SourceReader *reader, char *schema, char *name)
{
    for (size_t i = 0; i < reader->count; i++) {
        if (text_equal(reader->names[i].schema, schema) && strcmp(reader->names[i].name, name) == 0) {
            free(schema);
            free(name);
            return;
        }
    }
    memory_grow((void **)&reader->names, reader->count, &reader->names_capacity, sizeof *reader->names);
    reader->names[reader->count++] = (SqlName){schema, name};
}

/* A table's name where one is expected. */
static bool read_source(SourceReader *reader)
{
    if (!sql_token_is_identifier(reader->at)) {
        return false;
    }
    char *schema = NULL;
    char *name = sql_token_name(reader->at);
    if (sql_token_is_symbol(reader->at + 1, ".") && sql_token_is_identifier(reader->at + 2)) {
        schema = name;
        name = sql_token_name(reader->at + 2);
        reader->at += 2;
    }
    add_source(reader, schema, name);
    reader->levels[reader->depth].expect = false;
    reader->at++;
    return !sql_token_is_symbol(reader->at, "(") &&
           !sql_token_is_symbol(reader->at, "."); /* a function; a third part */
}

static void push_level(SourceReader *reader)
{
    memory_grow((void **)&reader->levels, reader->depth + 1, &reader->capacity, sizeof *reader->levels);
    Level inner = {.expect = reader->levels[reader->depth].expect};
    reader->levels[reader->depth].expect = false;
    reader->levels[++reader->depth] = inner;
}

static bool read_keyword(SourceReader *reader, bool after_distinct)
{
    static const char *const ends[] = {"where",  "group", "having", "order",     "limit",  "window",
                                       "offset", "fetch", "union",  "intersect", "except", NULL};
    Level *level = &reader->levels[reader->depth];
    if (sql_token_is_word(reader->at, "select")) {
        *level = (Level){.select = true};
    } else if (sql_token_is_word(reader->at, "with")) {
        return sql_token_is_word(reader->at + 1, "time");
    } else if (sql_token_is_word(reader->at, "from")) {
        if (level->select && !after_distinct) {
            if (level->from) {
                return false;
            }
            level->from = level->expect = true;
        }
    } else if (sql_token_is_word(reader->at, "join")) {
        level->expect = true;
    } else if (sql_token_is_any(reader->at, ends)) {
        level->from = false;
    }
    return true;
}

static bool read_view_token(SourceReader *reader)
{
    Level *level = &reader->levels[reader->depth];
    if (sql_token_is_symbol(reader->at, "(")) {
        push_level(reader);
    } else if (sql_token_is_symbol(reader->at, ")")) {
        if (level->expect || reader->depth == 0) {
            return false;
        }
        reader->depth--;
    } else if (level->expect && !sql_token_is_word(reader->at, "select")) {
        bool skip = sql_token_is_word(reader->at, "only") || sql_token_is_word(reader->at, "lateral");
        return skip ? (reader->at++, true) : read_source(reader);
    } else if (sql_token_is_symbol(reader->at, ",")) {
        level->expect = level->from;
    } else if (reader->at->kind == SQL_TOKEN_WORD) {
        if (!read_keyword(reader, sql_token_is_word(reader->at - 1, "distinct"))) {
            return false;
        }
    }
    reader->at++;
    return true;
}

bool sql_view_sources(const char *definition, SqlName **out, size_t *count)
{
    /* a token in front, so that every token has one before it */
    char *sql = text_format("; %s", definition);
    SqlTokens tokens = sql_tokens_read(sql);
    SourceReader reader = {.at = tokens.items + 1};
    memory_grow((void **)&reader.levels, 0, &reader.capacity, sizeof *reader.levels);
    reader.levels[0] = (Level){0};
    bool certain = true;
    while (certain && reader.at->kind != SQL_TOKEN_END) {
        certain = read_view_token(&reader);
    }
    certain = certain && reader.depth == 0 && reader.count > 0 && !reader.levels[0].expect;
    if (certain) {
        *out = reader.names;
        *count = reader.count;
    } else {
        sql_names_free(reader.names, reader.count);
        *out = NULL;
        *count = 0;
    }
    free(reader.levels);
    free(tokens.items);
    free(sql);
    return certain;
}

void sql_names_free(SqlName *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(names[i].schema);
        free(names[i].name);
    }
    free(names);
}

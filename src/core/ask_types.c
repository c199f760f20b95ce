#include "ask_types.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"
#include "words.h"

typedef struct TypeWord {
    const char *word;
    const char *const *types;
} TypeWord;

static const char *const booleans[] = {"boolean", "bool", NULL};
static const char *const integers[] = {"integer",  "int",  "int4",      "bigint",  "int8",
                                       "smallint", "int2", "mediumint", "tinyint", NULL};
static const char *const int4s[] = {"integer", "int", "int4", NULL};
static const char *const bigints[] = {"bigint", "int8", NULL};
static const char *const smallints[] = {"smallint", "int2", NULL};
static const char *const numerics[] = {"numeric", "decimal", NULL};
static const char *const doubles[] = {"double precision", "float8", "double", NULL};
static const char *const reals[] = {"real", "float4", NULL};
static const char *const floats[] = {"double precision", "float8", "real", "float4", "float", "double", NULL};
static const char *const texts[] = {"text", "clob", NULL};
static const char *const varchars[] = {"character varying", "varchar", "nvarchar", NULL};
static const char *const strings[] = {"text",   "character varying", "varchar", "character", "char",
                                      "bpchar", "nvarchar",          "clob",    NULL};
static const char *const chars[] = {"character", "char", "bpchar", "\"char\"", NULL};
static const char *const timestamps[] = {
    "timestamp with time zone", "timestamp without time zone", "timestamptz", "timestamp", "datetime", NULL};
static const char *const zoned[] = {"timestamp with time zone", "timestamptz", NULL};
static const char *const unzoned[] = {"timestamp without time zone", "timestamp", "datetime", NULL};
static const char *const dates[] = {"date", NULL};
static const char *const moments[] = {
    "date", "timestamp with time zone", "timestamp without time zone", "timestamptz", "timestamp", "datetime",
    NULL};
static const char *const no_types[] = {NULL}; /* any, as "array" says nothing of what it holds */
static const char *const enums[] = {"enum", NULL};
static const char *const times[] = {"time without time zone", "time with time zone", "time", "timetz", NULL};
static const char *const zoned_times[] = {"time with time zone", "timetz", NULL};
static const char *const unzoned_times[] = {"time without time zone", "time", NULL};
static const char *const bits[] = {"bit varying", "varbit", NULL};
static const char *const jsons[] = {"json", NULL};
static const char *const jsonbs[] = {"jsonb", NULL};
static const char *const uuids[] = {"uuid", NULL};
static const char *const binaries[] = {"bytea", "blob", NULL};
static const char *const addresses[] = {"inet", NULL};
static const char *const intervals[] = {"interval", NULL};
static const char *const xmls[] = {"xml", NULL};

/* What people call a type, and what the backends do. */
static const TypeWord type_words[] = {
    {"boolean", booleans},
    {"booleans", booleans},
    {"bool", booleans},
    {"bools", booleans},
    {"integer", int4s},
    {"integers", integers},
    {"int", int4s},
    {"ints", integers},
    {"int4", int4s},
    {"bigint", bigints},
    {"int8", bigints},
    {"bigints", bigints},
    {"smallint", smallints},
    {"int2", smallints},
    {"numeric", numerics},
    {"decimal", numerics},
    {"float", floats},
    {"double", doubles},
    {"double precision", doubles},
    {"real", reals},
    {"float4", reals},
    {"float8", doubles},
    {"text", texts},
    {"varchar", varchars},
    {"varchars", varchars},
    {"string", strings},
    {"strings", strings},
    {"char", chars},
    {"character", chars},
    {"timestamp", timestamps},
    {"timestamps", timestamps},
    {"timestamptz", zoned},
    {"timestamp with time zone", zoned},
    {"timestamp without time zone", unzoned},
    {"datetime", timestamps},
    {"date", dates},
    {"dates", moments},
    {"time", times},
    {"timetz", zoned_times},
    {"time with time zone", zoned_times},
    {"time without time zone", unzoned_times},
    {"character varying", varchars},
    {"bit varying", bits},
    {"json", jsons},
    {"jsonb", jsonbs},
    {"uuid", uuids},
    {"uuids", uuids},
    {"bytea", binaries},
    {"blob", binaries},
    {"binary", binaries},
    {"inet", addresses},
    {"interval", intervals},
    {"xml", xmls},
    {"enum", enums},
    {"enumeration", enums},
    {"array", no_types},
};

static const char *const *types_of_word(const char *word)
{
    for (size_t i = 0; i < sizeof type_words / sizeof *type_words; i++) {
        if (strcmp(type_words[i].word, word) == 0) {
            return type_words[i].types;
        }
    }
    return NULL;
}

const char *const *ask_types_of(const char *word)
{
    char *singular = words_singular(word);
    const char *const *types = types_of_word(word);
    types = types ? types : types_of_word(singular);
    free(singular);
    return types;
}

/* --- as the question says it --- */

static bool is_number(const char *word)
{
    return *word && word[strspn(word, "0123456789")] == '\0';
}

/* "(10,2)" where that stands right behind the word; *used counts on by its numbers. */
static char *read_size(const AskWork *work, size_t at, size_t *used)
{
    char *opened = text_format("%s(", work->raw.items[at]);
    Text size = {0};
    if (strstr(work->question->text, opened)) {
        for (; at + *used < work->raw.count && is_number(work->raw.items[at + *used]); ++*used) {
            text_addf(&size, "%s%s", size.length ? "," : "(", work->raw.items[at + *used]);
        }
        text_add(&size, size.length ? ")" : "");
    }
    free(opened);
    return text_take(&size);
}

/* "with time zone", when it stands there and makes a type of the first word; else "". */
static const char *read_rest(const AskWork *work, size_t at, size_t *used)
{
    static const struct {
        const char *rest;
        size_t words;
    } rests[] = {{"with time zone", 3}, {"without time zone", 3}, {"varying", 1}, {"precision", 1}};
    const Words *words = &work->words;
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        Text there = {0};
        for (size_t w = 0; w < rests[i].words && at + *used + w < words->count; w++) {
            text_addf(&there, "%s%s", w ? " " : "", words->items[at + *used + w]);
        }
        char *name = text_format("%s %s", words->items[at], rests[i].rest);
        bool whole = text_equal(text_string(&there), rests[i].rest) && types_of_word(name);
        free(name);
        text_free(&there);
        if (whole) {
            *used += rests[i].words;
            return rests[i].rest;
        }
    }
    return "";
}

/* "timestamp(3) with time zone", "character varying(20)" */
static char *sized(const char *type, const char *size)
{
    size_t first = strstr(type, " with") ? strcspn(type, " ") : strlen(type);
    return text_format("%.*s%s%s", (int)first, type, size, type + first);
}

AskType ask_type_read(const AskWork *work, size_t at)
{
    AskType type = {.words = 1};
    char *size = read_size(work, at, &type.words);
    const char *rest = read_rest(work, at, &type.words);
    const char *blank = *rest ? " " : "";
    char *name = text_format("%s%s%s", work->words.items[at], blank, rest);
    const char *const own[] = {name, NULL};
    const char *const *known = ask_types_of(name);
    size_t count = 0;
    known = known ? known : own;
    while (known[count]) {
        count++;
    }
    type.said = text_format("%s%s%s%s", work->raw.items[at], size, blank, rest);
    type.both_zones = known == timestamps;
    type.types = memory_zero(count + 1, sizeof *type.types);
    for (size_t i = 0; i < count; i++) {
        type.types[i] = sized(known[i], size);
    }
    free(name);
    free(size);
    return type;
}

void ask_type_free(AskType *type)
{
    for (size_t i = 0; type->types && type->types[i]; i++) {
        free(type->types[i]);
    }
    free(type->types);
    free(type->said);
    *type = (AskType){0};
}

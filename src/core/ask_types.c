#include "ask_types.h"

#include <stdlib.h>
#include <string.h>

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
static const char *const floats[] = {"double precision", "float8", "real", "float4", "float", "double", NULL};
static const char *const texts[] = {"text", "clob", NULL};
static const char *const varchars[] = {"character varying", "varchar", "nvarchar", NULL};
static const char *const strings[] = {"text",   "character varying", "varchar", "character", "char",
                                      "bpchar", "nvarchar",          "clob",    NULL};
static const char *const chars[] = {"character", "char", "bpchar", "\"char\"", NULL};
static const char *const timestamps[] = {
    "timestamp with time zone", "timestamp without time zone", "timestamptz", "timestamp", "datetime", NULL};
static const char *const dates[] = {"date", NULL};
static const char *const moments[] = {
    "date", "timestamp with time zone", "timestamp without time zone", "timestamptz", "timestamp", "datetime",
    NULL};
static const char *const no_types[] = {NULL}; /* any, as "array" says nothing of what it holds */
static const char *const enums[] = {"enum", NULL};
static const char *const times[] = {"time without time zone", "time with time zone", "time", "timetz", NULL};
static const char *const jsons[] = {"json", "jsonb", NULL};
static const char *const jsonbs[] = {"jsonb", NULL};
static const char *const uuids[] = {"uuid", NULL};
static const char *const binaries[] = {"bytea", "blob", NULL};
static const char *const addresses[] = {"inet", "cidr", NULL};
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
    {"double", floats},
    {"real", floats},
    {"float8", floats},
    {"text", texts},
    {"varchar", varchars},
    {"varchars", varchars},
    {"string", strings},
    {"strings", strings},
    {"char", chars},
    {"character", chars},
    {"timestamp", timestamps},
    {"timestamps", timestamps},
    {"timestamptz", timestamps},
    {"datetime", timestamps},
    {"date", dates},
    {"dates", moments},
    {"time", times},
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

/* Inside config: the text of amx.conf as libconfuse reads it, checked option by option and section by
 * section. Only config*.c includes this. */
#ifndef AMX_CORE_CONFIG_PARSE_H
#define AMX_CORE_CONFIG_PARSE_H

#include <confuse.h>
#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/* The sections that there may be several of, each with a name of its own. */
#define CONFIG_PROFILE "db_profile"
#define CONFIG_ABBREVIATION "abbreviation"
#define CONFIG_LLM_PROFILE "llm_profile"

/* Where a value was set: libconfuse does not remember it. */
typedef struct Place {
    char *section;
    char *title; /* of a profile, else NULL */
    const char *option;
    int line;
} Place;

/* Starts with path and err set, and the rest zeroed. */
typedef struct Loader {
    const char *path;
    Error *err;
    const char *text; /* while it is parsed */
    bool lenient;     /* takes every value: those of ${NAME} were taken out of the text */
    bool failed;
    Place *places;
    size_t place_count;
    size_t place_capacity;
} Loader;

/* Fails with a message about a line of the file, and a hint. The first one is kept. */
void config_refuse(Loader *loader, int line, const char *message, const char *hint);
/* The same with texts that were made for it, which it takes over. */
void config_refuse_made(Loader *loader, int line, char *message, char *hint);

/* Parses and checks a text. The result is released with cfg_free; NULL: the loader has failed, and its error
 * is filled. */
cfg_t *config_parse(Loader *loader, const char *text);
/* The line on which an option was set; `title` is that of a named section, else NULL. */
int config_place_line(const Loader *loader, const char *section, const char *title, const char *option,
                      int fallback);
void config_loader_free(Loader *loader);

#endif

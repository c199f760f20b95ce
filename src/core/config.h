/* amx.conf: reading and checking (libconfuse). amx never writes this file behind your back (I9).
 *
 * In unquoted and double-quoted values libconfuse replaces ${NAME} by that environment variable (nothing when
 * it is not set); 'single quotes' keep it. A relative path of a SQLite profile counts from the folder of
 * amx.conf, and a leading ~/ means $HOME. A conninfo stays as it is. */
#ifndef AMX_CORE_CONFIG_H
#define AMX_CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "database.h"
#include "error.h"
#include "style.h"
#include "words.h"

typedef struct Profile {
    char *name;
    DatabaseTarget target; /* strings owned by the profile */
    bool implicit;         /* made from PG* variables, not from a file */
} Profile;

/* What an llm_profile lets leave this machine; names always do. Runs keep these numbers (run_resume.c). */
enum { LLM_SENDS_COMMENTS = 1 << 0, LLM_SENDS_STATISTICS = 1 << 1, LLM_SENDS_SAMPLES = 1 << 2 };

/* A language model behind an OpenAI-compatible chat endpoint. Strings are owned by the profile. */
typedef struct LlmProfile {
    char *name;
    char *base_url; /* http:// or https://, without credentials, query and final slash */
    char *model;
    /* Where the key comes from: at most one is not NULL; none: no key is sent. */
    char *api_key_env;     /* name of an environment variable */
    char *api_key_command; /* for /bin/sh -c */
    char *api_key;         /* itself: never shown */
    unsigned sends;        /* LLM_SENDS_* */
    int max_tokens;        /* of one answer */
    int context_tokens;    /* of a prompt and its answer together */
    int connect_ms;        /* to connect */
    int idle_ms;           /* without a byte from the server */
    int total_ms;          /* for one request with all its retries */
    bool hurried;          /* total_ms is that of --timeout; never of a profile as it was read */
    int retries;
    double price_input, price_output; /* of a million tokens; 0: nothing, or nobody said */
    char *currency;
    int alternatives;  /* drafts per object */
    int batch_columns; /* drafted with one request, at most */
} LlmProfile;

typedef struct Config {
    char *path; /* file that was read, or would be */
    bool exists;
    char *active_db_profile; /* or NULL */
    Profile *profiles;       /* in file order */
    size_t profile_count;
    char *active_llm_profile; /* or NULL; "none": no model, whatever is declared */
    LlmProfile *llm_profiles; /* in file order */
    size_t llm_profile_count;
    WordAbbreviation *abbreviations; /* the team's own, in file order; strings owned by the config */
    size_t abbreviation_count;
    char *history_profile; /* history_store { profile }, or NULL */
    char *history_schema;  /* history_store { schema }, default "amx" */
    bool share_sessions;   /* history_store { share_sessions }; false: sessions stay on this machine */
    bool apply_enabled;
    int statement_timeout_ms;     /* of one statement of an apply; 0: as the database says */
    char *ui_color;               /* auto, always, never */
    char *ui_theme;               /* dark, light, none */
    char *ui_styles[STYLE_COUNT]; /* as style_parse reads them; NULL where the theme holds */
    bool ui_mouse;
    bool ui_read_only;
    int connect_timeout_ms; /* documented databases */
    int query_timeout_ms;   /* documented databases, 0 = none */
    int deliver_timeout_ms; /* shared store, per command: our own deadline */
    int busy_timeout_ms;    /* waiting for another amx that writes history.db */
    char **warnings; /* NULL-ended, never NULL: "amx.conf can be read by others and holds a password" */
    char **advice;   /* the same for what only `config check` says */
} Config;

/* Every option once: the parser, the check of amx.conf.example and `config show` read this list.
 * section "" is the top level. */
typedef struct ConfigOption {
    const char *section;
    const char *name;
    const char *type;     /* string, bool, int */
    const char *fallback; /* default as written in the file, or NULL when there is none */
    const char *comment;  /* one line */
    const char *allowed;  /* of a string that takes certain words only: "auto, always, never"; else NULL */
    int least, most;      /* of an int */
    /* Of a string with a form of its own: NULL, or what is wrong with it, owned by the caller. */
    char *(*check)(const char *value);
    const char *form; /* with check: what the string looks like */
    bool secret;      /* what stands there may be a key or a password: no message repeats it */
} ConfigOption;
const ConfigOption *config_options(size_t *count);

/* Reads `path`. A missing file is an error only with `required` (it was named by --config or AMX_CONFIG);
 * otherwise the defaults hold. Adds the implicit profile "environment" when no profile is declared and
 * PGHOST, PGSERVICE, PGDATABASE or PGHOSTADDR is set. *out is owned by the caller. ERROR_CONFIG with file and
 * line: syntax, unknown option, bad value, duplicate or incomplete profile, a profile that active_db_profile,
 * active_llm_profile or history_store names but nobody declares, unreadable file. */
bool config_load(const char *path, bool required, Config **out, Error *err);
void config_free(Config *config);

const Profile *config_profile(const Config *config, const char *name); /* NULL when there is none */

/* The llm_profile of that name. `name` NULL: the one to use when nobody says: active_llm_profile, else the
 * only one there is. NULL when there is none, or active_llm_profile says "none". */
const LlmProfile *config_llm_profile(const Config *config, const char *name);
/* An option of an llm_profile as text, owned by the caller; a key, and the command that tells it, as
 * "***"; NULL when it is not set. */
char *config_llm_value(const LlmProfile *profile, const char *option);
/* Is that the address of this very machine: localhost, 127.x.x.x, ::1? */
bool config_llm_is_loopback(const char *base_url);

#endif

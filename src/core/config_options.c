/* The one list of options. */
#include "config.h"

#define STYLE_FORM                                                                                           \
    "a style like \"bold yellow on blue\". Attributes: plain, bold, dim, underline, reverse. Colours: "      \
    "black, red, green, yellow, blue, magenta, cyan, white, each also as bright-..; default; 0 to 255; "     \
    "#rrggbb"
#define STYLE_OPTION(constant, style, note)                                                                  \
    {.section = "ui",                                                                                        \
     .name = "color_" style,                                                                                 \
     .type = "string",                                                                                       \
     .check = style_check,                                                                                   \
     .form = STYLE_FORM,                                                                                     \
     .comment = (note)},

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* Options of one section stand together. */
static const ConfigOption options[] = {
    {.section = "",
     .name = "active_db_profile",
     .type = "string",
     .comment = "The profile to work under, unless -p, AMX_PROFILE or `amx db use` says otherwise."},
    {.section = "db_profile",
     .name = "backend",
     .type = "string",
     .fallback = "postgresql",
     .allowed = "postgresql, sqlite",
     .comment = "What kind of database it is: postgresql or sqlite."},
    {.section = "db_profile",
     .name = "conninfo",
     .type = "string",
     .comment =
         "postgresql: a libpq connection string; \"\" takes libpq's environment (PGHOST, PGSERVICE, ..)."},
    {.section = "db_profile",
     .name = "path",
     .type = "string",
     .comment = "sqlite: the file; a relative path counts from the folder of this file."},
    {.section = "abbreviation",
     .name = "means",
     .type = "string",
     .comment = "What it stands for, as it should stand in a sentence; searching finds one by the other."},
    {.section = "history_store",
     .name = "profile",
     .type = "string",
     .comment = "The profile whose database holds the shared store. `enable --profile` names one, too."},
    {.section = "history_store",
     .name = "schema",
     .type = "string",
     .fallback = "amx",
     .comment = "The schema of the shared store in a PostgreSQL database."},
    {.section = "history_store",
     .name = "share_sessions",
     .type = "bool",
     .fallback = "true",
     .comment = "Whether what is asked and answered is shared, with who, where, when and with what; false: "
                "sessions begun from then on are private, for good."},
    {.section = "apply",
     .name = "enabled",
     .type = "bool",
     .fallback = "true",
     .comment = "Whether apply and rollback may write comments; false for teams that only export."},
    {.section = "apply",
     .name = "statement_timeout_ms",
     .type = "int",
     .fallback = "10000",
     .most = DAY_MS,
     .comment = "postgresql: milliseconds for one COMMENT before it is given up and the next one is tried; 0 "
                "leaves that to the server."},
    {.section = "timeouts",
     .name = "connect_ms",
     .type = "int",
     .fallback = "5000",
     .least = 1,
     .most = DAY_MS,
     .comment = "Milliseconds to connect to a documented database."},
    {.section = "timeouts",
     .name = "query_ms",
     .type = "int",
     .fallback = "0",
     .most = DAY_MS,
     .comment = "Milliseconds for one query there; 0 waits for ever."},
    {.section = "timeouts",
     .name = "deliver_ms",
     .type = "int",
     .fallback = "2000",
     .least = 1,
     .most = DAY_MS,
     .comment = "Milliseconds a command may spend on delivering to the shared store before it leaves the "
                "rest queued."},
    {.section = "timeouts",
     .name = "busy_ms",
     .type = "int",
     .fallback = "30000",
     .most = DAY_MS,
     .comment = "Milliseconds to wait for another amx that is writing history.db."},
    {.section = "ui",
     .name = "color",
     .type = "string",
     .fallback = "auto",
     .allowed = "auto, always, never",
     .comment = "Colours: auto (on a terminal, unless NO_COLOR is set), always or never."},
    {.section = "ui",
     .name = "mouse",
     .type = "bool",
     .fallback = "true",
     .comment = "Whether the screen takes the mouse; m or F9 switches it, and off, the terminal selects text "
                "itself."},
    {.section = "ui",
     .name = "read_only",
     .type = "bool",
     .fallback = "false",
     .comment = "Whether everything that writes is refused, as with --read-only."},
    {.section = "ui",
     .name = "theme",
     .type = "string",
     .fallback = "dark",
     .allowed = "dark, light, none",
     .comment = "Colours for a dark or a light terminal, or none: bold, underline and reverse only."},
    STYLE_LIST(STYLE_OPTION)};

const ConfigOption *config_options(size_t *count)
{
    *count = sizeof options / sizeof *options;
    return options;
}

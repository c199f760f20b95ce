#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_file.h"
#include "config_llm.h"
#include "config_parse.h"
#include "memory.h"
#include "pg.h"
#include "text.h"

enum { SCHEMA_BYTES = 63 };

/* The folder a relative path counts from: that of the file, absolute, with its final slash. */
static char *base_folder(const char *path)
{
    char *current = *path == '/' ? NULL : getcwd(NULL, 0);
    char *folder = current ? text_format("%s/%s", current, path) : memory_string(path);
    char *slash = strrchr(folder, '/');
    if (slash) {
        slash[1] = '\0';
    }
    free(current);
    return folder;
}

static char *resolve_path(const char *base, const char *path)
{
    const char *home = getenv("HOME");
    if (text_starts(path, "~/") && !text_is_empty(home)) {
        return text_format("%s%s", home, path + 1);
    }
    return *path == '/' ? memory_string(path) : text_format("%s%s", base, path);
}

static Profile *add_profile(Config *config, const char *name)
{
    config->profiles = memory_resize(config->profiles, config->profile_count + 1, sizeof *config->profiles);
    Profile *profile = &config->profiles[config->profile_count++];
    *profile = (Profile){.name = memory_string(name)};
    return profile;
}

static void take_profiles(Config *config, cfg_t *root)
{
    char *base = base_folder(config->path);
    for (unsigned i = 0; i < cfg_size(root, CONFIG_PROFILE); i++) {
        cfg_t *section = cfg_getnsec(root, CONFIG_PROFILE, i);
        Profile *profile = add_profile(config, cfg_title(section));
        backend_parse(cfg_getstr(section, "backend"), &profile->target.backend);
        if (profile->target.backend == BACKEND_SQLITE) {
            profile->target.path = resolve_path(base, cfg_getstr(section, "path"));
        } else {
            profile->target.conninfo = memory_string(cfg_getstr(section, "conninfo"));
        }
    }
    free(base);
}

static void take_abbreviations(Config *config, cfg_t *root)
{
    config->abbreviation_count = cfg_size(root, CONFIG_ABBREVIATION);
    config->abbreviations = memory_zero(config->abbreviation_count, sizeof *config->abbreviations);
    for (size_t i = 0; i < config->abbreviation_count; i++) {
        cfg_t *section = cfg_getnsec(root, CONFIG_ABBREVIATION, (unsigned)i);
        config->abbreviations[i] = (WordAbbreviation){
            .abbreviation = memory_string(cfg_title(section)),
            .expansion = memory_string(cfg_getstr(section, "means")),
            .place = WORD_ANYWHERE,
        };
    }
}

/* Without any profile, libpq's own environment is one, so that amx works where psql does. */
static void add_environment_profile(Config *config)
{
    static const char *const names[] = {"PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"};
    for (size_t i = 0; i < sizeof names / sizeof *names && config->profile_count == 0; i++) {
        if (!text_is_empty(getenv(names[i]))) {
            Profile *profile = add_profile(config, "environment");
            profile->target.backend = BACKEND_POSTGRESQL;
            profile->target.conninfo = memory_string("");
            profile->implicit = true;
        }
    }
}

static char *text_or_null(const char *value)
{
    return text_is_empty(value) ? NULL : memory_string(value);
}

/* An option that was declared with a default has a value. */
static char *text_or_default(cfg_t *root, const char *option)
{
    const char *value = cfg_getstr(root, option);
    if (!value) {
        memory_exhausted();
    }
    return memory_string(value);
}

static void take_values(Config *config, cfg_t *root)
{
    config->active_db_profile = text_or_null(cfg_getstr(root, "active_db_profile"));
    config->active_llm_profile = text_or_null(cfg_getstr(root, "active_llm_profile"));
    config->history_profile = text_or_null(cfg_getstr(root, "history_store|profile"));
    config->history_schema = text_or_default(root, "history_store|schema");
    config->share_sessions = cfg_getbool(root, "history_store|share_sessions");
    config->apply_enabled = cfg_getbool(root, "apply|enabled");
    config->statement_timeout_ms = (int)cfg_getint(root, "apply|statement_timeout_ms");
    config->ui_color = text_or_default(root, "ui|color");
    config->ui_theme = text_or_default(root, "ui|theme");
    for (size_t i = 0; i < STYLE_COUNT; i++) {
        char *option = text_format("ui|color_%s", style_names[i]);
        config->ui_styles[i] = text_or_null(cfg_getstr(root, option));
        free(option);
    }
    config->ui_mouse = cfg_getbool(root, "ui|mouse");
    config->ui_read_only = cfg_getbool(root, "ui|read_only");
    config->connect_timeout_ms = (int)cfg_getint(root, "timeouts|connect_ms");
    config->query_timeout_ms = (int)cfg_getint(root, "timeouts|query_ms");
    config->deliver_timeout_ms = (int)cfg_getint(root, "timeouts|deliver_ms");
    config->busy_timeout_ms = (int)cfg_getint(root, "timeouts|busy_ms");
    take_profiles(config, root);
    take_abbreviations(config, root);
    config_llm_take(config, root);
    add_environment_profile(config);
}

static void check_reference(Loader *loader, const Config *config, const char *section, const char *option,
                            const char *name)
{
    if (!name || config_profile(config, name)) {
        return;
    }
    Text declared = {0};
    for (size_t i = 0; i < config->profile_count; i++) {
        text_addf(&declared, "%s%s", i ? ", " : "", config->profiles[i].name);
    }
    config_refuse_made(loader, config_place_line(loader, section, NULL, option, 1),
                       text_format("%s names the profile \"%s\", which is not declared", option, name),
                       declared.length ? text_format("declared are: %s", text_string(&declared))
                                       : text_format("declare it: db_profile %s { .. }", name));
    text_free(&declared);
}

static bool check_values(Loader *loader, const Config *config)
{
    check_reference(loader, config, "", "active_db_profile", config->active_db_profile);
    check_reference(loader, config, "history_store", "profile", config->history_profile);
    config_llm_check_active(loader, config);
    size_t length = strlen(config->history_schema);
    if (length == 0 || length > SCHEMA_BYTES) {
        config_refuse(loader, config_place_line(loader, "history_store", NULL, "schema", 1),
                      "the schema's name must have 1 to 63 bytes", "the default is: schema = \"amx\"");
    }
    return !loader->failed;
}

/* The settings as they would be if every ${NAME} were empty: what the file itself says. NULL when it can't be
 * parsed like that; released with cfg_free. */
static cfg_t *parse_bare(const char *path, const char *text)
{
    Text bare = {0};
    for (const char *at = text; *at;) {
        const char *end = text_starts(at, "${") ? strchr(at, '}') : NULL;
        if (!end) {
            text_add_char(&bare, *at);
        }
        at = end ? end + 1 : at + 1;
    }
    Loader silent = {.path = path, .lenient = true};
    cfg_t *root = config_parse(&silent, text_string(&bare));
    config_loader_free(&silent);
    text_free(&bare);
    return root;
}

static bool holds_password(cfg_t *root)
{
    bool found = false;
    for (unsigned i = 0; i < cfg_size(root, CONFIG_PROFILE) && !found; i++) {
        const char *conninfo = cfg_getstr(cfg_getnsec(root, CONFIG_PROFILE, i), "conninfo");
        found = conninfo && pg_conninfo_has_password(conninfo);
    }
    return found;
}

static void warn_of_mode(char ***warnings, const Config *config, mode_t mode, const char *secret,
                         const char *instead)
{
    config_add_line(warnings, text_format("%s can be read by others (mode %04o) and holds %s; run: chmod 600 "
                                          "%s, or %s",
                                          config->path, (unsigned)mode, secret, config->path, instead));
}

/* A secret that comes out of ${NAME} is not in the file. */
static void add_warnings(Config *config, const ConfigFile *file)
{
    bool open = file->exists && (file->mode & 077);
    cfg_t *bare = open || config->llm_profile_count > 0 ? parse_bare(config->path, file->text) : NULL;
    config->warnings = memory_zero(1, sizeof *config->warnings);
    config->advice = memory_zero(1, sizeof *config->advice);
    if (bare && open && holds_password(bare)) {
        warn_of_mode(&config->warnings, config, file->mode, "a password", "keep the password in ~/.pgpass");
    }
    if (bare && open && config_llm_holds_key(bare)) {
        warn_of_mode(&config->warnings, config, file->mode, "the key of an llm_profile",
                     "use api_key_env or api_key_command");
    }
    config_llm_advise(config, bare);
    if (bare) {
        cfg_free(bare);
    }
}

static bool load(const char *path, bool required, Config **out, Error *err)
{
    bool done = false;
    ConfigFile file = {0};
    cfg_t *root = NULL;
    Loader loader = {.path = path, .err = err};
    Config *config = memory_zero(1, sizeof *config);
    config->path = memory_string(path);
    if (!config_file_read(path, &file, err)) {
        goto cleanup;
    }
    if (!file.exists && required) {
        error_set(err, ERROR_CONFIG, "%s: there is no such file", path);
        error_hint(err, "--config or AMX_CONFIG names it; amx.conf.example shows what can be in it");
        goto cleanup;
    }
    config->exists = file.exists;
    root = config_parse(&loader, file.text);
    if (!root) {
        goto cleanup;
    }
    take_values(config, root);
    if (!check_values(&loader, config)) {
        goto cleanup;
    }
    add_warnings(config, &file);
    *out = config;
    done = true;

cleanup:
    if (!done) {
        config_free(config);
    }
    if (root) {
        cfg_free(root);
    }
    config_loader_free(&loader);
    free(file.text);
    return done;
}

/* libconfuse's scanner is one for the whole process, and any thread may look at amx.conf again. */
bool config_load(const char *path, bool required, Config **out, Error *err)
{
    static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&reading);
    bool done = load(path, required, out, err);
    pthread_mutex_unlock(&reading);
    return done;
}

void config_add_line(char ***lines, char *line)
{
    size_t count = 0;
    while ((*lines)[count]) {
        count++;
    }
    *lines = memory_resize(*lines, count + 2, sizeof **lines);
    (*lines)[count] = line;
    (*lines)[count + 1] = NULL;
}

static void free_lines(char **lines)
{
    for (char **line = lines; line && *line; line++) {
        free(*line);
    }
    free(lines);
}

void config_free(Config *config)
{
    if (!config) {
        return;
    }
    for (size_t i = 0; i < config->profile_count; i++) {
        Profile *profile = &config->profiles[i];
        free(profile->name);
        free((char *)profile->target.conninfo);
        free((char *)profile->target.path);
    }
    free_lines(config->warnings);
    free_lines(config->advice);
    config_llm_free(config);
    free(config->profiles);
    for (size_t i = 0; i < config->abbreviation_count; i++) {
        free((char *)config->abbreviations[i].abbreviation);
        free((char *)config->abbreviations[i].expansion);
    }
    free(config->abbreviations);
    free(config->history_schema);
    free(config->history_profile);
    free(config->active_db_profile);
    for (size_t i = 0; i < STYLE_COUNT; i++) {
        free(config->ui_styles[i]);
    }
    free(config->ui_theme);
    free(config->ui_color);
    free(config->path);
    free(config);
}

const Profile *config_profile(const Config *config, const char *name)
{
    for (size_t i = 0; i < config->profile_count; i++) {
        if (text_equal(config->profiles[i].name, name)) {
            return &config->profiles[i];
        }
    }
    return NULL;
}

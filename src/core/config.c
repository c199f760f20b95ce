#include "config.h"

#include <confuse.h>
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "config_file.h"
#include "memory.h"
#include "pg.h"
#include "text.h"

enum { SCHEMA_BYTES = 63, EXPANSION_BYTES = 80 };

static const char profile_section[] = "db_profile";
static const char abbreviation_section[] = "abbreviation";

static const ConfigOption *find_option(const char *section, const char *name)
{
    size_t count = 0;
    const ConfigOption *options = config_options(&count);
    for (size_t i = 0; i < count; i++) {
        if (text_equal(options[i].section, section) && text_equal(options[i].name, name)) {
            return &options[i];
        }
    }
    return NULL;
}

/* Where a value was set: libconfuse does not remember it. */
typedef struct Place {
    char *section;
    char *title; /* of a profile, else NULL */
    const char *option;
    int line;
} Place;

typedef struct Loader {
    const char *path;
    Error *err;
    bool failed;
    Place *places;
    size_t place_count;
    size_t place_capacity;
} Loader;

/* libconfuse's callbacks carry no context. Set while it parses. */
static _Thread_local Loader *loading;

/* Keeps the first message: what follows it is only its echo. */
static void refuse(Loader *loader, int line, const char *message, const char *hint)
{
    if (!loader->failed) {
        loader->failed = true;
        error_set(loader->err, ERROR_CONFIG, "%s:%d: %s", loader->path, line, message);
        error_hint(loader->err, "%s", hint);
    }
}

static void refuse_and_free(Loader *loader, int line, char *message, char *hint)
{
    refuse(loader, line, message, hint);
    free(message);
    free(hint);
}

static const char *section_name(const cfg_t *section)
{
    return text_equal(section->name, "root") ? "" : section->name;
}

static char *names_allowed(const char *section)
{
    size_t count = 0;
    const ConfigOption *options = config_options(&count);
    Text names = {0};
    const char *seen = "";
    for (size_t i = 0; i < count; i++) {
        bool here = text_equal(options[i].section, section);
        bool opens = !*section && !text_equal(options[i].section, seen);
        if (here || opens) {
            text_addf(&names, "%s%s%s", names.length ? ", " : "", here ? options[i].name : options[i].section,
                      here ? "" : " { }");
        }
        seen = options[i].section;
    }
    return text_take(&names);
}

static void parser_error(cfg_t *section, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static void parser_error(cfg_t *section, const char *format, va_list args)
{
    if (!loading) {
        memory_exhausted(); /* every option that is asked for later was declared: there was no memory to keep
                               it */
    }
    char *names = names_allowed(section_name(section));
    bool top = !*section_name(section);
    char *hint = text_format("allowed %s%s: %s; values with blanks or any of = { } ( ) + , # need quotes",
                             top ? "at the top level" : "in ", section_name(section), names);
    refuse_and_free(loading, section->line, text_vformat(format, args), hint);
    free(names);
}

static const Place *find_place(const Loader *loader, const char *section, const char *title,
                               const char *option)
{
    for (size_t i = 0; i < loader->place_count; i++) {
        const Place *place = &loader->places[i];
        if (text_equal(place->section, section) && text_equal(place->title, title) &&
            text_equal(place->option, option)) {
            return place;
        }
    }
    return NULL;
}

static void remember_place(Loader *loader, const cfg_t *section, const ConfigOption *option)
{
    memory_grow((void **)&loader->places, loader->place_count, &loader->place_capacity,
                sizeof *loader->places);
    loader->places[loader->place_count++] = (Place){
        .section = memory_string(section_name(section)),
        .title = memory_string(section->title),
        .option = option->name,
        .line = section->line,
    };
}

/* Is `value` one of "a, b, c"? */
static bool is_listed(const char *list, const char *value)
{
    char *in_list = text_format(", %s, ", list);
    char *wanted = text_format(", %s, ", value);
    bool listed = strstr(in_list, wanted) && !strchr(value, ',');
    free(in_list);
    free(wanted);
    return listed;
}

static bool parse_int(const ConfigOption *option, const char *value, long *out)
{
    char *end;
    errno = 0;
    *out = strtol(value, &end, 10);
    return !errno && end != value && !*end && *out >= option->least && *out <= option->most;
}

/* Reads one value into `result`, as libconfuse wants it for the option's type; 0 means that it is good. */
static int parse_value(cfg_t *section, cfg_opt_t *opt, const char *value, void *result)
{
    const ConfigOption *option = find_option(section_name(section), opt->name);
    const Place *first = find_place(loading, section_name(section), section->title, option->name);
    if (first) {
        refuse_and_free(loading, section->line,
                        text_format("%s was set on line %d already", option->name, first->line),
                        memory_string("keep one of the two"));
        return -1;
    }
    remember_place(loading, section, option);
    bool good = true;
    char *allowed = NULL;
    char *wrong = NULL;
    if (opt->type == CFGT_INT) {
        good = parse_int(option, value, result);
        allowed = good ? NULL : text_format("a whole number from %d to %d", option->least, option->most);
    } else if (opt->type == CFGT_BOOL) {
        int yes = cfg_parse_boolean(value);
        good = yes >= 0;
        allowed = good ? NULL : memory_string("true or false");
        *(cfg_bool_t *)result = yes > 0 ? cfg_true : cfg_false;
    } else {
        good = !option->allowed || is_listed(option->allowed, value);
        allowed = good ? NULL : text_format("one of: %s", option->allowed);
        wrong = option->check ? option->check(value) : NULL;
        *(const char **)result = value;
    }
    if (!good) {
        refuse_and_free(loading, section->line,
                        text_format("%s = \"%s\" is not allowed", option->name, value),
                        text_format("%s takes %s", option->name, allowed));
    }
    if (wrong) {
        refuse_and_free(loading, section->line,
                        text_format("%s = \"%s\" is not allowed: %s", option->name, value, wrong),
                        text_format("%s takes %s", option->name, option->form));
    }
    good = good && !wrong;
    free(wrong);
    free(allowed);
    return good ? 0 : -1;
}

static bool is_harmless(const char *name)
{
    char *visible = text_visible(name);
    bool same = text_equal(visible, name);
    free(visible);
    return same;
}

static int place_line(const Loader *loader, const char *section, const char *title, const char *option,
                      int fallback)
{
    const Place *place = find_place(loader, section, title, option);
    return place ? place->line : fallback;
}

/* Called at the closing brace of a profile. */
static int check_profile(cfg_t *root, cfg_opt_t *opt)
{
    cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
    const char *name = cfg_title(section);
    bool sqlite = text_equal(cfg_getstr(section, "backend"), backend_name(BACKEND_SQLITE));
    const char *needed = sqlite ? "path" : "conninfo";
    const char *wrong = sqlite ? "conninfo" : "path";
    const char *value = cfg_getstr(section, needed);
    if (text_is_empty(name) || !is_harmless(name)) {
        refuse(loading, root->line, "a db_profile has an empty name or one with control characters",
               "name it like: db_profile warehouse { .. }");
    } else if (cfg_getstr(section, wrong)) {
        refuse_and_free(
            loading, place_line(loading, profile_section, name, wrong, root->line),
            text_format("db_profile %s is of backend %s, which takes no %s", name,
                        cfg_getstr(section, "backend"), wrong),
            memory_string(sqlite ? "give the file as path = \"..\", or write backend = postgresql"
                                 : "give conninfo = \"host=.. dbname=..\", or write backend = sqlite"));
    } else if (!value || (sqlite && !*value)) {
        refuse_and_free(
            loading, root->line, text_format("db_profile %s has no %s", name, needed),
            memory_string(sqlite ? "add path = \"/folder/file.db\""
                                 : "add conninfo = \"host=.. dbname=..\"; \"\" takes libpq's environment"));
    }
    return loading->failed ? -1 : 0;
}

/* Would words_split give this very word? Only then it is ever looked up. */
static bool is_one_word(const char *text)
{
    Words words = {0};
    words_split(text, &words);
    bool one = words.count == 1 && strcmp(words.items[0], text) == 0;
    words_free(&words);
    return one;
}

/* Called at the closing brace of an abbreviation. */
static int check_abbreviation(cfg_t *root, cfg_opt_t *opt)
{
    cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
    const char *name = cfg_title(section);
    const char *means = cfg_getstr(section, "means");
    if (text_is_empty(name) || !is_one_word(name)) {
        char *shown = text_visible(name ? name : "");
        refuse_and_free(loading, root->line,
                        text_format("abbreviation \"%s\" is not one word in lower case", shown),
                        memory_string("write it as one part of a name, like: abbreviation kna { means = "
                                      "\"customer master\" }"));
        free(shown);
    } else if (!means) {
        refuse_and_free(loading, root->line, text_format("abbreviation %s has no means", name),
                        memory_string("add what it stands for: means = \"customer master\""));
    } else if (!means[strspn(means, " ")] || !is_harmless(means) || strlen(means) > EXPANSION_BYTES) {
        refuse_and_free(loading, place_line(loading, abbreviation_section, name, "means", root->line),
                        text_format("abbreviation %s has a meaning that is empty, too long or holds control "
                                    "characters",
                                    name),
                        text_format("give a few words, at most %d bytes", EXPANSION_BYTES));
    }
    return loading->failed ? -1 : 0;
}

/* The sections that there may be several of, each with a name of its own. */
static const struct {
    const char *section;
    cfg_validate_callback_t check;
} named_sections[] = {{profile_section, check_profile}, {abbreviation_section, check_abbreviation}};

static cfg_validate_callback_t check_of_named(const char *section)
{
    for (size_t i = 0; i < sizeof named_sections / sizeof *named_sections; i++) {
        if (text_equal(section, named_sections[i].section)) {
            return named_sections[i].check;
        }
    }
    return NULL;
}

static cfg_opt_t parser_option(const ConfigOption *option)
{
    const char *fallback = option->fallback;
    if (text_equal(option->type, "int")) {
        return (cfg_opt_t)CFG_INT_CB(option->name, strtol(fallback, NULL, 10), CFGF_NONE, parse_value);
    }
    if (text_equal(option->type, "bool")) {
        return (cfg_opt_t)CFG_BOOL_CB(option->name, cfg_parse_boolean(fallback) > 0 ? cfg_true : cfg_false,
                                      CFGF_NONE, parse_value);
    }
    return (cfg_opt_t)CFG_STR_CB(option->name, fallback, fallback ? CFGF_NONE : CFGF_NODEFAULT, parse_value);
}

/* libconfuse's tables come from ours. It copies them, and zeroed entries end them. */
static cfg_t *new_parser(void)
{
    size_t count = 0;
    const ConfigOption *options = config_options(&count);
    cfg_opt_t *root = memory_zero(count + 1, sizeof *root);
    cfg_opt_t *members = memory_zero(2 * count, sizeof *members);
    cfg_opt_t *next_root = root;
    cfg_opt_t *next_member = members;
    for (size_t i = 0; i < count;) {
        const char *section = options[i].section;
        cfg_opt_t *first = next_member;
        for (; i < count && text_equal(options[i].section, section); i++) {
            *(*section ? next_member++ : next_root++) = parser_option(&options[i]);
        }
        if (*section) {
            next_member++;
            cfg_validate_callback_t check = check_of_named(section);
            cfg_flag_t flags = check ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES : CFGF_NONE;
            *next_root = (cfg_opt_t)CFG_SEC(section, first, flags);
            next_root->validcb = check;
            next_root++;
        }
    }
    cfg_t *parser = cfg_init(root, CFGF_NONE);
    free(members);
    free(root);
    if (parser) {
        cfg_set_error_function(parser, parser_error);
    }
    return parser;
}

/* Parses a text; the result is released with cfg_free. NULL with the loader's error filled. libconfuse
 * translates its messages; amx speaks English throughout. */
static cfg_t *parse(Loader *loader, const char *text)
{
    locale_t english = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(english);
    loading = loader;
    cfg_t *parser = new_parser();
    if (!parser || cfg_parse_buf(parser, text) != CFG_SUCCESS) {
        refuse(loader, parser ? parser->line : 1, "can't be parsed", "see amx.conf.example");
    }
    loading = NULL;
    uselocale(before);
    freelocale(english);
    if (loader->failed && parser) {
        cfg_free(parser);
        parser = NULL;
    }
    return parser;
}

static void free_places(Loader *loader)
{
    for (size_t i = 0; i < loader->place_count; i++) {
        free(loader->places[i].section);
        free(loader->places[i].title);
    }
    free(loader->places);
}

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
    for (unsigned i = 0; i < cfg_size(root, profile_section); i++) {
        cfg_t *section = cfg_getnsec(root, profile_section, i);
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
    config->abbreviation_count = cfg_size(root, abbreviation_section);
    config->abbreviations = memory_zero(config->abbreviation_count, sizeof *config->abbreviations);
    for (size_t i = 0; i < config->abbreviation_count; i++) {
        cfg_t *section = cfg_getnsec(root, abbreviation_section, (unsigned)i);
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
    config->history_profile = text_or_null(cfg_getstr(root, "history_store|profile"));
    config->history_schema = text_or_default(root, "history_store|schema");
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
    refuse_and_free(loader, place_line(loader, section, NULL, option, 1),
                    text_format("%s names the profile \"%s\", which is not declared", option, name),
                    declared.length ? text_format("declared are: %s", text_string(&declared))
                                    : text_format("declare it: db_profile %s { .. }", name));
    text_free(&declared);
}

static bool check_values(Loader *loader, const Config *config)
{
    check_reference(loader, config, "", "active_db_profile", config->active_db_profile);
    check_reference(loader, config, "history_store", "profile", config->history_profile);
    size_t length = strlen(config->history_schema);
    if (length == 0 || length > SCHEMA_BYTES) {
        refuse(loader, place_line(loader, "history_store", NULL, "schema", 1),
               "the schema's name must have 1 to 63 bytes", "the default is: schema = \"amx\"");
    }
    return !loader->failed;
}

/* Does the file itself hold a password? One that comes out of ${NAME} is not in the file. */
static bool holds_password(const Loader *loader, const char *text)
{
    Text bare = {0};
    for (const char *at = text; *at;) {
        const char *end = text_starts(at, "${") ? strchr(at, '}') : NULL;
        if (!end) {
            text_add_char(&bare, *at);
        }
        at = end ? end + 1 : at + 1;
    }
    Loader silent = {.path = loader->path};
    cfg_t *root = parse(&silent, text_string(&bare));
    bool found = false;
    for (unsigned i = 0; root && i < cfg_size(root, profile_section) && !found; i++) {
        const char *conninfo = cfg_getstr(cfg_getnsec(root, profile_section, i), "conninfo");
        found = conninfo && pg_conninfo_has_password(conninfo);
    }
    if (root) {
        cfg_free(root);
    }
    free_places(&silent);
    text_free(&bare);
    return found;
}

static void add_warnings(Config *config, const Loader *loader, const ConfigFile *file)
{
    config->warnings = memory_zero(2, sizeof *config->warnings);
    if (file->exists && (file->mode & 077) && holds_password(loader, file->text)) {
        config->warnings[0] =
            text_format("%s can be read by others (mode %04o) and holds a password; run: chmod "
                        "600 %s, or keep the password in ~/.pgpass",
                        config->path, (unsigned)file->mode, config->path);
    }
}

bool config_load(const char *path, bool required, Config **out, Error *err)
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
    root = parse(&loader, file.text);
    if (!root) {
        goto cleanup;
    }
    take_values(config, root);
    if (!check_values(&loader, config)) {
        goto cleanup;
    }
    add_warnings(config, &loader, &file);
    *out = config;
    done = true;

cleanup:
    if (!done) {
        config_free(config);
    }
    if (root) {
        cfg_free(root);
    }
    free_places(&loader);
    free(file.text);
    return done;
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
    for (char **warning = config->warnings; warning && *warning; warning++) {
        free(*warning);
    }
    free(config->warnings);
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

#include "config_parse.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_llm.h"
#include "memory.h"
#include "text.h"

#define BLANKS " \t"

enum { EXPANSION_BYTES = 80 };

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

/* libconfuse's callbacks carry no context. Set while it parses. */
static _Thread_local Loader *loading;

/* What follows the first message is only its echo. */
void config_refuse(Loader *loader, int line, const char *message, const char *hint)
{
    if (!loader->failed) {
        loader->failed = true;
        error_set(loader->err, ERROR_CONFIG, "%s:%d: %s", loader->path, line, message);
        error_hint(loader->err, "%s", hint);
    }
}

void config_refuse_made(Loader *loader, int line, char *message, char *hint)
{
    config_refuse(loader, line, message, hint);
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

/* A line of the text, from 1. */
static const char *line_of(const char *text, int line)
{
    const char *at = text;
    for (int i = 1; at && i < line; i++) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    return at ? at : "";
}

/* Is the line the beginning of an option or a section: a name in small letters, and what makes it one? What
 * ends in = may be the end of a key. */
static bool begins_option(const char *line)
{
    line += strspn(line, BLANKS);
    size_t length = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
    const char *after = line + length + strspn(line + length, BLANKS);
    after += *after == '+';
    const char *value = after + 1;
    return length > 0 && (*after == '{' ||
                          (*after == '=' && *value != '=' && !strchr("\r\n", value[strspn(value, BLANKS)])));
}

/* "no such option 'xyz'": is what the parser quotes the name of an option? */
static bool quotes_option(const cfg_t *section, const char *message)
{
    const char *quote = strchr(message, '\'');
    char *name = quote ? memory_string_n(quote + 1, strcspn(quote + 1, "'")) : memory_string("");
    bool known = find_option(section_name(section), name) != NULL;
    free(name);
    return known || !quote;
}

/* The secret option that was read last, of whose value the parser may complain, or NULL. A value without its
 * quotes ends early, and goes on in the same line, or in a later one. */
static const char *secret_before(const Loader *loader, const cfg_t *section, const char *message)
{
    const Place *last = loader->place_count > 0 ? &loader->places[loader->place_count - 1] : NULL;
    const ConfigOption *option = last ? find_option(last->section, last->option) : NULL;
    bool same_line = last && last->line == section->line;
    bool outside = last && !text_equal(last->section, section_name(section));
    bool other = !same_line && (outside || begins_option(line_of(loader->text, section->line)) ||
                                quotes_option(section, message));
    return option && option->secret && !other ? option->name : NULL;
}

/* "api_key:sk-123" is one name to the parser. */
static bool is_key_in_name(const char *message)
{
    const char *name = strstr(message, "'api_key");
    return name && strchr(name, ':');
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
    char *message = text_vformat(format, args);
    const char *secret = is_key_in_name(message) ? "api_key" : secret_before(loading, section, message);
    if (secret) {
        free(message);
        message = text_format("what follows %s can't be understood; is it a part of its value?", secret);
    }
    config_refuse_made(loading, section->line, message, hint);
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
        config_refuse_made(loading, section->line,
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
    if (!good && !loading->lenient) {
        config_refuse_made(loading, section->line,
                           text_format("%s = \"%s\" is not allowed", option->name, value),
                           text_format("%s takes %s", option->name, allowed));
    }
    if (wrong && !loading->lenient) {
        config_refuse_made(loading, section->line,
                           option->secret
                               ? text_format("%s is not allowed: %s", option->name, wrong)
                               : text_format("%s = \"%s\" is not allowed: %s", option->name, value, wrong),
                           text_format("%s takes %s", option->name, option->form));
    }
    good = (good && !wrong) || loading->lenient;
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

int config_place_line(const Loader *loader, const char *section, const char *title, const char *option,
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
        config_refuse(loading, root->line, "a db_profile has an empty name or one with control characters",
                      "name it like: db_profile warehouse { .. }");
    } else if (cfg_getstr(section, wrong)) {
        config_refuse_made(
            loading, config_place_line(loading, CONFIG_PROFILE, name, wrong, root->line),
            text_format("db_profile %s is of backend %s, which takes no %s", name,
                        cfg_getstr(section, "backend"), wrong),
            memory_string(sqlite ? "give the file as path = \"..\", or write backend = postgresql"
                                 : "give conninfo = \"host=.. dbname=..\", or write backend = sqlite"));
    } else if (!value || (sqlite && !*value)) {
        config_refuse_made(
            loading, root->line, text_format("db_profile %s has no %s", name, needed),
            memory_string(sqlite ? "add path = \"/folder/file.db\""
                                 : "add conninfo = \"host=.. dbname=..\"; \"\" takes libpq's environment"));
    }
    return loading->failed ? -1 : 0;
}

/* "api_key_env, api_key": those of an llm_profile that are set; *count says how many. Owned by the caller. */
static char *key_options_set(cfg_t *section, size_t *count)
{
    static const char *const names[] = {"api_key_env", "api_key_command", "api_key"};
    Text set = {0};
    *count = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!text_is_empty(cfg_getstr(section, names[i]))) {
            text_addf(&set, "%s%s", *count ? ", " : "", names[i]);
            (*count)++;
        }
    }
    return text_take(&set);
}

/* Called at the closing brace of an llm_profile. */
static int check_llm_profile(cfg_t *root, cfg_opt_t *opt)
{
    cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
    const char *name = cfg_title(section);
    bool no_url = text_is_empty(cfg_getstr(section, "base_url"));
    size_t keys = 0;
    char *set = key_options_set(section, &keys);
    if (text_is_empty(name) || !is_harmless(name) || text_equal(name, LLM_NONE) ||
        text_equal(name, LLM_BUILTIN)) {
        config_refuse(loading, root->line,
                      "an llm_profile has no name of its own: it is empty, holds control characters, or is "
                      "one of " LLM_NONE " and " LLM_BUILTIN,
                      "name it like: llm_profile local { .. }");
    } else if (no_url || text_is_empty(cfg_getstr(section, "model"))) {
        config_refuse_made(loading, root->line,
                           text_format("llm_profile %s has no %s", name, no_url ? "base_url" : "model"),
                           memory_string(no_url ? "add base_url = \"http://localhost:11434/v1\""
                                                : "add model = \"..\", as the server names it"));
    } else if (keys > 1) {
        config_refuse_made(loading, root->line,
                           text_format("llm_profile %s says more than once where its key is: %s", name, set),
                           memory_string("keep one of them"));
    } else if (cfg_getint(section, "max_tokens") >= cfg_getint(section, "context_tokens")) {
        config_refuse_made(
            loading, config_place_line(loading, CONFIG_LLM_PROFILE, name, "max_tokens", root->line),
            text_format(
                "llm_profile %s leaves no room for a question: max_tokens = %ld, context_tokens = %ld", name,
                cfg_getint(section, "max_tokens"), cfg_getint(section, "context_tokens")),
            memory_string("context_tokens is what the model takes in, question and answer together"));
    }
    free(set);
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
        config_refuse_made(loading, root->line,
                           text_format("abbreviation \"%s\" is not one word in lower case", shown),
                           memory_string("write it as one part of a name, like: abbreviation kna { means = "
                                         "\"customer master\" }"));
        free(shown);
    } else if (!means) {
        config_refuse_made(loading, root->line, text_format("abbreviation %s has no means", name),
                           memory_string("add what it stands for: means = \"customer master\""));
    } else if (!means[strspn(means, " ")] || !is_harmless(means) || strlen(means) > EXPANSION_BYTES) {
        config_refuse_made(
            loading, config_place_line(loading, CONFIG_ABBREVIATION, name, "means", root->line),
            text_format("abbreviation %s has a meaning that is empty, too long or holds control "
                        "characters",
                        name),
            text_format("give a few words, at most %d bytes", EXPANSION_BYTES));
    }
    return loading->failed ? -1 : 0;
}

/* What is checked at the closing brace of the named sections. */
static const struct {
    const char *section;
    cfg_validate_callback_t check;
} named_sections[] = {{CONFIG_PROFILE, check_profile},
                      {CONFIG_ABBREVIATION, check_abbreviation},
                      {CONFIG_LLM_PROFILE, check_llm_profile}};

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
            next_root->validcb = loading->lenient ? NULL : check;
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

/* libconfuse translates its messages; amx speaks English throughout. */
cfg_t *config_parse(Loader *loader, const char *text)
{
    locale_t english = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(english);
    loading = loader;
    loader->text = text;
    cfg_t *parser = new_parser();
    if (!parser || cfg_parse_buf(parser, text) != CFG_SUCCESS) {
        config_refuse(loader, parser ? parser->line : 1, "can't be parsed", "see amx.conf.example");
    }
    loading = NULL;
    loader->text = NULL;
    uselocale(before);
    freelocale(english);
    if (loader->failed && parser) {
        cfg_free(parser);
        parser = NULL;
    }
    return parser;
}

void config_loader_free(Loader *loader)
{
    for (size_t i = 0; i < loader->place_count; i++) {
        free(loader->places[i].section);
        free(loader->places[i].title);
    }
    free(loader->places);
}

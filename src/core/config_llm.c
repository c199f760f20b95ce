#include "config_llm.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define BLANKS " \t"

enum { CURRENCY_BYTES = 8 };

static const struct {
    const char *name;
    unsigned flag;
} sendables[] = {
    {"names", 0}, /* always */
    {"comments", LLM_SENDS_COMMENTS},
    {"statistics", LLM_SENDS_STATISTICS},
    {"samples", LLM_SENDS_SAMPLES},
};

/* What is between :// and the path; NULL when it is neither http nor https. */
static const char *authority_of(const char *url, size_t *length)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < COUNT(schemes); i++) {
        if (text_starts(url, schemes[i])) {
            const char *authority = url + strlen(schemes[i]);
            *length = strcspn(authority, "/?#");
            return authority;
        }
    }
    return NULL;
}

char *config_llm_check_url(const char *value)
{
    size_t length = 0;
    const char *authority = authority_of(value, &length);
    if (!authority || length == 0 || *authority == ':') {
        return memory_string("it is no http:// or https:// address with a host");
    }
    if (memchr(authority, '@', length)) {
        return memory_string("it holds a user or a password; api_key_env or api_key_command name the key");
    }
    for (const char *at = value; *at; at++) {
        if (*at <= ' ' || *at >= 0x7f || strchr("?#\\\"<>", *at)) {
            return memory_string("it holds a query, a fragment, or characters that an address can't have");
        }
    }
    return NULL;
}

static bool is_amazon_key(const char *value)
{
    enum { PREFIX = 4, REST = 16 };
    return (text_starts(value, "AKIA") || text_starts(value, "ASIA")) &&
           strspn(value + PREFIX, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") >= REST;
}

/* A long name has words, with _ between them. */
static bool looks_like_key(const char *value)
{
    enum { LONGEST_WORD = 40 };
    return strpbrk(value, "abcdefghijklmnopqrstuvwxyz-") ||
           (!strchr(value, '_') && (is_amazon_key(value) || strlen(value) > LONGEST_WORD));
}

/* Empty is as good as not set. What is no such name may be the key itself, pasted. */
char *config_llm_check_key_env(const char *value)
{
    if (looks_like_key(value)) {
        return memory_string("this looks like a key, not like the name of an environment variable");
    }
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    bool good = !*value || (strchr(letters, *value) && !value[strspn(value, all)]);
    return good ? NULL
                : memory_string(
                      "it is no name of an environment variable; a key itself does not belong there");
}

/* Sets *sends from "names, comments"; false when a word of it is unknown. */
static bool parse_sends(const char *value, unsigned *sends)
{
    *sends = 0;
    const char *at = value;
    for (;;) {
        at += strspn(at, BLANKS);
        size_t length = strcspn(at, "," BLANKS);
        size_t i = 0;
        while (i < COUNT(sendables) &&
               (strlen(sendables[i].name) != length || strncmp(sendables[i].name, at, length) != 0)) {
            i++;
        }
        if (i == COUNT(sendables)) {
            return false;
        }
        *sends |= sendables[i].flag;
        at += length;
        at += strspn(at, BLANKS);
        if (!*at) {
            return true;
        }
        if (*at++ != ',') {
            return false;
        }
    }
}

char *config_llm_check_sends(const char *value)
{
    unsigned sends = 0;
    return parse_sends(value, &sends) ? NULL : memory_string("a word of it is not known");
}

static bool parse_price(const char *value, double *price)
{
    char *end = NULL;
    *price = strtod(value, &end);
    return *value >= '0' && *value <= '9' && !value[strspn(value, "0123456789.")] && !*end &&
           isfinite(*price);
}

char *config_llm_check_price(const char *value)
{
    double price = 0;
    return parse_price(value, &price) ? NULL : memory_string("it is no amount");
}

char *config_llm_check_currency(const char *value)
{
    char *visible = text_visible(value);
    bool good = *value && strlen(value) <= CURRENCY_BYTES && text_equal(visible, value);
    free(visible);
    return good ? NULL : memory_string("it is empty, too long or holds control characters");
}

static char *option_text(cfg_t *section, const char *option)
{
    const char *value = cfg_getstr(section, option);
    return text_is_empty(value) ? NULL : memory_string(value);
}

static double option_price(cfg_t *section, const char *option)
{
    double price = 0;
    const char *value = cfg_getstr(section, option);
    return value && parse_price(value, &price) ? price : 0;
}

static char *option_url(cfg_t *section)
{
    char *url = option_text(section, "base_url");
    for (size_t length = url ? strlen(url) : 0; length > 0 && url[length - 1] == '/'; length--) {
        url[length - 1] = '\0';
    }
    return url;
}

static LlmProfile take_profile(cfg_t *section)
{
    LlmProfile profile = {
        .name = memory_string(cfg_title(section)),
        .base_url = option_url(section),
        .model = option_text(section, "model"),
        .api_key_env = option_text(section, "api_key_env"),
        .api_key_command = option_text(section, "api_key_command"),
        .api_key = option_text(section, "api_key"),
        .max_tokens = (int)cfg_getint(section, "max_tokens"),
        .context_tokens = (int)cfg_getint(section, "context_tokens"),
        .connect_ms = (int)cfg_getint(section, "connect_ms"),
        .idle_ms = (int)cfg_getint(section, "idle_ms"),
        .total_ms = (int)cfg_getint(section, "total_ms"),
        .retries = (int)cfg_getint(section, "retries"),
        .price_input = option_price(section, "price_input"),
        .price_output = option_price(section, "price_output"),
        .currency = option_text(section, "currency"),
        .alternatives = (int)cfg_getint(section, "alternatives"),
        .batch_columns = (int)cfg_getint(section, "batch_columns"),
    };
    const char *sends = cfg_getstr(section, "sends");
    parse_sends(sends ? sends : "", &profile.sends);
    return profile;
}

void config_llm_take(Config *config, cfg_t *root)
{
    config->llm_profile_count = cfg_size(root, CONFIG_LLM_PROFILE);
    config->llm_profiles = memory_zero(config->llm_profile_count, sizeof *config->llm_profiles);
    for (size_t i = 0; i < config->llm_profile_count; i++) {
        config->llm_profiles[i] = take_profile(cfg_getnsec(root, CONFIG_LLM_PROFILE, (unsigned)i));
    }
}

void config_llm_free(Config *config)
{
    for (size_t i = 0; i < config->llm_profile_count; i++) {
        LlmProfile *profile = &config->llm_profiles[i];
        if (profile->api_key) {
            explicit_bzero(profile->api_key, strlen(profile->api_key));
        }
        free(profile->name);
        free(profile->base_url);
        free(profile->model);
        free(profile->api_key_env);
        free(profile->api_key_command);
        free(profile->api_key);
        free(profile->currency);
    }
    free(config->llm_profiles);
    free(config->active_llm_profile);
}

static const LlmProfile *find_profile(const Config *config, const char *name)
{
    for (size_t i = 0; i < config->llm_profile_count; i++) {
        if (text_equal(config->llm_profiles[i].name, name)) {
            return &config->llm_profiles[i];
        }
    }
    return NULL;
}

const LlmProfile *config_llm_profile(const Config *config, const char *name)
{
    if (!name) {
        name = config->active_llm_profile;
    }
    if (!name && config->llm_profile_count == 1) {
        return &config->llm_profiles[0];
    }
    return find_profile(config, name);
}

void config_llm_check_active(Loader *loader, const Config *config)
{
    const char *name = config->active_llm_profile;
    if (!name || text_equal(name, LLM_NONE) || find_profile(config, name)) {
        return;
    }
    Text declared = {0};
    for (size_t i = 0; i < config->llm_profile_count; i++) {
        text_addf(&declared, "%s, ", config->llm_profiles[i].name);
    }
    config_refuse_made(
        loader, config_place_line(loader, "", NULL, "active_llm_profile", 1),
        text_format("active_llm_profile names the llm_profile \"%s\", which is not declared", name),
        declared.length ? text_format("it takes: %s" LLM_NONE, text_string(&declared))
                        : text_format("declare it: llm_profile %s { .. }, or take " LLM_NONE, name));
    text_free(&declared);
}

bool config_llm_holds_key(cfg_t *root)
{
    bool found = false;
    for (unsigned i = 0; i < cfg_size(root, CONFIG_LLM_PROFILE) && !found; i++) {
        found = !text_is_empty(cfg_getstr(cfg_getnsec(root, CONFIG_LLM_PROFILE, i), "api_key"));
    }
    return found;
}

bool config_llm_is_loopback(const char *base_url)
{
    size_t length = 0;
    const char *authority = authority_of(base_url, &length);
    if (!authority) {
        return false;
    }
    size_t host = *authority == '[' ? strcspn(authority, "]/") + 1 : strcspn(authority, ":/?#");
    char *name = memory_string_n(authority, host < length ? host : length);
    struct in_addr address;
    bool loopback = strcasecmp(name, "localhost") == 0 || text_equal(name, "[::1]") ||
                    (inet_pton(AF_INET, name, &address) == 1 && (ntohl(address.s_addr) >> 24) == 127);
    free(name);
    return loopback;
}

void config_llm_advise(Config *config, cfg_t *bare)
{
    for (size_t i = 0; i < config->llm_profile_count; i++) {
        const LlmProfile *profile = &config->llm_profiles[i];
        bool has_key = profile->api_key || profile->api_key_env || profile->api_key_command;
        if (has_key && text_starts(profile->base_url, "http://") &&
            !config_llm_is_loopback(profile->base_url)) {
            config_add_line(&config->warnings,
                            text_format("llm_profile %s sends its key over the network in clear: write "
                                        "https:// in its base_url",
                                        profile->name));
        }
        cfg_t *section = bare ? cfg_gettsec(bare, CONFIG_LLM_PROFILE, profile->name) : NULL;
        if (section && !text_is_empty(cfg_getstr(section, "api_key"))) {
            config_add_line(&config->advice,
                            text_format("llm_profile %s: its key stands in %s in clear; api_key_env and "
                                        "api_key_command keep it out of the file",
                                        profile->name, config->path));
        }
    }
}

static char *sends_text(unsigned sends)
{
    Text text = {0};
    for (size_t i = 0; i < COUNT(sendables); i++) {
        if (!sendables[i].flag || (sends & sendables[i].flag)) {
            text_addf(&text, "%s%s", text.length ? ", " : "", sendables[i].name);
        }
    }
    return text_take(&text);
}

char *config_llm_value(const LlmProfile *profile, const char *option)
{
    const struct {
        const char *name;
        const char *text;
    } texts[] = {
        {"base_url", profile->base_url},       {"model", profile->model},
        {"api_key_env", profile->api_key_env}, {"api_key_command", profile->api_key_command ? "***" : NULL},
        {"currency", profile->currency},       {"api_key", profile->api_key ? "***" : NULL},
    };
    const struct {
        const char *name;
        double number;
    } numbers[] = {
        {"max_tokens", profile->max_tokens},     {"context_tokens", profile->context_tokens},
        {"connect_ms", profile->connect_ms},     {"idle_ms", profile->idle_ms},
        {"total_ms", profile->total_ms},         {"retries", profile->retries},
        {"price_input", profile->price_input},   {"price_output", profile->price_output},
        {"alternatives", profile->alternatives}, {"batch_columns", profile->batch_columns},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (text_equal(texts[i].name, option)) {
            return memory_string(texts[i].text);
        }
    }
    for (size_t i = 0; i < COUNT(numbers); i++) {
        if (text_equal(numbers[i].name, option)) {
            return text_format("%.15g", numbers[i].number);
        }
    }
    return text_equal(option, "sends") ? sends_text(profile->sends) : NULL;
}

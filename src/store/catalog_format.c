/* Recognizing what a column's values look like, from the planner's sample. */
#include "catalog_build.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <jansson.h>
#include <string.h>
#include <uuid/uuid.h>

#include "text.h"

#define FEW_VALUES 2 /* one value shares its format with nothing */

static bool is_email(const char *value)
{
    const char *at = strchr(value, '@');
    if (!at || at == value || strchr(at + 1, '@')) {
        return false;
    }
    const char *dot = strrchr(at, '.');
    return dot && dot > at + 1 && dot[1] && !strpbrk(value, " \t\r\n,;<>()\"");
}

static bool is_url(const char *value)
{
    size_t scheme = strspn(value, "abcdefghijklmnopqrstuvwxyz");
    return scheme >= 3 && text_starts(value + scheme, "://") && value[scheme + 3] &&
           !strpbrk(value, " \t\r\n");
}

static bool is_uuid(const char *value)
{
    uuid_t parsed;
    return uuid_parse(value, parsed) == 0;
}

/* YYYY-MM-DD, alone or followed by a time. */
static bool is_iso_date(const char *value)
{
    static const char pattern[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof pattern - 1; i++) {
        bool fits = pattern[i] == 'd' ? isdigit((unsigned char)value[i]) != 0 : value[i] == pattern[i];
        if (!fits) {
            return false;
        }
    }
    int month = (value[5] - '0') * 10 + value[6] - '0';
    int day = (value[8] - '0') * 10 + value[9] - '0';
    char next = value[sizeof pattern - 1];
    return month >= 1 && month <= 12 && day >= 1 && day <= 31 && (!next || next == 'T' || next == ' ');
}

/* Only objects and arrays: a lone number or word is JSON too, but that tells nothing. */
static bool is_json(const char *value)
{
    if (*value != '{' && *value != '[') {
        return false;
    }
    json_t *parsed = json_loads(value, 0, NULL);
    json_decref(parsed);
    return parsed;
}

static bool is_ipv4(const char *value)
{
    struct in_addr address;
    return inet_pton(AF_INET, value, &address) == 1;
}

static const struct {
    const char *name;
    bool (*matches)(const char *value);
} formats[] = {
    {"email", is_email},       {"url", is_url},   {"uuid", is_uuid},
    {"iso date", is_iso_date}, {"json", is_json}, {"ipv4", is_ipv4},
};
#define FORMAT_COUNT (sizeof formats / sizeof *formats)

void format_sample_add(FormatSample *sample, const char *value)
{
    sample->count++;
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if ((sample->possible & (1U << i)) && !formats[i].matches(value)) {
            sample->possible &= ~(1U << i);
        }
    }
}

const char *format_sample_result(const FormatSample *sample)
{
    for (size_t i = 0; sample->count >= FEW_VALUES && i < FORMAT_COUNT; i++) {
        if (sample->possible & (1U << i)) {
            return formats[i].name;
        }
    }
    return NULL;
}

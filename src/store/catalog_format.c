/* Recognizing what a column's values look like, from the planner's sample. */
#include "catalog_build.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
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

/* Only as it is written for other countries, +49 30 1234-567, or with its area in front, (030) 1234567: other
 * rows of digits may be anything. */
static bool is_phone(const char *value)
{
    size_t digits = 0;
    if (*value != '(' && *value != '+') {
        return false;
    }
    for (const char *at = value; *at; at++) {
        if (isdigit((unsigned char)*at)) {
            digits++;
        } else if (!strchr("() -./", *at) && (*at != '+' || at > value)) {
            return false;
        }
    }
    return digits >= 7 && digits <= 15;
}

/* ISO 4217, those in use. */
static const char currencies[] =
    " AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF"
    " CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD"
    " HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR"
    " LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN"
    " PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB"
    " TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
    " ";

static bool is_currency_code(const char *value)
{
    enum { CODE = 3 };
    char code[CODE + 3];
    return strlen(value) == CODE && !strchr(value, ' ') &&
           snprintf(code, sizeof code, " %s ", value) == CODE + 2 && strstr(currencies, code);
}

static const struct {
    const char *name;
    bool (*matches)(const char *value);
} formats[] = {
    {"email", is_email}, {"url", is_url},   {"uuid", is_uuid},   {"iso date", is_iso_date},
    {"json", is_json},   {"ipv4", is_ipv4}, {"phone", is_phone}, {"currency code", is_currency_code},
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

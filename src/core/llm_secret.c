#include "llm_secret.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "text.h"

enum {
    SHORTEST_KEY = 8,
    CARD_SHORTEST = 13,
    CARD_LONGEST = 19,
    IBAN_SHORTEST = 15,
    IBAN_LONGEST = 34,
    CHECKED_BY = 97, /* an IBAN's check digits */
};

/* --- names --- */

static bool is_joint(char c)
{
    return c != '\0' && strchr("_- .", c);
}

/* Does the text begin with the part, in any case? Where it has a "_", one joint may stand, or none. */
static bool begins_with_part(const char *text, const char *part)
{
    for (; *part; part++) {
        if (*part == '_') {
            text += is_joint(*text);
        } else if (tolower((unsigned char)*part) == tolower((unsigned char)*text)) {
            text++;
        } else {
            return false;
        }
    }
    return true;
}

/* Anywhere in a name, or in a text. */
static bool has_secret_part(const char *text)
{
    static const char *const parts[] = {
        "passw",         "passphrase",   "passcode",      "secret",         "token",        "api_key",
        "private_key",   "access_key",   "account_key",   "encryption_key", "signing_key",  "auth_key",
        "authoriz",      "credential",   "identified_by", "bearer",         "kennwort",     "geheim",
        "contrase",      "mot_de_passe", "wachtwoord",    "palavra_pas",    "parola",       "şifre",
        "lösenord",      "salasana",     "hasło",         "парол",          "密码",         "パスワード",
        "card_number",   "card_no",      "credit_card",   "kreditkarte",    "kartennummer", "social_sec",
        "account_number"};
    for (; *text; text++) {
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            if (begins_with_part(text, parts[i])) {
                return true;
            }
        }
    }
    return false;
}

static bool is_secret_word(const char *word, size_t length)
{
    static const char *const words[] = {"pwd",  "pw",    "psw",   "pass",  "pin", "puk",  "tan",  "otp",
                                        "totp", "ssn",   "iban",  "cvv",   "cvc", "csc",  "pan",  "salt",
                                        "mfa",  "senha", "clave", "sifre", "jwt", "auth", "auths"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == length && strncasecmp(word, words[i], length) == 0) {
            return true;
        }
    }
    return false;
}

/* Of a name: letters up to a sign, a digit, or the capital that begins the next one. */
static size_t word_length(const char *at)
{
    size_t length = 0;
    while (isalpha((unsigned char)at[length]) &&
           (length == 0 || !isupper((unsigned char)at[length]) || isupper((unsigned char)at[length - 1]))) {
        length++;
    }
    return length;
}

bool llm_secret_is_name(const char *name)
{
    if (has_secret_part(name)) {
        return true;
    }
    for (const char *at = name; *at;) {
        size_t length = word_length(at);
        if (is_secret_word(at, length)) {
            return true;
        }
        at += length > 0 ? length : 1;
    }
    return false;
}

/* --- values --- */

/* The sum of Luhn, which every card's number passes, and one number of ten by chance. */
static bool passes_luhn(const char *digits, size_t count)
{
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = digits[count - 1 - i] - '0';
        int doubled = 2 * digit;
        sum += i % 2 == 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
    }
    return sum % 10 == 0;
}

/* "4111 1111 1111 1111", also where more digits follow ("4111 1111 1111 1111 12/29"). *used: how far the
 * digits go. */
static bool is_card_number(const char *at, size_t *used)
{
    char digits[CARD_LONGEST];
    size_t count = 0, length = 0;
    bool found = false;
    while (isdigit((unsigned char)at[length]) || (count > 0 && (at[length] == ' ' || at[length] == '-') &&
                                                  isdigit((unsigned char)at[length + 1]))) {
        if (isdigit((unsigned char)at[length])) {
            digits[count < CARD_LONGEST ? count : 0] = at[length];
            count++;
        }
        length++;
        found = found || (!isdigit((unsigned char)at[length]) && count >= CARD_SHORTEST &&
                          count <= CARD_LONGEST && passes_luhn(digits, count));
    }
    *used = length;
    return found;
}

/* 123-45-6789 */
static bool is_social_security_number(const char *at)
{
    static const char form[] = "ddd-dd-dddd";
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == 'd' ? !isdigit((unsigned char)at[i]) : at[i] != form[i]) {
            return false;
        }
    }
    return !isalnum((unsigned char)at[sizeof form - 1]) && at[sizeof form - 1] != '-';
}

static unsigned remainder_with(unsigned remainder, char c)
{
    unsigned value =
        isdigit((unsigned char)c) ? (unsigned)(c - '0') : (unsigned)(toupper((unsigned char)c) - 'A' + 10);
    return (remainder * (value > 9 ? 100 : 10) + value) % CHECKED_BY;
}

/* The number of a bank account? Its check digits are right. */
static bool is_checked_iban(const char *number, size_t count)
{
    unsigned remainder = 0;
    for (size_t i = 0; i < count; i++) {
        remainder = remainder_with(remainder, number[(i + 4) % count]);
    }
    return count >= IBAN_SHORTEST && remainder == 1;
}

/* The same at the beginning of a text, in groups or in one piece, also where words follow. */
static bool is_iban(const char *at)
{
    char number[IBAN_LONGEST];
    size_t count = 0;
    if (!isupper((unsigned char)at[0]) || !isupper((unsigned char)at[1]) || !isdigit((unsigned char)at[2]) ||
        !isdigit((unsigned char)at[3])) {
        return false;
    }
    for (; count < IBAN_LONGEST &&
           (isalnum((unsigned char)*at) || (*at == ' ' && isalnum((unsigned char)at[1])));
         at++) {
        if (*at != ' ') {
            number[count++] = *at;
        }
        if (!isalnum((unsigned char)at[1]) && is_checked_iban(number, count)) {
            return true;
        }
    }
    return false;
}

static bool holds_number(const char *value)
{
    for (const char *at = value; *at;) {
        size_t used = 0;
        if (is_social_security_number(at) || is_card_number(at, &used) || is_iban(at)) {
            return true;
        }
        at += used > 0 ? used : 1;
        while (used == 0 && isalnum((unsigned char)at[-1]) && isalnum((unsigned char)*at)) {
            at++;
        }
    }
    return false;
}

/* What ends a word that may be a key, a password, or an option. */
static const char word_ends[] = " \t\r\n\"'`,;()[]{}<>|&";

static bool begins_like_key(const char *word)
{
    static const char *const beginnings[] = {"sk-",        "pk-",         "sk_live_",
                                             "sk_test_",   "rk_live_",    "whsec_",
                                             "AKIA",       "ASIA",        "ghp_",
                                             "gho_",       "ghu_",        "ghs_",
                                             "ghr_",       "github_pat_", "glpat-",
                                             "glrt-",      "npm_",        "xoxa-",
                                             "xoxb-",      "xoxp-",       "xapp-",
                                             "AIza",       "ya29.",       "SG.",
                                             "eyJ",        "hf_",         "$1$",
                                             "$2a$",       "$2b$",        "$2y$",
                                             "$5$",        "$6$",         "$7$",
                                             "$y$",        "$argon2",     "{SSHA}",
                                             "SCRAM-SHA-", "md5",         "AGE-SECRET-KEY-"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        const char *rest = word + strlen(beginnings[i]);
        if (text_starts(word, beginnings[i])) {
            return strcspn(rest, word_ends) > SHORTEST_KEY - 1;
        }
    }
    return text_starts(word, "-----BEGIN");
}

/* "Basic cm9vdDpodW50ZXIy", but not "Basic training": letters in base64 are mixed. */
static bool is_basic_authorization(const char *word)
{
    static const char scheme[] = "basic";
    size_t length = strspn(word + strnlen(word, sizeof scheme - 1), " \t");
    if (strncasecmp(word, scheme, sizeof scheme - 1) != 0 || length == 0) {
        return false;
    }
    word += sizeof scheme - 1 + length;
    for (size_t i = 1; *word && !strchr(word_ends, *word) && word[i] && !strchr(word_ends, word[i]); i++) {
        if (!islower((unsigned char)word[i])) {
            return true;
        }
    }
    return false;
}

/* Has the word a ":", with something behind it, before what comes then (or its end)? */
static bool has_colon(const char *word, char then)
{
    size_t length = strcspn(word, word_ends);
    const char *colon = memchr(word, ':', length);
    const char *end = colon && then ? memchr(colon, then, length - (size_t)(colon - word)) : word + length;
    return colon && end && end > colon + 1;
}

/* "-phunter2", "-p hunter2", "-u root:hunter2", "--user=root:hunter2"; --password is found by its name. */
static bool is_secret_option(const char *word)
{
    static const char *const users[] = {"--proxy-user", "--user", "-u", "-U"};
    if ((text_starts(word, "-p") || text_starts(word, "-P")) && word[2 + strspn(word + 2, "= \t\"'")]) {
        return true;
    }
    for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
        if (text_starts(word, users[i])) {
            word += strlen(users[i]);
            return has_colon(word + strspn(word, "= \t\"'"), '\0');
        }
    }
    return false;
}

/* A long word in which letters and digits, or small letters and capitals, take turns: a token, or a hash. A
 * number, a name, or a UUID, whose dashes part it, is none. */
static bool is_random_word(const char *word, size_t length)
{
    enum { SHORTEST_TOKEN = 16, LEAST_TURNS = 5 };
    size_t turns = 0;
    for (size_t i = 1; i < length; i++) {
        const unsigned char before = (unsigned char)word[i - 1], c = (unsigned char)word[i];
        turns += (isdigit(c) != 0) != (isdigit(before) != 0) || (isupper(c) && islower(before));
    }
    return length >= SHORTEST_TOKEN && turns >= LEAST_TURNS;
}

static bool holds_random_word(const char *value)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+/=";
    for (const char *at = value; *at;) {
        size_t length = strspn(at, letters);
        if (is_random_word(at, length)) {
            return true;
        }
        at += length;
        at += *at != '\0';
    }
    return false;
}

/* Does a secret begin anywhere in the value: at its beginning, or behind what is no letter or digit? */
static bool holds_key(const char *value)
{
    for (const char *at = value; *at; at++) {
        bool inside = at > value && isalnum((unsigned char)at[-1]);
        bool option = *at == '-' && (at == value || strchr(word_ends, at[-1]));
        bool word = at == value || strchr(word_ends, at[-1]);
        if ((!inside && (begins_like_key(at) || is_basic_authorization(at))) ||
            (option && is_secret_option(at)) || (word && has_colon(at, '@'))) {
            return true;
        }
    }
    return false;
}

/* Bytes of the "\u0041" or "\x1b" that a text begins with, 0: it does not. *code: what it stands for. */
static size_t numbered_escape(const char *text, unsigned long *code)
{
    char digits[5] = "";
    size_t count = text[1] == 'u' ? 4 : text[1] == 'x' ? 2 : 0;
    memcpy(digits, text + 2, strnlen(text + 2, count));
    *code = strtoul(digits, NULL, 16);
    return count > 0 && strspn(digits, "0123456789abcdefABCDEF") == count ? 2 + count : 0;
}

/* The value without the escapes of JSON and of text_visible, which may hide where a word begins, or how it is
 * called. Owned by the caller. */
static char *without_escapes(const char *value)
{
    Text plain = {0};
    while (*value) {
        if (*value != '\\' || !value[1]) {
            text_add_char(&plain, *value++);
            continue;
        }
        unsigned long code;
        size_t length = numbered_escape(value, &code);
        char other = isalnum((unsigned char)value[1]) ? ' ' : value[1];
        text_add_char(&plain, length == 0 ? other : code >= ' ' && code < 0x7f ? (char)code : ' ');
        value += length > 0 ? length : 2;
    }
    return text_take(&plain);
}

static bool looks_secret(const char *value)
{
    return llm_secret_is_name(value) || holds_number(value) || holds_key(value) || holds_random_word(value);
}

/* What is escaped may hold escapes itself: JSON in JSON. */
bool llm_secret_is_value(const char *value)
{
    enum { DEPTH = 4 };
    char *plain = memory_string(value);
    bool secret = looks_secret(plain);
    for (int i = 0; i < DEPTH && !secret && strchr(plain, '\\'); i++) {
        char *next = without_escapes(plain);
        free(plain);
        plain = next;
        secret = looks_secret(plain);
    }
    free(plain);
    return secret;
}

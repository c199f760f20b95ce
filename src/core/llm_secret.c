#include "llm_secret.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

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

/* Anywhere in a name, or in a text. */
static bool has_secret_part(const char *text)
{
    static const char *const parts[] = {
        "passw",      "passphrase",   "passcode",     "secret",     "token",         "api_key",
        "apikey",     "private_key",  "privatekey",   "credential", "kennwort",      "geheim",
        "contrase",   "mot_de_passe", "mot de passe", "motdepasse", "wachtwoord",    "palavra_pas",
        "parola",     "şifre",        "lösenord",     "salasana",   "hasło",         "парол",
        "密码",       "パスワード",   "card_number",  "cardnumber", "card_no",       "credit_card",
        "creditcard", "kreditkarte",  "kartennummer", "social_sec", "account_number"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcasestr(text, parts[i])) {
            return true;
        }
    }
    return false;
}

static bool is_secret_word(const char *word, size_t length)
{
    static const char *const words[] = {"pwd", "pw",   "psw", "pass",  "pin",   "puk",  "tan",
                                        "otp", "totp", "ssn", "iban",  "cvv",   "cvc",  "csc",
                                        "pan", "salt", "mfa", "senha", "clave", "sifre"};
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

/* "4111 1111 1111 1111", also within a text. *used: how far the digits go. */
static bool is_card_number(const char *at, size_t *used)
{
    char digits[CARD_LONGEST];
    size_t count = 0, length = 0;
    while (isdigit((unsigned char)at[length]) || (count > 0 && (at[length] == ' ' || at[length] == '-') &&
                                                  isdigit((unsigned char)at[length + 1]))) {
        if (isdigit((unsigned char)at[length])) {
            digits[count < CARD_LONGEST ? count : 0] = at[length];
            count++;
        }
        length++;
    }
    *used = length;
    return count >= CARD_SHORTEST && count <= CARD_LONGEST && passes_luhn(digits, count);
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

/* The number of a bank account, whose check digits are right. */
static bool is_iban(const char *at)
{
    char number[IBAN_LONGEST + 1];
    size_t count = 0;
    for (; isalnum((unsigned char)*at) || (*at == ' ' && isalnum((unsigned char)at[1])); at++) {
        if (*at != ' ' && count <= IBAN_LONGEST) {
            number[count++] = *at;
        }
    }
    if (count < IBAN_SHORTEST || count > IBAN_LONGEST || !isupper((unsigned char)number[0]) ||
        !isupper((unsigned char)number[1]) || !isdigit((unsigned char)number[2]) ||
        !isdigit((unsigned char)number[3])) {
        return false;
    }
    unsigned remainder = 0;
    for (size_t i = 0; i < count; i++) {
        remainder = remainder_with(remainder, number[(i + 4) % count]);
    }
    return remainder == 1;
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

static bool begins_like_key(const char *value)
{
    static const char *const beginnings[] = {
        "sk-",   "pk-",   "AKIA", "ASIA",    "ghp_",   "gho_",       "ghs_",    "github_pat_", "glpat-",
        "xoxb-", "xoxp-", "AIza", "eyJ",     "hf_",    "-----BEGIN", "$1$",     "$2a$",        "$2b$",
        "$2y$",  "$5$",   "$6$",  "$argon2", "{SSHA}", "SCRAM-SHA-", "Bearer ", "md5"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (text_starts(value, beginnings[i])) {
            return strlen(value) > SHORTEST_KEY + strlen(beginnings[i]);
        }
    }
    return false;
}

/* A long word in which letters and digits take turns: a token, or a hash. A number, a name, or a UUID, whose
 * dashes part it, is none. */
static bool is_random_word(const char *word, size_t length)
{
    enum { SHORTEST_TOKEN = 20, LEAST_TURNS = 5 };
    size_t turns = 0;
    for (size_t i = 1; i < length; i++) {
        turns += (isdigit((unsigned char)word[i]) != 0) != (isdigit((unsigned char)word[i - 1]) != 0);
    }
    return length >= SHORTEST_TOKEN && turns >= LEAST_TURNS;
}

bool llm_secret_is_value(const char *value)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+/=";
    if (begins_like_key(value) || llm_secret_is_name(value) || holds_number(value)) {
        return true;
    }
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

#include "ask_synonyms.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

/* Words of a line mean about the same to somebody who looks for a table. */
static const char *const groups[] = {
    "user person people account login member",
    "host machine server computer node device",
    "customer client buyer",
    "employee staff worker colleague",
    "supplier vendor",
    "company organization firm business",
    "mail email message",
    "message notification alert",
    "picture image photo icon",
    "address location",
    "phone telephone mobile",
    "country nation",
    "city town",
    "order purchase",
    "product article item good",
    "measurement item metric reading value",
    "invoice bill",
    "price cost amount",
    "payment transaction",
    "problem issue error failure incident fault broken",
    "event incident occurrence",
    "permission right privilege grant access",
    "role permission",
    "group team list",
    "comment description note remark",
    "setting option parameter configuration preference config",
    "parameter argument",
    "file document attachment upload",
    "history past archive",
    "log history audit journal",
    "change edit modification update",
    "rule policy regulation",
    "condition filter criterion",
    "step stage phase",
    "begin start",
    "end finish stop",
    "create add new",
    "delete remove",
    "average avg mean",
    "integer int uint number",
    "string text str",
    "total sum",
    "password secret credential passwd",
    "token key",
    "job task",
    "schedule plan timetable",
    "word dictionary vocabulary term",
    "folder mailbox directory",
    "reply response answer",
    "query search statement",
    "confirm acknowledge approve",
    "downtime maintenance outage",
    "function procedure routine proc",
    "relation table class",
    "column attribute field",
    "connection session activity",
    "connect link relation",
    "replica replication standby",
    "language locale",
    "tag label",
    "category kind type class",
    "state status condition",
    "version release",
    "extension plugin module addon",
    "screen page view",
    "web http url",
    "link url",
    "card vcard",
    "remember collect save store",
    "conversation thread discussion",
    "chart graph diagram plot",
    "map plan",
    "default def",
    "definition def",
    "hour hourly",
    "day daily",
    "month monthly",
    "stock inventory",
    "vehicle car",
    "warehouse depot",
    "shipment delivery",
};

static bool holds(const char *group, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(group, word); at; at = strstr(at + 1, word)) {
        bool begins = at == group || at[-1] == ' ';
        if (begins && (at[length] == ' ' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

bool ask_synonyms_know(const char *word)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (holds(groups[i], word)) {
            return true;
        }
    }
    return false;
}

static bool ends_with(const char *word, const char *end)
{
    size_t length = strlen(word), end_length = strlen(end);
    return length > end_length + 2 && strcmp(word + length - end_length, end) == 0;
}

/* The verb that a word may be a form of: "saved" gives "sav" and "save", "running" also "run". */
static void add_verbs(Words *words, const char *word)
{
    size_t cut = ends_with(word, "ed") ? 2 : ends_with(word, "ing") ? 3 : 0;
    if (cut == 0) {
        return;
    }
    size_t length = strlen(word) - cut;
    char *stem = memory_string_n(word, length);
    char *silent = text_format("%se", stem);
    words_add(words, stem);
    words_add(words, silent);
    if (length > 2 && stem[length - 1] == stem[length - 2]) {
        stem[length - 1] = '\0';
        words_add(words, stem);
    }
    free(silent);
    free(stem);
}

static void add_past(Words *words, const char *word)
{
    char *past = text_format("%s%s", word, word[strlen(word) - 1] == 'e' ? "d" : "ed");
    words_add(words, past);
    free(past);
}

void ask_synonyms_inflect(Words *words, const char *word)
{
    size_t before = words->count;
    add_verbs(words, word);
    if (words->count == before) {
        char *singular = words_singular(word);
        add_past(words, singular);
        free(singular);
    }
}

static void add_of_groups(Words *words, const char *word, bool past)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (holds(groups[i], word)) {
            size_t before = words->count;
            words_split(groups[i], words);
            for (size_t w = before, end = words->count; past && w < end; w++) {
                add_past(words, words->items[w]);
            }
        }
    }
}

void ask_synonyms_add(Words *words, const char *word)
{
    Words bases = {0}, verbs = {0};
    if (*word == '\0') {
        return;
    }
    char *singular = words_singular(word);
    words_add(&bases, singular);
    if (strcmp(singular, word) != 0) {
        words_add(&bases, word);
    }
    add_verbs(&verbs, word);
    for (size_t i = 0; i < bases.count; i++) {
        add_of_groups(words, bases.items[i], false);
    }
    for (size_t i = 0; i < verbs.count; i++) {
        add_of_groups(words, verbs.items[i], true);
    }
    free(singular);
    words_free(&verbs);
    words_free(&bases);
}

static const struct {
    const char *words[2];
    const char *meaning;
} phrases[] = {
    {{"log", "in"}, "login"}, {{"logs", "in"}, "login"},        {{"logged", "in"}, "login"},
    {{"log", "on"}, "login"}, {{"sign", "in"}, "login"},        {{"signed", "in"}, "login"},
    {{"e", "mail"}, "email"}, {{"address", "book"}, "contact"},
};

const char *ask_synonyms_phrase(const Words *words, size_t at, size_t *count)
{
    for (size_t i = 0; at + 1 < words->count && i < sizeof phrases / sizeof *phrases; i++) {
        if (strcmp(words->items[at], phrases[i].words[0]) == 0 &&
            strcmp(words->items[at + 1], phrases[i].words[1]) == 0) {
            *count = 2;
            return phrases[i].meaning;
        }
    }
    *count = 1;
    return NULL;
}

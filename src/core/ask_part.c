#include "ask_part.h"

#include <stdlib.h>
#include <string.h>

#include "ask_fold.h"
#include "memory.h"

static const struct {
    AskPartPlace place;
    const char *said;
    const char *const phrases[10];
} places[] = {
    {ASK_PART_START,
     "with a name that starts with ",
     {"start with", "starts with", "starting with", "begin with", "begins with", "beginning with",
      "prefixed with", NULL}},
    {ASK_PART_END,
     "with a name that ends in ",
     {"end in", "ends in", "ending in", "end with", "ends with", "ending with", "end on", "ends on",
      "suffixed with", NULL}},
    {ASK_PART_ANYWHERE, "with a name that contains ", {"contain", "contains", "containing", NULL}},
};

/* What stands behind the phrase, owned by the caller; "" when nothing does. */
static char *behind(const AskCondition *condition, const char *phrase)
{
    static const char *const leads[] = {"the letters ", "the letter ", "the word ", NULL};
    char *padded = text_format(" %s ", phrase);
    const char *at = strstr(text_string(&condition->rest), padded);
    at = at ? at + strlen(padded) : "";
    for (size_t i = 0; leads[i]; i++) {
        at += text_starts(at, leads[i]) ? strlen(leads[i]) : 0;
    }
    char *word = memory_string_n(at, strcspn(at, " "));
    free(padded);
    return word;
}

/* Without quotes, and the signs that stand for any letters. */
static char *bare(const char *word)
{
    static const char around[] = "\"'`*%";
    const char *from = word + strspn(word, around);
    size_t length = strlen(from);
    while (length > 0 && strchr(around, from[length - 1])) {
        length--;
    }
    return memory_string_n(from, length);
}

static bool take_phrase(AskCondition *condition, const char *phrase, AskPart *out)
{
    static const char *const leads[] = {"whose name",  "whose names", "with a name that", "with names that",
                                        "the letters", "the letter",  "the word",         NULL};
    char *word = behind(condition, phrase), *part = bare(word);
    const char *const phrases[] = {phrase, NULL}, *const words[] = {word, NULL};
    bool takes = *part && ask_condition_take(condition, phrases);
    if (takes) {
        while (ask_condition_take(condition, leads)) {
        }
        ask_condition_take(condition, words);
        out->text = ask_lower(part);
    }
    free(part);
    free(word);
    return takes;
}

void ask_part_take(AskCondition *condition, AskPart *out)
{
    *out = (AskPart){0};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        for (size_t p = 0; places[i].phrases[p]; p++) {
            if (take_phrase(condition, places[i].phrases[p], out)) {
                out->place = places[i].place;
                ask_condition_say(condition, places[i].said, out->text);
                return;
            }
        }
    }
}

void ask_part_free(AskPart *part)
{
    free(part->text);
    *part = (AskPart){0};
}

bool ask_part_fits(const AskPart *part, const char *name)
{
    if (!part->text) {
        return true;
    }
    char *lower = ask_lower(name);
    size_t length = strlen(lower), own = strlen(part->text);
    bool fits = part->place == ASK_PART_START ? text_starts(lower, part->text)
                : part->place == ASK_PART_END ? length >= own && text_equal(lower + length - own, part->text)
                                              : strstr(lower, part->text) != NULL;
    free(lower);
    return fits;
}

#include "review_filter.h"

#include <stdlib.h>
#include <string.h>

#include "match.h"
#include "memory.h"
#include "text.h"

/* Does the text, in any case, hold what is folded already? */
static bool contains(const char *text, const char *folded)
{
    char *fold = match_fold(text ? text : "");
    bool found = strstr(fold, folded) != NULL;
    free(fold);
    return found;
}

static bool holds(const ReviewItem *item, const char *needle)
{
    static const char *const keys[] = {"object", "data_type", "base_text"};
    bool found = contains(item->shown.text, needle) || contains(item->today_text, needle);
    for (size_t i = 0; !found && i < sizeof keys / sizeof *keys; i++) {
        found = contains(review_item_text(item, keys[i]), needle);
    }
    for (size_t i = 1; !found && i <= review_item_alternatives(item); i++) {
        found = contains(review_item_alternative(item, i), needle);
    }
    return found;
}

/* `word` is folded. */
static bool word_applies(const ReviewItem *item, const char *word)
{
    static const char table[] = "table:";
    static const char *const verdicts[] = {[REVIEW_ACCEPT] = "accepted",
                                           [REVIEW_EDIT] = "edited",
                                           [REVIEW_SKIP] = "skipped",
                                           [REVIEW_UNDECIDE] = "undecided"};
    if (text_starts(word, table)) {
        char *name = match_fold(review_item_text(item, "table_name"));
        bool same = text_equal(name, word + strlen(table));
        free(name);
        return same;
    }
    if (text_equal(word, "low") || text_equal(word, "medium") || text_equal(word, "high")) {
        return review_item_has_level(item, word);
    }
    if (text_equal(word, "conflict")) {
        return review_item_conflict(item);
    }
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        if (text_equal(word, verdicts[i])) {
            return item->shown.verdict == (ReviewVerdict)i;
        }
    }
    return holds(item, word);
}

bool review_filter_applies(const ReviewItem *item, const char *folded)
{
    bool applies = true;
    char *words = memory_string(folded);
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word && applies; word = strtok_r(NULL, " ", &rest)) {
        applies = word_applies(item, word);
    }
    free(words);
    return applies;
}

char *review_filter_name_table(const char *filter, const ReviewItem *selected)
{
    Text named = {0};
    char *words = memory_string(filter);
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        text_addf(&named, "%s%s", named.length ? " " : "", word);
        if (text_equal(word, "table") && selected) {
            text_addf(&named, ":%s", review_item_text(selected, "table_name"));
        }
    }
    free(words);
    return text_take(&named);
}

#include "review_filter.h"

#include <stdlib.h>
#include <string.h>

#include "match.h"
#include "memory.h"
#include "text.h"

static bool is_of_table(const ReviewItem *item, const char *name)
{
    const char *table = review_item_text(item, REVIEW_TABLE);
    char *fold = match_fold(table ? table : "");
    bool same = text_equal(fold, name);
    free(fold);
    return same;
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
        return is_of_table(item, word + strlen(table));
    }
    if (text_equal(word, "low") || text_equal(word, "medium") || text_equal(word, "high")) {
        return review_item_has_level(item, word);
    }
    if (text_equal(word, "conflict")) {
        return review_item_conflict(item);
    }
    if (text_equal(word, "applied") || text_equal(word, "failed")) {
        return review_item_text(item, *word == 'a' ? REVIEW_APPLIED_AT : REVIEW_APPLY_ERROR) != NULL;
    }
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        if (text_equal(word, verdicts[i])) {
            return item->shown.verdict == (ReviewVerdict)i;
        }
    }
    return review_item_holds(item, word);
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

char *review_filter_name_table(const char *filter, const char *table)
{
    Text named = {0};
    char *words = memory_string(filter);
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        text_addf(&named, "%s%s", named.length ? " " : "", word);
        if (text_equal(word, "table") && table) {
            text_addf(&named, ":%s", table);
        }
    }
    free(words);
    return text_take(&named);
}

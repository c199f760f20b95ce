#include "word_diff.h"

#include <stdbool.h>
#include <string.h>

#include "memory.h"
#include "text.h"

#define BLANKS " \t\r\n"
#define MOST_WORDS 3000

typedef struct Words {
    char *text; /* the words, each ended by NUL */
    char **items;
    size_t count;
    size_t capacity;
} Words;

static Words split(const char *text)
{
    Words words = {.text = memory_string(text ? text : "")};
    char *rest = NULL;
    for (char *word = strtok_r(words.text, BLANKS, &rest); word; word = strtok_r(NULL, BLANKS, &rest)) {
        memory_grow((void **)&words.items, words.count, &words.capacity, sizeof *words.items);
        words.items[words.count++] = word;
    }
    return words;
}

static void free_words(Words *words)
{
    free(words->items);
    free(words->text);
}

/* The result while it is being written: the mark that is open, and whether a blank goes in front. */
typedef struct Diff {
    Text out;
    char open; /* '-', '+' or 0 */
} Diff;

static void close_mark(Diff *diff)
{
    if (diff->open) {
        text_add(&diff->out, diff->open == '-' ? "-]" : "+}");
    }
    diff->open = 0;
}

static void add_word(Diff *diff, char mark, const char *word)
{
    bool replaces = diff->open == '-' && mark == '+';
    if (mark != diff->open) {
        close_mark(diff);
    }
    if (diff->out.length > 0 && !replaces) {
        text_add_char(&diff->out, ' ');
    }
    if (mark && mark != diff->open) {
        text_add(&diff->out, mark == '-' ? "[-" : "{+");
        diff->open = mark;
    }
    text_add(&diff->out, word);
}

/* How many words the rests of both texts have in common at most, for each pair of places. */
static unsigned short *common_rests(const Words *before, const Words *after)
{
    size_t width = after->count + 1;
    unsigned short *common = memory_zero((before->count + 1) * width, sizeof *common);
    for (size_t i = before->count; i-- > 0;) {
        for (size_t j = after->count; j-- > 0;) {
            unsigned short skip_before = common[(i + 1) * width + j];
            unsigned short skip_after = common[i * width + j + 1];
            common[i * width + j] = text_equal(before->items[i], after->items[j])
                                        ? (unsigned short)(common[(i + 1) * width + j + 1] + 1)
                                    : skip_before > skip_after ? skip_before
                                                               : skip_after;
        }
    }
    return common;
}

static void compare(Diff *diff, const Words *before, const Words *after)
{
    size_t i = 0;
    size_t j = 0;
    size_t width = after->count + 1;
    bool small = before->count <= MOST_WORDS && after->count <= MOST_WORDS;
    unsigned short *common = small ? common_rests(before, after) : NULL;
    while (i < before->count || j < after->count) {
        if (common && i < before->count && j < after->count &&
            text_equal(before->items[i], after->items[j])) {
            add_word(diff, 0, before->items[i]);
            i++;
            j++;
        } else if (i < before->count && (!common || j == after->count ||
                                         common[(i + 1) * width + j] >= common[i * width + j + 1])) {
            add_word(diff, '-', before->items[i++]);
        } else {
            add_word(diff, '+', after->items[j++]);
        }
    }
    free(common);
}

char *word_diff(const char *before, const char *after)
{
    Diff diff = {0};
    Words old_words = split(before);
    Words new_words = split(after);
    compare(&diff, &old_words, &new_words);
    close_mark(&diff);
    free_words(&old_words);
    free_words(&new_words);
    return text_take(&diff.out);
}

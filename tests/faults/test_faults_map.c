/* docs/faults.md names a test for each fault: every file and every test function that it names must be
 * there, and a row without one must say that it is not covered yet. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"
#include "text.h"

/* Letters that file and function names are made of. */
static bool is_name_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '/' || c == '.';
}

/* The next word at or after *at; false at the end. */
static bool next_word(const char **at, const char *end, char *word, size_t size)
{
    const char *start = *at;
    while (start < end && !is_name_letter(*start)) {
        start++;
    }
    size_t length = 0;
    while (start + length < end && is_name_letter(start[length])) {
        length++;
    }
    *at = start + length;
    while (length > 0 && start[length - 1] == '.') {
        length--;
    }
    snprintf(word, size, "%.*s", (int)length, start);
    return start < end;
}

/* The file that a word stands for: "network" by "network = `tests/..`" on the page, "store/test_pg.c" by
 * itself. NULL when it is no file. Freed by the caller. */
static char *file_of(const char *page, const char *word)
{
    size_t length = strlen(word);
    if (length > 2 && strcmp(word + length - 2, ".c") == 0) {
        return text_format(AMX_SOURCE_DIR "/tests/%s", word);
    }
    char *pattern = text_format(" %s = `", word);
    const char *declared = strstr(page, pattern);
    const char *path = declared ? declared + strlen(pattern) : NULL;
    free(pattern);
    return path ? text_format(AMX_SOURCE_DIR "/%.*s", (int)strcspn(path, "`"), path) : NULL;
}

/* Is there a function of this name, and in the list of tests? */
static bool is_test(const char *source, const char *name)
{
    char *head = text_format("static void %s(void **state)", name);
    char *listed = text_format("(%s)", name);
    char *listed_with_more = text_format("(%s,", name);
    bool found = strstr(source, head) && (strstr(source, listed) || strstr(source, listed_with_more));
    free(head);
    free(listed);
    free(listed_with_more);
    return found;
}

/* Returns how many tests a row's last cell names; the row is for the message. */
static int check_cell(const char *page, const char *cell, const char *end, const char *row)
{
    char word[160];
    char *file = NULL;
    int found = 0;
    while (next_word(&cell, end, word, sizeof word)) {
        char *named = *cell == ':' || strstr(word, ".c") ? file_of(page, word) : NULL;
        if (named) {
            free(file);
            file = named;
            found++; /* a file as a whole will do */
            if (access(file, R_OK)) {
                fail_msg("row %.60s: there is no %s", row, file);
            }
        } else if (strchr(word, '_')) {
            if (!file || !is_test(support_read(file), word)) {
                fail_msg("row %.60s: no test %s in %s", row, word, file ? file : "any file");
            }
            found++;
        }
    }
    free(file);
    return found;
}

static void every_test_that_the_page_names_is_there(void **state)
{
    (void)state;
    const char *page = support_read(AMX_SOURCE_DIR "/docs/faults.md");
    int rows = 0;
    for (const char *line = page; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *end = line + strcspn(line, "\n");
        if (!(line[0] == '|' && line[1] == ' ' && isdigit((unsigned char)line[2]))) {
            continue;
        }
        const char *last = end; /* behind the bar that ends the row */
        while (last > line && last[-1] != '|') {
            last--;
        }
        const char *cell = --last;
        while (cell > line && cell[-1] != '|') {
            cell--;
        }
        const char *not_yet = strstr(cell, "not yet");
        if (check_cell(page, cell, last, line) == 0 && !(not_yet && not_yet < last)) {
            fail_msg("row %.60s: names no test", line);
        }
        rows++;
    }
    assert_true(rows >= 53 + 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_test_that_the_page_names_is_there)};
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

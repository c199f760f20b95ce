/* Sessions on the screen: which are private, and that hint rows end between words however narrow it is. */
#include <string.h>

#include "memory.h"
#include "support_internal.h"
#include "text.h"
#include "workstation.h"

static Cli engineer(void)
{
    Cli ann = workstation_new("");
    workstation_share(&ann);
    cli_ok(&ann, "ask where is the customer");
    cli_ok(&ann, "--local-only session new --title Mine");
    return ann;
}

static void private_sessions_are_marked_in_every_view(void **state)
{
    static const int sizes[][2] = {{80, 24}, {60, 15}};
    (void)state;
    Cli ann = engineer();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        Terminal *terminal = terminal_start(ann.env, sizes[i][0], sizes[i][1], "");
        terminal_expect(terminal, "> Status");
        terminal_keys(terminal, "S", NULL);
        terminal_expect(terminal, " 2  *p ");
        assert_null(strstr(terminal_screen(terminal), " 1  p"));
        terminal_keys(terminal, "Enter", NULL);
        terminal_expect(terminal, "private:");
        terminal_keys(terminal, "A", NULL);
        terminal_expect(terminal, "new session");
        terminal_expect(terminal, "private:");
        terminal_keys(terminal, "Escape", NULL);
        terminal_expect(terminal, "> Status");
        terminal_leave(terminal);
    }
}

/* The last row that shows anything, with a blank before and behind it. */
static const char *hint_row(Terminal *terminal)
{
    char *screen = memory_string(terminal_screen(terminal));
    size_t length = strlen(screen);
    while (length > 0 && strchr(" \n", screen[length - 1])) {
        screen[--length] = '\0';
    }
    const char *row = strrchr(screen, '\n');
    const char *kept = support_keep(text_format(" %s ", row ? row + 1 : screen));
    free(screen);
    return kept;
}

/* A narrow terminal whose hints all stand in the row of a wide one as well: as they are, not cut. */
typedef struct Narrow {
    Terminal *terminal;
    const char *wide;
} Narrow;

static bool has_whole_words(void *context)
{
    const Narrow *narrow = context;
    char *row = memory_string(hint_row(narrow->terminal));
    char *rest = NULL;
    bool whole = true;
    for (char *word = strtok_r(row, " ", &rest); word && whole; word = strtok_r(NULL, " ", &rest)) {
        whole = strstr(narrow->wide, support_keep(text_format(" %s ", word))) != NULL;
    }
    free(row);
    return whole;
}

/* Until it is drawn anew a terminal shows a part of what was there. */
static void assert_whole_words(Narrow *narrow, int columns, int lines, const char *title)
{
    terminal_resize(narrow->terminal, columns, lines);
    if (!support_wait(has_whole_words, narrow)) {
        fail_msg("%s at %dx%d has a cut hint:%s", title, columns, lines, hint_row(narrow->terminal));
    }
}

static void hint_rows_end_between_words(void **state)
{
    static const struct {
        const char *keys[3];
        const char *title;
    } views[] = {{{"S"}, "[S Sessions]"},  {{"S", "Enter"}, "Session 2"}, {{"A"}, "Ask 1  shop"},
                 {{"A", "Tab"}, "Esc to"}, {{"R"}, "[R Runs]"},           {{"T"}, "[T Team]"},
                 {{"E"}, "[E Events]"}};
    (void)state;
    Cli ann = engineer();
    cli_ok(&ann, "session resume 1");
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        Terminal *terminal = terminal_start(ann.env, 200, 50, "");
        terminal_expect(terminal, "> Status");
        terminal_keys(terminal, views[i].keys[0], NULL);
        if (views[i].keys[1]) {
            terminal_expect(terminal, i == 1 ? "2 of 2" : "2 turns");
            terminal_keys(terminal, views[i].keys[1], NULL);
        }
        terminal_expect(terminal, views[i].title);
        terminal_expect(terminal, " help ");
        terminal_expect_gone(terminal, "try again"); /* while a list is read */
        Narrow narrow = {terminal, hint_row(terminal)};
        assert_whole_words(&narrow, 80, 24, views[i].title);
        assert_whole_words(&narrow, 60, 15, views[i].title);
        terminal_stop(terminal);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, terminal_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(private_sessions_are_marked_in_every_view),
        TEST(hint_rows_end_between_words),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

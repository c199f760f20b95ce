/* The bar of a command that runs: on the screen, and on a terminal without one. */
#include <locale.h>

#include "cli_scene.h"
#include "support_internal.h"
#include "terminal.h"
#include "text.h"

/* Ann's sharing is on, her store slow, and a run of many results waits. */
static void queue_much(const CliScene *scene)
{
    Text sql = {0};
    const char *file = support_keep(text_format("%s/wide.db", scene->ann.home));
    for (int table = 0; table < 12; table++) {
        text_addf(&sql, "CREATE TABLE part_%d (id INTEGER PRIMARY KEY", table);
        for (int column = 0; column < 400; column++) {
            text_addf(&sql, ", customer_name_%d TEXT", column);
        }
        text_add(&sql, ");");
    }
    support_sqlite(file, text_string(&sql));
    text_free(&sql);
    char *conf = text_format("%s\ndb_profile wide {\n  backend = sqlite\n  path = \"%s\"\n}\n",
                             support_read(support_keep(text_format("%s/amx.conf", scene->ann.home))), file);
    cli_configure(&scene->ann, "%s", conf);
    free(conf);
    relay_set(scene->relay, RELAY_RESET, 0, NULL);
    cli_ok(&scene->ann, "-p wide run -q");
    relay_set(scene->relay, RELAY_SLOW, 0, NULL);
}

static void the_screen_shows_the_bar_of_a_slow_flush(void **state)
{
    CliScene *scene = *state;
    queue_much(scene);
    Terminal *terminal = terminal_start(scene->ann.env, 100, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    terminal_keys(terminal, "f", NULL);
    terminal_expect(terminal, "> Flush");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Replay");
    terminal_keys(terminal, "r", NULL);
    terminal_expect(terminal, "delivering [");
    terminal_expect(terminal, "^C stops");
    relay_set(scene->relay, RELAY_PASS, 0, NULL);
    terminal_expect_gone(terminal, "delivering [");
    terminal_expect(terminal, "in sync       yes"); /* it has ended, and the status was read after it */
    terminal_leave(terminal);
}

static void the_shell_shows_the_bar_and_clears_it(void **state)
{
    CliScene *scene = *state;
    queue_much(scene);
    Terminal *terminal = terminal_start(scene->ann.env, 100, 24, "db history-store flush-pending --json");
    terminal_expect(terminal, "delivering [");
    relay_set(scene->relay, RELAY_PASS, 0, NULL);
    terminal_expect_gone(terminal, "delivering [");
    terminal_expect_end(terminal);
    SupportRun quiet = cli_ok(&scene->ann, "db history-store flush-pending");
    cli_hides(quiet.err, "delivering"); /* no terminal, no bar */
}

static int tear_down_scene(void **state)
{
    terminal_teardown(state);
    return cli_scene_tear_down(state);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_screen_shows_the_bar_of_a_slow_flush, cli_scene_set_up,
                                        tear_down_scene),
        cmocka_unit_test_setup_teardown(the_shell_shows_the_bar_and_clears_it, cli_scene_set_up,
                                        tear_down_scene),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

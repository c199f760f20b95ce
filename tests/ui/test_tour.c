/* One tour of every view, with what watches over memory: the sanitizers, and valgrind. The exit code tells.
 * Called with "all", every scene that is saved is played so. */
#include <string.h>

#include "scene.h"
#include "text.h"

static const Scene tour = {
    "tour",
    "team",
    "db history-store",
    "reach         yes",
    {
        {NULL, "d", "> Dump DDL"},
        {NULL, "Enter", "[ No ]"},
        {NULL, "y", "CREATE "},
        {NULL, "/", "\n/"},
        {NULL, "\"store", "1 of"},
        {NULL, "Enter", "-\n/"},
        {NULL, "q", "> Status"},
        {NULL, "d", "> Dump DDL"},
        {NULL, "d", "> Disable"},
        {NULL, "Enter", "[ No ]"},
        {NULL, "=70x20", NULL},
        {NULL, "y", "shared off"},
        {NULL, "e", "> Enable"},
        {NULL, "Enter", "Schema"},
        {NULL, "Enter", "sharing is on"},
        {NULL, "S", "Where addresses live"},
        {NULL, "Enter", "session 2 of"},
        {NULL, "q", "-session 2 of"},
        {NULL, "/", "\n/"},
        {NULL, "\"leads", NULL},
        {NULL, "Enter", "-\n/"},
        {NULL, "R", ">   2"},
        {NULL, "v", "Review 2"},
        {NULL, "q", "-Review 2"},
        {NULL, "Enter", "Run 2"},
        {NULL, "Enter", "Drafts"},
        {NULL, "q", "-Drafts"},
        {NULL, "q", "-Run 2"},
        {NULL, "c", "run 2 is marked"},
        {NULL, "j", ">   1"},
        {NULL, "c", "only A"},
        {NULL, "q", "-only A"},
        {NULL, "T", "bob@l"},
        {NULL, "b", "Team  by table"},
        {NULL, "=120x40", NULL},
        {NULL, "E", "disable"},
        {NULL, "?", "Keys everywhere"},
        {NULL, "q", "-Keys everywhere"},
        {NULL, ":", "\n:"},
        {NULL, "\"frobnicate", NULL},
        {NULL, "Enter", "no command"},
        {NULL, "M", "Messages"},
        {NULL, ":", "\n:"},
        {NULL, "\"history compare 1 2", NULL},
        {NULL, "Enter", "only A"},
        {NULL, "=50x10", "amx needs"},
        {NULL, "=80x24", "-amx needs"},
    },
    NULL,
    NULL,
};

static void play(const Scene *scene, StageBuild build)
{
    Stage *stage = stage_play(scene, build, 80, 24);
    stage_leave(stage);
    stage_close(stage);
}

static void a_tour_of_every_view_leaks_nothing(void **state)
{
    (void)state;
    play(&tour, STAGE_SANITIZED);
}

static void valgrind_has_nothing_to_say_about_the_tour(void **state)
{
    (void)state;
    play(&tour, STAGE_VALGRIND);
}

static void every_scene_leaks_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < scene_count; i++) {
        play(&scenes[i], STAGE_SANITIZED);
    }
}

static void valgrind_has_nothing_to_say_about_any_scene(void **state)
{
    (void)state;
    for (size_t i = 0; i < scene_count; i++) {
        play(&scenes[i], STAGE_VALGRIND);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_tour_of_every_view_leaks_nothing, stage_teardown),
        cmocka_unit_test_teardown(valgrind_has_nothing_to_say_about_the_tour, stage_teardown),
    };
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(every_scene_leaks_nothing, stage_teardown),
        cmocka_unit_test_teardown(valgrind_has_nothing_to_say_about_any_scene, stage_teardown),
    };
    bool every = argc > 1 && text_equal(argv[1], "all");
    return support_cleanup(every ? cmocka_run_group_tests(all, NULL, NULL)
                                 : cmocka_run_group_tests(tests, NULL, NULL));
}

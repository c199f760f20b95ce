/* The screens of tests/screens, cell for cell: what is shown now is what was saved. Called with --save, it
 * saves them instead; with --pictures FOLDER, it makes the pictures. Both go on with names of scenes, or do
 * all. */
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "scene.h"
#include "support_internal.h"
#include "text.h"

#define SAVED_FOLDER AMX_SOURCE_DIR "/tests/screens"
#define PICTURE_COLUMNS 100
#define PICTURE_LINES 28

typedef struct Size {
    int columns;
    int lines;
} Size;

/* A scene is played in the first; then the terminal grows. What a step makes it is the only one. */
static const Size sizes[] = {{80, 24}, {120, 40}};
#define SIZE_COUNT (sizeof sizes / sizeof *sizes)

static const char *picture_folder;

/* "picker-on-80x24.txt" in the folder. */
static const char *saved_path(const Stage *stage, const Scene *scene)
{
    Size size;
    stage_size(stage, &size.columns, &size.lines);
    return support_keep(text_format("%s/%s-%dx%d.txt", SAVED_FOLDER, scene->name, size.columns, size.lines));
}

static void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "we");
    if (!file || fputs(content, file) < 0 || fclose(file)) {
        fail_msg("can't write %s", path);
    }
}

/* What differs, side by side: saved on the left, shown on the right. */
static const char *differences(const char *path, const char *shown, int columns)
{
    const char *folder = support_folder();
    char *out = text_format("%s/differences", folder);
    char *err = text_format("%s/err", folder);
    char *argv[] = {"diff",
                    "--side-by-side",
                    "--expand-tabs",
                    "--suppress-common-lines",
                    support_keep(text_format("--width=%d", 2 * columns + 5)),
                    support_keep(memory_string(path)),
                    support_keep(memory_string(support_file(folder, "shown", shown))),
                    NULL};
    support_execute(argv, NULL, "/dev/null", out, err, 20);
    const char *text = support_read(out);
    free(err);
    free(out);
    return text;
}

typedef void Look(Stage *stage, const Scene *scene);

static void compare(Stage *stage, const Scene *scene)
{
    const char *path = saved_path(stage, scene);
    const char *wanted = support_read(path);
    Capture capture = stage_capture(stage, wanted);
    char *shown = capture_text(&capture);
    if (!text_equal(shown, wanted)) {
        fail_msg("%s looks other than it was saved; scripts/screens %s saves it anew. Saved | shown:\n%s",
                 path, scene->name, differences(path, shown, capture.columns));
    }
    free(shown);
    capture_free(&capture);
}

static void save_now(Stage *stage, const Scene *scene)
{
    const char *path = saved_path(stage, scene);
    Capture capture = stage_capture(stage, NULL);
    char *shown = capture_text(&capture);
    write_file(path, shown);
    free(shown);
    capture_free(&capture);
}

static void look_in_every_size(const Scene *scene, Look *look)
{
    Size size;
    Stage *stage = stage_play(scene, STAGE_PLAIN, sizes[0].columns, sizes[0].lines);
    stage_size(stage, &size.columns, &size.lines);
    bool sized_by_step = size.columns != sizes[0].columns || size.lines != sizes[0].lines;
    look(stage, scene);
    for (size_t i = 1; i < SIZE_COUNT && !sized_by_step; i++) {
        stage_resize(stage, sizes[i].columns, sizes[i].lines);
        look(stage, scene);
    }
    stage_close(stage);
}

static void looks_as_saved(void **state)
{
    look_in_every_size(*state, compare);
}

static void save(void **state)
{
    look_in_every_size(*state, save_now);
}

static void draw_picture(void **state)
{
    const Scene *scene = *state;
    const char *path = support_keep(text_format("%s/%s.svg", picture_folder, scene->name));
    Stage *stage = stage_play(scene, STAGE_PLAIN, PICTURE_COLUMNS, PICTURE_LINES);
    Capture capture = stage_capture(stage, NULL);
    char *svg = capture_svg(&capture, scene->picture);
    write_file(path, svg);
    free(svg);
    capture_free(&capture);
    stage_close(stage);
}

/* ---- which ---- */

static bool is_asked_for(const Scene *scene, char **names)
{
    for (char **name = names; *name; name++) {
        if (text_equal(*name, scene->name)) {
            return true;
        }
    }
    return !*names;
}

int main(int argc, char **argv)
{
    (void)argc;
    CMUnitTestFunction function = looks_as_saved;
    char **names = argv + 1;
    if (*names && text_equal(*names, "--save")) {
        function = save;
        names++;
    } else if (names[0] && names[1] && text_equal(*names, "--pictures")) {
        function = draw_picture;
        picture_folder = names[1];
        names += 2;
    }
    struct CMUnitTest *tests = memory_zero(scene_count, sizeof *tests);
    size_t count = 0;
    for (size_t i = 0; i < scene_count; i++) {
        if (is_asked_for(&scenes[i], names) && (function != draw_picture || scenes[i].picture)) {
            tests[count++] = (struct CMUnitTest){.name = scenes[i].name,
                                                 .test_func = function,
                                                 .teardown_func = stage_teardown,
                                                 .initial_state = (void *)(uintptr_t)&scenes[i]};
        }
    }
    int failed = _cmocka_run_group_tests("screens", tests, count, NULL, NULL);
    free(tests);
    return support_cleanup(count == 0 ? 2 : failed);
}

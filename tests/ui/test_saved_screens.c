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

typedef struct Case {
    const Scene *scene;
    int columns;
    int lines;
    char *name; /* "picker-on-80x24" */
} Case;

static const struct {
    int columns;
    int lines;
} sizes[] = {{80, 24}, {120, 40}};
#define SIZE_COUNT (sizeof sizes / sizeof *sizes)

static const char *picture_folder;

static const char *saved_path(const Case *test)
{
    return support_keep(text_format("%s/%s.txt", SAVED_FOLDER, test->name));
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

static void looks_as_saved(void **state)
{
    const Case *test = *state;
    const char *path = saved_path(test);
    const char *wanted = support_read(path);
    Stage *stage = stage_play(test->scene, STAGE_PLAIN, test->columns, test->lines);
    Capture capture = stage_capture(stage, wanted);
    char *shown = capture_text(&capture);
    if (!text_equal(shown, wanted)) {
        fail_msg("%s does not look as it was saved; scripts/screens %s saves it anew. Saved | shown:\n%s",
                 test->name, test->scene->name, differences(path, shown, test->columns));
    }
    free(shown);
    capture_free(&capture);
    stage_close(stage);
}

static void save(void **state)
{
    const Case *test = *state;
    const char *path = saved_path(test);
    Stage *stage = stage_play(test->scene, STAGE_PLAIN, test->columns, test->lines);
    Capture capture = stage_capture(stage, NULL);
    char *shown = capture_text(&capture);
    write_file(path, shown);
    free(shown);
    capture_free(&capture);
    stage_close(stage);
}

static void draw_picture(void **state)
{
    const Case *test = *state;
    const char *path = support_keep(text_format("%s/%s.svg", picture_folder, test->scene->name));
    Stage *stage = stage_play(test->scene, STAGE_PLAIN, test->columns, test->lines);
    Capture capture = stage_capture(stage, NULL);
    char *svg = capture_svg(&capture, test->scene->picture);
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

static struct CMUnitTest *add_test(struct CMUnitTest *test, CMUnitTestFunction function, const Scene *scene,
                                   int columns, int lines)
{
    Case *it = memory_zero(1, sizeof *it);
    *it = (Case){scene, columns, lines, text_format("%s-%dx%d", scene->name, columns, lines)};
    *test = (struct CMUnitTest){
        .name = it->name, .test_func = function, .teardown_func = stage_teardown, .initial_state = it};
    return test + 1;
}

static void free_tests(struct CMUnitTest *tests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Case *it = tests[i].initial_state;
        free(it->name);
        free(it);
    }
    free(tests);
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
    struct CMUnitTest *tests = memory_zero(scene_count * SIZE_COUNT, sizeof *tests);
    struct CMUnitTest *end = tests;
    for (size_t i = 0; i < scene_count; i++) {
        if (!is_asked_for(&scenes[i], names)) {
            continue;
        }
        if (function == draw_picture) {
            end =
                scenes[i].picture ? add_test(end, function, &scenes[i], PICTURE_COLUMNS, PICTURE_LINES) : end;
            continue;
        }
        for (size_t s = 0; s < SIZE_COUNT; s++) {
            end = add_test(end, function, &scenes[i], sizes[s].columns, sizes[s].lines);
        }
    }
    size_t count = (size_t)(end - tests);
    int failed = _cmocka_run_group_tests("screens", tests, count, NULL, NULL);
    free_tests(tests, count);
    return support_cleanup(count == 0 ? 2 : failed);
}

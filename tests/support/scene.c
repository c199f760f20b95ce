#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "support_internal.h"
#include "text.h"

/* The folder of the homes has a name that differs each time: captures show one of the same length. */
#define FOLDER_PATTERN "/tmp/amx-XXXXXX"
#define FOLDER_SHOWN "/srv/amx/office"
#define FOLDER_ALIKE 5 /* so much of the pattern may stand anywhere: "/tmp/" */
_Static_assert(sizeof FOLDER_PATTERN == sizeof FOLDER_SHOWN, "what is wrapped must not wrap elsewhere");

#define NOW "2026-03-02T14:30:00Z"
#define HOME_SECONDS 60
#define QUIET_LOOKS 15 /* so often the same is seen: it no longer changes */
#define WRONG_LOOKS 75 /* and so often what was not wanted */

#define VALGRIND                                                                                             \
    "valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite "                \
    "--log-file=%s/valgrind.log --suppressions=" AMX_SOURCE_DIR                                              \
    "/tests/support/valgrind.supp " AMX_PLAIN_BINARY

/* There is one at a time. */
static Stage *open_stage;

struct Stage {
    const Scene *scene;
    const char *folder;
    Terminal *terminal;
    StageBuild build;
    int columns;
    int lines;
};

static void make_home(const Stage *stage)
{
    char *argv[] = {"/bin/sh", AMX_SOURCE_DIR "/tests/screens/homes.sh",
                    support_keep(memory_string(stage->scene->home)),
                    support_keep(memory_string(stage->folder)), NULL};
    char *env[] = {support_keep(text_format("PATH=%s", getenv("PATH"))), "AMX=" AMX_PLAIN_BINARY,
                   "STILL=" AMX_STILL, NULL};
    char *err = text_format("%s/err", stage->folder);
    if (support_execute(argv, env, "/dev/null", "/dev/null", err, HOME_SECONDS) != 0) {
        fail_msg("the home \"%s\" can't be made: %s", stage->scene->home, support_read(err));
    }
    remove(err);
    free(err);
}

static void open_terminal(Stage *stage)
{
    char *home = text_format("AMX_HOME=%s/ann", stage->folder);
    char *valgrind = text_format(VALGRIND, stage->folder);
    const char *const binaries[] = {
        [STAGE_PLAIN] = AMX_PLAIN_BINARY, [STAGE_SANITIZED] = AMX_BINARY, [STAGE_VALGRIND] = valgrind};
    const char *const env[] = {
        home,
        "HOME=/nonexistent",
        "LOGNAME=ann",
        "LC_ALL=C.UTF-8",
        "TZ=UTC",
        "TERM=tmux-256color",
        "STILL_TIME=" NOW,
        "STILL_HOST=web1",
        "LD_PRELOAD=" AMX_STILL,
        "PAGER=echo paged; read -r _ </dev/tty",
        "EDITOR=echo edited; read -r _; test -f",
        "ASAN_OPTIONS=verify_asan_link_order=0", /* what is preloaded comes before it */
        stage->scene->variable,
        NULL};
    stage->terminal = terminal_start_build(binaries[stage->build], env, stage->columns, stage->lines,
                                           stage->scene->arguments);
    free(valgrind);
    free(home);
}

/* ---- steps ---- */

static bool is_shown(const Stage *stage, const char *text)
{
    return strstr(terminal_screen(stage->terminal), text) != NULL;
}

/* A step that shows what was there already proves nothing. */
static void assert_proves(const Stage *stage, const SceneStep *step)
{
    bool gone = step->shows[0] == SCENE_GONE;
    if (step->shows[0] != SCENE_STILL && is_shown(stage, step->shows + gone) != gone) {
        fail_msg("%s: before %s, the screen %s \"%s\":\n%s", stage->scene->name, step->keys,
                 gone ? "does not show" : "shows already", step->shows + gone,
                 terminal_screen(stage->terminal));
    }
}

static void run_beside(const Stage *stage, const char *command)
{
    char *folder = text_format("FOLDER=%s", stage->folder);
    char *tty = text_format("TTY=%s", terminal_device(stage->terminal));
    SupportRun run = support_shell((const char *[]){folder, tty, NULL}, command);
    if (run.exit_code != 0) {
        fail_msg("%s: %s failed: %s", stage->scene->name, command, run.err);
    }
    free(tty);
    free(folder);
}

void stage_resize(Stage *stage, int columns, int lines)
{
    terminal_resize(stage->terminal, columns, lines);
    stage->columns = columns;
    stage->lines = lines;
}

static void press(Stage *stage, const char *keys)
{
    int columns = 0;
    int lines = 0;
    if (keys[0] == SCENE_TYPED && keys[1]) {
        terminal_type(stage->terminal, keys + 1);
    } else if (keys[0] == SCENE_SIZE && sscanf(keys + 1, "%dx%d", &columns, &lines) == 2) {
        stage_resize(stage, columns, lines);
    } else if (keys[0] == SCENE_SHELL && keys[1]) {
        run_beside(stage, keys + 1);
    } else {
        terminal_keys(stage->terminal, keys, NULL);
    }
}

static void take_step(Stage *stage, const SceneStep *step)
{
    if (!step->shows) {
        press(stage, step->keys);
        return;
    }
    assert_proves(stage, step);
    press(stage, step->keys);
    if (step->shows[0] == SCENE_GONE) {
        terminal_expect_gone(stage->terminal, step->shows + 1);
    } else {
        terminal_expect(stage->terminal, step->shows + (step->shows[0] == SCENE_STILL));
    }
}

Stage *stage_play(const Scene *scene, StageBuild build, int columns, int lines)
{
    Stage *stage = memory_zero(1, sizeof *stage);
    *stage = (Stage){.scene = scene, .build = build, .columns = columns, .lines = lines};
    assert_null(open_stage);
    open_stage = stage;
    stage->folder = support_folder_as(FOLDER_PATTERN);
    make_home(stage);
    open_terminal(stage);
    terminal_expect(stage->terminal, scene->opens);
    for (size_t i = 0; i < SCENE_STEPS && scene->steps[i].keys; i++) {
        take_step(stage, &scene->steps[i]);
    }
    return stage;
}

Terminal *stage_terminal(const Stage *stage)
{
    return stage->terminal;
}

void stage_size(const Stage *stage, int *columns, int *lines)
{
    *columns = stage->columns;
    *lines = stage->lines;
}

/* ---- captures ---- */

typedef struct Look {
    const Stage *stage;
    const char *wanted;
    char *seen;
    int same; /* so often in a row */
} Look;

/* Every version looks like 0.0.0: a release does not change how things look. */
static void hide_version(Capture *capture)
{
    char *zeros = memory_string(AMX_VERSION);
    for (char *digit = zeros; (digit = strpbrk(digit, "123456789"));) {
        *digit = '0';
    }
    capture_replace(capture, AMX_VERSION, zeros);
    free(zeros);
}

/* The folder, and what is left of its name where a column cuts the end or a dialog covers the beginning. */
static void hide_folder(Capture *capture, const char *folder)
{
    capture_replace(capture, folder, FOLDER_SHOWN);
    for (int length = (int)strlen(folder) - 1; length > FOLDER_ALIKE; length--) {
        char *from = text_format("%.*s", length, folder);
        char *to = text_format("%.*s", length, FOLDER_SHOWN);
        capture_replace(capture, from, to);
        free(to);
        free(from);
    }
    for (size_t i = 1; folder[i]; i++) {
        const char *next = i <= FOLDER_ALIKE ? "/" : "/ann"; /* a line may end within a path */
        char *from = text_format("%s%s", folder + i, next);
        char *to = text_format("%s%s", FOLDER_SHOWN + i, next);
        capture_replace(capture, from, to);
        free(to);
        free(from);
    }
}

static Capture capture_now(const Stage *stage)
{
    Capture capture = capture_read(terminal_capture(stage->terminal), stage->columns, stage->lines);
    hide_folder(&capture, stage->folder);
    hide_version(&capture);
    capture_hide_reach(&capture); /* depends on how fast the machine is */
    return capture;
}

static bool has_settled(void *context)
{
    Look *look = context;
    Capture capture = capture_now(look->stage);
    char *seen = capture_text(&capture);
    capture_free(&capture);
    look->same = look->seen && text_equal(look->seen, seen) ? look->same + 1 : 0;
    free(look->seen);
    look->seen = seen;
    return look->wanted ? text_equal(seen, look->wanted) || look->same >= WRONG_LOOKS
                        : look->same >= QUIET_LOOKS;
}

Capture stage_capture(Stage *stage, const char *wanted)
{
    Look look = {.stage = stage, .wanted = wanted};
    if (!support_wait(has_settled, &look)) {
        fail_msg("%s does not come to rest:\n%s", stage->scene->name, look.seen);
    }
    free(look.seen);
    return capture_now(stage);
}

/* ---- leaving ---- */

static bool is_left_or_goes_back(void *context)
{
    const Stage *stage = context;
    if (is_shown(stage, "left with ")) {
        return true;
    }
    /* only q works where a screen does not fit */
    terminal_keys(stage->terminal, is_shown(stage, "amx needs") ? "q" : "Escape", NULL);
    return false;
}

void stage_leave(Stage *stage)
{
    const char *log = support_keep(text_format("%s/valgrind.log", stage->folder));
    support_wait(is_left_or_goes_back, stage);
    if (!is_shown(stage, "left with 0")) {
        fail_msg("%s did not end well:\n%s%s", stage->scene->name, terminal_screen(stage->terminal),
                 stage->build == STAGE_VALGRIND ? support_read(log) : "");
    }
}

void stage_close(Stage *stage)
{
    terminal_stop(stage->terminal);
    open_stage = NULL;
    free(stage);
}

int stage_teardown(void **state)
{
    free(open_stage);
    open_stage = NULL;
    return terminal_teardown(state);
}

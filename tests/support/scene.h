/* Scenes: a home, the screen opened in it, keys pressed, and what they must bring about. The same scenes are
 * saved as text, drawn as pictures, and walked through under the sanitizers; the world stands still meanwhile
 * (tests/preload/still.c), so that a scene looks the same every time. */
#ifndef AMX_TESTS_SCENE_H
#define AMX_TESTS_SCENE_H

#include "capture.h"
#include "terminal.h"

#define SCENE_STEPS 64
#define SCENE_TYPED '"' /* begins what is typed as it is */
#define SCENE_SIZE '='  /* begins a size that the terminal takes: "=50x10" */
#define SCENE_SHELL                                                                                          \
    '!'                /* begins a shell command done beside the screen, with FOLDER (of the homes) and TTY */
#define SCENE_GONE '-' /* begins what must have been there and no longer be */
#define SCENE_STILL '~' /* begins what may have been there already */

typedef struct SceneStep {
    /* The key table that the key is in: "picker", "list", .., "everywhere"; NULL: it is in none. */
    const char *table;
    /* A key by its tmux name ("Enter", "C-c", "d"), or what SCENE_TYPED, SCENE_SIZE and SCENE_SHELL begin. */
    const char *keys;
    /* What appears on the screen because of it. Without a mark it must not have been there before: else the
     * step would prove nothing. NULL: nothing is waited for. */
    const char *shows;
} SceneStep;

#define SCENE_STEP(table, keys, shows)                                                                       \
    {                                                                                                        \
        table, keys, shows                                                                                   \
    }
/* Steps that run a line after `:`, and what appears then. */
#define SCENE_COMMAND(line, appears)                                                                         \
    SCENE_STEP("everywhere", ":", "\n:"), SCENE_STEP(NULL, "\"" line, NULL),                                 \
        SCENE_STEP(NULL, "Enter", appears)

typedef struct Scene {
    const char *name;             /* of the files it is saved in */
    const char *home;             /* its kind: see tests/screens/homes.sh */
    const char *arguments;        /* what amx is called with */
    const char *opens;            /* what it shows before the first key */
    SceneStep steps[SCENE_STEPS]; /* until one has no keys */
    const char *picture;          /* what a picture of it is called; NULL: none is made */
    const char *variable;         /* of the environment, "LC_ALL=C", as it must be for this scene; or NULL */
} Scene;

/* All that are saved. */
extern const Scene scenes[];
extern const size_t scene_count;
/* Those that press every key, and are not saved. */
extern const Scene walks[];
extern const size_t walk_count;

typedef struct Stage Stage;

/* Which program plays. */
typedef enum StageBuild { STAGE_PLAIN, STAGE_SANITIZED, STAGE_VALGRIND } StageBuild;

/* Makes the home, opens the screen in it and plays the scene to its end. Fails the test when a step does not
 * show what it should. To be closed with stage_close before the
 * next one opens. */
Stage *stage_play(const Scene *scene, StageBuild build, int columns, int lines);
Terminal *stage_terminal(const Stage *stage);
/* How many columns and lines the terminal has now. */
void stage_size(const Stage *stage, int *columns, int *lines);
void stage_resize(Stage *stage, int columns, int lines);
/* What is shown, when it no longer changes or when it is `wanted` (the text of a capture, or NULL). */
Capture stage_capture(Stage *stage, const char *wanted);
/* Leaves the program by `keys`, and expects it to have ended well. */
void stage_leave(Stage *stage);
void stage_close(Stage *stage);
/* For cmocka_unit_test_teardown: closes what a failed test left open. */
int stage_teardown(void **state);

#endif

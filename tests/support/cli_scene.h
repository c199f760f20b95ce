/* Ann, who shares through a relay in front of a real server: the store can be cut off and brought back at any
 * moment. For cmocka_unit_test_setup_teardown. */
#ifndef AMX_TESTS_CLI_SCENE_H
#define AMX_TESTS_CLI_SCENE_H

#include "cli_team.h"
#include "relay.h"

typedef struct CliScene {
    CliStore store;
    Cli ann;
    Relay *relay;
    char *through; /* conninfo of the store through the relay */
} CliScene;

/* Sharing is on, and everything is forwarded. */
int cli_scene_set_up(void **state);
/* The same before sharing was ever switched on. */
int cli_scene_set_up_off(void **state);
int cli_scene_tear_down(void **state);

/* From now on every connection to the store is reset. */
void cli_scene_cut(CliScene *scene);
void cli_scene_mend(CliScene *scene);
/* Mends it, delivers, and fails the test unless everything is there, once, and amx says so. */
void cli_scene_heal(CliScene *scene);

/* Fails the test, naming the question, when the first field of the store's answer is not the expected one. */
void cli_scene_expect(const CliScene *scene, const char *sql, const char *expected);
/* The same for Ann's history.db. */
void cli_scene_expect_local(const CliScene *scene, const char *sql, const char *expected);

#endif

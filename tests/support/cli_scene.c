#include "cli_scene.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

#define BUSY_MS 30000

int cli_scene_set_up_off(void **state)
{
    CliScene *scene = memory_zero(1, sizeof *scene);
    scene->store = cli_store_new(false);
    char *path = text_format("%s/.s.PGSQL.%d", support_server()->socket, support_server()->port);
    scene->relay = relay_start(path);
    scene->through = text_format("host=127.0.0.1 port=%d user=tester dbname=%s", relay_port(scene->relay),
                                 support_sql_value(scene->store.where, "SELECT current_database()"));
    scene->ann = cli_team_newcomer("ann");
    cli_team_configure(&scene->ann, &scene->store, scene->through, BUSY_MS);
    free(path);
    *state = scene;
    return 0;
}

int cli_scene_set_up(void **state)
{
    cli_scene_set_up_off(state);
    const CliScene *scene = *state;
    cli_ok(&scene->ann, "db history-store enable");
    return 0;
}

int cli_scene_tear_down(void **state)
{
    CliScene *scene = *state;
    relay_stop(scene->relay);
    free(scene->through);
    free(scene);
    return 0;
}

void cli_scene_cut(CliScene *scene)
{
    relay_set(scene->relay, RELAY_RESET, 1, NULL);
}

void cli_scene_mend(CliScene *scene)
{
    relay_set(scene->relay, RELAY_PASS, 0, NULL);
}

void cli_scene_heal(CliScene *scene)
{
    cli_scene_mend(scene);
    cli_team_assert_heals(&scene->ann, &scene->store);
}

static void expect(const char *sql, const char *value, const char *expected)
{
    if (strcmp(value, expected) != 0) {
        fail_msg("%s: \"%s\", not \"%s\"", sql, value, expected);
    }
}

void cli_scene_expect(const CliScene *scene, const char *sql, const char *expected)
{
    expect(sql, cli_store_value(&scene->store, sql), expected);
}

void cli_scene_expect_local(const CliScene *scene, const char *sql, const char *expected)
{
    expect(sql, support_sqlite_value(scene->ann.history, sql), expected);
}

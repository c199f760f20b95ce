/* Every key that the screen knows is pressed, and seen to do something. A key table is what a view offers in
 * its hint row and its help; a key in it that no scene presses, or that shows nothing new, fails here. */
#include <curses.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "ask_queue.h"
#include "cells.h"
#include "form_enable.h"
#include "keys.h"
#include "memory.h"
#include "prompt.h"
#include "scene.h"
#include "support_internal.h"
#include "text.h"
#include "view_ask.h"
#include "view_compare.h"
#include "view_document.h"
#include "view_list.h"
#include "view_loading.h"
#include "view_picker.h"
#include "view_review.h"
#include "view_run.h"
#include "view_session.h"
#include "view_team.h"

typedef struct KeyTable {
    const char *name;
    const Bindings *keys;
    const char *source;
    const Bindings *like; /* whose keys do the same and are pressed for both, or NULL */
} KeyTable;

/* Every key table, by the name that scenes give it. A source that has one and is not named fails as well. */
static const KeyTable tables[] = {
    {"everywhere", &keys_global, "keys.c", NULL},
    {"picker", &view_picker_keys, "view_picker.c", NULL},
    {"list", &view_list_keys, "view_list.c", NULL},
    {"sessions", &view_list_session_keys, "view_list.c", NULL},
    {"events", &view_list_event_keys, "view_list.c", NULL},
    {"runs", &view_list_run_keys, "view_list.c", NULL},
    {"run", &view_run_keys, "view_run.c", NULL},
    {"compare", &view_compare_keys, "view_compare.c", NULL},
    {"team", &view_team_keys, "view_team.c", NULL},
    {"document", &view_document_keys, "view_document.c", NULL},
    {"filtered document", &view_document_filtered_keys, "view_document.c", NULL},
    {"loading", &view_loading_keys, "view_loading.c", NULL},
    {"review", &view_review_keys, "view_review.c", NULL},
    {"session", &view_session_keys, "view_session.c", NULL},
    {"foreign session", &view_session_foreign_keys, "view_session.c", NULL},
    {"ask", &view_ask_keys, "view_ask.c", NULL},
    {"ask waiting", &view_ask_waiting_keys, "view_ask.c", &view_ask_keys},
    {"ask reading", &view_ask_reading_keys, "view_ask.c", NULL},
    {"ask only", &view_ask_only_keys, "view_ask.c", NULL},
};
#define TABLE_COUNT (sizeof tables / sizeof *tables)

/* Of views into which text is typed: no key opens the help there, and their keys are only explained. */
static const KeyTable typing_tables[] = {
    {"prompt", &prompt_keys, "prompt.c", NULL},
    {"command line", &prompt_command_keys, "prompt.c", NULL},
    {"enable", &form_enable_keys, "form_enable.c", NULL},
    {"queue", &ask_queue_keys, "ask_queue.c", NULL},
};
#define TYPING_COUNT (sizeof typing_tables / sizeof *typing_tables)

/* What no terminal of today sends, Enter of the number block is an Enter to them; and what nothing in the
 * homes has: a fourth draft. */
static const Key not_pressed[] = {KEY_FUNCTION(KEY_ENTER), '4'};

/* ---- are all of them pressed? ---- */

/* The key that tmux sends for a name; 0 when it is not one key. */
static Key key_of(const char *name)
{
    static const struct {
        const char *name;
        Key key;
    } named[] = {
        {"Enter", KEY_RETURN},
        {"Escape", KEY_ESCAPE},
        {"Tab", KEY_TAB},
        {"BTab", KEY_FUNCTION(KEY_BTAB)},
        {"Space", ' '},
        {"Up", KEY_FUNCTION(KEY_UP)},
        {"Down", KEY_FUNCTION(KEY_DOWN)},
        {"Left", KEY_FUNCTION(KEY_LEFT)},
        {"Right", KEY_FUNCTION(KEY_RIGHT)},
        {"PPage", KEY_FUNCTION(KEY_PPAGE)},
        {"NPage", KEY_FUNCTION(KEY_NPAGE)},
        {"Home", KEY_FUNCTION(KEY_HOME)},
        {"End", KEY_FUNCTION(KEY_END)},
        {"IC", KEY_FUNCTION(KEY_IC)},
        {"DC", KEY_FUNCTION(KEY_DC)},
        {"BSpace", 127},
        {"M-Enter", KEY_ALT_RETURN},
    };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (text_equal(name, named[i].name)) {
            return named[i].key;
        }
    }
    if (text_starts(name, "C-") && strlen(name) == 3) {
        return KEY_CONTROL(name[2]);
    }
    int number = 0;
    if (sscanf(name, "F%d", &number) == 1) {
        return KEY_FUNCTION(KEY_F(number));
    }
    return strlen(name) == 1 ? name[0] : 0;
}

static bool is_pressed_in(const Scene *scene, const char *table, Key key)
{
    for (size_t i = 0; i < SCENE_STEPS && scene->steps[i].keys; i++) {
        const SceneStep *step = &scene->steps[i];
        if (step->shows && step->shows[0] != SCENE_STILL && text_equal(step->table, table) &&
            key_of(step->keys) == key) {
            return true;
        }
    }
    return false;
}

static bool is_pressed(const char *table, Key key)
{
    for (size_t i = 0; i < scene_count; i++) {
        if (is_pressed_in(&scenes[i], table, key)) {
            return true;
        }
    }
    for (size_t i = 0; i < walk_count; i++) {
        if (is_pressed_in(&walks[i], table, key)) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof not_pressed / sizeof *not_pressed; i++) {
        if (not_pressed[i] == key) {
            return true;
        }
    }
    return false;
}

static bool is_like(const Binding *binding, const Bindings *other)
{
    for (size_t i = 0; other && i < other->count; i++) {
        if (other->items[i].keys[0] == binding->keys[0] && other->items[i].action == binding->action) {
            return text_equal(other->items[i].line, binding->line);
        }
    }
    return false;
}

static const char *name_of(Key key)
{
    return key >= ' ' ? support_keep(text_format("%c", key))
                      : support_keep(memory_string(key < 0 ? keyname(-key) : unctrl((chtype)key)));
}

static void every_key_is_pressed_and_shows_something(void **state)
{
    (void)state;
    Text missing = {0};
    for (size_t t = 0; t < TABLE_COUNT; t++) {
        for (size_t i = 0; i < tables[t].keys->count; i++) {
            const Binding *binding = &tables[t].keys->items[i];
            for (size_t k = 0; k < sizeof binding->keys / sizeof *binding->keys && binding->keys[k]; k++) {
                if (!is_like(binding, tables[t].like) && !is_pressed(tables[t].name, binding->keys[k])) {
                    text_addf(&missing, "  %s: %s (%s)\n", tables[t].name, name_of(binding->keys[k]),
                              binding->note);
                }
            }
        }
    }
    if (missing.length > 0) {
        const char *list = support_keep(text_take(&missing));
        fail_msg("no scene presses these keys and says what they show:\n%s", list);
    }
}

/* ---- the hint row ---- */

static void every_hint_row_fits_and_names_the_help(void **state)
{
    (void)state;
    static const int widths[] = {60, 80, 120};
    for (size_t t = 0; t < TABLE_COUNT; t++) {
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            const char *hints = support_keep(keys_hints(*tables[t].keys, widths[w]));
            if (cells_width(hints) > widths[w] || !strstr(hints, " ? help ")) {
                fail_msg("%s, %d columns: \"%s\"", tables[t].name, widths[w], hints);
            }
        }
    }
}

static void the_hint_row_of_what_is_typed_into_fits_and_names_the_way_out(void **state)
{
    (void)state;
    for (size_t t = 0; t < TYPING_COUNT; t++) {
        const char *hints = support_keep(keys_hints_alone(*typing_tables[t].keys, 60));
        if (cells_width(hints) > 60 || !strstr(hints, " Esc cancel ") || strstr(hints, " ? ")) {
            fail_msg("%s: \"%s\"", typing_tables[t].name, hints);
        }
    }
}

/* ---- are all tables known? ---- */

static int tables_in(const char *path)
{
    int count = 0;
    for (const char *at = support_read(path); (at = strstr(at, "static const Binding ")); at++) {
        count++;
    }
    return count;
}

static int tables_known(const char *path)
{
    int count = 0;
    for (size_t t = 0; t < TABLE_COUNT; t++) {
        count += text_equal(tables[t].source, strrchr(path, '/') + 1);
    }
    for (size_t t = 0; t < TYPING_COUNT; t++) {
        count += text_equal(typing_tables[t].source, strrchr(path, '/') + 1);
    }
    return count;
}

static void every_key_table_is_looked_at(void **state)
{
    (void)state;
    glob_t sources = {0};
    const char *stranger = NULL;
    assert_int_equal(glob(AMX_SOURCE_DIR "/src/ui/*.c", 0, NULL, &sources), 0);
    for (size_t i = 0; i < sources.gl_pathc; i++) {
        if (tables_in(sources.gl_pathv[i]) != tables_known(sources.gl_pathv[i])) {
            stranger = support_keep(memory_string(sources.gl_pathv[i]));
        }
    }
    globfree(&sources);
    if (stranger) {
        fail_msg("%s has %d key tables; %d are looked at here", stranger, tables_in(stranger),
                 tables_known(stranger));
    }
}

/* ---- pressing them ---- */

static void walk(void **state)
{
    Stage *stage = stage_play(*state, STAGE_SANITIZED, 80, 24);
    stage_leave(stage);
    stage_close(stage);
}

static int press_them(void)
{
    struct CMUnitTest *tests = memory_zero(walk_count, sizeof *tests);
    for (size_t i = 0; i < walk_count; i++) {
        tests[i] = (struct CMUnitTest){.name = walks[i].name,
                                       .test_func = walk,
                                       .teardown_func = stage_teardown,
                                       .initial_state = (void *)(uintptr_t)&walks[i]};
    }
    int failed = _cmocka_run_group_tests("walks", tests, walk_count, NULL, NULL);
    free(tests);
    return failed;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_pressed_and_shows_something),
        cmocka_unit_test(every_hint_row_fits_and_names_the_help),
        cmocka_unit_test(the_hint_row_of_what_is_typed_into_fits_and_names_the_way_out),
        cmocka_unit_test(every_key_table_is_looked_at),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return support_cleanup(failed + press_them());
}

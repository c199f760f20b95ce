/* Every key that the screen knows is pressed, and seen to do something. A key table is what a view offers in
 * its hint row and its help; a key in it that no scene presses, or that shows nothing new, fails here. */
#include <curses.h>
#include <glob.h>
#include <string.h>

#include "cells.h"
#include "ask_queue.h"
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

#define PICKER "db history-store"
#define OFF "shared off"
#define ON "reach         yes"

#define HISTORY "!sqlite3 $FOLDER/ann/history.db "
#define RENAME "'PRAGMA legacy_alter_table = ON; ALTER TABLE "
#define EVENTS_LOST HISTORY RENAME "app_events RENAME TO lost'"
#define EVENTS_FOUND HISTORY RENAME "lost RENAME TO app_events'"
#define BOB "!AMX_HOME=$FOLDER/bob LOGNAME=bob $AMX"

typedef struct KeyTable {
    const char *name;
    const Bindings *keys;
    const char *source;
} KeyTable;

/* Every key table, by the name that scenes give it. A source that has one and is not named fails as well. */
static const KeyTable tables[] = {
    {"everywhere", &keys_global, "keys.c"},
    {"picker", &view_picker_keys, "view_picker.c"},
    {"list", &view_list_keys, "view_list.c"},
    {"sessions", &view_list_session_keys, "view_list.c"},
    {"events", &view_list_event_keys, "view_list.c"},
    {"runs", &view_list_run_keys, "view_list.c"},
    {"run", &view_run_keys, "view_run.c"},
    {"compare", &view_compare_keys, "view_compare.c"},
    {"team", &view_team_keys, "view_team.c"},
    {"document", &view_document_keys, "view_document.c"},
    {"filtered document", &view_document_filtered_keys, "view_document.c"},
    {"loading", &view_loading_keys, "view_loading.c"},
    {"review", &view_review_keys, "view_review.c"},
    {"session", &view_session_keys, "view_session.c"},
    {"foreign session", &view_session_foreign_keys, "view_session.c"},
    {"ask", &view_ask_keys, "view_ask.c"},
    {"ask reading", &view_ask_reading_keys, "view_ask.c"},
    {"ask only", &view_ask_only_keys, "view_ask.c"},
};
#define TABLE_COUNT (sizeof tables / sizeof *tables)

/* Of views into which text is typed: no key opens the help there, and their keys are only explained. */
static const KeyTable typing_tables[] = {
    {"prompt", &prompt_keys, "prompt.c"},
    {"command line", &prompt_command_keys, "prompt.c"},
    {"enable", &form_enable_keys, "form_enable.c"},
    {"queue", &ask_queue_keys, "ask_queue.c"},
};
#define TYPING_COUNT (sizeof typing_tables / sizeof *typing_tables)

/* What no terminal of today sends, Enter of the number block is an Enter to them; and what nothing in the
 * homes has: a fourth draft. */
static const Key not_pressed[] = {KEY_FUNCTION(KEY_ENTER), '4'};

/* The keys that every list has: they look for a word that two rows hold, and sort. */
#define LIST_STEPS(table, word, other, selected)                                                             \
    SCENE_STEP(table, "/", "\n/"), SCENE_STEP(NULL, "\"" word, NULL), SCENE_STEP(NULL, "Enter", "-\n/"),     \
        SCENE_STEP(table, "n", other), SCENE_STEP(table, "N", selected),                                     \
        SCENE_STEP(table, "!", "choose a column"), SCENE_STEP(table, ">", "↑"), SCENE_STEP(table, "<", "-↑")

/* Scenes that are not worth saving: they walk from key to key. */
static const Scene walks[] = {
    {"walk-picker",
     "shared",
     PICKER,
     ON,
     {
         {"everywhere", "j", "> Flush pending"},
         {"everywhere", "k", "> Status"},
         {"everywhere", "Down", "> Flush pending"},
         {"everywhere", "Up", "> Status"},
         {"everywhere", "G", "> Cancel"},
         {"everywhere", "g", "> Status"},
         {"everywhere", "End", "> Cancel"},
         {"everywhere", "Home", "> Status"},
         {"everywhere", "NPage", "> Cancel"},
         {"everywhere", "PPage", "> Status"},
         {"everywhere", "C-f", "> Cancel"},
         {"everywhere", "C-b", "> Status"},
         {"everywhere", "Space", "> Cancel"},
         {"picker", "s", "> Status"},
         {"picker", "l", "> List pending"},
         {"picker", "C-j", "db history-store list-pending"},
         {"everywhere", "q", "> Status"},
         {NULL, "!mv $FOLDER/team $FOLDER/away", NULL},
         {"picker", "F5", "reach         NO"},
         {NULL, "!mv $FOLDER/away $FOLDER/team", NULL},
         {"picker", "C-r", "in sync       yes"},
         {NULL, "!printf '\\033[20;40Hspoilt' >$TTY", "spoilt"},
         {"everywhere", "C-l", "-spoilt"},
         {"everywhere", "Tab", "[S Sessions]"},
         {"everywhere", "BTab", "[P History store]"},
         {"everywhere", "R", "[R Runs]"},
         {"everywhere", "V", "no review is open"},
         {"everywhere", "T", "[T Team]"},
         {"everywhere", "E", "[E Events]"},
         {"everywhere", "P", "[P History store]"},
         {"everywhere", "C-c", "nothing runs"},
         {"everywhere", "F1", "Keys everywhere"},
         {"everywhere", "Escape", "> Status"},
         {"picker", "Escape", "left with 0"},
     },
     NULL,
     NULL},
    {"walk-list",
     "shared",
     PICKER,
     ON,
     {
         {"everywhere", "S", "2 of 2"},
         {NULL, "!AMX_HOME=$FOLDER/ann LOGNAME=ann $AMX session new --title Another", NULL},
         {"everywhere", "F5", "Another"},
         {NULL, "!AMX_HOME=$FOLDER/ann LOGNAME=ann $AMX session new --title Fourth", NULL},
         {"everywhere", "C-r", "Fourth"},
         {"sessions", "/", "\n/"},
         {NULL, "\"leads", NULL},
         {NULL, "Enter", "-\n/"},
         {"sessions", "C-j", "session 2 of"},
         {"foreign session", "x", "save to a file"},
         {NULL, "q", "-save to a file"},
         {"foreign session", "r", "is bound to"},
         {NULL, "Enter", "-is bound to"},
         {"foreign session", "F", "Not forked"},
         {NULL, "Enter", "-Not forked"},
         {NULL, "q", "-Session 2"},
         {"sessions", "r", "is bound to"},
         {NULL, "Enter", "-is bound to"},
         {NULL, "Escape", "Fourth"},
         {NULL, "g", ">  4"},
         {"sessions", "Enter", "Session 4"},
         {"session", "x", "save to a file"},
         {NULL, "q", "-save to a file"},
         {"session", "r", "active under profile shop"},
         {NULL, "Escape", "> Status"},
         {"everywhere", "S", "[S Sessions]"},
         {"session", "F", "session 5 of"},
     },
     NULL,
     NULL},
    {"walk-sessions-go-on",
     "shared",
     PICKER,
     ON,
     {
         {"everywhere", "S", "2 of 2"},
         {NULL, "G", ">  1"},
         {"sessions", "x", "save to a file"},
         {NULL, "q", "-save to a file"},
         {"sessions", "t", "Title: "},
         {NULL, "\" indeed", NULL},
         {NULL, "Enter", "-Title: "},
         {"sessions", "F", "Ask 3  shop"},
     },
     NULL,
     NULL},
    {"walk-ask",
     "shared",
     PICKER,
     ON,
     {
         {"everywhere", "A", "Ask 1  shop"},
         {NULL, "\"one", "ask> one"},
         {NULL, "C-a", NULL},
         {"ask", "M-Enter", "\n      one"},
         {"ask", "C-x", "edited"},
         {NULL, "Enter", "[A Ask]"},
         {NULL, "C-u", "-one"},
         {NULL, "\"where is the customer?", NULL},
         {"ask", "Enter", "4 turns"},
         {NULL, "\"and its email?", NULL},
         {"ask", "C-j", "6 turns"},
         {"ask", "F1", "questions before"},
         {NULL, "q", "ask>"},
         {"ask", "Tab", "citation "},
         {NULL, "Escape", "-citation "},
         {"ask", "C-n", "Ask  shop  new session"},
         {"ask", "Escape", "> Status"},
     },
     NULL,
     NULL},
    {"walk-ask-reading",
     "shared",
     PICKER,
     ON,
     {
         {"everywhere", "A", "Ask 1  shop"},
         {NULL, "Tab", "citation 1/"},
         {"ask reading", "Tab", "citation 2/"},
         {"ask reading", "BTab", "citation 1/"},
         {"ask reading", "Enter", "save to a file"},
         {NULL, "q", "-save to a file"},
         {"ask reading", "C-j", "save to a file"},
         {NULL, "q", "-save to a file"},
         {"ask reading", "H", "History of"},
         {NULL, "q", "-History of"},
         {"ask reading", "Escape", "-citation 1/"},
         {NULL, "Tab", "citation 1/"},
         {"ask reading", "C-n", "Ask  shop  new session"},
     },
     NULL,
     NULL},
    {"walk-ask-only",
     "shared",
     "--read-only " PICKER,
     ON,
     {
         {"everywhere", "A", "READ-ONLY"},
         {"ask only", "Tab", "citation 1/"},
         {NULL, "Tab", "citation 2/"},
         {"ask only", "BTab", "citation 1/"},
         {"ask only", "Enter", "save to a file"},
         {NULL, "q", "-save to a file"},
         {"ask only", "C-j", "save to a file"},
         {NULL, "q", "-save to a file"},
         {"ask only", "H", "History of"},
     },
     NULL,
     NULL},
    {"walk-document",
     "new",
     PICKER,
     OFF,
     {
         {"picker", "d", "> Dump DDL"},
         {"picker", "Enter", "Run it once"},
         {"everywhere", "Enter", "-Shared history of amx"},
         {"everywhere", "C-j", "-Run it once"},
         {"everywhere", "g", "Run it once"},
         {"everywhere", "l", "-Run it once"},
         {"everywhere", "h", "Run it once"},
         {"everywhere", "Right", "-Run it once"},
         {"everywhere", "Left", "Run it once"},
         {"document", "/", "\n/"},
         {NULL, "\"store_id", "1 of 2"},
         {NULL, "Enter", "-\n/"},
         {"document", "n", "2 of 2"},
         {"document", "N", "1 of 2"},
         {"everywhere", "y", "copied"},
         {"everywhere", "o", "paged"},
         {NULL, "Enter", "1 of 2"},
         {"everywhere", "e", "edited"},
         {NULL, "Enter", "1 of 2"},
         {"document", "s", "Save to:"},
     },
     NULL,
     NULL},
    {"walk-filtered-document",
     "new",
     PICKER,
     OFF,
     {
         {"everywhere", "?", "Keys everywhere"},
         {"filtered document", "/", "\n/"},
         {NULL, "Escape", "-\n/"},
         {"filtered document", "s", "Save to:"},
     },
     NULL,
     NULL},
    {"walk-loading",
     "shared",
     PICKER,
     ON,
     {
         {NULL, EVENTS_LOST, NULL},
         {"everywhere", "E", "tries again"},
         {NULL, EVENTS_FOUND, NULL},
         {"loading", "F5", "enable"},
     },
     NULL,
     NULL},
    {"walk-loading-again",
     "shared",
     PICKER,
     ON,
     {
         {NULL, EVENTS_LOST, NULL},
         {"everywhere", "E", "tries again"},
         {NULL, EVENTS_FOUND, NULL},
         {"loading", "C-r", "enable"},
     },
     NULL,
     NULL},
    {"walk-sessions",
     "team",
     PICKER,
     ON,
     {
         {"everywhere", "S", ">  2"},
         {"sessions", "Enter", "session 2 of"},
         {NULL, "q", ">  2"},
         {"sessions", "C-j", "session 2 of"},
         {NULL, "q", ">  2"},
         LIST_STEPS("sessions", "w", ">  1", ">  2"),
         {"sessions", "f", "-all profiles"},
         {"everywhere", "m", "mouse off"},
         {"everywhere", "F9", "mouse on"},
     },
     NULL,
     NULL},
    {"walk-plain-list",
     "team",
     PICKER,
     ON,
     {
         SCENE_COMMAND("session list --all-profiles --who ann", ">  2"),
         {"list", "Enter", "session 2 of"},
         {NULL, "q", ">  2"},
         {"list", "C-j", "session 2 of"},
         {NULL, "q", ">  2"},
         LIST_STEPS("list", "w", ">  1", ">  2"),
         {"list", "f", "one scope"},
     },
     NULL,
     NULL},
    {"walk-events",
     "team",
     PICKER,
     ON,
     {
         {"everywhere", "E", "scope: mine"},
         {"events", "Enter", "Detail:"},
         {NULL, "q", "-Detail:"},
         {"events", "C-j", "Detail:"},
         {NULL, "q", "-Detail:"},
         {"events", "f", "scope: team"},
         {NULL, "g", ">  1  3d    bob@lap"},
         LIST_STEPS("events", "enable", ">  1  3d    ann@web1", ">  1  3d    bob@lap"),
     },
     NULL,
     NULL},
    {"walk-runs",
     "team",
     PICKER,
     ON,
     {
         {"everywhere", "R", ">   2"},
         LIST_STEPS("runs", "shop", ">   1", ">   2"),
         {"runs", "v", "Review 2"},
         {NULL, "q", "-Review 2"},
         {"runs", "b", "nothing of run 2"},
         {"runs", "Enter", "Run 2"},
         {"run", "b", "nothing of run 2"},
         {NULL, "q", "-Run 2"},
         {"runs", "C-j", "Run 2"},
         {"run", "v", "Review 2"},
     },
     NULL,
     NULL},
    {"walk-run",
     "team",
     PICKER,
     ON,
     {
         {"everywhere", "R", ">   2"},
         {"runs", "Enter", "Run 2"},
         {"run", "Enter", "Drafts"},
         {NULL, "q", "-Drafts"},
         {"run", "C-j", "Drafts"},
         {NULL, "q", "-Drafts"},
         LIST_STEPS("run", "customer", "> 104", "> 103"),
     },
     NULL,
     NULL},
    {"walk-team-run",
     "team",
     PICKER,
     ON,
     {
         {"everywhere", "R", ">   2"},
         {"runs", "f", "bob@lap"},
         {NULL, "/", "\n/"},
         {NULL, "\"bob", NULL},
         {NULL, "Enter", "-\n/"},
         {"runs", "v", "read-only"},
         {"runs", "Enter", "Run 1  product"},
         {NULL, BOB " review 1 --accept high", NULL},
         {"run", "F5", "-accepted 0"},
         {NULL, BOB " apply 1 --yes", NULL},
         {"run", "C-r", "-applied 0"},
     },
     NULL,
     NULL},
    {"walk-compare",
     "team",
     PICKER,
     ON,
     {
         {"everywhere", "R", ">   2"},
         {"runs", "c", "run 2 is marked"},
         {"runs", "j", ">   1"},
         {"runs", "c", "only B"},
         {"compare", "Enter", "save to a file"},
         {NULL, "q", "-save to a file"},
         {"compare", "C-j", "save to a file"},
         {NULL, "q", "-save to a file"},
         {"compare", "N", "no difference further up"},
         {"compare", "n", "  2/"},
         {"compare", "d", "/98 diff"},
     },
     NULL,
     NULL},
    {"walk-team",
     "team",
     PICKER,
     ON,
     {
         {"everywhere", "T", "bob@lap"},
         LIST_STEPS("team", "a", "> bob@lap", "> ann@web1"),
         {NULL, "Escape", "-/a"},
         {"team", "b", "Team  by table"},
         {"team", "b", "Team  by engineer"},
         {NULL, BOB " run --all category", NULL},
         {"team", "F5", "3 of 3"},
         {NULL, BOB " run --all category", NULL},
         {"team", "C-r", "  10   "},
         {"team", "Enter", "Runs  team, of ann@web1"},
         {NULL, "q", "-Runs  team, of ann@web1"},
         {"team", "C-j", "Runs  team, of ann@web1"},
         {NULL, "q", "-Runs  team, of ann@web1"},
     },
     NULL,
     NULL},
    {"walk-review",
     "team",
     PICKER,
     ON,
     {
         SCENE_COMMAND("review 2", "Review 2  1/10"),
         {"review", "j", "Review 2  2/10"},
         {"review", "k", "Review 2  1/10"},
         {"review", "J", "Review 2  2/10"},
         {"review", "K", "Review 2  1/10"},
         {"review", "Down", "Review 2  2/10"},
         {"review", "Up", "Review 2  1/10"},
         {"review", "2", "Review 2  2/10"},
         {"review", "3", "Review 2  3/10"},
         {"review", "1", "Review 2  4/10"},
         {"review", "a", "Review 2  5/10"},
         {"review", "s", "Review 2  6/10"},
         {"review", "u", "-Review 2  6/10"},
         {"review", "A", "[ No ]"},
         {NULL, "n", "-[ No ]"},
         {"review", "W", "[ No ]"},
         {NULL, "n", "-[ No ]"},
         {"review", "E", "edited"},
         {NULL, "Enter", "Review 2"},
         {"review", "C-x", "edited"},
         {NULL, "Enter", "Review 2"},
         {"review", "d", "save to a file"},
         {NULL, "q", "-save to a file"},
         {"review", "e", "\nText: "},
         {NULL, "Escape", "-\nText: "},
         {"review", "/", "\n/"},
         {NULL, "Escape", "-\n/"},
     },
     NULL,
     NULL},
    {"walk-leaving", "new", PICKER, OFF, {{"picker", "q", "left with 0"}}, NULL, NULL},
    {"walk-suspended",
     "new",
     PICKER "; echo suspended; read -r _; fg",
     OFF,
     {{"everywhere", "C-z", "suspended"}, {NULL, "Enter", "> Status"}, {"picker", "q", "left with 0"}},
     NULL,
     NULL},
};

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
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
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
                if (!is_pressed(tables[t].name, binding->keys[k])) {
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

int main(void)
{
    struct CMUnitTest tests[4 + sizeof walks / sizeof *walks] = {
        cmocka_unit_test(every_key_is_pressed_and_shows_something),
        cmocka_unit_test(every_hint_row_fits_and_names_the_help),
        cmocka_unit_test(the_hint_row_of_what_is_typed_into_fits_and_names_the_way_out),
        cmocka_unit_test(every_key_table_is_looked_at),
    };
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
        tests[4 + i] = (struct CMUnitTest){.name = walks[i].name,
                                           .test_func = walk,
                                           .teardown_func = stage_teardown,
                                           .initial_state = (void *)(uintptr_t)&walks[i]};
    }
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

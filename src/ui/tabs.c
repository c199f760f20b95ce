#include "tabs.h"

#include "cells.h"
#include "memory.h"
#include "text.h"
#include "view.h"
#include "view_ask.h"
#include "view_picker.h"
#include "view_team.h"

static const TabKind kinds[TAB_COUNT] = {
    [TAB_PICKER] = {"History store", ACTION_TAB_PICKER, view_picker_open, NULL, NULL},
    [TAB_SESSIONS] = {"Sessions", ACTION_TAB_SESSIONS, NULL, "session list --all-profiles", screen_show},
    [TAB_ASK] = {"Ask", ACTION_TAB_ASK, view_ask_open, NULL, NULL},
    [TAB_RUNS] = {"Runs", ACTION_TAB_RUNS, NULL, "history list", screen_show},
    [TAB_REVIEW] = {"Review", ACTION_TAB_REVIEW, NULL, NULL, NULL},
    [TAB_TEAM] = {"Team", ACTION_TAB_TEAM, view_team_open, NULL, NULL},
    [TAB_EVENTS] = {"Events", ACTION_TAB_EVENTS, NULL, "history events", screen_show},
};

const TabKind *tabs_kind(TabId tab)
{
    return &kinds[tab];
}

bool tabs_of_action(Action action, TabId *tab)
{
    for (int i = 0; i < TAB_COUNT; i++) {
        if (kinds[i].action == action) {
            *tab = (TabId)i;
            return true;
        }
    }
    return false;
}

/* "S Sessions", or without its key where there is no room for it. */
static char *label_of(TabId tab, bool with_key)
{
    const Binding *binding = with_key ? keys_find_action(keys_global, kinds[tab].action) : NULL;
    return binding ? text_format("%s %s", binding->label, kinds[tab].name) : memory_string(kinds[tab].name);
}

/* Which tabs tell their keys. */
typedef enum TabKeys { KEYS_OF_ALL, KEYS_OF_OTHERS, KEYS_OF_NONE } TabKeys;

/* The labels of the tabs that are present, NULL for the others; false when the row is too narrow for them. */
static bool make_labels(int width, const bool present[TAB_COUNT], TabId shown, TabKeys keys,
                        char *labels[TAB_COUNT])
{
    int used = 0;
    for (int i = 0; i < TAB_COUNT; i++) {
        bool with_key = keys == KEYS_OF_ALL || (keys == KEYS_OF_OTHERS && (TabId)i != shown);
        labels[i] = present[i] ? label_of((TabId)i, with_key) : NULL;
        used += labels[i] ? cells_width(labels[i]) + 2 : 0;
    }
    return used <= width;
}

static void free_labels(char *labels[TAB_COUNT])
{
    for (int i = 0; i < TAB_COUNT; i++) {
        free(labels[i]);
    }
}

/* The one that is shown is the first that can do without its key. */
static void fit_labels(int width, const bool present[TAB_COUNT], TabId shown, char *labels[TAB_COUNT])
{
    for (TabKeys keys = KEYS_OF_ALL; !make_labels(width, present, shown, keys, labels); keys++) {
        if (keys == KEYS_OF_NONE) {
            return;
        }
        free_labels(labels);
    }
}

void tabs_draw(const Area *row, const bool present[TAB_COUNT], TabId shown)
{
    char *labels[TAB_COUNT];
    fit_labels(row->width, present, shown, labels);
    int column = 0;
    for (int i = 0; i < TAB_COUNT; i++) {
        if (labels[i]) {
            char *text = text_format((TabId)i == shown ? "[%s]" : " %s ", labels[i]);
            int cells = cells_width(text);
            draw_text(row, 0, column, cells, (TabId)i == shown ? DRAW_TAB : DRAW_PLAIN, text);
            column += cells;
            free(text);
        }
    }
    free_labels(labels);
}

bool tabs_at(int width, const bool present[TAB_COUNT], TabId shown, int column, TabId *tab)
{
    char *labels[TAB_COUNT];
    fit_labels(width, present, shown, labels);
    int right = 0;
    bool found = false;
    for (int i = 0; i < TAB_COUNT && !found; i++) {
        right += labels[i] ? cells_width(labels[i]) + 2 : 0;
        found = labels[i] && column < right;
        *tab = (TabId)i;
    }
    free_labels(labels);
    return found;
}

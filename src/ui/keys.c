#include "keys.h"

#include <curses.h>
#include <string.h>

#include "cells.h"
#include "match.h"
#include "memory.h"
#include "text.h"

static const Binding global_bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "open", NULL, ACTION_OPEN, false},
    {{'q', KEY_ESCAPE}, "q/Esc", "back", NULL, ACTION_BACK, true},
    {{KEY_FUNCTION(KEY_F(5)), KEY_CONTROL('r')}, "F5", "reload", NULL, ACTION_RELOAD, false},
    {{'?', KEY_FUNCTION(KEY_F(1))}, "?", "help", NULL, ACTION_HELP, true},
    {{':'}, ":", "command", NULL, ACTION_COMMAND, true},
    {{'M'}, "M", "messages", NULL, ACTION_MESSAGES, true},
    {{KEY_CONTROL('c')}, "^C", "stop the command that runs", NULL, ACTION_STOP, false},
    {{0}, "Esc", "stop first what this tab asked for, while it is under way", NULL, ACTION_NONE, false},
    {{'m', KEY_FUNCTION(KEY_F(9))},
     "m F9",
     "the mouse on or off; off, the terminal selects text itself",
     NULL,
     ACTION_MOUSE,
     false},
    {{KEY_CONTROL('l')}, "^L", "draw again", NULL, ACTION_REDRAW, false},
    {{KEY_CONTROL('z')}, "^Z", "suspend", NULL, ACTION_SUSPEND, false},
    {{KEY_TAB}, "Tab", "next tab", NULL, ACTION_TAB_NEXT, true},
    {{KEY_FUNCTION(KEY_BTAB)}, "Shift-Tab", "tab before", NULL, ACTION_TAB_PREVIOUS, false},
    {{'P'}, "P", "history store", NULL, ACTION_TAB_PICKER, false},
    {{'S'}, "S", "sessions", NULL, ACTION_TAB_SESSIONS, false},
    {{'A'}, "A", "ask", NULL, ACTION_TAB_ASK, false},
    {{'R'}, "R", "runs", NULL, ACTION_TAB_RUNS, false},
    {{'V'}, "V", "review, while one is open", NULL, ACTION_TAB_REVIEW, false},
    {{'T'}, "T", "team", NULL, ACTION_TAB_TEAM, false},
    {{'E'}, "E", "events", NULL, ACTION_TAB_EVENTS, false},
    {{'y'}, "y", "copy to the clipboard", NULL, ACTION_COPY, false},
    {{'o'}, "o", "open in $PAGER", NULL, ACTION_PAGER, false},
    {{'e'}, "e", "open in $EDITOR", NULL, ACTION_EDITOR, false},
    {{'k', KEY_FUNCTION(KEY_UP)}, "k Up", "up", NULL, ACTION_UP, false},
    {{'j', KEY_FUNCTION(KEY_DOWN)}, "j Down", "down", NULL, ACTION_DOWN, false},
    {{'h', KEY_FUNCTION(KEY_LEFT)}, "h Left", "left", NULL, ACTION_LEFT, false},
    {{'l', KEY_FUNCTION(KEY_RIGHT)}, "l Right", "right", NULL, ACTION_RIGHT, false},
    {{KEY_FUNCTION(KEY_PPAGE), KEY_CONTROL('b')}, "PgUp", "a page up", NULL, ACTION_PAGE_UP, false},
    {{KEY_FUNCTION(KEY_NPAGE), KEY_CONTROL('f'), ' '}, "PgDn", "a page down", NULL, ACTION_PAGE_DOWN, false},
    {{'g', KEY_FUNCTION(KEY_HOME)}, "g Home", "first", NULL, ACTION_FIRST, false},
    {{'G', KEY_FUNCTION(KEY_END)}, "G End", "last", NULL, ACTION_LAST, false},
};

const Bindings keys_global = KEYS_OF(global_bindings);

static bool binds_key(const Binding *binding, Key key)
{
    for (size_t i = 0; i < sizeof binding->keys / sizeof *binding->keys && binding->keys[i]; i++) {
        if (binding->keys[i] == key) {
            return true;
        }
    }
    return false;
}

const Binding *keys_find(Bindings bindings, Key key)
{
    for (size_t i = 0; i < bindings.count; i++) {
        if (binds_key(&bindings.items[i], key)) {
            return &bindings.items[i];
        }
    }
    return NULL;
}

const Binding *keys_find_action(Bindings bindings, Action action)
{
    for (size_t i = 0; i < bindings.count; i++) {
        if (bindings.items[i].action == action) {
            return &bindings.items[i];
        }
    }
    return NULL;
}

bool keys_leads_away(Key key)
{
    const Binding *binding = keys_find(keys_global, key);
    switch (binding ? binding->action : ACTION_NONE) {
    case ACTION_BACK:
    case ACTION_RELOAD:
    case ACTION_HELP:
    case ACTION_COMMAND:
    case ACTION_MESSAGES:
    case ACTION_MOUSE:
    case ACTION_REDRAW:
    case ACTION_SUSPEND:
    case ACTION_STOP:
    case ACTION_TAB_NEXT:
    case ACTION_TAB_PREVIOUS:
    case ACTION_TAB_PICKER:
    case ACTION_TAB_SESSIONS:
    case ACTION_TAB_ASK:
    case ACTION_TAB_RUNS:
    case ACTION_TAB_REVIEW:
    case ACTION_TAB_TEAM:
    case ACTION_TAB_EVENTS:
        return true;
    default:
        return false;
    }
}

/* What the hint row says about a binding, NULL when nothing; owned by the caller. */
static char *hint_of(const Binding *binding, Bindings replaced_by)
{
    return binding->hint && !keys_find(replaced_by, binding->keys[0])
               ? text_format(" %s %s ", binding->label, binding->note)
               : NULL;
}

/* Adds hints while there are cells left, and returns how many still are; -1 when one had no place. */
static int add_hints(Text *out, Bindings bindings, Bindings replaced_by, int left)
{
    for (size_t i = 0; i < bindings.count && left >= 0; i++) {
        char *hint = hint_of(&bindings.items[i], replaced_by);
        int cells = hint ? cells_width(hint) : 0;
        text_add(out, hint && cells <= left ? hint : "");
        left = cells <= left ? left - cells : -1;
        free(hint);
    }
    return left;
}

/* Adds a view's own hints and the global ones; false when some had no place. */
static bool add_all_hints(Text *out, Bindings own, int width)
{
    int left = add_hints(out, own, (Bindings){0}, width);
    return left >= 0 && add_hints(out, keys_global, own, left) >= 0;
}

char *keys_hints(Bindings own, int width)
{
    Text out = {0};
    if (!add_all_hints(&out, own, width)) {
        char *help = hint_of(keys_find_action(keys_global, ACTION_HELP), (Bindings){0});
        text_free(&out);
        out = (Text){0};
        add_all_hints(&out, own, width - cells_width(help));
        text_add(&out, strstr(text_string(&out), help) ? "" : help);
        free(help);
    }
    return text_take(&out);
}

char *keys_hints_alone(Bindings own, int width)
{
    Text out = {0};
    add_hints(&out, own, (Bindings){0}, width);
    return text_take(&out);
}

/* The "q" is for its replacing the global one; what a key does is up to the action. */
Bindings keys_stopping(Bindings own)
{
    const Binding stopping = {{'q', KEY_ESCAPE}, "Esc", "stop", NULL, ACTION_BACK, true};
    Binding *items = memory_zero(own.count + 1, sizeof *items);
    size_t count = 0;
    bool replaced = false;
    for (size_t i = 0; i < own.count; i++) {
        bool back = own.items[i].action == ACTION_BACK && binds_key(&own.items[i], KEY_ESCAPE);
        items[count++] = back ? stopping : own.items[i];
        replaced = replaced || back;
    }
    if (!replaced) {
        items[count++] = stopping;
    }
    return (Bindings){items, count};
}

/* Does the filter, folded already, let this line of the help through? */
static bool lets_through(const char *filter, const char *line)
{
    char *text = match_fold(line);
    bool found = strstr(text, filter) != NULL;
    free(text);
    return found;
}

static char *help_line(const Binding *binding)
{
    return binding->line ? text_format("  %-12s %s  (:%s)\n", binding->label, binding->note, binding->line)
                         : text_format("  %-12s %s\n", binding->label, binding->note);
}

static void add_help(Text *out, const char *heading, Bindings bindings, Bindings replaced_by,
                     const char *filter)
{
    bool headed = false;
    for (size_t i = 0; i < bindings.count; i++) {
        const Binding *binding = &bindings.items[i];
        char *line = help_line(binding);
        if (!keys_find(replaced_by, binding->keys[0]) && lets_through(filter, line)) {
            text_addf(out, "%s%s%s", !headed && out->length ? "\n" : "", headed ? "" : heading, line);
            headed = true;
        }
        free(line);
    }
}

char *keys_help(Bindings own, const char *filter)
{
    Text out = {0};
    char *folded = match_fold(filter);
    add_help(&out, "Keys of this view\n", own, (Bindings){0}, folded);
    add_help(&out, "Keys everywhere\n", keys_global, own, folded);
    if (!*folded) {
        text_add(&out, "\nThe : line runs any amx command; :help lists them.\n");
    } else if (!out.length) {
        text_add(&out, "No key matches the filter.\n");
    }
    free(folded);
    return text_take(&out);
}

#include "keys.h"

#include <curses.h>

#include "text.h"

static const Binding global_bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "open", NULL, ACTION_OPEN, false},
    {{'q', KEY_ESCAPE}, "q/Esc", "back", NULL, ACTION_BACK, true},
    {{KEY_FUNCTION(KEY_F(5)), KEY_CONTROL('r')}, "F5", "reload", NULL, ACTION_RELOAD, false},
    {{'S'}, "S", "sessions", "session list --all-profiles", ACTION_NONE, true},
    {{':'}, ":", "command", NULL, ACTION_COMMAND, true},
    {{'M'}, "M", "messages", NULL, ACTION_MESSAGES, true},
    {{'?', KEY_FUNCTION(KEY_F(1))}, "?", "help", NULL, ACTION_HELP, true},
    {{KEY_CONTROL('c')}, "^C", "stop the command that runs", NULL, ACTION_STOP, false},
    {{'m'}, "m", "the mouse on or off; off, the terminal selects text itself", NULL, ACTION_MOUSE, false},
    {{KEY_CONTROL('l')}, "^L", "draw again", NULL, ACTION_REDRAW, false},
    {{KEY_CONTROL('z')}, "^Z", "suspend", NULL, ACTION_SUSPEND, false},
    {{'k', KEY_FUNCTION(KEY_UP)}, "k Up", "up", NULL, ACTION_UP, false},
    {{'j', KEY_FUNCTION(KEY_DOWN)}, "j Down", "down", NULL, ACTION_DOWN, false},
    {{'h', KEY_FUNCTION(KEY_LEFT)}, "h Left", "left", NULL, ACTION_LEFT, false},
    {{'l', KEY_FUNCTION(KEY_RIGHT)}, "l Right", "right", NULL, ACTION_RIGHT, false},
    {{KEY_FUNCTION(KEY_PPAGE), KEY_CONTROL('b')}, "PgUp", "a page up", NULL, ACTION_PAGE_UP, false},
    {{KEY_FUNCTION(KEY_NPAGE), KEY_CONTROL('f'), ' '}, "PgDn", "a page down", NULL, ACTION_PAGE_DOWN, false},
    {{'g', KEY_FUNCTION(KEY_HOME)}, "g Home", "first", NULL, ACTION_FIRST, false},
    {{'G', KEY_FUNCTION(KEY_END)}, "G End", "last", NULL, ACTION_LAST, false},
};

const Bindings keys_global = {global_bindings, sizeof global_bindings / sizeof *global_bindings};

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

static void add_hints(Text *out, Bindings bindings, Bindings replaced_by)
{
    for (size_t i = 0; i < bindings.count; i++) {
        const Binding *binding = &bindings.items[i];
        if (binding->hint && !keys_find(replaced_by, binding->keys[0])) {
            text_addf(out, " %s %s ", binding->label, binding->note);
        }
    }
}

char *keys_hints(Bindings own)
{
    Text out = {0};
    add_hints(&out, own, (Bindings){0});
    add_hints(&out, keys_global, own);
    return text_take(&out);
}

static void add_help(Text *out, Bindings bindings, Bindings replaced_by)
{
    for (size_t i = 0; i < bindings.count; i++) {
        const Binding *binding = &bindings.items[i];
        if (!keys_find(replaced_by, binding->keys[0])) {
            text_addf(out, "  %-12s %s", binding->label, binding->note);
            text_addf(out, binding->line ? "  (:%s)\n" : "\n", binding->line);
        }
    }
}

char *keys_help(Bindings own)
{
    Text out = {0};
    text_add(&out, "Keys of this view\n");
    add_help(&out, own, (Bindings){0});
    text_add(&out, "\nKeys everywhere\n");
    add_help(&out, keys_global, own);
    text_add(&out, "\nThe : line runs any amx command; :help lists them.\n");
    return text_take(&out);
}

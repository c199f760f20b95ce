/* Keys that are typed before the rows they are about are there: they wait, in order, and so does all that is
 * typed after them. No key acts on a row that somebody did not mean. */
#include "screen_internal.h"

#include <string.h>

#include "memory.h"

static void say(Screen *screen, const char *text)
{
    screen_show_message(screen, DRAW_PLAIN, memory_string(text));
}

static bool is_awaited(const Screen *screen, Key key)
{
    const View *view = screen_top(screen);
    return view->ops->awaits && view->ops->awaits(view, key);
}

/* Does what waits end inside a filter, where every key is a part of the text? */
static bool ends_in_a_text(const KeysAhead *ahead)
{
    bool text = false;
    for (size_t i = 0; i < ahead->count; i++) {
        Key key = ahead->keys[i];
        text = text ? key != KEY_RETURN && key != '\n' : key == '/';
    }
    return text;
}

/* Those that wait are meant for what is on top now. */
static void bind(Screen *screen)
{
    screen->ahead.tab = screen->tab;
    screen->ahead.depth = screen->stacks[screen->tab].count;
}

static bool is_bound_here(const Screen *screen)
{
    return screen->ahead.tab == screen->tab && screen->ahead.depth == screen->stacks[screen->tab].count;
}

static void hold(Screen *screen, Key key)
{
    KeysAhead *ahead = &screen->ahead;
    if (ahead->count == KEYS_AHEAD) {
        say(screen, "still reading: no more keys wait, Esc drops those that do");
        return;
    }
    ahead->keys[ahead->count++] = key;
    say(screen, "still reading: the keys wait for the rows, Esc drops them");
}

void screen_drop_keys(Screen *screen)
{
    if (screen->ahead.count > 0 && screen->ahead.tab == screen->acting) {
        screen->ahead.count = 0;
        say(screen, "the keys that waited for rows were dropped");
    }
}

bool screen_holds_key(Screen *screen, Key key)
{
    if (screen->ahead.count == 0) {
        if (!is_awaited(screen, key)) {
            return false;
        }
        bind(screen);
    } else if (key == KEY_ESCAPE || key == KEY_CONTROL('c')) {
        screen_drop_keys(screen);
        return true;
    } else if (keys_leads_away(key) && !ends_in_a_text(&screen->ahead)) {
        screen->ahead.count = 0;
        return false;
    }
    hold(screen, key);
    return true;
}

static Key take_first(KeysAhead *ahead)
{
    Key key = ahead->keys[0];
    ahead->count--;
    memmove(ahead->keys, ahead->keys + 1, ahead->count * sizeof *ahead->keys);
    return key;
}

/* Something else was opened over what the keys were meant for, or one of them opened a question: it is
 * answered by keys that are typed when it can be seen. */
void screen_take_keys_ahead(Screen *screen)
{
    while (screen->ahead.count > 0 && !screen->leaving && !screen_too_small()) {
        if (!is_bound_here(screen)) {
            screen->ahead.tab = screen->acting;
            screen_drop_keys(screen);
        } else if (is_awaited(screen, screen->ahead.keys[0])) {
            return;
        } else {
            screen_take_key(screen, take_first(&screen->ahead));
            bind(screen);
            const ViewOps *ops = screen_top(screen)->ops;
            screen->ahead.count = ops->modal && !ops->pastes ? 0 : screen->ahead.count;
        }
    }
}

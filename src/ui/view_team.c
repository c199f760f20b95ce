#include "view_team.h"

#include <stdlib.h>
#include <string.h>

#include "display.h"
#include "freshness.h"
#include "listing.h"
#include "memory.h"
#include "quote.h"
#include "sparkline.h"
#include "text.h"
#include "view_document.h"

#define DAYS 30
#define HEAD 3 /* lines above the rows */

typedef enum Part { PART_WHO, PART_TABLE, PART_DAY, PARTS } Part;

static const struct {
    const char *schema;
    const char *line;
    const char *title;
} parts[PARTS] = {
    [PART_WHO] = {"amx.activity.who/", "history stats --team --by who", "by engineer"},
    [PART_TABLE] = {"amx.activity.table/", "history stats --team --by table", "by table"},
    [PART_DAY] = {"amx.activity.day/", "history stats --team --by day", "by day"},
};

/* One part of what the store was asked for. */
typedef struct Feed {
    Listing rows;
    Freshness fresh;
} Feed;

typedef struct Team {
    Feed feeds[PARTS];
    char *days;     /* runs a day as a row of characters, or NULL */
    bool days_late; /* they are to be asked for when the store has answered */
    Part shown;     /* PART_WHO or PART_TABLE, or what a command asked for */
} Team;

/* --- asking --- */

static void ask(Feed *feed, Screen *screen)
{
    if (!feed->rows.ticket) {
        listing_reload(&feed->rows, screen);
    }
}

/* The days follow what was asked for: a store that did not answer is not asked twice. */
static void ask_for_days(Team *team, Screen *screen, Part after)
{
    if (team->days_late && after != PART_DAY) {
        team->days_late = false;
        ask(&team->feeds[PART_DAY], screen);
    }
}

/* The days as they come; kept while they are shown in another order. */
static void keep_days(Team *team)
{
    const Listing *rows = &team->feeds[PART_DAY].rows;
    const Report *report = list_rows_report(&rows->rows);
    if (!report->previous && !rows->shown.sort && !*rows->shown.filter) {
        free(team->days);
        team->days = sparkline_of_days(report->items, "day", "runs", DAYS, sparkline_has_blocks());
    }
}

static void take_rows(Team *team, Screen *screen, Part part)
{
    freshness_take(&team->feeds[part].fresh);
    if (part == PART_DAY) {
        keep_days(team);
    }
    ask_for_days(team, screen, part);
}

/* --- drawing --- */

static char *title(const View *view)
{
    const Team *team = view->state;
    const Listing *rows = &team->feeds[team->shown].rows;
    Text text = {0};
    text_addf(&text, "Team  %s", parts[team->shown].title);
    listing_add_count(&text, rows);
    if (listing_is_awaited(rows)) {
        text_add(&text, "  reading..");
    }
    return text_take(&text);
}

static void draw_head(const Team *team, const Screen *screen, const Area *body)
{
    const Feed *feed = &team->feeds[team->shown];
    char *fresh = freshness_text(&feed->fresh, screen_status(screen), feed->rows.ticket);
    DrawStyle style = feed->fresh.trouble ? DRAW_WARNING : DRAW_PLAIN;
    if (!feed->fresh.loaded) {
        Area whole = *body;
        whole.left++;
        whole.width -= 2;
        draw_paragraph(&whole, 0, style, fresh);
        free(fresh);
        return;
    }
    draw_text(body, 0, 1, body->width - 1, style, fresh);
    free(fresh);
    if (team->days) {
        char *days = text_format("runs a day  %s", team->days);
        draw_text(body, 1, 1, body->width - 1, DRAW_PLAIN, days);
        free(days);
    }
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    Team *team = view->state;
    Feed *feed = &team->feeds[team->shown];
    if (!feed->fresh.loaded && feed->fresh.trouble && !feed->rows.ticket) { /* there is room for all of it */
        char *fresh = freshness_text(&feed->fresh, screen_status(screen), feed->rows.ticket);
        Area area = {body->window, body->top, body->left + 1, body->height, body->width - 2};
        draw_paragraph(&area, 0, DRAW_WARNING, fresh);
        free(fresh);
        return;
    }
    draw_head(team, screen, body);
    if (feed->fresh.loaded) {
        Area rows = *body;
        rows.top += HEAD;
        rows.height -= HEAD;
        listing_draw(&feed->rows, &rows);
    }
}

/* --- keys --- */

static void switch_part(Team *team, Screen *screen)
{
    team->shown = team->shown == PART_WHO ? PART_TABLE : PART_WHO;
    if (!team->feeds[team->shown].fresh.loaded) {
        ask(&team->feeds[team->shown], screen);
    }
}

/* An engineer's runs. */
static void open_engineer(Screen *screen, const json_t *row)
{
    Text line = {0};
    text_add(&line, "history list --team --who ");
    quote_add(&line, json_string_value(json_object_get(row, "created_by")));
    text_add(&line, " --host ");
    quote_add(&line, json_string_value(json_object_get(row, "hostname")));
    screen_submit(screen, text_string(&line));
    text_free(&line);
}

/* What was ever said about a table. */
static void open_table(Screen *screen, const json_t *row)
{
    Text line = {0};
    text_add(&line, "history table --team --fingerprint ");
    quote_add(&line, json_string_value(json_object_get(row, "fingerprint")));
    text_add(&line, " ");
    quote_add(&line, json_string_value(json_object_get(row, "table")));
    screen_submit(screen, text_string(&line));
    text_free(&line);
}

/* A day has no more to tell than its row. */
static void open_day(const Report *days, Screen *screen, json_t *row)
{
    Report one = {
        .body = REPORT_OBJECT, .columns = days->columns, .column_count = days->column_count, .items = row};
    view_document_open(
        screen, &(DocumentSpec){.title = parts[PART_DAY].title, .text = display_object(&one), .wrap = true});
}

static void open_selected(const Team *team, Screen *screen)
{
    const Listing *rows = &team->feeds[team->shown].rows;
    json_t *row = listing_selected(rows);
    if (!row) {
        return;
    }
    switch (team->shown) {
    case PART_WHO:
        open_engineer(screen, row);
        break;
    case PART_TABLE:
        open_table(screen, row);
        break;
    case PART_DAY:
    case PARTS:
        open_day(list_rows_report(&rows->rows), screen, row);
        break;
    }
}

static bool act(View *view, Screen *screen, Action action)
{
    Team *team = view->state;
    switch (action) {
    case ACTION_OPEN:
        open_selected(team, screen);
        return true;
    case ACTION_SWITCH:
        switch_part(team, screen);
        return true;
    case ACTION_RELOAD:
        team->days_late = true;
        ask(&team->feeds[team->shown], screen);
        return true;
    default:
        return listing_act(&team->feeds[team->shown].rows, screen, action);
    }
}

/* Esc takes a filter away before it leaves. */
static bool key(View *view, Screen *screen, Key pressed)
{
    Team *team = view->state;
    return listing_key(&team->feeds[team->shown].rows, screen, pressed);
}

/* The other part is one of its own. */
static bool awaits(const View *view, Key key)
{
    const Team *team = view->state;
    const Binding *binding = keys_find(view_keys(view), key);
    bool other_part = binding && binding->action == ACTION_SWITCH;
    return !other_part && listing_awaits(&team->feeds[team->shown].rows, view_keys(view), key);
}

static bool mouse(View *view, Screen *screen, const Mouse *event)
{
    Team *team = view->state;
    bool open;
    bool used = listing_mouse(&team->feeds[team->shown].rows, screen, event, &open);
    if (open) {
        open_selected(team, screen);
    }
    return used;
}

/* --- what comes back --- */

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    Team *team = view->state;
    for (size_t i = 0; i < PARTS; i++) {
        ListingNews news = listing_outcome(&team->feeds[i].rows, screen, got);
        if (news == LISTING_READ) {
            take_rows(team, screen, (Part)i);
        } else if (news == LISTING_FAILED) {
            freshness_fail(&team->feeds[i].fresh, &got->error);
        }
        if (news != LISTING_OTHER) {
            return true;
        }
    }
    return false;
}

/* While the store is out of reach it is looked for; once it is back, what it could not say is asked for. */
static bool tick(View *view, Screen *screen)
{
    Team *team = view->state;
    const Status *status = screen_status(screen);
    if (status->reach == TRI_NO) {
        screen_look_again(screen);
    }
    for (size_t i = 0; i < PARTS; i++) {
        if (freshness_is_due(&team->feeds[i].fresh, status)) {
            ask(&team->feeds[i], screen);
        }
    }
    return false;
}

static void close_team(View *view)
{
    Team *team = view->state;
    for (size_t i = 0; i < PARTS; i++) {
        listing_close(&team->feeds[i].rows);
        freshness_free(&team->feeds[i].fresh);
    }
    free(team->days);
    free(team);
}

static const Listing *shown_rows(const View *view)
{
    const Team *team = view->state;
    return &team->feeds[team->shown].rows;
}

static char *copy(const View *view)
{
    return listing_copy(shown_rows(view));
}

static char *all_text(const View *view)
{
    return listing_text(shown_rows(view));
}

static const Binding bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "open", NULL, ACTION_OPEN, true},
    {{'b'}, "b", "by engineer/table", NULL, ACTION_SWITCH, true},
    LISTING_BINDINGS,
    {{KEY_FUNCTION(KEY_F(5)), KEY_CONTROL('r')}, "F5", "reload", NULL, ACTION_RELOAD, true},
};

const Bindings view_team_keys = KEYS_OF(bindings);

static const ViewOps team_ops = {
    .bindings = KEYS_OF(bindings),
    .title = title,
    .draw = draw,
    .key = key,
    .act = act,
    .awaits = awaits,
    .mouse = mouse,
    .outcome = outcome,
    .tick = tick,
    .copy = copy,
    .text = all_text,
    .close = close_team,
};

/* `other` is shown by another command line than its own, or PARTS. */
static Team *open_team(Screen *screen, Part other, Outcome *got)
{
    Team *team = memory_zero(1, sizeof *team);
    team->days_late = true;
    for (Part part = 0; part < PARTS; part++) {
        if (got && part == other) {
            listing_open(&team->feeds[part].rows, screen, got->line, &got->report);
        } else {
            listing_begin(&team->feeds[part].rows, screen, parts[part].line);
        }
    }
    screen_push(screen, &team_ops, team);
    return team;
}

void view_team_open(Screen *screen)
{
    Team *team = open_team(screen, PARTS, NULL);
    ask(&team->feeds[PART_WHO], screen);
}

static Part part_of(const Outcome *got)
{
    Part part = PART_WHO;
    while (part < PARTS && !(got->report.schema && text_starts(got->report.schema, parts[part].schema))) {
        part++;
    }
    return part;
}

bool view_team_fits(const Outcome *got)
{
    return part_of(got) < PARTS && list_query_traits(got->line).team;
}

/* The line keeps its filters. */
void view_team_show(Screen *screen, Outcome *got)
{
    Part part = part_of(got);
    Team *team = open_team(screen, part, got);
    team->shown = part;
    take_rows(team, screen, part);
}

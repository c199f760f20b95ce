#include "view_team.h"

#include <stdlib.h>
#include <string.h>

#include "display.h"
#include "freshness.h"
#include "list_body.h"
#include "list_query.h"
#include "memory.h"
#include "prompt.h"
#include "quote.h"
#include "sparkline.h"
#include "text.h"
#include "view_document.h"

#define DAYS 30
#define ASK_AGAIN_MS 5000
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
    ListModel model;
    char *line;      /* the command that reads it */
    unsigned ticket; /* of a read that is under way, or 0 */
    Freshness fresh;
} Feed;

typedef struct Team {
    Screen *screen; /* for what it reads */
    Feed feeds[PARTS];
    Part shown; /* PART_WHO or PART_TABLE, or what a command asked for */
} Team;

/* --- asking --- */

static void ask(Feed *feed, Screen *screen)
{
    if (!feed->ticket) {
        feed->ticket = screen_read(screen, feed, feed->line);
    }
}

/* The days follow what was asked for: a store that did not answer is not asked twice. */
static void ask_for_days(Team *team, Screen *screen, Part after)
{
    if (after != PART_DAY) {
        ask(&team->feeds[PART_DAY], screen);
    }
}

static void take_report(Feed *feed, Report *report)
{
    list_model_take(&feed->model, report);
    freshness_take(&feed->fresh);
}

/* --- drawing --- */

static char *title(const View *view)
{
    const Team *team = view->state;
    const ListModel *model = &team->feeds[team->shown].model;
    const char *filter = model->filter ? model->filter : "";
    return text_format("Team  %s  %s%s%s%zu of %zu", parts[team->shown].title, *filter ? "/" : "", filter,
                       *filter ? "  " : "", model->select.count, model->table.rows);
}

static void draw_head(const Team *team, const Screen *screen, const Area *body)
{
    const Feed *feed = &team->feeds[team->shown];
    char *fresh = freshness_text(&feed->fresh, screen_status(screen), feed->ticket);
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
    char *line = sparkline_of_days(team->feeds[PART_DAY].model.report.items, "day", "runs", DAYS,
                                   sparkline_has_blocks());
    if (line) {
        char *days = text_format("runs a day  %s", line);
        draw_text(body, 1, 1, body->width - 1, DRAW_PLAIN, days);
        free(days);
        free(line);
    }
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    Team *team = view->state;
    Feed *feed = &team->feeds[team->shown];
    if (!feed->fresh.loaded && feed->fresh.trouble && !feed->ticket) { /* there is room for all of it */
        char *fresh = freshness_text(&feed->fresh, screen_status(screen), feed->ticket);
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
        list_body_draw(&feed->model, &rows);
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
static void open_day(const ListModel *model, Screen *screen, json_t *row)
{
    Report one = {.body = REPORT_OBJECT,
                  .columns = model->report.columns,
                  .column_count = model->report.column_count,
                  .items = row};
    view_document_open(
        screen, &(DocumentSpec){.title = parts[PART_DAY].title, .text = display_object(&one), .wrap = true});
}

static void open_selected(const Team *team, Screen *screen)
{
    const ListModel *model = &team->feeds[team->shown].model;
    json_t *row = list_model_selected(model);
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
        open_day(model, screen, row);
        break;
    }
}

static void set_filter(Screen *screen, void *context, const char *text)
{
    (void)screen;
    list_model_filter(&((Feed *)context)->model, text);
}

static bool act(View *view, Screen *screen, Action action)
{
    Team *team = view->state;
    Feed *feed = &team->feeds[team->shown];
    switch (action) {
    case ACTION_RELOAD:
        ask(feed, screen);
        return true;
    case ACTION_OPEN:
        open_selected(team, screen);
        return true;
    case ACTION_SWITCH:
        switch_part(team, screen);
        return true;
    case ACTION_FILTER:
        if (feed->fresh.loaded) {
            prompt_open(screen, &(PromptSpec){.label = "/",
                                              .initial = feed->model.filter,
                                              .answered = set_filter,
                                              .context = feed});
        }
        return true;
    default:
        return feed->fresh.loaded && list_body_move(&feed->model, action);
    }
}

/* --- what comes back --- */

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    Team *team = view->state;
    for (size_t i = 0; i < PARTS; i++) {
        Feed *feed = &team->feeds[i];
        if (feed->ticket && feed->ticket == got->ticket) {
            feed->ticket = 0;
            if (got->stopped) {
                ask(feed, screen); /* it made room for what a person asked for */
            } else if (!got->done) {
                freshness_fail(&feed->fresh, &got->error);
            } else if (got->report.body == REPORT_LIST) {
                take_report(feed, &got->report);
                ask_for_days(team, screen, (Part)i);
            }
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
        screen_forget(team->screen, &team->feeds[i]);
        list_model_free(&team->feeds[i].model);
        free(team->feeds[i].line);
        freshness_free(&team->feeds[i].fresh);
    }
    free(team);
}

static const ListModel *shown_rows(const View *view)
{
    const Team *team = view->state;
    return &team->feeds[team->shown].model;
}

static char *copy(const View *view)
{
    return list_body_copy(shown_rows(view));
}

static char *all_text(const View *view)
{
    return list_body_text(shown_rows(view));
}

static const Binding bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "open", NULL, ACTION_OPEN, true},
    {{'b'}, "b", "by engineer/table", NULL, ACTION_SWITCH, true},
    {{'/'}, "/", "filter", NULL, ACTION_FILTER, true},
    {{KEY_FUNCTION(KEY_F(5)), KEY_CONTROL('r')}, "F5", "reload", NULL, ACTION_RELOAD, true},
};

const Bindings view_team_keys = KEYS_OF(bindings);

static const ViewOps team_ops = {
    .bindings = KEYS_OF(bindings),
    .title = title,
    .draw = draw,
    .act = act,
    .outcome = outcome,
    .tick = tick,
    .copy = copy,
    .text = all_text,
    .close = close_team,
};

static Team *open_team(Screen *screen)
{
    Team *team = memory_zero(1, sizeof *team);
    team->screen = screen;
    for (size_t i = 0; i < PARTS; i++) {
        team->feeds[i].line = memory_string(parts[i].line);
    }
    screen_push(screen, &team_ops, team);
    return team;
}

void view_team_open(Screen *screen)
{
    Team *team = open_team(screen);
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

void view_team_show(Screen *screen, Outcome *got)
{
    Team *team = open_team(screen);
    Feed *feed = &team->feeds[part_of(got)];
    team->shown = part_of(got);
    free(feed->line);
    feed->line = memory_string(got->line); /* with its filters */
    take_report(feed, &got->report);
    ask_for_days(team, screen, team->shown);
}

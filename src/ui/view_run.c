#include "view_run.h"

#include <stdlib.h>
#include <string.h>

#include "display.h"
#include "freshness.h"
#include "guard.h"
#include "listing.h"
#include "memory.h"
#include "quote.h"
#include "text.h"
#include "view_document.h"

typedef struct RunView {
    Screen *screen; /* for what it reads */
    Report run;
    char *line; /* the command that showed the run */
    Listing results;
    bool foreign;        /* read from the team's store */
    Freshness fresh;     /* of the results */
    bool stale;          /* history.db changed while the run was read */
    unsigned run_ticket; /* of a reload that is under way, or 0 */
} RunView;

static const char *member(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

static long long number(const json_t *row, const char *key)
{
    return (long long)json_integer_value(json_object_get(row, key));
}

static char *title(const View *view)
{
    const RunView *self = view->state;
    Text text = {0};
    text_addf(&text, "Run %lld  %s", number(self->run.items, "local_id"), member(self->run.items, "scope"));
    listing_add_count(&text, &self->results);
    if (listing_is_awaited(&self->results)) {
        text_add(&text, "  reading..");
    }
    return text_take(&text);
}

/* --- what is drawn --- */

static int draw_fact(const Area *body, int line, const char *name, char *value)
{
    draw_text(body, line, 1, 11, DRAW_BOLD, name);
    draw_text(body, line, 12, body->width - 12, DRAW_PLAIN, value);
    free(value);
    return line + 1;
}

static char *who_of(const json_t *run)
{
    return text_format("%s  amx %s  %s", member(run, "who"), member(run, "client_version"),
                       member(run, "shared"));
}

static char *times_of(const json_t *run)
{
    char *started = display_value(json_object_get(run, "started"), REPORT_TIME);
    char *ended = display_value(json_object_get(run, "ended"), REPORT_TIME);
    char *times = text_format("%s  ended %s", started, *ended ? ended : "-");
    free(ended);
    free(started);
    return times;
}

/* Returns the line after the last one. */
static int draw_facts(const Area *body, const json_t *run)
{
    int line = draw_fact(body, 0, "state",
                         text_format("%s  planned %lld  drafted %lld  failed %lld", member(run, "state"),
                                     number(run, "planned"), number(run, "drafted"), number(run, "failed")));
    line = draw_fact(body, line, "confidence",
                     text_format("high %lld  medium %lld  low %lld", number(run, "high"),
                                 number(run, "medium"), number(run, "low")));
    line = draw_fact(body, line, "decided",
                     text_format("accepted %lld  skipped %lld  applied %lld", number(run, "accepted"),
                                 number(run, "skipped"), number(run, "applied")));
    line = draw_fact(body, line, "who", who_of(run));
    line = draw_fact(body, line, "database",
                     text_format("%s  %s", member(run, "db_profile"), member(run, "fingerprint")));
    line = draw_fact(body, line, "started", times_of(run));
    if (*member(run, "bill")) {
        line = draw_fact(body, line, "bill", memory_string(member(run, "bill")));
    }
    if (*member(run, "error")) {
        line = draw_fact(body, line, "error", memory_string(member(run, "error")));
    }
    return line + 1;
}

/* Why there is nothing newer, above what there is. */
static void draw_trouble(const RunView *self, const Screen *screen, Area *below)
{
    Area area = {below->window, below->top, below->left + 1, below->height, below->width - 2};
    char *why = freshness_text(&self->fresh, screen_status(screen), self->run_ticket || self->results.ticket);
    int lines = draw_paragraph(&area, 0, DRAW_WARNING, why) + 1;
    below->top += lines;
    below->height -= lines;
    free(why);
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    RunView *self = view->state;
    Area below = *body;
    int facts = draw_facts(body, self->run.items);
    below.top += facts;
    below.height -= facts;
    if (self->fresh.trouble) {
        draw_trouble(self, screen, &below);
    }
    if (self->results.loaded) {
        listing_draw(&self->results, &below);
    } else if (!self->fresh.trouble) {
        draw_line(&below, 0, DRAW_PLAIN,
                  self->results.ticket ? " reading the results.." : " no results read");
    }
}

/* --- one result in full --- */

static void add_line(Text *out, const char *name, const char *value)
{
    if (*value) {
        text_addf(out, "%-12s%s\n", name, value);
    }
}

/* The drafts, best first, the chosen one marked. */
static void add_drafts(Text *out, const json_t *row)
{
    size_t index;
    const json_t *draft;
    const char *chosen = json_string_value(json_object_get(row, "chosen_text"));
    const json_t *drafts = json_object_get(row, "alternatives");
    bool among = false;
    text_add(out, "\nDrafts\n");
    json_array_foreach(drafts, index, draft)
    {
        const char *text = json_string_value(draft);
        bool marked = chosen && text_equal(chosen, text);
        among |= marked;
        text_addf(out, "  [%zu]%c%s\n", index + 1, marked ? '*' : ' ', text ? text : "");
    }
    if (chosen && !among) {
        text_addf(out, "  [e]*%s\n", chosen);
    }
}

static void add_evidence(Text *out, const json_t *row)
{
    size_t index;
    const json_t *fact;
    const json_t *evidence = json_object_get(row, "evidence");
    if (json_array_size(evidence) == 0) {
        return;
    }
    text_add(out, "\nEvidence\n");
    json_array_foreach(evidence, index, fact)
    {
        char *text = display_value(fact, REPORT_TEXT);
        text_addf(out, "  %s\n", text);
        free(text);
    }
}

/* Owned by the caller. */
static char *result_text(const json_t *row)
{
    static const struct {
        const char *name;
        const char *key;
        ReportFormat format;
    } facts[] = {
        {"type", "data_type", REPORT_TEXT},    {"decision", "evaluation", REPORT_TEXT},
        {"state", "state", REPORT_TEXT},       {"applied", "applied_at", REPORT_TIME},
        {"error", "apply_error", REPORT_TEXT}, {"drafted by", "source", REPORT_TEXT},
        {"DB then", "base_text", REPORT_TEXT},
    };
    Text out = {0};
    text_addf(&out, "%-12s%s (%.10g)\n", "confidence", member(row, "level"),
              json_number_value(json_object_get(row, "confidence")));
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        char *value = display_value(json_object_get(row, facts[i].key), facts[i].format);
        add_line(&out, facts[i].name, value);
        free(value);
    }
    add_drafts(&out, row);
    add_evidence(&out, row);
    return text_take(&out);
}

static void show_result(Screen *screen, const json_t *row)
{
    if (row) {
        view_document_open(
            screen, &(DocumentSpec){.title = member(row, "object"), .text = result_text(row), .wrap = true});
    }
}

/* --- keys and reports --- */

static void read_run(RunView *self, Screen *screen)
{
    self->run_ticket = screen_read(screen, &self->run_ticket, self->line);
}

static void reload(RunView *self, Screen *screen)
{
    self->stale = false;
    read_run(self, screen);
    listing_reload(&self->results, screen);
}

/* A command about the run. Only one's own: a teammate's run is decided by the teammate. */
static void run_about(const RunView *self, Screen *screen, const char *command)
{
    if (self->foreign) {
        screen_say(screen, DRAW_WARNING, "a teammate's run is read-only: %s decides about it",
                   member(self->run.items, "who"));
        return;
    }
    char *line = text_format("%s %lld", command, number(self->run.items, "local_id"));
    guard_run(screen, line);
    free(line);
}

/* Another amx, or another tab, wrote. A teammate's run is read when somebody asks. */
static void changed(View *view, Screen *screen)
{
    RunView *self = view->state;
    listing_changed(&self->results, screen);
    if (self->run_ticket) {
        self->stale = !self->foreign;
    } else if (!self->foreign) {
        read_run(self, screen);
    }
}

static bool act(View *view, Screen *screen, Action action)
{
    RunView *self = view->state;
    switch (action) {
    case ACTION_RELOAD:
        reload(self, screen);
        return true;
    case ACTION_REVIEW:
    case ACTION_ROLL_BACK:
        run_about(self, screen, action == ACTION_REVIEW ? "review" : "rollback");
        return true;
    case ACTION_OPEN:
        show_result(screen, listing_selected(&self->results));
        return true;
    default:
        return listing_act(&self->results, screen, action);
    }
}

/* Esc takes a filter away before it leaves. */
static bool key(View *view, Screen *screen, Key pressed)
{
    return listing_key(&((RunView *)view->state)->results, screen, pressed);
}

/* What is about the run itself needs no results. */
static bool awaits(const View *view, Key key)
{
    const Binding *binding = keys_find(view_keys(view), key);
    bool about_run = binding && (binding->action == ACTION_REVIEW || binding->action == ACTION_ROLL_BACK);
    return !about_run && listing_awaits(&((const RunView *)view->state)->results, view_keys(view), key);
}

static bool mouse(View *view, Screen *screen, const Mouse *event)
{
    RunView *self = view->state;
    bool open;
    bool used = listing_mouse(&self->results, screen, event, &open);
    if (open) {
        show_result(screen, listing_selected(&self->results));
    }
    return used;
}

static void take_run(RunView *self, Report *report)
{
    if (report->body == REPORT_OBJECT) {
        report_free(&self->run);
        self->run = *report;
        *report = (Report){0};
    }
}

/* Of a teammate's run it stays to be seen; one's own is always in reach. */
static void take_trouble(RunView *self, Screen *screen, const Error *err)
{
    if (self->foreign) {
        freshness_fail(&self->fresh, err);
    } else {
        screen_say_error(screen, err);
    }
}

static bool take_outcome_of_run(RunView *self, Screen *screen, Outcome *got)
{
    if (!self->run_ticket || got->ticket != self->run_ticket) {
        return false;
    }
    self->run_ticket = 0;
    if (got->stopped || self->stale) { /* it made room for what a person asked for */
        self->stale = false;
        read_run(self, screen);
    }
    if (got->done) {
        take_run(self, &got->report);
    } else if (!got->stopped) {
        take_trouble(self, screen, &got->error);
    }
    return true;
}

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    RunView *self = view->state;
    ListingNews news = listing_outcome(&self->results, screen, got);
    if (news == LISTING_READ) {
        freshness_take(&self->fresh);
    } else if (news == LISTING_FAILED) {
        take_trouble(self, screen, &got->error);
    }
    return news != LISTING_OTHER || take_outcome_of_run(self, screen, got);
}

static void close_run(View *view)
{
    RunView *self = view->state;
    screen_forget(self->screen, &self->run_ticket);
    listing_close(&self->results);
    freshness_free(&self->fresh);
    report_free(&self->run);
    free(self->line);
    free(self);
}

static char *copy(const View *view)
{
    return listing_copy(&((const RunView *)view->state)->results);
}

static char *all_text(const View *view)
{
    return listing_text(&((const RunView *)view->state)->results);
}

static const Binding bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "draft in full", NULL, ACTION_OPEN, true},
    {{'v'}, "v", "review", NULL, ACTION_REVIEW, true},
    {{'b'}, "b", "roll back what was applied (asks)", NULL, ACTION_ROLL_BACK, false},
    LISTING_BINDINGS,
    {{KEY_FUNCTION(KEY_F(5)), KEY_CONTROL('r')}, "F5", "reload", NULL, ACTION_RELOAD, true},
};

const Bindings view_run_keys = KEYS_OF(bindings);

static const ViewOps run_ops = {
    .bindings = KEYS_OF(bindings),
    .title = title,
    .draw = draw,
    .key = key,
    .act = act,
    .awaits = awaits,
    .mouse = mouse,
    .outcome = outcome,
    .copy = copy,
    .text = all_text,
    .shown = changed,
    .changed = changed,
    .close = close_run,
};

/* A teammate's run is asked for where the command that showed it asked. */
static char *results_line(const json_t *run, bool foreign)
{
    Text line = {0};
    text_addf(&line, "history results %lld", number(run, "local_id"));
    if (foreign) {
        text_add(&line, " --origin ");
        quote_add(&line, member(run, "origin_id"));
    }
    return text_take(&line);
}

/* Also one's own is named by its origin in a list of the team's. */
static bool is_own(const Screen *screen, const json_t *run)
{
    return text_equal(member(run, "origin_id"), status_text(screen_status(screen), "origin"));
}

void view_run_open(Screen *screen, Outcome *got)
{
    RunView *self = memory_zero(1, sizeof *self);
    self->screen = screen;
    take_run(self, &got->report);
    bool shared = list_query_traits(got->line).origin;
    self->foreign = shared && !is_own(screen, self->run.items);
    self->line = shared && !self->foreign
                     ? text_format("history show %lld", number(self->run.items, "local_id"))
                     : memory_string(got->line);
    char *line = results_line(self->run.items, self->foreign);
    listing_begin(&self->results, screen, line);
    listing_reload(&self->results, screen);
    free(line);
    screen_push(screen, &run_ops, self);
}

/* What `run` reports has the same schema, but it is told in the message line. */
bool view_run_fits(const Outcome *got)
{
    return got->report.schema && text_starts(got->report.schema, "amx.run/") &&
           json_object_get(got->report.items, "local_id");
}

#include "view_run.h"

#include <stdlib.h>
#include <string.h>

#include "display.h"
#include "guard.h"
#include "list_body.h"
#include "list_query.h"
#include "memory.h"
#include "prompt.h"
#include "quote.h"
#include "review_filter.h"
#include "text.h"
#include "view_document.h"

/* More than one page of a terminal ever needs, few enough to be laid out at once; the filter looks through
 * these. */
#define MOST_RESULTS 5000

typedef struct RunView {
    Screen *screen; /* for what it reads */
    Report run;
    char *line;         /* the command that showed the run */
    char *results_line; /* and the one that lists its results */
    ListModel results;
    bool foreign;            /* read from the team's store */
    bool loaded;             /* the results are there */
    bool stale;              /* history.db changed while it was read */
    unsigned run_ticket;     /* of a reload that is under way, or 0 */
    unsigned results_ticket; /* of the list, or 0 */
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
    const char *filter = self->results.filter ? self->results.filter : "";
    return text_format("Run %lld  %s  %s%s%s%zu of %s%zu", number(self->run.items, "local_id"),
                       member(self->run.items, "scope"), *filter ? "/" : "", filter, *filter ? "  " : "",
                       self->results.select.count, self->results.report.next ? "the first " : "",
                       self->results.table.rows);
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
                         text_format("%s  planned %lld  drafted %lld  failed %lld", member(run, "status"),
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
    if (*member(run, "error")) {
        line = draw_fact(body, line, "error", memory_string(member(run, "error")));
    }
    return line + 1;
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    RunView *self = view->state;
    Area below = *body;
    int facts = draw_facts(body, self->run.items);
    below.top += facts;
    below.height -= facts;
    if (self->loaded) {
        list_body_draw(&self->results, &below);
    } else {
        draw_line(&below, 0, DRAW_PLAIN,
                  self->results_ticket ? " reading the results.." : " no results read");
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
        view_document_open(screen, &(DocumentSpec){.title = member(row, "object"),
                                                   .text = result_text(row),
                                                   .wrap = true,
                                                   .save_as = "amx.txt"});
    }
}

/* --- keys and reports --- */

static void read_run(RunView *self, Screen *screen)
{
    self->run_ticket = screen_read(screen, &self->run_ticket, self->line);
}

static void read_results(RunView *self, Screen *screen)
{
    self->results_ticket = screen_read(screen, &self->results_ticket, self->results_line);
}

static void reload(RunView *self, Screen *screen)
{
    self->stale = false;
    read_run(self, screen);
    read_results(self, screen);
}

static void set_filter(Screen *screen, void *context, const char *text)
{
    (void)screen;
    ListModel *results = &((RunView *)context)->results;
    const json_t *selected = list_model_selected(results);
    char *named = review_filter_name_table(text, selected ? member(selected, "table_name") : NULL);
    list_model_filter(results, named);
    free(named);
}

/* Only one's own: a teammate's run is decided by the teammate. */
static void review(const RunView *self, Screen *screen)
{
    if (self->foreign) {
        screen_say(screen, DRAW_WARNING, "a teammate's run is read-only: %s decides about it",
                   member(self->run.items, "who"));
        return;
    }
    char *line = text_format("review %lld", number(self->run.items, "local_id"));
    guard_run(screen, line);
    free(line);
}

/* Another amx, or another tab, wrote. A teammate's run is read when somebody asks. */
static void changed(View *view, Screen *screen)
{
    RunView *self = view->state;
    if (self->run_ticket || self->results_ticket) {
        self->stale = !self->foreign;
    } else if (!self->foreign) {
        reload(self, screen);
    }
}

static bool act(View *view, Screen *screen, Action action)
{
    RunView *self = view->state;
    if (action == ACTION_RELOAD) {
        reload(self, screen);
        return true;
    }
    if (action == ACTION_REVIEW) {
        review(self, screen);
        return true;
    }
    if (!self->loaded) {
        return false;
    }
    switch (action) {
    case ACTION_OPEN:
        show_result(screen, list_model_selected(&self->results));
        return true;
    case ACTION_FILTER:
        prompt_open(screen, &(PromptSpec){.label = "/",
                                          .initial = self->results.filter,
                                          .answered = set_filter,
                                          .context = self});
        return true;
    default:
        return list_body_move(&self->results, action);
    }
}

static void take_run(RunView *self, Report *report)
{
    if (report->body == REPORT_OBJECT) {
        report_free(&self->run);
        self->run = *report;
        *report = (Report){0};
    }
}

static void take_results(RunView *self, Report *report)
{
    if (report->body == REPORT_LIST) {
        list_model_take(&self->results, report);
        self->loaded = true;
    }
}

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    RunView *self = view->state;
    bool of_run = self->run_ticket && got->ticket == self->run_ticket;
    bool of_results = self->results_ticket && got->ticket == self->results_ticket;
    if (!of_run && !of_results) {
        return false;
    }
    *(of_run ? &self->run_ticket : &self->results_ticket) = 0;
    if (got->stopped) { /* made room for what a person asked for */
        (of_run ? read_run : read_results)(self, screen);
    } else if (!got->done) {
        screen_say_error(screen, &got->error);
    } else if (of_run) {
        take_run(self, &got->report);
    } else {
        take_results(self, &got->report);
    }
    if (self->stale && !self->run_ticket && !self->results_ticket) {
        reload(self, screen);
    }
    return true;
}

static void close_run(View *view)
{
    RunView *self = view->state;
    screen_forget(self->screen, &self->run_ticket);
    screen_forget(self->screen, &self->results_ticket);
    list_model_free(&self->results);
    report_free(&self->run);
    free(self->results_line);
    free(self->line);
    free(self);
}

static char *copy(const View *view)
{
    return list_body_copy(&((const RunView *)view->state)->results);
}

static char *all_text(const View *view)
{
    return list_body_text(&((const RunView *)view->state)->results);
}

static const Binding bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "draft in full", NULL, ACTION_OPEN, true},
    {{'v'}, "v", "review", NULL, ACTION_REVIEW, true},
    {{'/'}, "/", "filter", NULL, ACTION_FILTER, true},
    {{KEY_FUNCTION(KEY_F(5)), KEY_CONTROL('r')}, "F5", "reload", NULL, ACTION_RELOAD, true},
};

const Bindings view_run_keys = {bindings, sizeof bindings / sizeof *bindings};

static const ViewOps run_ops = {
    .bindings = {bindings, sizeof bindings / sizeof *bindings},
    .title = title,
    .draw = draw,
    .act = act,
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
    text_addf(&line, "history results %lld --limit %d", number(run, "local_id"), MOST_RESULTS);
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
    self->results.applies = review_filter_applies_to_row;
    take_run(self, &got->report);
    bool shared = list_query_traits(got->line).origin;
    self->foreign = shared && !is_own(screen, self->run.items);
    self->line = shared && !self->foreign
                     ? text_format("history show %lld", number(self->run.items, "local_id"))
                     : memory_string(got->line);
    self->results_line = results_line(self->run.items, self->foreign);
    self->results_ticket = screen_read(screen, &self->results_ticket, self->results_line);
    screen_push(screen, &run_ops, self);
}

/* What `run` reports has the same schema, but it is told in the message line. */
bool view_run_fits(const Outcome *got)
{
    return got->report.schema && text_starts(got->report.schema, "amx.run/") &&
           json_object_get(got->report.items, "local_id");
}

#include "status.h"

#include "cells.h"
#include "display.h"
#include "facts.h"
#include "memory.h"
#include "sparkline.h"
#include "text.h"

#define DEPTH_CELLS 20

static Tri tri_of(const Status *status, const char *key)
{
    const json_t *value = json_object_get(status->row, key);
    return json_is_true(value) ? TRI_YES : json_is_false(value) ? TRI_NO : TRI_UNKNOWN;
}

static void forget_error(Status *status)
{
    free(status->error);
    status->error = NULL;
}

/* The same store as before? */
static bool is_same_place(const json_t *before, const json_t *after)
{
    static const char *const keys[] = {"enabled", "profile", "store_schema", "target"};
    bool same = true;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *one = json_object_get(before, keys[i]);
        const json_t *other = json_object_get(after, keys[i]);
        same = same && (one == other || json_equal(one, other)); /* neither has it: both are NULL */
    }
    return same;
}

/* What the network said last, put into a row that did not ask it. "In sync" holds no longer than nothing
 * waits. */
static void keep_network(json_t *row, const json_t *before)
{
    static const char *const keys[] = {"reachable", "latency_ms", "store_version", "exists", "queue_target"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_object_set(row, keys[i], json_object_get(before, keys[i]));
    }
    json_t *trouble =
        json_object_get(row, "last_error"); /* what a look at the store said, unless a newer is noted */
    if (!trouble || json_is_null(trouble)) {
        json_object_set(row, "last_error", json_object_get(before, "last_error"));
    }
    json_t *in_sync = json_object_get(before, "in_sync");
    bool waits = json_integer_value(json_object_get(row, "pending")) > 0;
    json_object_set_new(row, "in_sync", waits && in_sync ? json_false() : json_incref(in_sync));
}

void status_update(Status *status, const Report *report, bool local_only)
{
    if (report->body != REPORT_OBJECT) {
        return;
    }
    forget_error(status);
    json_t *before = status->row;
    bool same = before && is_same_place(before, report->items);
    status->row = json_copy(report->items);
    if (!same) {
        status->reach = TRI_UNKNOWN;
    }
    if (local_only && same) {
        keep_network(status->row, before);
    }
    if (!local_only && tri_of(status, "reachable") != TRI_UNKNOWN) {
        status_hear(status, tri_of(status, "reachable") == TRI_YES);
    }
    status->checking = local_only && status->reach == TRI_UNKNOWN && tri_of(status, "enabled") == TRI_YES;
    json_decref(before);
}

bool status_hear(Status *status, bool reached)
{
    Tri reach = reached ? TRI_YES : TRI_NO;
    bool news = status->reach != reach;
    if (news) {
        status->reach = reach;
        status->since = time(NULL);
    }
    return news;
}

bool status_is_away(const Error *err)
{
    return err->kind == ERROR_CONNECTION;
}

void status_clock(time_t when, StatusClock face)
{
    struct tm local;
    localtime_r(&when, &local);
    strftime(face, sizeof(StatusClock), "%H:%M", &local);
}

void status_since(const Status *status, StatusClock face)
{
    status_clock(status->since, face);
}

void status_fail(Status *status, const Error *err)
{
    forget_error(status);
    status->error = text_format(*err->hint ? "%s; %s" : "%s%s", err->message, err->hint);
    status->checking = false;
}

void status_free(Status *status)
{
    forget_error(status);
    json_decref(status->row);
    *status = (Status){0};
}

Tri status_enabled(const Status *status)
{
    return tri_of(status, "enabled");
}

Tri status_exists(const Status *status)
{
    return status->reach == TRI_NO ? TRI_UNKNOWN : tri_of(status, "exists");
}

long long status_number(const Status *status, const char *key)
{
    return (long long)json_integer_value(json_object_get(status->row, key));
}

const char *status_text(const Status *status, const char *key)
{
    const char *text = json_string_value(json_object_get(status->row, key));
    return text ? text : "";
}

static const char *mode_word(Tri enabled)
{
    switch (enabled) {
    case TRI_YES:
        return "shared ON";
    case TRI_NO:
        return "shared off";
    case TRI_UNKNOWN:
        break;
    }
    return "checking..";
}

typedef struct TitleDetail {
    bool store; /* its name .. */
    bool schema;
    bool mode; /* also beside that it is out of reach */
} TitleDetail;

static char *title_of(const Status *status, TitleDetail detail)
{
    Text title = {0};
    const char *database = status_text(status, "db_profile");
    const char *profile = status_text(status, "profile");
    if (*database) {
        text_addf(&title, "%s | ", database);
    } else if (json_is_null(json_object_get(status->row, "db_profile"))) {
        text_add(&title, "no profile | ");
    }
    if (*profile && detail.store) {
        const char *schema = detail.schema ? status_text(status, "store_schema") : "";
        text_addf(&title, "%s%s%s | ", profile, *schema ? "." : "", schema);
    }
    bool away = status_enabled(status) == TRI_YES && status->reach == TRI_NO;
    if (!away || detail.mode) {
        text_add(&title,
                 status->error && !status->row ? "status unknown" : mode_word(status_enabled(status)));
    }
    if (away) {
        text_add(&title, detail.mode ? ", out of reach" : "out of reach");
    }
    if (status->row) {
        text_addf(&title, " | pending %lld", status_number(status, "pending"));
    }
    return text_take(&title);
}

/* What a person would act on wrongly stays longest: which database this is, and whether others see it. */
char *status_title(const Status *status, int width)
{
    static const TitleDetail less[] = {
        {true, true, true}, {true, false, true}, {false, false, true}, {false, false, false}};
    const size_t count = sizeof less / sizeof *less;
    char *title = title_of(status, less[0]);
    for (size_t i = 1; i < count && cells_width(title) > width; i++) {
        free(title);
        title = title_of(status, less[i]);
    }
    return title;
}

/* A member as text; nothing at all when the report does not know it. */
static void add_member(Facts *out, const Status *status, const char *name, const char *key,
                       ReportFormat format)
{
    char *value = display_value(json_object_get(status->row, key), format);
    if (*value) {
        facts_add(out, name, value);
    }
    free(value);
}

static char *reach_word(const Status *status)
{
    if (status->reach == TRI_NO) {
        StatusClock since;
        status_since(status, since);
        return text_format("NO since %s", since);
    }
    if (status->reach == TRI_UNKNOWN) {
        return memory_string(status->checking ? "checking.." : "unknown");
    }
    return json_is_integer(json_object_get(status->row, "latency_ms"))
               ? text_format("yes, %lld ms", status_number(status, "latency_ms"))
               : memory_string("yes");
}

/* "In sync" is worth no more than the store's last word. */
static void add_reach(Facts *out, const Status *status)
{
    char *reach = reach_word(status);
    facts_add(out, "reach", reach);
    free(reach);
    Tri in_sync = tri_of(status, "in_sync");
    if (in_sync != TRI_UNKNOWN && status->reach == TRI_YES) {
        facts_add(out, "in sync", in_sync == TRI_YES ? "yes" : "no");
    }
}

static void add_schema(Facts *out, const Status *status)
{
    char *version = display_value(json_object_get(status->row, "store_version"), REPORT_NUMBER);
    char *schema = *version ? text_format("%s, version %s", status_text(status, "store_schema"), version)
                            : memory_string(status_text(status, "store_schema"));
    facts_add(out, "schema", schema);
    free(schema);
    free(version);
}

/* How many wait, and the outbox over the last hour, three minutes a cell. */
static void add_pending(Facts *out, const Status *status)
{
    char *line =
        sparkline_of_array(json_object_get(status->row, "depth"), DEPTH_CELLS, sparkline_has_blocks());
    long long count = status_number(status, "pending");
    char *pending = line ? text_format("%-4lld%s last hour", count, line) : text_format("%lld", count);
    facts_add(out, "pending", pending);
    free(pending);
    free(line);
}

static void add_outbox(Facts *out, const Status *status)
{
    add_pending(out, status);
    static const char *const kinds[] = {"waiting", "parked", "dropped"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (status_number(status, kinds[i]) > 0) {
            add_member(out, status, kinds[i], kinds[i], REPORT_NUMBER);
        }
    }
    add_member(out, status, "oldest", "oldest", REPORT_AGE);
    add_member(out, status, "delivered", "last_delivery", REPORT_AGE);
}

/* What matters most of all comes first. Mode and queue are in the title row as well. */
static const char *const order[] = {
    "!",      "reach",  "last error", "you",     "version",   "queue is for", "pending", "parked",
    "target", "schema", "mode",       "in sync", "delivered", "oldest",       "origin",  NULL,
};

static void add_known(Facts *out, const Status *status)
{
    facts_add(out, "mode", mode_word(status_enabled(status)));
    add_member(out, status, "profile", "profile", REPORT_TEXT);
    if (status_enabled(status) == TRI_YES) {
        add_member(out, status, "target", "target", REPORT_TEXT);
        add_member(out, status, "queue is for", "queue_target", REPORT_TEXT);
        add_schema(out, status);
        add_reach(out, status);
    }
    add_outbox(out, status);
    add_member(out, status, "last error", "last_error", REPORT_TEXT);
    add_member(out, status, "origin", "origin", REPORT_TEXT);
    add_member(out, status, "you", "who", REPORT_TEXT);
    add_member(out, status, "version", "client_version", REPORT_TEXT);
    add_member(out, status, "local store", "local_db", REPORT_TEXT);
}

char *status_panel(const Status *status, int width, int height)
{
    Facts facts = {0};
    if (status->error) {
        facts_add(&facts, "!", status->error);
    }
    if (status->row) {
        add_known(&facts, status);
    } else if (!status->error) {
        facts_add(&facts, "status", "checking..");
    }
    char *text = facts_text(&facts, order, width, height);
    facts_free(&facts);
    return text;
}

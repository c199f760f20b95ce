#include "status.h"

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

void status_update(Status *status, const Report *report, bool local_only)
{
    if (report->body != REPORT_OBJECT) {
        return;
    }
    forget_error(status);
    json_decref(status->row);
    status->row = json_incref(report->items);
    status->checking = local_only && tri_of(status, "enabled") == TRI_YES;
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
    return tri_of(status, "exists");
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

char *status_title(const Status *status)
{
    Text title = {0};
    const char *profile = status_text(status, "profile");
    if (*profile) {
        const char *schema = status_text(status, "store_schema");
        text_addf(&title, "%s%s%s | ", profile, *schema ? "." : "", schema);
    }
    text_add(&title, status->error && !status->row ? "status unknown" : mode_word(status_enabled(status)));
    if (status->row) {
        text_addf(&title, " | pending %lld", status_number(status, "pending"));
    }
    return text_take(&title);
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

static void add_reach(Facts *out, const Status *status)
{
    Tri reachable = tri_of(status, "reachable");
    if (status->checking && reachable == TRI_UNKNOWN) {
        facts_add(out, "reach", "checking..");
    } else if (reachable == TRI_YES) {
        char *text = json_is_integer(json_object_get(status->row, "latency_ms"))
                         ? text_format("yes, %lld ms", status_number(status, "latency_ms"))
                         : memory_string("yes");
        facts_add(out, "reach", text);
        free(text);
    } else {
        facts_add(out, "reach", reachable == TRI_NO ? "NO" : "unknown");
    }
    Tri in_sync = tri_of(status, "in_sync");
    if (in_sync != TRI_UNKNOWN) {
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

/* The outbox over the last hour, three minutes a cell. */
static void add_depth(Facts *out, const Status *status)
{
    char *line =
        sparkline_of_array(json_object_get(status->row, "depth"), DEPTH_CELLS, sparkline_has_blocks());
    if (line) {
        char *hour = text_format("%s last hour", line);
        facts_add(out, "outbox", hour);
        free(hour);
    }
    free(line);
}

static void add_outbox(Facts *out, const Status *status)
{
    char *pending = text_format("%lld", status_number(status, "pending"));
    facts_add(out, "pending", pending);
    free(pending);
    add_depth(out, status);
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
    "!",      "reach",   "last error", "you",    "version", "queue is for", "pending", "parked", "target",
    "schema", "in sync", "delivered",  "oldest", "origin",  "outbox",       "mode",    NULL,
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

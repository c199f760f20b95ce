/* db history-store flush-pending, list-pending, drop-pending, migrate-from-local. */
#include "commands.h"

#include <stdlib.h>

#include "delivery.h"
#include "events.h"
#include "sharing.h"
#include "text.h"

#define PAGE 100
#define PARKED_HINT                                                                                          \
    "what the store refused is parked: change the row, or mend the store and try all of them again with: "   \
    "amx "                                                                                                   \
    "db history-store migrate-from-local"

static const ReportColumn flush_columns[] = {
    {"delivered", "delivered", REPORT_NUMBER}, {"pending", "pending", REPORT_NUMBER},
    {"waiting", "waiting", REPORT_NUMBER},     {"parked", "parked", REPORT_NUMBER},
    {"dropped", "dropped", REPORT_NUMBER},
};

static bool need_sharing(Local *local, Error *err)
{
    Sharing sharing;
    if (!sharing_read(local, &sharing, err)) {
        return false;
    }
    if (!sharing.enabled) {
        error_set(err, ERROR_USAGE, "sharing is off");
        return error_hint(err, "switch it on with: amx db history-store enable; what is queued stays queued");
    }
    return true;
}

static bool record_count(Local *local, const char *kind, const char *status, int64_t count, Error *err)
{
    json_t *detail = json_pack("{s:I}", "rows", (json_int_t)count);
    char *text = json_dumps(detail, JSON_COMPACT);
    bool ok = events_add(local, kind, status, text, err);
    free(text);
    json_decref(detail);
    return ok;
}

static void report_delivery(Report *report, const Delivery *delivery)
{
    if (*delivery->notice) {
        report_warning(report, "%s", delivery->notice);
    }
    report_object(report, "amx.flush/1", flush_columns, sizeof flush_columns / sizeof *flush_columns);
    json_t *row = report_row(report);
    row_int(row, "delivered", delivery->delivered);
    row_int(row, "pending", delivery->left.queued + delivery->left.parked);
    row_int(row, "waiting", delivery->left.waiting);
    row_int(row, "parked", delivery->left.parked);
    row_int(row, "dropped", delivery->left.dropped);
}

/* Delivers the record of the flush itself, and takes over what is left and what went wrong. */
static bool deliver_record(App *app, Delivery *delivery, Error *err)
{
    Delivery last;
    if (delivery->trouble.kind != ERROR_NONE) {
        return true;
    }
    if (!delivery_run(app, DELIVERY_FLUSH, &last, err)) {
        return false;
    }
    delivery->left = last.left;
    delivery->trouble = last.trouble;
    return true;
}

bool cmd_store_flush(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    Delivery delivery;
    (void)args;
    if (!app_local(app, &local, err) || !need_sharing(local, err)) {
        return false;
    }
    if (!delivery_run(app, DELIVERY_FLUSH, &delivery, err)) {
        return false;
    }
    /* only a flush that moved something is worth a row; a dead store must not fill the queue with failures */
    const char *status = delivery.trouble.kind == ERROR_NONE ? "ok" : "failed";
    if (delivery.delivered > 0 && (!record_count(local, "flush", status, delivery.delivered, err) ||
                                   !deliver_record(app, &delivery, err))) {
        return false;
    }
    report_delivery(report, &delivery);
    long long pending = delivery.left.queued + delivery.left.parked;
    if (delivery.trouble.kind != ERROR_NONE) {
        *err = delivery.trouble;
        return error_prefix(err, "%lld delivered, %lld pending: ", (long long)delivery.delivered, pending);
    }
    if (pending > 0) {
        report->exit_code = error_exit_code(ERROR_PARTLY);
        report_warning(report, "%lld delivered; %lld could not go: see amx db history-store list-pending",
                       (long long)delivery.delivered, pending);
        if (delivery.left.parked > 0) {
            report_note(report, PARKED_HINT);
        }
    } else {
        report_note(report, "%lld delivered, 0 pending", (long long)delivery.delivered);
    }
    return true;
}

static const ReportColumn list_columns[] = {
    {"position", NULL, REPORT_NUMBER},    {"table", "Table", REPORT_TEXT},
    {"local_id", "ID", REPORT_NUMBER},    {"op", "Op", REPORT_TEXT},
    {"state", "State", REPORT_TEXT},      {"queued_at", "Queued", REPORT_AGE},
    {"attempts", "Tries", REPORT_NUMBER}, {"last_error", "Why", REPORT_WIDE},
};

typedef struct Listing {
    Report *report;
    const char *trouble; /* why nothing goes at all, or NULL */
    bool parked;         /* some are */
    int64_t last;
    int count;
} Listing;

static void add_entry(void *context, const OutboxEntry *entry)
{
    Listing *listing = context;
    json_t *row = report_row(listing->report);
    row_int(row, "position", entry->position);
    row_text(row, "table", entry->table);
    row_int(row, "local_id", entry->local_id);
    row_text(row, "op", entry->op);
    row_text(row, "state", entry->state);
    row_text(row, "queued_at", entry->queued_at);
    row_int(row, "attempts", entry->attempts);
    row_text(row, "last_error", entry->last_error ? entry->last_error : listing->trouble);
    listing->parked |= text_equal(entry->state, "parked");
    listing->last = entry->position;
    listing->count++;
}

bool cmd_store_list(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    int limit = (int)args_number(args, "limit", PAGE);
    Listing listing = {.report = report};
    if (!app_local_read(app, &local, err)) {
        return false;
    }
    report_list(report, "amx.outbox/1", list_columns, sizeof list_columns / sizeof *list_columns);
    report->empty = "Nothing is queued.";
    char *trouble = NULL;
    bool ok = !local || local_setting(local, "sharing.last_error", &trouble, err);
    listing.trouble = trouble;
    ok = ok && (!local || outbox_list(local, args_number(args, "after", 0), limit, add_entry, &listing, err));
    free(trouble);
    if (!ok) {
        return false;
    }
    if (listing.parked) {
        report_note(report, PARKED_HINT);
    }
    if (listing.count == limit) {
        report->next = text_format("%lld", (long long)listing.last);
    }
    return true;
}

/* Whoever was asked about a number of rows has not agreed to another one. */
static bool is_expected(const Args *args, int64_t dropped, Error *err)
{
    long long expected = args_number(args, "expect", dropped);
    if (dropped == expected) {
        return true;
    }
    error_set(err, ERROR_GUARD, "nothing was dropped: %lld queued by now, not %lld", (long long)dropped,
              expected);
    return error_hint(err, "look at them with: amx db history-store list-pending");
}

bool cmd_store_drop(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    Sharing sharing;
    int64_t dropped = 0;
    Delivery delivery;
    if (!app_local(app, &local, err) || !sharing_read(local, &sharing, err) || !local_begin(local, err)) {
        return false;
    }
    if (!sharing_drop(local, &dropped, err) || !is_expected(args, dropped, err) ||
        (dropped > 0 && !record_count(local, "drop", "ok", dropped, err))) {
        local_rollback(local);
        return false;
    }
    if (!local_commit(local, err) || !delivery_run(app, DELIVERY_AFTER_COMMAND, &delivery, err)) {
        return false;
    }
    if (!sharing.enabled && !outbox_count(local, &delivery.left, err)) {
        return false;
    }
    report_delivery(report, &delivery);
    row_int(report_row(report), "dropped_now", dropped);
    report_note(
        report,
        "%lld no longer queued; the rows stay here, and an edit or migrate-from-local queues them again",
        (long long)dropped);
    if (dropped > 0 && delivery.left.queued > 0) {
        report_note(report, "%lld queued: the record of this drop", (long long)delivery.left.queued);
    }
    return true;
}

static void tell_marking(void *app, int64_t done, int64_t total)
{
    app_progress(app, "queueing older rows", done, total);
}

/* Queues all that the store lacks, or nothing. */
static bool queue_older(App *app, Local *local, int64_t *marked, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    if (sharing_migrate(local, app_config(app)->share_sessions, tell_marking, app, marked, err) &&
        (*marked == 0 || record_count(local, "migrate", "ok", *marked, err))) {
        return local_commit(local, err);
    }
    local_rollback(local);
    if (err && err->kind == ERROR_INTERRUPTED) {
        error_set(err, ERROR_INTERRUPTED, "stopped while the older rows were being queued: none is");
        error_hint(err, "queue them all with: amx db history-store migrate-from-local");
    }
    return false;
}

static bool note_kept(const App *app, Local *local, Report *report, Error *err)
{
    int64_t kept = 0;
    if (app_config(app)->share_sessions) {
        return true;
    }
    bool ok = sharing_count_kept_sessions(local, &kept, err);
    if (kept > 0) {
        report_note(report, "%lld session%s left out: history_store { share_sessions = false }",
                    (long long)kept, text_plural(kept));
    }
    return ok;
}

bool cmd_store_migrate(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    int64_t marked = 0;
    Delivery delivery;
    (void)args;
    if (!app_local(app, &local, err) || !need_sharing(local, err) || !queue_older(app, local, &marked, err) ||
        !note_kept(app, local, report, err) || !delivery_run(app, DELIVERY_AFTER_COMMAND, &delivery, err)) {
        return false;
    }
    report_delivery(report, &delivery);
    row_int(report_row(report), "queued", marked);
    long long pending = delivery.left.queued + delivery.left.parked;
    if (marked > 0) {
        report_note(report, "%lld row%s queued that the shared store did not have", (long long)marked,
                    text_plural(marked));
    } else if (pending == 0) {
        report_note(report, "the shared store has confirmed everything (0 rows queued)");
    } else {
        report_note(report, "0 rows queued: what the shared store lacks was queued before");
    }
    if (delivery.trouble.kind != ERROR_NONE) {
        report_warning(report, "queued, %lld pending: %s", pending, delivery.trouble.message);
    } else if (pending > 0) {
        report_note(report, "%lld pending; deliver the rest with: amx db history-store flush-pending",
                    pending);
    }
    return true;
}

/* db history-store enable, disable, dump-ddl. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "events.h"
#include "memory.h"
#include "sharing.h"
#include "text.h"

#define BOOTSTRAP_MS 30000

static const ReportColumn switch_columns[] = {
    {"enabled", "sharing", REPORT_TEXT},       {"profile", "profile", REPORT_TEXT},
    {"target", "target", REPORT_TEXT},         {"store_schema", "schema", REPORT_TEXT},
    {"store_id", "store", REPORT_TEXT},        {"pending", "pending", REPORT_NUMBER},
    {"delivered", "delivered", REPORT_NUMBER},
};

/* --profile and --schema; without a word, what sharing used before; else amx.conf. `*schema` is owned by the
 * caller. */
static bool choose_store(App *app, const DeliveryPlace *before, const Args *args, const Profile **profile,
                         char **schema, Error *err)
{
    const Config *config = app_config(app);
    const char *name = args_text(args, "profile");
    const char *chosen = args_text(args, "schema");
    if (!name) {
        name = before->profile ? before->profile : config->history_profile;
    }
    if (!chosen) {
        chosen =
            text_equal(name, before->profile) && before->schema ? before->schema : config->history_schema;
    }
    *schema = memory_string(chosen);
    *profile = name ? config_profile(config, name) : NULL;
    if (*profile) {
        return true;
    }
    free(*schema);
    *schema = NULL;
    if (name) {
        error_set(err, ERROR_CONFIG, "there is no DB profile \"%s\"", name);
    } else {
        error_set(err, ERROR_USAGE, "no profile is named for the shared store");
    }
    error_hint(err, "name one with --profile, or with history_store { profile } in %s; see: amx db list",
               config->path);
    return false;
}

static bool explain_no_right(Report *report, const Profile *profile, const char *schema, Error *err)
{
    if (*err->hint) {
        return false; /* the schema is there: it is not the DDL that is missing */
    }
    Text ddl = {0};
    if (shared_ddl(profile->target.backend, schema, &ddl, NULL)) {
        report_document(report, "amx.ddl/1", text_take(&ddl));
    }
    text_free(&ddl);
    error_prefix(err, "the schema \"%s\" can't be made with your rights: ", schema);
    return error_hint(err, "ask a database administrator (the owner of the database, or a role with CREATE "
                           "on it) to run the SQL "
                           "above, also printed by: amx db history-store dump-ddl; then run enable again");
}

static bool record_switch(Local *local, const char *kind, const char *profile, const char *schema,
                          const char *target, Error *err)
{
    json_t *detail = json_pack("{s:s?, s:s?, s:s?}", "profile", profile, "schema", schema, "target", target);
    char *text = json_dumps(detail, JSON_COMPACT);
    bool ok = events_add(local, kind, "ok", text, err);
    free(text);
    json_decref(detail);
    return ok;
}

/* The local half of enable: one transaction. */
static bool switch_on(App *app, Local *local, const Profile *profile, const char *schema, const char *where,
                      const SharedState *state, Error *err)
{
    Sharing before;
    const char *fingerprint = NULL;
    if (!app_fingerprint(app, profile, &fingerprint, err) || !local_begin(local, err)) {
        return false;
    }
    bool ok = sharing_read(local, &before, err);
    bool was_on = ok && before.enabled && text_equal(before.store_id, state->store_id);
    ok = ok && sharing_enable(local, state->store_id, err) &&
         delivery_set_place(local, profile->name, schema, where, fingerprint, err) &&
         delivery_note_store(local, state->store_id, profile->name, schema, err) &&
         delivery_forget_trouble(local, err) &&
         (was_on || record_switch(local, "enable", profile->name, schema, where, err));
    if (!ok) {
        local_rollback(local);
        return false;
    }
    return local_commit(local, err);
}

/* Asked before anything is made there: a queue for another store stands in the way. */
static bool may_switch(Local *local, Shared *shared, Deadline deadline, Error *err)
{
    SharedState there = {0};
    if (!shared_is_absent(shared) && !shared_inspect(shared, deadline, &there, NULL)) {
        return true; /* making it says what is the matter */
    }
    return sharing_may_enable(local, there.exists ? there.store_id : "", err);
}

static bool prepare_store(App *app, Local *local, Report *report, const Profile *profile, const char *schema,
                          SharedState *state, char **where, Error *err)
{
    Shared *shared = NULL;
    int asked = app_options(app)->timeout_ms;
    Deadline deadline = deadline_in(asked > 0 ? asked : BOOTSTRAP_MS);
    if (!shared_open(&profile->target, schema, app_connect_deadline(app), &shared, err)) {
        return false;
    }
    *where = text_format("%s", shared_target(shared));
    bool may = may_switch(local, shared, deadline, err);
    bool ok = may && shared_create(shared, deadline, state, err);
    shared_close(shared);
    if (!may) {
        return false;
    }
    if (!ok) {
        return err && strcmp(err->sqlstate, "42501") == 0 && profile->target.backend == BACKEND_POSTGRESQL
                   ? explain_no_right(report, profile, schema, err)
                   : false;
    }
    if (state->version > SYNCED_VERSION) {
        error_set(err, ERROR_GUARD, "%s has schema version %lld; this amx knows %d", *where,
                  (long long)state->version, SYNCED_VERSION);
        return error_hint(err, "upgrade amx on this machine; nothing was changed");
    }
    return true;
}

static void tell_older_rows(Local *local, Report *report)
{
    OutboxCounts counts;
    int64_t elsewhere = 0;
    if (sharing_count_elsewhere(local, &elsewhere, NULL) && elsewhere > 0) {
        report_warning(
            report,
            "an earlier store has %lld row%s that this one lacks; share them here too with: amx db "
            "history-store migrate-from-local",
            (long long)elsewhere, text_plural(elsewhere));
    }
    if (outbox_count(local, &counts, NULL) && counts.dropped > 0) {
        report_note(report, "%lld dropped row%s not queued again: migrate-from-local does that",
                    (long long)counts.dropped, counts.dropped == 1 ? " is" : "s are");
    }
}

bool cmd_store_enable(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    const Profile *profile = NULL;
    char *schema = NULL;
    char *where = NULL;
    SharedState state;
    Delivery delivery;
    DeliveryPlace before = {0};
    if (!app_local(app, &local, err)) {
        return false;
    }
    bool ok = delivery_place(local, &before, err) &&
              choose_store(app, &before, args, &profile, &schema, err) &&
              prepare_store(app, local, report, profile, schema, &state, &where, err) &&
              switch_on(app, local, profile, schema, where, &state, err) &&
              delivery_run(app, DELIVERY_AFTER_COMMAND, &delivery, err);
    delivery_place_free(&before);
    if (ok) {
        report_object(report, "amx.store/1", switch_columns, sizeof switch_columns / sizeof *switch_columns);
        json_t *row = report_row(report);
        row_bool(row, "enabled", true);
        row_text(row, "profile", profile->name);
        row_text(row, "target", where);
        row_text(row, "store_schema", schema);
        row_text(row, "store_id", state.store_id);
        row_int(row, "pending", delivery.left.queued + delivery.left.parked);
        row_int(row, "delivered", delivery.delivered);
        report_note(report, "sharing is on: %s, schema %s", where, schema);
        report_note(report, "rows written before are shared by: amx db history-store migrate-from-local");
        tell_older_rows(local, report);
        if (delivery.trouble.kind != ERROR_NONE) {
            report_warning(report, "queued, %lld pending: %s",
                           (long long)delivery.left.queued + delivery.left.parked, delivery.trouble.message);
        }
    }
    free(where);
    free(schema);
    return ok;
}

/* The event first, while sharing is still on: the team is to see it too. What can't go now waits in the
 * queue. */
static bool switch_off(App *app, Local *local, Error *err)
{
    DeliveryPlace place;
    Delivery delivery;
    bool ok = delivery_place(local, &place, err) &&
              record_switch(local, "disable", place.profile, place.schema, place.target, err) &&
              delivery_run(app, DELIVERY_AFTER_COMMAND, &delivery, err);
    delivery_place_free(&place);
    return ok && sharing_disable(local, err);
}

bool cmd_store_disable(App *app, const Args *args, Report *report, Error *err)
{
    static const ReportColumn columns[] = {{"enabled", "sharing", REPORT_TEXT},
                                           {"pending", "pending", REPORT_NUMBER}};
    Local *local = NULL;
    Sharing sharing;
    OutboxCounts counts;
    (void)args;
    if (!app_local(app, &local, err) || !sharing_read(local, &sharing, err) ||
        (sharing.enabled && !switch_off(app, local, err)) || !outbox_count(local, &counts, err)) {
        return false;
    }
    report_object(report, "amx.store/1", columns, 2);
    row_bool(report_row(report), "enabled", false);
    int64_t pending = counts.queued + counts.parked;
    row_int(report_row(report), "pending", pending);
    report_note(report,
                sharing.enabled ? "sharing is off; %lld queued row%s queued, shared rows stay shared"
                                : "sharing was off already; %lld queued row%s queued",
                (long long)pending, pending == 1 ? " stays" : "s stay");
    return true;
}

bool cmd_store_dump_ddl(App *app, const Args *args, Report *report, Error *err)
{
    const Config *config = app_config(app);
    DeliveryPlace place = {0};
    Local *local = NULL;
    if (!app_local_read(app, &local, err) || (local && !delivery_place(local, &place, err))) {
        return false;
    }
    const char *name = place.profile ? place.profile : config->history_profile;
    const Profile *profile = name ? config_profile(config, name) : NULL;
    Backend backend = profile ? profile->target.backend : BACKEND_POSTGRESQL;
    const char *asked = args_text(args, "backend");
    const char *schema = args_text(args, "schema");
    if (!schema) {
        schema = place.schema ? place.schema : config->history_schema;
    }
    Text ddl = {0};
    bool ok = !asked || backend_parse(asked, &backend) ||
              error_set(err, ERROR_USAGE, "there is no backend \"%s\"; it is postgresql or sqlite", asked);
    ok = ok && shared_ddl(backend, schema, &ddl, err);
    if (ok) {
        report_document(report, "amx.ddl/1", text_take(&ddl));
    }
    text_free(&ddl);
    delivery_place_free(&place);
    return ok;
}

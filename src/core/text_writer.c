#include "text_writer.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

typedef struct Writer {
    App *app;
    Local *local;
    Shared *shared; /* where the events being read come from; NULL: the local store */
    const char *fingerprint;
    char at[CLOCK_TEXT_SIZE]; /* of the newest event found */
    char *who;                /* "bob@lap at 2026-11-22T14:00:00Z (amx 0.1.0)" */
} Writer;

/* Events that wrote this text to a column of that name. */
typedef struct Candidate {
    int64_t run_id;
    char origin[ID_SIZE];
    char at[CLOCK_TEXT_SIZE];
    char *who;
} Candidate;

#define CANDIDATES 8
typedef struct Candidates {
    Candidate items[CANDIDATES];
    size_t count;
} Candidates;

static void take_candidate(void *context, const SyncedTable *table, const Value *values)
{
    Candidates *candidates = context;
    if (candidates->count == CANDIDATES) {
        return;
    }
    Candidate *candidate = &candidates->items[candidates->count++];
    candidate->run_id = record_int(table, values, "run_id");
    text_copy(candidate->origin, sizeof candidate->origin, record_text(table, values, "origin_id"));
    text_copy(candidate->at, sizeof candidate->at, record_text(table, values, "created_at"));
    candidate->who = text_format("%s@%s at %s (amx %s)", record_text(table, values, "created_by"),
                                 record_text(table, values, "hostname"), candidate->at,
                                 record_text(table, values, "client_version"));
}

static void take_same_database(void *context, const SyncedTable *table, const Value *values)
{
    (void)table;
    (void)values;
    *(bool *)context = true;
}

static void read_events(Writer *writer, int table, const RecordFilter *filter, RecordEach each, void *context)
{
    /* who wrote a text is worth knowing, but not worth failing for */
    if (writer->shared) {
        shared_list(writer->shared, &synced_tables[table], filter, app_deliver_deadline(writer->app), each,
                    context, NULL);
    } else {
        record_list(writer->local, &synced_tables[table], filter, each, context, NULL);
    }
}

/* The newest event whose run was about this very database: dev and prod have columns of the same name. */
static void search_store(Writer *writer, const char *target, const char *text)
{
    Candidates candidates = {0};
    RecordFilter filter = {
        .limit = CANDIDATES,
        .match = {{"target", target}, {"new_text", text}, {"outcome", "applied"}, {"kind", "apply"}}};
    read_events(writer, SYNCED_APPLY_EVENTS, &filter, take_candidate, &candidates);
    for (size_t i = 0; i < candidates.count; i++) {
        Candidate *candidate = &candidates.items[i];
        bool same = false;
        RecordFilter run = {.local_id = candidate->run_id,
                            .origin = candidate->origin,
                            .limit = 1,
                            .match = {{"fingerprint", writer->fingerprint}}};
        if (strcmp(candidate->at, writer->at) > 0) {
            read_events(writer, SYNCED_RUNS, &run, take_same_database, &same);
        }
        if (same) {
            free(writer->who);
            writer->who = candidate->who;
            candidate->who = NULL;
            memcpy(writer->at, candidate->at, sizeof writer->at);
        }
        free(candidate->who);
    }
}

char *text_writer_find(App *app, Local *local, Shared *shared, const char *fingerprint, const char *target,
                       const char *text)
{
    Writer writer = {.app = app, .local = local, .fingerprint = fingerprint};
    search_store(&writer, target, text);
    writer.shared = shared;
    if (shared) {
        search_store(&writer, target, text);
    }
    return writer.who;
}

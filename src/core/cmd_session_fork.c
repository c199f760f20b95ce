/* session fork: a session of one's own that goes on where another one, or a teammate's, is. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "session_command.h"
#include "text.h"

/* A turn to be copied. Owned. */
typedef struct Turn {
    int64_t index; /* in the original */
    int64_t answers;
    char *role;
    char *content;
    char *citations;
    char *model;
    char *copied_from;
} Turn;

/* What is read before it is written. The text of a teammate is made valid UTF-8 and valid JSON, which their
 * store need not have seen to. */
typedef struct Fork {
    App *app;
    SessionBinding binding;
    SessionSource source;
    char *origin;
    char *db_profile;
    char *fingerprint;
    char *title;
    char *who;
    char *forked_from;
    Turn *turns;
    size_t count;
    size_t capacity;
} Fork;

static char *take_text(const SyncedTable *table, const Value *values, const char *column)
{
    const char *text = record_text(table, values, column);
    return text ? text_to_utf8(text, strlen(text)) : NULL;
}

static char *who_of(const SyncedTable *table, const Value *values)
{
    char *who = text_format("%s@%s", record_text(table, values, "created_by"),
                            record_text(table, values, "hostname"));
    char *valid = text_to_utf8(who, strlen(who));
    free(who);
    return valid;
}

static void take_session(void *context, const SyncedTable *table, const Value *values)
{
    Fork *fork = context;
    fork->origin = take_text(table, values, "origin_id");
    fork->db_profile = take_text(table, values, "db_profile");
    fork->fingerprint = take_text(table, values, "fingerprint");
    fork->title = take_text(table, values, "title");
    fork->who = who_of(table, values);
    fork->forked_from = take_text(table, values, "forked_from");
}

/* The JSON of a column when it is of this type; owned by the caller. */
static char *take_json(const SyncedTable *table, const Value *values, const char *column, json_type type)
{
    const char *text = record_text(table, values, column);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    char *valid = json && json_typeof(json) == type ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return valid;
}

/* Who said it: of a turn that was copied before, who said it first. */
static char *said_by(const SyncedTable *table, const Value *values)
{
    char *copied = take_json(table, values, "copied_from", JSON_OBJECT);
    if (copied) {
        return copied;
    }
    char *who = who_of(table, values);
    char *when = take_text(table, values, "created_at");
    char *version = take_text(table, values, "client_version");
    char *session = text_format("%s/%lld", record_text(table, values, "origin_id"),
                                (long long)record_int(table, values, "session_id"));
    json_t *said = json_pack("{s:s, s:s, s:s?, s:s?}", "session", session, "who", who, "created_at", when,
                             "client_version", version);
    copied = json_dumps(said, JSON_COMPACT);
    json_decref(said);
    free(session);
    free(version);
    free(when);
    free(who);
    return copied;
}

static void take_turn(void *context, const SyncedTable *table, const Value *values)
{
    Fork *fork = context;
    memory_grow((void **)&fork->turns, fork->count, &fork->capacity, sizeof *fork->turns);
    fork->turns[fork->count++] = (Turn){.index = record_int(table, values, "turn_index"),
                                        .answers = record_int(table, values, "answers"),
                                        .role = take_text(table, values, "role"),
                                        .content = take_text(table, values, "content"),
                                        .citations = take_json(table, values, "citations", JSON_ARRAY),
                                        .model = take_text(table, values, "model"),
                                        .copied_from = said_by(table, values)};
}

static bool read_original(Fork *fork, Error *err)
{
    RecordFilter filter = {.parent = fork->source.id, .origin = fork->source.origin};
    return session_source_head(&fork->source, take_session, fork, err) &&
           session_source_read(&fork->source, SYNCED_SESSION_TURNS, &filter, take_turn, fork, err) &&
           session_source_still_there(&fork->source, err);
}

/* Copies are numbered anew, from 1: the number that the question of a turn has there, 0 when it is not there.
 */
static int64_t copied_question(const Fork *fork, size_t turn)
{
    int64_t answers = fork->turns[turn].answers;
    for (size_t i = turn; answers > 0 && i-- > 0;) {
        if (fork->turns[i].index == answers) {
            return (int64_t)i + 1;
        }
    }
    return 0;
}

static bool write_turns(const Fork *fork, int64_t id, Error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < fork->count; i++) {
        const Turn *turn = &fork->turns[i];
        SessionTurn copy = {.role = turn->role,
                            .content = turn->content,
                            .citations = turn->citations,
                            .model = turn->model,
                            .answers = copied_question(fork, i),
                            .copied_from = turn->copied_from};
        ok = sessions_add_turn(fork->source.local, id, &fork->binding, &copy, err);
    }
    return ok;
}

static bool write_fork(const Fork *fork, int64_t *id, Error *err)
{
    SessionOriginal original = {.origin = fork->origin,
                                .id = fork->source.id,
                                .db_profile = fork->db_profile,
                                .fingerprint = fork->fingerprint,
                                .title = fork->title,
                                .who = fork->who,
                                .forked_from = fork->forked_from};
    bool stays_here = false;
    return session_still_bound(fork->app, &fork->binding, "the fork", &stays_here, err) &&
           sessions_fork(fork->source.local, &fork->binding, &original, stays_here, id, err) &&
           write_turns(fork, *id, err);
}

/* One transaction: the fork is there with all its turns, or not at all. A session of one's own is read in it,
 * so that nobody writes to it, or deletes it, in between; a teammate's before, for that asks the network. */
static bool copy(Fork *fork, int64_t *id, Error *err)
{
    if (fork->source.shared && !read_original(fork, err)) {
        return false;
    }
    if (!local_begin(fork->source.local, err)) {
        return false;
    }
    bool ok = (fork->source.shared || read_original(fork, err)) && write_fork(fork, id, err);
    return local_end(fork->source.local, ok, err);
}

static void free_fork(Fork *fork)
{
    for (size_t i = 0; i < fork->count; i++) {
        free(fork->turns[i].role);
        free(fork->turns[i].content);
        free(fork->turns[i].citations);
        free(fork->turns[i].model);
        free(fork->turns[i].copied_from);
    }
    free(fork->turns);
    free(fork->origin);
    free(fork->db_profile);
    free(fork->fingerprint);
    free(fork->title);
    free(fork->who);
    free(fork->forked_from);
    session_source_close(&fork->source);
}

bool cmd_session_fork(App *app, const Args *args, Report *report, Error *err)
{
    Fork fork = {.app = app};
    Local *local = NULL;
    int64_t id = 0;
    bool ok = session_bind(app, &fork.binding, err) && app_local(app, &local, err) &&
              session_source_open(app, local, args, &fork.source, err) && copy(&fork, &id, err);
    if (ok) {
        report_note(report,
                    "session %lld goes on from session %lld of %s (%zu turn%s copied), and is active "
                    "under profile %s",
                    (long long)id, fork.source.id, fork.who, fork.count, text_plural((long long)fork.count),
                    fork.binding.db_profile);
        ok = session_report(local, id, true, report, err);
    } else if (local && err->kind == ERROR_GUARD) {
        session_hint_profile(&fork.source, err);
        session_record_refusal(local, "refused fork", fork.source.origin, fork.source.id, &fork.binding);
    }
    free_fork(&fork);
    return ok;
}

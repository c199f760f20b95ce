#include "synced.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

const SyncedColumn synced_common[SYNCED_COMMON_COUNT] = {
    [SYNCED_ORIGIN_ID] = {"origin_id", SYNCED_TEXT, true, 1, "The history.db that owns the row"},
    [SYNCED_LOCAL_ID] = {"local_id", SYNCED_INT, true, 1, "The row's id in its history.db; never reused"},
    [SYNCED_BORN_ORIGIN] = {"born_origin", SYNCED_TEXT, true, 1,
                            "The history.db the row was first written in; differs from origin_id in a copy"},
    [SYNCED_CREATED_BY] = {"created_by", SYNCED_TEXT, true, 1, "Login name of who wrote the row"},
    [SYNCED_HOSTNAME] = {"hostname", SYNCED_TEXT, true, 1, "Machine the row was written on"},
    [SYNCED_CLIENT_VERSION] = {"client_version", SYNCED_TEXT, true, 1, "Version of amx that wrote the row"},
    [SYNCED_CREATED_AT] = {"created_at", SYNCED_TIME, true, 1, "When the row was first written, UTC"},
    [SYNCED_UPDATED_AT] = {"updated_at", SYNCED_TIME, true, 1, "When the row was last written, UTC"},
    [SYNCED_ROW_VERSION] = {"row_version", SYNCED_INT, true, 1,
                            "Number of the row's last write among all writes of its history.db"},
    [SYNCED_DELETED_AT] = {"deleted_at", SYNCED_TIME, false, 1,
                           "When its owner deleted the row, UTC; its content is emptied then"},
};

static const SyncedColumn runs[] = {
    {"scope", SYNCED_TEXT, true, 1, "What was drafted: database, schema, table or table.column"},
    {"db_profile", SYNCED_TEXT, true, 1, "Name of the profile the run worked under"},
    {"fingerprint", SYNCED_TEXT, true, 1,
     "The database the profile pointed to: backend, host, port, database"},
    {"drafter", SYNCED_TEXT, true, 1, "What wrote the drafts"},
    {"status", SYNCED_TEXT, true, 1, "running, ready, cancelled, interrupted or failed"},
    {"planned", SYNCED_INT, true, 1, "Tables and columns to draft"},
    {"drafted", SYNCED_INT, true, 1, "Drafts written"},
    {"failed", SYNCED_INT, true, 1, "Tables and columns that could not be drafted"},
    {"started", SYNCED_TIME, true, 1, "When drafting began, UTC"},
    {"ended", SYNCED_TIME, false, 1, "When drafting ended, UTC"},
    {"error", SYNCED_TEXT, false, 1, "Why the run ended early"},
    {"input_tokens", SYNCED_INT, false, 3,
     "Tokens that a language model was asked with; empty: none drafted"},
    {"output_tokens", SYNCED_INT, false, 3, "Tokens that it answered with"},
    {"cost", SYNCED_REAL, false, 3, "What it cost so far, by the prices of the llm_profile"},
    {"currency", SYNCED_TEXT, false, 3, "Currency of the cost"},
};

static const SyncedColumn run_results[] = {
    {"run_id", SYNCED_INT, true, 1, "local_id of the run"},
    {"schema_name", SYNCED_TEXT, true, 1, "Schema of the table"},
    {"table_name", SYNCED_TEXT, true, 1, "The table"},
    {"column_name", SYNCED_TEXT, false, 1, "The column; empty for the table itself"},
    {"kind", SYNCED_TEXT, true, 1, "table, view, materialized view, .. or column"},
    {"data_type", SYNCED_TEXT, false, 1, "Type of the column"},
    {"base_text", SYNCED_TEXT, false, 1, "The comment that stood in the database when the draft was made"},
    {"alternatives", SYNCED_JSON, true, 1, "The drafts, best first"},
    {"confidence", SYNCED_REAL, true, 1, "0 to 1; from 0.8 structure proves the first draft"},
    {"evidence", SYNCED_JSON, true, 1, "The facts the drafts rest on"},
    {"source", SYNCED_TEXT, true, 1, "What wrote the drafts"},
    {"evaluation", SYNCED_TEXT, false, 1, "A person's decision: accepted, edited or skipped"},
    {"chosen_text", SYNCED_TEXT, false, 1, "The text that was accepted"},
    {"evaluated_at", SYNCED_TIME, false, 1, "When it was decided, UTC"},
    {"applied_at", SYNCED_TIME, false, 1, "When the chosen text was written to the database, UTC"},
    {"apply_error", SYNCED_TEXT, false, 1, "Why it could not be written"},
};

static const SyncedColumn sessions[] = {
    {"db_profile", SYNCED_TEXT, true, 1, "Profile the session is bound to for life"},
    {"fingerprint", SYNCED_TEXT, true, 1, "The database the profile pointed to when the session began"},
    {"title", SYNCED_TEXT, true, 1, "Title, or the first question"},
    {"started", SYNCED_TIME, true, 1, "When the session began, UTC"},
    {"last_active", SYNCED_TIME, true, 1, "When the last turn was written, UTC"},
    {"ended", SYNCED_TIME, false, 1, "When the session was ended, UTC"},
    {"forked_from", SYNCED_TEXT, false, 1, "origin_id/local_id of the session it was forked from"},
};

static const SyncedColumn session_turns[] = {
    {"session_id", SYNCED_INT, true, 1, "local_id of the session"},
    {"turn_index", SYNCED_INT, true, 1, "Place in the session, from 1"},
    {"role", SYNCED_TEXT, true, 1, "user or assistant"},
    {"content", SYNCED_TEXT, true, 1, "What was said"},
    {"citations", SYNCED_JSON, false, 1, "Tables and columns the answer rests on"},
    {"model", SYNCED_TEXT, false, 3, "What answered: builtin, or the name of a language model"},
    {"answers", SYNCED_INT, false, 3, "Of an answer: turn_index of the question that it answers"},
    {"copied_from", SYNCED_JSON, false, 3,
     "Of a turn that a fork copied: the session it was said in, who said it, when and with which amx"},
};

static const SyncedColumn apply_events[] = {
    {"run_id", SYNCED_INT, true, 1, "local_id of the run"},
    {"result_id", SYNCED_INT, true, 1, "local_id of the result that was applied"},
    {"kind", SYNCED_TEXT, true, 1, "apply or rollback"},
    {"target", SYNCED_TEXT, true, 1, "The table or column, quoted as SQL"},
    {"old_text", SYNCED_TEXT, false, 1, "The comment that was replaced"},
    {"new_text", SYNCED_TEXT, false, 1, "The comment that was written"},
    {"outcome", SYNCED_TEXT, true, 1,
     "pending (not known yet), applied, unchanged, missing, changed, failed, held (not written, as others "
     "were refused), interrupted (not written) or unknown"},
    {"error", SYNCED_TEXT, false, 2, "Why it was not written"},
};

static const SyncedColumn app_events[] = {
    {"kind", SYNCED_TEXT, true, 1,
     "enable, disable, flush, drop, migrate, refused resume, origin change, .."},
    {"status", SYNCED_TEXT, true, 1, "ok, refused or failed"},
    {"detail", SYNCED_JSON, false, 1, "What happened, as a JSON object"},
};

const SyncedTable synced_tables[SYNCED_TABLE_COUNT] = {
    [SYNCED_RUNS] = {"runs", "Drafting jobs: who drafted what, when, and how it ended", SYNCED_NO_PARENT,
                     NULL, runs, COUNT(runs)},
    [SYNCED_RUN_RESULTS] = {"run_results", "Drafted descriptions, one per table or column of a run",
                            SYNCED_RUNS, "run_id", run_results, COUNT(run_results)},
    [SYNCED_SESSIONS] = {"sessions", "Chats of questions and answers, each bound to one database",
                         SYNCED_NO_PARENT, NULL, sessions, COUNT(sessions)},
    [SYNCED_SESSION_TURNS] = {"session_turns", "Questions and answers of the sessions", SYNCED_SESSIONS,
                              "session_id", session_turns, COUNT(session_turns)},
    [SYNCED_APPLY_EVENTS] = {"apply_events",
                             "Descriptions written to a documented database, with what they replaced",
                             SYNCED_RUN_RESULTS, "result_id", apply_events, COUNT(apply_events)},
    [SYNCED_APP_EVENTS] = {"app_events",
                           "What happened to the sharing itself: enabled, disabled, flushed, refused",
                           SYNCED_NO_PARENT, NULL, app_events, COUNT(app_events)},
};

size_t synced_width(const SyncedTable *table)
{
    return SYNCED_COMMON_COUNT + table->column_count;
}

const SyncedColumn *synced_column(const SyncedTable *table, size_t index)
{
    return index < SYNCED_COMMON_COUNT ? &synced_common[index] : &table->columns[index - SYNCED_COMMON_COUNT];
}

const SyncedTable *synced_find(const char *name)
{
    for (size_t i = 0; i < SYNCED_TABLE_COUNT; i++) {
        if (strcmp(synced_tables[i].name, name) == 0) {
            return &synced_tables[i];
        }
    }
    return NULL;
}

int synced_id(const SyncedTable *table)
{
    return (int)(table - synced_tables);
}

#include "runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "local_sqlite.h"
#include "process.h"
#include "text.h"

bool runs_start(Local *local, const RunStart *start, int64_t *id, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    char process[PROCESS_NAME_SIZE];
    char key[40];
    clock_now(now);
    process_name(process);
    if (!local_expect_many(local, err) || !local_begin(local, err)) {
        return false;
    }
    Sqlite *db = local_sqlite(local);
    bool ok = sqlite_run(
        db, err,
        "INSERT INTO runs(scope, db_profile, fingerprint, drafter, status, planned, drafted, failed, "
        "started, local_only) VALUES ($1, $2, $3, $4, 'running', $5, 0, 0, $6, $7)",
        VALUES(value_text(start->scope), value_text(start->db_profile), value_text(start->fingerprint),
               value_text(start->drafter), value_int(start->planned), value_text(now),
               value_text(start->private_run ? "private" : NULL)));
    if (ok) {
        *id = sqlite_last_id(db);
        snprintf(key, sizeof key, "running.%lld", (long long)*id);
        ok = local_set_setting(local, key, process, err);
    }
    return local_end(local, ok, err);
}

static bool begin_again(Local *local, int64_t id, Error *err)
{
    char process[PROCESS_NAME_SIZE];
    char key[40];
    int64_t ended_early = 0;
    process_name(process);
    snprintf(key, sizeof key, "running.%lld", (long long)id);
    if (!sqlite_number(local_sqlite(local), err, 0, &ended_early,
                       "SELECT count(*) FROM runs WHERE local_id = $1 "
                       "AND status IN ('cancelled', 'interrupted', 'failed')",
                       VALUES(value_int(id)))) {
        return false;
    }
    if (!ended_early) {
        error_set(err, ERROR_GUARD, "run %lld did not end early", (long long)id);
        return error_hint(err, "see where it stands with: amx history show %lld", (long long)id);
    }
    return sqlite_run(local_sqlite(local), err,
                      "UPDATE runs SET status = 'running', error = NULL, ended = NULL WHERE local_id = $1",
                      VALUES(value_int(id))) &&
           local_set_setting(local, key, process, err);
}

bool runs_resume(Local *local, int64_t id, Error *err)
{
    return local_begin(local, err) && local_end(local, begin_again(local, id, err), err);
}

bool runs_is_private(Local *local, int64_t id, bool *out, Error *err)
{
    int64_t found = 0;
    bool ok = sqlite_number(local_sqlite(local), err, 0, &found,
                            "SELECT 1 FROM runs WHERE local_id = $1 AND local_only = 'private'",
                            VALUES(value_int(id)));
    *out = found != 0;
    return ok;
}

bool runs_finish(Local *local, int64_t id, const char *status, int64_t drafted, int64_t failed,
                 const char *error, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    char key[40];
    clock_now(now);
    snprintf(key, sizeof key, "running.%lld", (long long)id);
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = sqlite_run(local_sqlite(local), err,
                         "UPDATE runs SET status = $2, drafted = $3, failed = $4, error = $5, ended = $6 "
                         "WHERE local_id = $1",
                         VALUES(value_int(id), value_text(status), value_int(drafted), value_int(failed),
                                value_text(error), value_text(now))) &&
              local_set_setting(local, key, NULL, err);
    return local_end(local, ok, err);
}

bool runs_add_cost(Local *local, int64_t id, const RunCost *more, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = sqlite_run(local_sqlite(local), err,
                         "UPDATE runs SET input_tokens = coalesce(input_tokens, 0) + $2, "
                         "output_tokens = coalesce(output_tokens, 0) + $3, "
                         "currency = CASE WHEN coalesce(cost, 0) > 0 THEN currency ELSE $5 END, "
                         "cost = coalesce(cost, 0) + $4 WHERE local_id = $1",
                         VALUES(value_int(id), value_int(more->input_tokens), value_int(more->output_tokens),
                                value_real(more->cost), value_text(more->currency)));
    return local_end(local, ok, err);
}

/* The next run that says a process works on it; 0 when there is none. */
static bool next_running(Local *local, int64_t after, int64_t *id, Error *err)
{
    return sqlite_number(
        local_sqlite(local), err, 0, id,
        "SELECT min(CAST(substr(key, 9) AS INTEGER)) FROM settings "
        "WHERE key >= 'running.' AND key < 'running/' AND CAST(substr(key, 9) AS INTEGER) > $1",
        VALUES(value_int(after)));
}

/* Inside a transaction: so that the process's own end of the run is either seen, or comes after this. */
static bool mark_interrupted(Local *local, int64_t id, bool *marked, Error *err)
{
    char key[40];
    char *process = NULL;
    int64_t drafted = 0;
    snprintf(key, sizeof key, "running.%lld", (long long)id);
    if (!local_setting(local, key, &process, err)) {
        return false;
    }
    *marked = process && !process_is_alive(process);
    free(process);
    return !*marked ||
           (sqlite_number(local_sqlite(local), err, 0, &drafted,
                          "SELECT count(*) FROM run_results WHERE run_id = $1", VALUES(value_int(id))) &&
            runs_finish(local, id, "interrupted", drafted, 0, "the program ended before the run did", err));
}

bool runs_mark_interrupted(Local *local, int64_t *count, Error *err)
{
    int64_t id = 0;
    *count = 0;
    for (;;) {
        bool marked = false;
        if (!next_running(local, id, &id, err)) {
            return false;
        }
        if (id == 0) {
            return true;
        }
        if (!local_begin(local, err)) {
            return false;
        }
        if (!mark_interrupted(local, id, &marked, err)) {
            local_rollback(local);
            return false;
        }
        if (!local_commit(local, err)) {
            return false;
        }
        *count += marked;
    }
}

static const char insert_results[] =
    "INSERT INTO run_results(run_id, schema_name, table_name, column_name, kind, data_type, base_text, "
    "alternatives, confidence, evidence, source) VALUES ";
enum { RESULT_VALUES = 11 };

static void result_values(const void *rows, size_t row, Value *out)
{
    const RunResult *result = (const RunResult *)rows + row;
    const Value values[RESULT_VALUES] = {
        value_int(result->run_id),     value_text(result->schema),       value_text(result->table),
        value_text(result->column),    value_text(result->kind),         value_text(result->data_type),
        value_text(result->base_text), value_text(result->alternatives), value_real(result->confidence),
        value_text(result->evidence),  value_text(result->source),
    };
    memcpy(out, values, sizeof values);
}

bool runs_add_results(Local *local, const RunResult *results, size_t count, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = sqlite_insert_rows(local_sqlite(local), err, insert_results, RESULT_VALUES, result_values,
                                 results, count);
    return local_end(local, ok, err);
}

bool runs_evaluate(Local *local, int64_t result_id, const char *evaluation, const char *chosen, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok =
        sqlite_run(local_sqlite(local), err,
                   "UPDATE run_results SET evaluation = $2, "
                   "evaluated_at = CASE WHEN $2 IS NOT NULL THEN $4 END, apply_error = NULL, "
                   "applied_at = CASE WHEN chosen_text IS $3 THEN applied_at END, chosen_text = $3 "
                   "WHERE local_id = $1 AND (evaluation IS NOT $2 OR chosen_text IS NOT $3)",
                   VALUES(value_int(result_id), value_text(evaluation), value_text(chosen), value_text(now)));
    return local_end(local, ok, err);
}

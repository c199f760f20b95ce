#include "sessions.h"

#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#include "clock.h"
#include "local_sqlite.h"
#include "memory.h"
#include "text.h"

enum { TITLE_KEPT = 800 }; /* bytes of a title that a fork takes over */

static char *pointer_key(const char *db_profile)
{
    return text_format("session.%s", db_profile);
}

static bool point_at(Local *local, const char *db_profile, int64_t id, Error *err)
{
    char *key = pointer_key(db_profile);
    char *value = text_format("%lld", (long long)id);
    bool ok = local_set_setting(local, key, id ? value : NULL, err);
    free(value);
    free(key);
    return ok;
}

bool sessions_start(Local *local, const SessionBinding *binding, const char *title, bool private_session,
                    int64_t *id, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok =
        sqlite_run(local_sqlite(local), err,
                   "INSERT INTO sessions(db_profile, fingerprint, title, started, last_active, local_only) "
                   "VALUES ($1, $2, $3, $4, $4, $5)",
                   VALUES(value_text(binding->db_profile), value_text(binding->fingerprint),
                          value_text(title ? title : ""), value_text(now),
                          value_text(private_session ? "private" : NULL)));
    if (ok) {
        *id = sqlite_last_id(local_sqlite(local));
        ok = point_at(local, binding->db_profile, *id, err);
    }
    return local_end(local, ok, err);
}

static bool refuse(int64_t id, const char *profile, const char *fingerprint, const SessionBinding *binding,
                   Error *err)
{
    if (text_equal(profile, binding->db_profile)) {
        error_set(
            err, ERROR_GUARD,
            "session %lld is bound to profile %s as it was (%s); today %s points to %s, so it is not resumed",
            (long long)id, profile, fingerprint, profile, binding->fingerprint);
        return error_hint(
            err,
            "begin one where it points now with: amx -p '%s' session new; or let the profile point to its "
            "old database again; or read it with: amx session show --id %lld",
            profile, (long long)id);
    }
    error_set(
        err, ERROR_GUARD,
        "session %lld is bound to profile %s (%s); you work under profile %s (%s), so it is not resumed",
        (long long)id, profile, fingerprint, binding->db_profile, binding->fingerprint);
    return error_hint(
        err,
        "read it with: amx session show --id %lld; or work under its profile: amx -p '%s' "
        "session resume --id %lld; or go over to it: amx db use '%s' (on the screen :db use '%s')",
        (long long)id, profile, (long long)id, profile, profile);
}

static bool refuse_fork(Local *local, const SessionOriginal *original, const SessionBinding *binding,
                        Error *err)
{
    bool own = text_equal(original->origin, local_origin(local));
    char *where = own ? memory_string("") : text_format(" --origin %s", original->origin);
    long long id = original->id;
    if (text_equal(original->db_profile, binding->db_profile)) {
        error_set(err, ERROR_GUARD,
                  "session %lld of %s is bound to profile %s where it points to %s; today it points to %s "
                  "here, so it is not forked",
                  id, original->who, original->db_profile, original->fingerprint, binding->fingerprint);
        error_hint(err, "read it with: amx session show --id %lld%s; or start one with: amx session new", id,
                   where);
    } else {
        error_set(err, ERROR_GUARD,
                  "session %lld of %s is bound to profile %s (%s); you work under profile %s (%s), so it is "
                  "not forked",
                  id, original->who, original->db_profile, original->fingerprint, binding->db_profile,
                  binding->fingerprint);
        error_hint(err,
                   "read it with: amx session show --id %lld%s; or work under its profile: amx -p '%s' "
                   "session fork --id %lld%s",
                   id, where, original->db_profile, id, where);
    }
    free(where);
    return false;
}

#define FORK_MARK "(fork of "

/* How much of a title is about the conversation: not what a fork says of itself at its end. */
static size_t own_title(const SessionOriginal *original)
{
    const char *title = original->title;
    size_t length = strlen(title);
    const char *mark = NULL;
    for (const char *at = strstr(title, FORK_MARK); at; at = strstr(at + 1, FORK_MARK)) {
        mark = at;
    }
    if (!original->forked_from || !mark || title[length - 1] != ')') {
        return length;
    }
    length = (size_t)(mark - title);
    return length > 0 && title[length - 1] == ' ' ? length - 1 : length;
}

/* "which tables hold an email? (fork of 41 by bob@lap)", of a fork's fork as well; owned by the caller. */
static char *fork_title(const SessionOriginal *original)
{
    char title[TITLE_KEPT];
    char *own = memory_string_n(original->title, own_title(original));
    text_copy(title, sizeof title, own);
    free(own);
    return text_format("%s%s" FORK_MARK "%lld by %s)", title, *title ? " " : "", (long long)original->id,
                       original->who);
}

bool sessions_fork(Local *local, const SessionBinding *binding, const SessionOriginal *original,
                   bool private_session, int64_t *id, Error *err)
{
    Sqlite *db = local_sqlite(local);
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    if (!local_begin(local, err)) {
        return false;
    }
    char *title = fork_title(original);
    char *from = text_format("%s/%lld", original->origin, (long long)original->id);
    /* guard 1, as where a turn is written; of a session of one's own, only a copy may be more private */
    bool ok = sqlite_run(
        db, err,
        "INSERT INTO sessions(db_profile, fingerprint, title, started, last_active, forked_from, local_only) "
        "SELECT $1, $2, $3, $4, $4, $5, coalesce($6, (SELECT s.local_only FROM sessions s "
        "WHERE s.origin_id = $7 AND s.local_id = $8)) WHERE $9 = $1 AND $10 = $2",
        VALUES(value_text(binding->db_profile), value_text(binding->fingerprint), value_text(title),
               value_text(now), value_text(from), value_text(private_session ? "private" : NULL),
               value_text(original->origin), value_int(original->id), value_text(original->db_profile),
               value_text(original->fingerprint)));
    if (ok && sqlite_changes(db) == 0) {
        ok = refuse_fork(local, original, binding, err);
    } else if (ok) {
        *id = sqlite_last_id(db);
        ok = point_at(local, binding->db_profile, *id, err);
    }
    free(title);
    free(from);
    return local_end(local, ok, err);
}

/* Why a session does not take what was asked: it is not there, bound elsewhere, or (`open`) ended. */
static bool explain(Local *local, int64_t id, const SessionBinding *binding, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(
        db, err, "SELECT db_profile, fingerprint FROM sessions WHERE local_id = $1", VALUES(value_int(id)));
    bool found = sqlite_next(rows);
    if (!found) {
        if (sqlite_done(db, rows, err)) {
            error_set(err, ERROR_NOT_FOUND, "there is no session %lld", (long long)id);
            error_hint(err, "list what there is with: amx session list --all-profiles");
        }
        return false;
    }
    if (text_equal(sqlite_text(rows, 0), binding->db_profile) &&
        text_equal(sqlite_text(rows, 1), binding->fingerprint)) {
        error_set(err, ERROR_GUARD, "session %lld was ended", (long long)id);
        error_hint(err, "open it again with: amx session resume --id %lld", (long long)id);
    } else {
        refuse(id, sqlite_text(rows, 0), sqlite_text(rows, 1), binding, err);
    }
    sqlite_done(db, rows, NULL);
    return false;
}

bool sessions_resume(Local *local, int64_t id, const SessionBinding *binding, Error *err)
{
    Sqlite *db = local_sqlite(local);
    char now[CLOCK_TEXT_SIZE];
    int64_t mine = 0;
    clock_now(now);
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = sqlite_number(
        db, err, 0, &mine,
        "SELECT 1 FROM sessions WHERE local_id = $1 AND db_profile = $2 AND fingerprint = $3",
        VALUES(value_int(id), value_text(binding->db_profile), value_text(binding->fingerprint)));
    if (ok && !mine) {
        ok = explain(local, id, binding, err);
    } else if (ok) {
        ok = sqlite_run(db, err, "UPDATE sessions SET ended = NULL WHERE local_id = $1 AND ended IS NOT NULL",
                        VALUES(value_int(id))) &&
             point_at(local, binding->db_profile, id, err);
    }
    return local_end(local, ok, err);
}

/* Of a profile that pointed elsewhere in between, the newest one of where it points now. */
bool sessions_active(Local *local, const SessionBinding *binding, int64_t *id, Error *err)
{
    char *key = pointer_key(binding->db_profile);
    bool ok = sqlite_number(
        local_sqlite(local), err, 0, id,
        "SELECT s.local_id FROM settings p JOIN sessions a ON a.local_id = CAST(p.value AS INTEGER) "
        "JOIN sessions s ON s.local_id = a.local_id OR a.fingerprint <> $3 "
        "WHERE p.key = $1 AND s.db_profile = $2 AND s.fingerprint = $3 AND s.ended IS NULL "
        "ORDER BY s.last_active DESC, s.local_id DESC LIMIT 1",
        VALUES(value_text(key), value_text(binding->db_profile), value_text(binding->fingerprint)));
    free(key);
    return ok;
}

bool sessions_none_left(Local *local, const SessionBinding *binding, int64_t *left, Error *err)
{
    char *key = pointer_key(binding->db_profile);
    bool ok = sqlite_number(
        local_sqlite(local), err, 0, left,
        "SELECT s.local_id FROM sessions s WHERE s.db_profile = $2 AND s.fingerprint <> $3 "
        "AND s.ended IS NULL AND NOT EXISTS (SELECT 1 FROM settings p JOIN sessions a "
        "ON a.local_id = CAST(p.value AS INTEGER) WHERE p.key = $1 AND a.fingerprint = $3) "
        "ORDER BY s.last_active DESC, s.local_id DESC LIMIT 1",
        VALUES(value_text(key), value_text(binding->db_profile), value_text(binding->fingerprint)));
    free(key);
    return ok && (*left == 0 || explain(local, *left, binding, err));
}

static bool must_exist(Local *local, int64_t id, Error *err)
{
    int64_t found = 0;
    if (!sqlite_number(local_sqlite(local), err, 0, &found, "SELECT 1 FROM sessions WHERE local_id = $1",
                       VALUES(value_int(id)))) {
        return false;
    }
    if (!found) {
        error_set(err, ERROR_NOT_FOUND, "there is no session %lld", (long long)id);
        return error_hint(err, "list what there is with: amx session list --all-profiles");
    }
    return true;
}

bool sessions_is_private(Local *local, int64_t id, bool *out, Error *err)
{
    int64_t found = 0;
    bool ok = must_exist(local, id, err) &&
              sqlite_number(local_sqlite(local), err, 0, &found,
                            "SELECT 1 FROM sessions WHERE local_id = $1 AND local_only = 'private'",
                            VALUES(value_int(id)));
    *out = found != 0;
    return ok;
}

bool sessions_rename(Local *local, int64_t id, const char *title, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = must_exist(local, id, err) &&
              sqlite_run(local_sqlite(local), err, "UPDATE sessions SET title = $2 WHERE local_id = $1",
                         VALUES(value_int(id), value_text(title)));
    return local_end(local, ok, err);
}

bool sessions_end(Local *local, int64_t id, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = must_exist(local, id, err) &&
              sqlite_run(local_sqlite(local), err,
                         "UPDATE sessions SET ended = $2 WHERE local_id = $1 AND ended IS NULL",
                         VALUES(value_int(id), value_text(now)));
    return local_end(local, ok, err);
}

bool sessions_delete(Local *local, int64_t id, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = must_exist(local, id, err) &&
              sqlite_run(local_sqlite(local), err, "DELETE FROM sessions WHERE local_id = $1",
                         VALUES(value_int(id)));
    return local_end(local, ok, err);
}

/* "?" names no conversation. */
static bool has_word(const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    ucs4_t c;
    while ((at = u8_next(&c, at)) != NULL) {
        if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L)) {
            return true;
        }
    }
    return false;
}

static bool gives_title(const SessionTurn *turn)
{
    return text_equal(turn->role, "user") && has_word(turn->content);
}

bool sessions_add_turn(Local *local, int64_t id, const SessionBinding *binding, const SessionTurn *turn,
                       Error *err)
{
    Sqlite *db = local_sqlite(local);
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    if (!local_begin(local, err)) {
        return false;
    }
    /* guard 1: the row comes from the session itself, so without the right session there is no row */
    bool ok = sqlite_run(
        db, err,
        "INSERT INTO session_turns(session_id, turn_index, role, content, citations, model, "
        "answers, copied_from) "
        "SELECT s.local_id, (SELECT ifnull(max(turn_index), 0) + 1 FROM session_turns "
        "WHERE session_id = s.local_id), $4, $5, $6, $7, $8, $9 FROM sessions s "
        "WHERE s.local_id = $1 AND s.db_profile = $2 AND s.fingerprint = $3 AND s.ended IS NULL",
        VALUES(value_int(id), value_text(binding->db_profile), value_text(binding->fingerprint),
               value_text(turn->role), value_text(turn->content), value_text(turn->citations),
               value_text(turn->model), turn->answers > 0 ? value_int(turn->answers) : value_null(),
               value_text(turn->copied_from)));
    if (ok && sqlite_changes(db) == 0) {
        ok = explain(local, id, binding, err);
    } else if (ok) {
        ok = sqlite_run(db, err,
                        "UPDATE sessions SET last_active = $2, title = CASE WHEN title = '' AND $5 "
                        "THEN substr($3, 1, $4) ELSE title END WHERE local_id = $1",
                        VALUES(value_int(id), value_text(now), value_text(turn->content),
                               value_int(SESSIONS_TITLE_LENGTH), value_int(gives_title(turn))));
    }
    return local_end(local, ok, err);
}

bool sessions_takes_turns(Local *local, int64_t id, const SessionBinding *binding, Error *err)
{
    int64_t open = 0;
    return sqlite_number(
               local_sqlite(local), err, 0, &open,
               "SELECT 1 FROM sessions WHERE local_id = $1 AND db_profile = $2 AND fingerprint = $3 "
               "AND ended IS NULL",
               VALUES(value_int(id), value_text(binding->db_profile), value_text(binding->fingerprint))) &&
           (open || explain(local, id, binding, err));
}

bool sessions_last_turn(Local *local, int64_t id, int64_t *turn, Error *err)
{
    return sqlite_number(local_sqlite(local), err, 0, turn,
                         "SELECT max(turn_index) FROM session_turns WHERE session_id = $1",
                         VALUES(value_int(id)));
}

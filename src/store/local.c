#include "local.h"

#include <errno.h>
#include <linux/magic.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "catalog_cache.h"
#include "ids.h"
#include "local_sqlite.h"
#include "memory.h"
#include "schema_local.h"
#include "synced.h"
#include "text.h"
#include "trend.h"

/* As a negative number, KiB. Each time that the changes of a transaction do not fit, the journal is synced
 * and readers are shut out. */
#define LARGE_CACHE "-16384"

struct Local {
    Sqlite *db;
    char *path;
    Identity who;
    char origin[ID_SIZE];
    int version; /* of the declaration that the file was made for; an older one stays so until it is written
                  */
};

#define NOT_RECORDED "not recorded: "
#define KEEP_HINT                                                                                            \
    "the file was left as it is; restore a backup of it, or move it away: a new one begins a new origin, "   \
    "and rows already shared stay shared"

/* The locks that keep two writers apart do not work reliably on these. */
static bool is_network_file_system(long type)
{
    static const long network[] = {NFS_SUPER_MAGIC,        SMB_SUPER_MAGIC, 0xff534d42L /* CIFS */,
                                   0xfe534d42L /* SMB2 */, AFS_SUPER_MAGIC, CODA_SUPER_MAGIC,
                                   CEPH_SUPER_MAGIC};
    for (size_t i = 0; i < sizeof network / sizeof *network; i++) {
        if ((type & 0xffffffffL) == (network[i] & 0xffffffffL)) {
            return true;
        }
    }
    return false;
}

/* Makes the file 0600 whatever the umask; one that is there is only looked at, and never opened here: closing
 * any descriptor of a file drops the locks that other connections of this process hold on it
 * (https://sqlite.org/howtocorrupt.html, 2.2). */
static bool prepare_file(const char *path, Error *err)
{
    bool there = true;
    if (mknod(path, S_IFREG | 0600, 0) == 0) {
        chmod(path, 0600);
    } else {
        there = errno == EEXIST;
    }
    struct statfs fs;
    if (!there || statfs(path, &fs) != 0) {
        error_set(err, ERROR_LOCAL, "%s can't be opened: %s", path, strerror(errno));
        return error_hint(err, "make its folder writable for you, or name another one with AMX_HOME");
    }
    if (is_network_file_system((long)fs.f_type)) {
        error_set(err, ERROR_LOCAL, "%s lies on a network file system, where SQLite's locks can't be trusted",
                  path);
        return error_hint(err, "name a folder on a local disk with AMX_HOME or XDG_STATE_HOME");
    }
    return true;
}

/* A journal that was left behind makes a closer look worth its time. */
static bool is_doubtful(const char *path)
{
    struct stat file;
    char *journal = text_format("%s-journal", path);
    bool left = stat(journal, &file) == 0 && file.st_size > 0;
    free(journal);
    return left;
}

/* SQLite takes the missing end of the last page for zeros, and notices missing pages only when it needs them.
 */
static bool is_whole(Local *local, Error *err)
{
    struct stat file;
    int64_t size = 0;
    if (!sqlite_number(local->db, err, 0, &size,
                       "SELECT page_size * page_count FROM pragma_page_size, pragma_page_count", NO_VALUES)) {
        return false;
    }
    char *log = text_format("%s-wal", local->path);
    bool logged = stat(log, &file) == 0 && file.st_size > 0; /* pages may be there and not in the file yet */
    free(log);
    if (!logged && stat(local->path, &file) == 0 && file.st_size < size) {
        error_set(err, ERROR_LOCAL, "%s is cut short: it has %lld of its %lld bytes", local->path,
                  (long long)file.st_size, (long long)size);
        return error_hint(err, KEEP_HINT);
    }
    return true;
}

static bool quick_check(Local *local, Error *err)
{
    char *answer = NULL;
    bool asked = sqlite_string(local->db, err, &answer, "PRAGMA quick_check(1)", NO_VALUES);
    bool sound = asked && text_equal(answer, "ok");
    if (asked && !sound) {
        error_set(err, ERROR_LOCAL, "%s is damaged: %s", local->path, answer ? answer : "no answer");
        error_hint(err, KEEP_HINT);
    }
    free(answer);
    return sound;
}

static bool read_version(Local *local, int64_t *version, Error *err)
{
    int64_t application = 0;
    int64_t tables = 0;
    if (!sqlite_number(local->db, err, 0, &application, "PRAGMA application_id", NO_VALUES) ||
        !sqlite_number(local->db, err, 0, version, "PRAGMA user_version", NO_VALUES) ||
        !sqlite_number(local->db, err, 0, &tables, "SELECT count(*) FROM sqlite_schema", NO_VALUES)) {
        return false;
    }
    if (tables > 0 && application != SCHEMA_LOCAL_APPLICATION_ID) {
        error_set(err, ERROR_LOCAL, "%s is a SQLite database, but no history of amx", local->path);
        return error_hint(err, "name another folder with AMX_HOME; the file was left as it is");
    }
    if (*version > SYNCED_VERSION) {
        error_set(err, ERROR_LOCAL,
                  "%s was written by a newer amx (version %lld of the file, this amx knows %d)", local->path,
                  (long long)*version, SYNCED_VERSION);
        return error_hint(err, "upgrade amx on this machine; the file was left as it is");
    }
    return true;
}

static bool upgrade(Local *local, Error *err)
{
    int64_t version = 0;
    if (!sqlite_begin(local->db, err)) {
        return false;
    }
    /* another amx may have upgraded it while this one waited for the lock */
    bool ok = read_version(local, &version, err);
    if (ok && version < SYNCED_VERSION) {
        Text sql = {0};
        schema_local_upgrade(&sql, (int)version);
        text_add(&sql, trend_table);
        text_add(&sql, catalog_cache_tables);
        ok = sqlite_script(local->db, text_string(&sql), err);
        text_free(&sql);
    }
    if (ok && version == 0) {
        char origin[ID_SIZE];
        id_random(origin);
        ok = sqlite_run(local->db, err,
                        "INSERT INTO origin(id, origin_id, created_by, hostname, client_version) "
                        "VALUES (1, $1, $2, $3, $4)",
                        VALUES(value_text(origin), value_text(local->who.created_by),
                               value_text(local->who.hostname), value_text(local->who.client_version)));
    }
    if (!ok) {
        sqlite_rollback(local->db);
        return false;
    }
    return sqlite_commit(local->db, err);
}

static bool add_younger_tables(Local *local, Error *err)
{
    return sqlite_script(local->db, trend_table, err) && sqlite_script(local->db, catalog_cache_tables, err);
}

/* WAL loses commits in a race at the reset of the log before 3.51.3, 3.50.7 and 3.44.6
 * (https://sqlite.org/wal.html, "The WAL-Reset Bug"). */
static const char *journal_pragma(void)
{
    int version = sqlite3_libversion_number();
    bool fixed = version >= 3051003 || (version >= 3050007 && version < 3051000) ||
                 (version >= 3044006 && version < 3045000);
    return fixed ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode=TRUNCATE";
}

static bool read_origin(Local *local, Error *err)
{
    SqliteRows *rows = sqlite_query(local->db, err, "SELECT origin_id FROM origin", NO_VALUES);
    if (sqlite_next(rows)) {
        text_copy(local->origin, sizeof local->origin, sqlite_text(rows, 0));
    }
    return sqlite_done(local->db, rows, err);
}

static bool open_checked(Local *local, LocalMode mode, bool doubtful, Error *err)
{
    int64_t version = 0;
    if (doubtful && !quick_check(local, err)) {
        return false;
    }
    if (!read_version(local, &version, err) || !is_whole(local, err)) {
        return false;
    }
    if (mode == LOCAL_READ) {
        if (version == 0) {
            return error_set(err, ERROR_NOT_FOUND, "%s is empty: nothing has been recorded yet", local->path);
        }
        local->version = (int)version;
        return read_origin(local, err);
    }
    local->version = SYNCED_VERSION;
    return sqlite_script(local->db, journal_pragma(), err) &&
           (version == SYNCED_VERSION ? add_younger_tables(local, err) : upgrade(local, err)) &&
           sqlite_script(local->db, schema_local_indexes, err) && read_origin(local, err);
}

static void explain_failure(const char *path, LocalMode mode, bool doubtful, Error *err)
{
    if (err && text_equal(err->sqlstate, "XX001")) {
        error_hint(err, KEEP_HINT);
    } else if (err && text_equal(err->sqlstate, "42501") && mode == LOCAL_READ && doubtful) {
        error_set(err, ERROR_LOCAL,
                  "%s: a write was cut off and is not undone yet, and this command only reads", path);
        error_hint(err, "run a command that may write, then this one again: amx db history-store status");
    }
}

bool local_open(const char *path, LocalMode mode, const Identity *who, int busy_timeout_ms, Local **out,
                Error *err)
{
    if (mode == LOCAL_READ && access(path, F_OK) != 0 && errno == ENOENT) {
        return error_set(err, ERROR_NOT_FOUND, "there is no %s: nothing has been recorded yet", path);
    }
    if (mode == LOCAL_WRITE && !prepare_file(path, err)) {
        return false;
    }
    bool doubtful = is_doubtful(path); /* opening settles the journal */
    Local *local = memory_zero(1, sizeof *local);
    local->path = memory_string(path);
    local->who = *who;
    SqliteMode how = mode == LOCAL_READ ? SQLITE_MODE_READ : SQLITE_MODE_WRITE;
    if (!sqlite_open(path, how, busy_timeout_ms, ERROR_LOCAL, &local->db, err) ||
        !open_checked(local, mode, doubtful, err)) {
        explain_failure(path, mode, doubtful, err);
        local_close(local);
        return false;
    }
    *out = local;
    return true;
}

void local_close(Local *local)
{
    if (local) {
        sqlite_close(local->db);
        free(local->path);
        free(local);
    }
}

Sqlite *local_sqlite(Local *local)
{
    return local->db;
}

int local_schema_version(const Local *local)
{
    return local->version;
}

const Identity *local_identity(const Local *local)
{
    return &local->who;
}

const char *local_path(const Local *local)
{
    return local->path;
}

bool local_seen(Local *local, int64_t *out, Error *err)
{
    SqliteSeen seen;
    if (!sqlite_seen(local->db, &seen, err)) {
        return false;
    }
    *out = seen.others;
    return true;
}

const char *local_origin(Local *local)
{
    read_origin(local, NULL); /* rule J may have changed it */
    return local->origin;
}

static bool not_recorded(Error *err)
{
    return err && !text_starts(err->message, NOT_RECORDED) ? error_prefix(err, NOT_RECORDED) : false;
}

bool local_expect_many(Local *local, Error *err)
{
    return sqlite_script(local->db, "PRAGMA cache_size=" LARGE_CACHE, err) || not_recorded(err);
}

bool local_begin(Local *local, Error *err)
{
    bool outermost = !sqlite_in_transaction(local->db);
    if (!sqlite_begin(local->db, err)) {
        return not_recorded(err);
    }
    /* the triggers stamp rows with the writer of this transaction */
    const Identity *who = &local->who;
    if (outermost && !sqlite_run(local->db, err,
                                 "UPDATE origin SET created_by = $1, hostname = $2, client_version = $3 "
                                 "WHERE created_by <> $1 OR hostname <> $2 OR client_version <> $3",
                                 VALUES(value_text(who->created_by), value_text(who->hostname),
                                        value_text(who->client_version)))) {
        sqlite_rollback(local->db);
        return not_recorded(err);
    }
    return true;
}

bool local_commit(Local *local, Error *err)
{
    return sqlite_commit(local->db, err) || not_recorded(err);
}

bool local_end(Local *local, bool ok, Error *err)
{
    if (ok) {
        return local_commit(local, err);
    }
    sqlite_rollback(local->db);
    return err && err->kind == ERROR_LOCAL ? not_recorded(err) : false;
}

void local_rollback(Local *local)
{
    sqlite_rollback(local->db);
}

bool local_begin_reading(Local *local, Error *err)
{
    return sqlite_begin_reading(local->db, err);
}

/* What was made meanwhile in temporary tables goes, too. */
void local_end_reading(Local *local)
{
    sqlite_rollback(local->db);
}

bool local_version(Local *local, int64_t *out, Error *err)
{
    return sqlite_number(local->db, err, 0, out, "SELECT row_version FROM origin", NO_VALUES);
}

bool local_setting(Local *local, const char *key, char **out, Error *err)
{
    return sqlite_string(local->db, err, out, "SELECT value FROM settings WHERE key = $1",
                         VALUES(value_text(key)));
}

bool local_set_setting(Local *local, const char *key, const char *value, Error *err)
{
    if (!value) {
        return sqlite_run(local->db, err, "DELETE FROM settings WHERE key = $1", VALUES(value_text(key)));
    }
    return sqlite_run(local->db, err,
                      "INSERT INTO settings(key, value) VALUES ($1, $2) "
                      "ON CONFLICT(key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
                      VALUES(value_text(key), value_text(value)));
}

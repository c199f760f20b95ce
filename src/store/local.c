#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "ids.h"
#include "local_sqlite.h"
#include "memory.h"
#include "schema_local.h"
#include "synced.h"
#include "text.h"

struct Local {
    Sqlite *db;
    char *path;
    Identity who;
    char origin[ID_SIZE];
};

#define KEEP_HINT                                                                                            \
    "the file was left as it is; restore a backup of it, or move it away: a new one begins a new origin, "   \
    "and "                                                                                                   \
    "rows already shared stay shared"

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

/* Makes the file 0600 whatever the umask; one that is there is only looked at. */
static bool prepare_file(const char *path, Error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
        fchmod(fd, 0600);
    } else if (errno == EEXIST) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0) {
        error_set(err, ERROR_LOCAL, "%s can't be opened: %s", path, strerror(errno));
        return error_hint(err, "make its folder writable for you, or name another one with AMX_HOME");
    }
    struct statfs fs;
    bool network = fstatfs(fd, &fs) == 0 && is_network_file_system((long)fs.f_type);
    close(fd);
    if (network) {
        error_set(err, ERROR_LOCAL, "%s lies on a network file system, where SQLite's locks can't be trusted",
                  path);
        return error_hint(err, "name a folder on a local disk with AMX_HOME or XDG_STATE_HOME");
    }
    return true;
}

/* Something that makes a closer look worth its time: a journal left behind, or a size that is not whole
 * pages. */
static bool is_doubtful(const char *path)
{
    struct stat file;
    char *journal = text_format("%s-journal", path);
    bool left = stat(journal, &file) == 0 && file.st_size > 0;
    free(journal);
    if (left || stat(path, &file) != 0 || file.st_size == 0) {
        return left;
    }
    unsigned char header[100];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, header, sizeof header) : -1;
    if (fd >= 0) {
        close(fd);
    }
    if (got != (ssize_t)sizeof header) {
        return true;
    }
    /* SQLite file format, 1.3: page size at 16, size in pages at 28, both big-endian */
    int64_t page = header[16] << 8 | header[17];
    page = page == 1 ? 65536 : page;
    int64_t pages = (int64_t)header[28] << 24 | header[29] << 16 | header[30] << 8 | header[31];
    return page == 0 || file.st_size % page != 0 || file.st_size < page * pages;
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

static bool open_checked(Local *local, LocalMode mode, Error *err)
{
    int64_t version = 0;
    if (is_doubtful(local->path) && !quick_check(local, err)) {
        return false;
    }
    if (!read_version(local, &version, err)) {
        return false;
    }
    if (mode == LOCAL_READ) {
        if (version == 0) {
            return error_set(err, ERROR_NOT_FOUND, "%s is empty: nothing has been recorded yet", local->path);
        }
        return read_origin(local, err);
    }
    return sqlite_script(local->db, journal_pragma(), err) &&
           (version == SYNCED_VERSION || upgrade(local, err)) && read_origin(local, err);
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
    Local *local = memory_zero(1, sizeof *local);
    local->path = memory_string(path);
    local->who = *who;
    SqliteMode how = mode == LOCAL_READ ? SQLITE_MODE_READ : SQLITE_MODE_WRITE;
    if (!sqlite_open(path, how, busy_timeout_ms, ERROR_LOCAL, &local->db, err) ||
        !open_checked(local, mode, err)) {
        if (err && text_equal(err->sqlstate, "XX001")) {
            error_hint(err, KEEP_HINT);
        }
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

const Identity *local_identity(const Local *local)
{
    return &local->who;
}

const char *local_path(const Local *local)
{
    return local->path;
}

const char *local_origin(Local *local)
{
    return local->origin;
}

bool local_begin(Local *local, Error *err)
{
    bool outermost = !sqlite_in_transaction(local->db);
    if (!sqlite_begin(local->db, err)) {
        return error_prefix(err, "not recorded: ");
    }
    /* the triggers stamp rows with the writer of this transaction */
    const Identity *who = &local->who;
    if (outermost && !sqlite_run(local->db, err,
                                 "UPDATE origin SET created_by = $1, hostname = $2, client_version = $3 "
                                 "WHERE created_by <> $1 OR hostname <> $2 OR client_version <> $3",
                                 VALUES(value_text(who->created_by), value_text(who->hostname),
                                        value_text(who->client_version)))) {
        sqlite_rollback(local->db);
        return error_prefix(err, "not recorded: ");
    }
    return true;
}

bool local_commit(Local *local, Error *err)
{
    return sqlite_commit(local->db, err) || error_prefix(err, "not recorded: ");
}

void local_rollback(Local *local)
{
    sqlite_rollback(local->db);
}

char *local_setting(Local *local, const char *key)
{
    char *value = NULL;
    if (!sqlite_string(local->db, NULL, &value, "SELECT value FROM settings WHERE key = $1",
                       VALUES(value_text(key)))) {
        return NULL;
    }
    return value;
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

#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account.h"
#include "memory.h"
#include "text.h"

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return text_is_empty(value) ? NULL : value;
}

/* The XDG specification: a relative path is invalid and counts as not set. */
static const char *absolute_environment(const char *name)
{
    const char *value = environment(name);
    return value && *value == '/' ? value : NULL;
}

/* A path that a person named may be relative: it counts from the current folder. Slashes at its end go:
 * behind a symbolic link they would name what it points to. */
static char *absolute(const char *path)
{
    char *current = *path == '/' ? NULL : getcwd(NULL, 0);
    char *result = current ? text_format("%s/%s", current, path) : memory_string(path);
    for (size_t length = strlen(result); length > 1 && result[length - 1] == '/'; length--) {
        result[length - 1] = '\0';
    }
    free(current);
    return result;
}

/* $HOME, else what the password database says; NULL when nobody knows. Owned by the caller. */
static char *home_folder(void)
{
    const char *home = absolute_environment("HOME");
    if (home) {
        return memory_string(home);
    }
    Account account;
    account_find(getuid(), &account);
    free(account.name);
    if (account.home && *account.home == '/') {
        return account.home;
    }
    free(account.home);
    return NULL;
}

/* <variable>/amx, else <home>/<below>/amx. Owned by the caller; NULL with an error. */
static char *xdg_folder(const char *variable, const char *below, Error *err)
{
    const char *base = absolute_environment(variable);
    if (base) {
        return text_format("%s/amx", base);
    }
    char *home = home_folder();
    if (!home) {
        error_set(err, ERROR_CONFIG, "can't tell where your home folder is");
        error_hint(err, "set HOME, or set AMX_HOME to the folder in which amx shall keep its files");
        return NULL;
    }
    char *folder = text_format("%s/%s/amx", home, below);
    free(home);
    return folder;
}

bool paths_find(const char *config_flag, Paths *out, Error *err)
{
    *out = (Paths){0};
    const char *home = environment("AMX_HOME");
    const char *named = config_flag ? config_flag : environment("AMX_CONFIG");
    out->state = home ? absolute(home) : xdg_folder("XDG_STATE_HOME", ".local/state", err);
    if (!out->state) {
        return false;
    }
    out->history = text_format("%s/history.db", out->state);
    out->config_named = named != NULL;
    if (named) {
        out->config = absolute(named);
        return true;
    }
    char *folder = home ? memory_string(out->state) : xdg_folder("XDG_CONFIG_HOME", ".config", err);
    if (!folder) {
        paths_free(out);
        return false;
    }
    out->config = text_format("%s/amx.conf", folder);
    free(folder);
    return true;
}

/* Makes one folder for its owner only, whatever the umask. One that is there stays as it is. */
static bool make_folder(const char *path, Error *err)
{
    if (mkdir(path, 0700) == 0) {
        if (chmod(path, 0700) == 0) {
            return true;
        }
    } else if (errno == EEXIST) {
        return true;
    }
    error_set(err, ERROR_SYSTEM, "can't make the folder %s: %s", path, strerror(errno));
    return error_hint(err, "amx keeps its state there; AMX_HOME names another folder");
}

static bool make_folders(const char *path, Error *err)
{
    char *part = memory_string(path);
    bool made = true;
    for (char *slash = strchr(part + 1, '/'); made && slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        made = make_folder(part, err);
        *slash = '/';
    }
    made = made && make_folder(part, err);
    free(part);
    return made;
}

static bool is_trusted(uid_t owner)
{
    return owner == geteuid() || owner == 0;
}

static bool refuse(const char *path, const char *why, const char *hint, Error *err)
{
    error_set(err, ERROR_SYSTEM, "%s %s", path, why);
    return error_hint(err, "%s; or let AMX_HOME name another folder", hint);
}

/* Whoever can swap the folder or write to it could have amx deliver rows in your name. */
static bool check_folder(const char *path, Error *err)
{
    bool safe = false;
    struct stat link;
    struct stat folder;
    int handle = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0 || lstat(path, &link) < 0 || fstat(handle, &folder) < 0) {
        error_set(err, ERROR_SYSTEM, "can't open the folder %s: %s", path, strerror(errno));
        error_hint(err, "amx keeps its state there; AMX_HOME names another folder");
    } else if (S_ISLNK(link.st_mode) && !is_trusted(link.st_uid)) {
        refuse(path, "is a symbolic link that belongs to somebody else", "remove it", err);
    } else if (!is_trusted(folder.st_uid)) {
        refuse(path, "belongs to somebody else", "run amx as its owner", err);
    } else if (folder.st_mode & 022) {
        refuse(path, "can be written to by others", "take that right away (chmod go-w)", err);
    } else {
        safe = true;
    }
    if (handle >= 0) {
        close(handle);
    }
    return safe;
}

bool paths_prepare(const Paths *paths, Error *err)
{
    return make_folders(paths->state, err) && check_folder(paths->state, err);
}

void paths_free(Paths *paths)
{
    free(paths->config);
    free(paths->state);
    free(paths->history);
    *paths = (Paths){0};
}

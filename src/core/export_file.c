#include "export_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

#define MOST_NAMES 100 /* temporary names that are tried */

/* --- what is there --- */

static bool refuse(const char *path, const char *why, const char *hint, Error *err)
{
    error_set(err, ERROR_SYSTEM, "%s can't be written: %s", path, why);
    return error_hint(err, "%s", hint);
}

/* The folder that a path lies in; owned by the caller. */
static char *folder_of(const char *path)
{
    char *copy = memory_string(path);
    char *folder = memory_string(dirname(copy));
    free(copy);
    return folder;
}

static bool check_folder(const char *path, Error *err)
{
    char *folder = folder_of(path);
    bool ok = access(folder, W_OK | X_OK) == 0;
    if (!ok) {
        error_set(err, ERROR_SYSTEM, "%s can't be written: folder %s: %s", path, folder, strerror(errno));
        error_hint(err, "make the folder, or name a file in one that you can write to");
    }
    free(folder);
    return ok;
}

static bool check_existing(const char *path, const struct stat *status, Error *err)
{
    if (S_ISDIR(status->st_mode)) {
        return refuse(path, "it is a folder", "name a file in it", err);
    }
    if (!S_ISREG(status->st_mode)) {
        return refuse(path, "it is no plain file", "leave -o away and redirect the output", err);
    }
    if (status->st_nlink > 1) {
        return refuse(path, "it has several names (hard links), and only one would get the new text",
                      "name another file, or replace it yourself: amx export .. > FILE", err);
    }
    if (access(path, W_OK) != 0) {
        return refuse(path, strerror(errno), "make it writable (chmod u+w), or name another file with -o",
                      err);
    }
    return true;
}

bool export_file_find(const char *path, ExportFile *out, Error *err)
{
    struct stat status;
    *out = (ExportFile){0};
    if (!*path) {
        error_set(err, ERROR_USAGE, "-o needs the name of a file");
        return error_hint(err, "leave it away to write to standard output");
    }
    if (lstat(path, &status) != 0) {
        if (errno != ENOENT) {
            return refuse(path, strerror(errno), "name another file with -o", err);
        }
        if (path[strlen(path) - 1] == '/') {
            return refuse(path, "there is no such folder", "name a file", err);
        }
        out->path = memory_string(path);
        return check_folder(path, err);
    }
    char *real = realpath(path, NULL);
    if (!real || stat(real, &status) != 0) {
        free(real);
        return refuse(path, "it is a link that leads nowhere", "remove it, or name another file with -o",
                      err);
    }
    out->path = real;
    out->exists = true;
    out->found = status;
    return check_existing(real, &status, err) && check_folder(real, err);
}

void export_file_free(ExportFile *file)
{
    free(file->path);
    *file = (ExportFile){0};
}

bool export_file_read(const ExportFile *file, char **out, Error *err)
{
    Text text = {0};
    char part[16384];
    ssize_t got = 0;
    *out = NULL;
    if (!file->exists) {
        return true;
    }
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (got = read(fd, part, sizeof part)) > 0) {
        text_add_n(&text, part, (size_t)got);
    }
    int saved = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (fd < 0 || got < 0) {
        text_free(&text);
        error_set(err, ERROR_SYSTEM, "%s can't be read: %s", file->path, strerror(saved));
        return error_hint(err, "what is in it would be lost; name another file with -o");
    }
    if (text.length > 0 && memchr(text.data, '\0', text.length)) {
        text_free(&text);
        error_set(err, ERROR_SYSTEM, "%s is no text file", file->path);
        return error_hint(err, "name another file with -o");
    }
    *out = text_take(&text);
    return true;
}

/* --- writing --- */

/* A new file beside the path, its name in *name (owned by the caller), or -1. */
static int open_beside(const char *path, char **name)
{
    int fd = -1;
    *name = NULL;
    for (int i = 0; i < MOST_NAMES && fd < 0; i++) {
        free(*name);
        *name = text_format("%s.amx-%ld-%d", path, (long)getpid(), i);
        fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST) {
            break;
        }
    }
    return fd;
}

static bool write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return true;
}

/* The file is safe already; that its name is, too, is worth asking for, but not worth failing for. */
static void sync_folder(const char *path)
{
    char *folder = folder_of(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

/* The mode and, for root and for the owner's other groups, the owner: where that is refused, it is the
 * writer's file, as if it had been removed and written. */
static bool keep_rights(int fd, const ExportFile *file)
{
    if (!file->exists) {
        return true;
    }
    if (fchown(fd, file->found.st_uid, file->found.st_gid) != 0 && errno != EPERM) {
        return false;
    }
    return fchmod(fd, file->found.st_mode & 07777) == 0; /* after fchown, which clears set-id bits */
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Between this look and the rename there is still a moment, but none in which a database is read. */
static bool is_as_found(const ExportFile *file)
{
    struct stat now;
    if (lstat(file->path, &now) != 0) {
        return !file->exists && errno == ENOENT;
    }
    return file->exists && now.st_dev == file->found.st_dev && now.st_ino == file->found.st_ino &&
           now.st_size == file->found.st_size && same_time(&now.st_mtim, &file->found.st_mtim);
}

bool export_file_write(const ExportFile *file, const char *text, size_t length, Error *err)
{
    char *fresh;
    int fd = open_beside(file->path, &fresh);
    bool ok = fd >= 0 && keep_rights(fd, file) && write_all(fd, text, length) && fsync(fd) == 0;
    int saved = errno;
    if (fd >= 0 && close(fd) != 0 && ok) {
        saved = errno;
        ok = false;
    }
    bool changed = ok && !is_as_found(file);
    if (ok && !changed && rename(fresh, file->path) != 0) {
        saved = errno;
        ok = false;
    }
    if (changed) {
        unlink(fresh);
        error_set(err, ERROR_SYSTEM, "%s was changed meanwhile, and is left as it is", file->path);
        error_hint(err, "run it again");
    } else if (ok) {
        sync_folder(file->path);
    } else {
        if (fd >= 0) {
            unlink(fresh);
        }
        error_set(err, ERROR_SYSTEM, "%s can't be written: %s", file->path, strerror(saved));
        error_hint(err, file->exists ? "it is as it was; make room, or name another file with -o"
                                     : "nothing was written; make room, or name another file with -o");
    }
    free(fresh);
    return ok && !changed;
}

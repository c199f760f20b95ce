/* The file of `-o`: replaced as a whole or not at all. */
#ifndef AMX_CORE_EXPORT_FILE_H
#define AMX_CORE_EXPORT_FILE_H

#include <stddef.h>
#include <sys/stat.h>

#include "error.h"

typedef struct ExportFile {
    char *path; /* of the file itself: a symbolic link stays what it is; owned (export_file_free) */
    bool exists;
    struct stat found; /* the one that exists, as it was found */
} ExportFile;

/* Finds out what is to be written, before the work is done for it: a folder, what is no plain file, a file
 * with several names (the others would keep the old text), a file or folder without the right to write, and a
 * link that leads nowhere are ERROR_SYSTEM with what to do. */
bool export_file_find(const char *path, ExportFile *out, Error *err);
void export_file_free(ExportFile *file);

/* What the file holds, owned by the caller; NULL with success when there is none. ERROR_SYSTEM, also when it
 * holds a NUL. */
bool export_file_read(const ExportFile *file, char **out, Error *err);

/* Writes a temporary file beside it (fsync), then renames that over it: at any moment there is the old file
 * or the new one, whole. A new file gets the mode that the umask leaves, an old one keeps its own, and its
 * owner where that may be given. A file that somebody else has changed since it was found, or made, is left
 * to them. ERROR_SYSTEM: nothing was changed, and nothing is left behind. */
bool export_file_write(const ExportFile *file, const char *text, size_t length, Error *err);

#endif

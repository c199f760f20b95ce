/* The text of amx.conf, made ready for libconfuse. Comments become blanks, because libconfuse 3.3 counts the
 * lines of comments more than once; and what is left open at the end of the file (a quote, a comment, a
 * section, which libconfuse accepts) is found here, where the line on which it was opened is known. */
#ifndef AMX_CORE_CONFIG_FILE_H
#define AMX_CORE_CONFIG_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

typedef struct ConfigFile {
    char *text; /* owned by the caller; "" when there is no file */
    bool exists;
    mode_t mode; /* permission bits */
} ConfigFile;

/* Reads a file of at most 1 MiB. A missing one is no error here. ERROR_CONFIG, with file and line where there
 * is one: can't be read, not text in UTF-8, something left open. */
bool config_file_read(const char *path, ConfigFile *out, Error *err);

#endif

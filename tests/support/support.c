/* Folders, files, waiting, and cleaning up. */
#include "support_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "memory.h"
#include "text.h"

static char **kept;
static size_t kept_count, kept_capacity;
static const char **folders;
static size_t folder_count, folder_capacity;

char *support_keep(char *string)
{
    memory_grow((void **)&kept, kept_count, &kept_capacity, sizeof *kept);
    kept[kept_count++] = string;
    return string;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void clean_up(void)
{
    support_server_cleanup();
    for (size_t i = 0; i < folder_count; i++) {
        nftw(folders[i], remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
    free(folders);
    folders = NULL;
    folder_count = folder_capacity = 0;
    for (size_t i = 0; i < kept_count; i++) {
        free(kept[i]);
    }
    free(kept);
    kept = NULL;
    kept_count = kept_capacity = 0;
}

/* A test that ends the program early must not leave a server behind. */
static void clean_up_at_exit_too(void)
{
    static bool registered;
    if (!registered) {
        registered = true;
        atexit(clean_up);
    }
}

const char *support_folder(void)
{
    const char *base = getenv("TMPDIR");
    char *pattern = text_format("%s/amx-test-XXXXXX", base && *base ? base : "/tmp");
    const char *folder = support_folder_as(pattern);
    free(pattern);
    return folder;
}

const char *support_folder_as(const char *pattern)
{
    clean_up_at_exit_too();
    char *folder = support_keep(memory_string(pattern));
    if (!mkdtemp(folder)) {
        fail_msg("can't make %s: %s", folder, strerror(errno));
    }
    memory_grow((void **)&folders, folder_count, &folder_capacity, sizeof *folders);
    folders[folder_count++] = folder;
    return folder;
}

const char *support_file(const char *folder, const char *name, const char *content)
{
    const char *path = support_keep(text_format("%s/%s", folder, name));
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t length = strlen(content);
    if (file < 0 || write(file, content, length) != (ssize_t)length || close(file)) {
        fail_msg("can't write %s: %s", path, strerror(errno));
    }
    return path;
}

const char *support_read(const char *path)
{
    Text text = {0};
    char block[8192];
    FILE *file = fopen(path, "re");
    if (!file) {
        fail_msg("can't read %s: %s", path, strerror(errno));
    }
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) {
        text_add_n(&text, block, got);
    }
    fclose(file);
    return support_keep(text_take(&text));
}

bool support_wait(bool (*condition)(void *context), void *context)
{
    Deadline deadline = deadline_in(20000);
    while (!condition(context)) {
        if (deadline_left(deadline) == 0) {
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    }
    return true;
}

int support_cleanup(int result)
{
    clean_up();
    return result;
}

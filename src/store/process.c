#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The id and the start time (proc(5), /proc/TID/stat field 22). */
static void name_thread(pid_t id, char out[PROCESS_NAME_SIZE])
{
    char path[64];
    char stat[1024];
    out[0] = '\0';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)id);
    FILE *file = fopen(path, "re");
    if (!file) {
        return;
    }
    size_t length = fread(stat, 1, sizeof stat - 1, file);
    fclose(file);
    stat[length] = '\0';
    /* the command in field 2 may hold blanks and parentheses: count from the last one */
    const char *at = strrchr(stat, ')');
    for (int field = 2; at && field < 22; field++) {
        at = strchr(at + 1, ' ');
    }
    if (at) {
        snprintf(out, PROCESS_NAME_SIZE, "%d %llu", (int)id, strtoull(at + 1, NULL, 10));
    }
}

void process_name(char out[PROCESS_NAME_SIZE])
{
    name_thread(gettid(), out);
}

bool process_is_alive(const char *name)
{
    char now[PROCESS_NAME_SIZE];
    if (!name || !*name) {
        return false;
    }
    name_thread((pid_t)strtol(name, NULL, 10), now);
    return strcmp(now, name) == 0;
}

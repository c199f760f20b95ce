#include "account.h"

#include <errno.h>
#include <pwd.h>

#include "memory.h"

enum { SMALLEST = 1024, LARGEST = 1024 * 1024 };

bool account_find(uid_t uid, Account *out)
{
    struct passwd entry;
    struct passwd *found = NULL;
    size_t size = SMALLEST;
    char *buffer = memory_alloc(size);
    while (getpwuid_r(uid, &entry, buffer, size, &found) == ERANGE && size < LARGEST) {
        size *= 2;
        buffer = memory_resize(buffer, size, 1);
    }
    *out = (Account){0};
    if (found) {
        *out = (Account){.name = memory_string(found->pw_name), .home = memory_string(found->pw_dir)};
    }
    free(buffer);
    return found;
}

#include "identity.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

void identity_from(const IdentitySource *source, Identity *out)
{
    const char *const names[] = {source->logname, source->user, source->lname, source->username,
                                 source->account};
    char numeric[32];
    snprintf(numeric, sizeof numeric, "uid:%lu", (unsigned long)source->uid);
    const char *name = numeric;
    for (size_t i = sizeof names / sizeof *names; i-- > 0;) {
        if (!text_is_empty(names[i])) {
            name = names[i];
        }
    }
    text_copy(out->created_by, sizeof out->created_by, name);
    text_copy(out->hostname, sizeof out->hostname,
              text_is_empty(source->hostname) ? "localhost" : source->hostname);
    text_copy(out->client_version, sizeof out->client_version, AMX_VERSION);
}

/* The account's name, owned by the caller, or NULL when the password database does not know the number. */
static char *account_name(uid_t uid)
{
    struct passwd entry;
    struct passwd *found = NULL;
    size_t size = 1024;
    char *buffer = memory_alloc(size);
    while (getpwuid_r(uid, &entry, buffer, size, &found) == ERANGE && size < 1024 * 1024) {
        size *= 2;
        buffer = memory_resize(buffer, size, 1);
    }
    char *name = found ? memory_string(found->pw_name) : NULL;
    free(buffer);
    return name;
}

void identity_capture(Identity *out)
{
    /* gethostname leaves a name that fills the buffer without a NUL: the last byte is ours. */
    char hostname[HOST_NAME_MAX + 2] = "";
    bool named = gethostname(hostname, sizeof hostname - 1) == 0;
    char *account = account_name(getuid());
    IdentitySource source = {
        .logname = getenv("LOGNAME"),
        .user = getenv("USER"),
        .lname = getenv("LNAME"),
        .username = getenv("USERNAME"),
        .account = account,
        .uid = getuid(),
        .hostname = named ? hostname : NULL,
    };
    identity_from(&source, out);
    free(account);
}

#include "identity.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "account.h"
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

void identity_capture(Identity *out)
{
    /* gethostname leaves a name that fills the buffer without a NUL: the last byte is ours. */
    char hostname[HOST_NAME_MAX + 2] = "";
    bool named = gethostname(hostname, sizeof hostname - 1) == 0;
    Account account;
    account_find(getuid(), &account);
    IdentitySource source = {
        .logname = getenv("LOGNAME"),
        .user = getenv("USER"),
        .lname = getenv("LNAME"),
        .username = getenv("USERNAME"),
        .account = account.name,
        .uid = getuid(),
        .hostname = named ? hostname : NULL,
    };
    identity_from(&source, out);
    free(account.name);
    free(account.home);
}

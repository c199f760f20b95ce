/* The password database. */
#ifndef AMX_CORE_ACCOUNT_H
#define AMX_CORE_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct Account {
    char *name; /* owned by the caller, free() */
    char *home;
} Account;

/* Looks up an account; false, with both members NULL, when the password database does not know it. */
bool account_find(uid_t uid, Account *out);

#endif

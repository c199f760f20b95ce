/* Guard 3: who, where and with what. Captured when a row is written, never at delivery. */
#ifndef AMX_CORE_IDENTITY_H
#define AMX_CORE_IDENTITY_H

#include <sys/types.h>

#include "local.h"

/* What the machine says about who is at work; any string may be NULL. */
typedef struct IdentitySource {
    const char *logname; /* environment */
    const char *user;
    const char *lname;
    const char *username;
    const char *account; /* name in the password database */
    uid_t uid;
    const char *hostname; /* gethostname(2), NULL when it failed */
} IdentitySource;

/* The rules of identity_capture, applied to a given source. */
void identity_from(const IdentitySource *source, Identity *out);

/* Fills an Identity (declared in store/local.h): created_by as Python's getpass.getuser (LOGNAME, USER,
 * LNAME, USERNAME: first non-empty; then the password database; then "uid:N"), hostname from gethostname(2)
 * ("localhost" when it fails or is empty; NUL-ended also when the name fills the buffer), client_version "amx
 * X.Y.Z" without the "amx ": just X.Y.Z. What is not UTF-8 becomes U+FFFD. Never fails. */
void identity_capture(Identity *out);

#endif

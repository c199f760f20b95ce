/* Guard 3: who, where and with what. Captured when a row is written, never at delivery. */
#ifndef AMX_CORE_IDENTITY_H
#define AMX_CORE_IDENTITY_H

#include "local.h"

/* Fills an Identity (declared in store/local.h): created_by as Python's getpass.getuser (LOGNAME, USER, LNAME,
 * USERNAME: first non-empty; then the password database; then "uid:N"), hostname from gethostname(2) ("localhost"
 * when it fails or is empty; NUL-ended also when the name fills the buffer), client_version "amx X.Y.Z" without the
 * "amx ": just X.Y.Z. What is not UTF-8 becomes U+FFFD. Never fails. */
void identity_capture(Identity *out);

#endif

/* Shared by the files of the test support. */
#ifndef AMX_TESTS_SUPPORT_INTERNAL_H
#define AMX_TESTS_SUPPORT_INTERNAL_H

#include <stdio.h>
#include <sys/types.h>

#include "support.h"

/* Hands a string to the support, which frees it in support_cleanup; returns it. */
char *support_keep(char *string);

/* Forks and runs a program with its own session, stdin from `in`, stdout and stderr into files; kills it and
 * fails the test after `seconds`. Returns the exit code, 128 + N for signal N. env NULL: the test's own. */
int support_execute(char *const argv[], char *const env[], const char *in, const char *out, const char *err,
                    int seconds);

/* Stops the server if one was started, and removes its folder. */
void support_server_cleanup(void);

#endif

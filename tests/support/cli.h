/* People who use amx: each has a home of their own with an amx.conf and a history.db, a name, and types
 * command lines. What they see is checked; --json is read by path. */
#ifndef AMX_TESTS_CLI_H
#define AMX_TESTS_CLI_H

#include <sys/types.h>

#include "support.h"

typedef struct Cli {
    const char *home;    /* AMX_HOME */
    const char *history; /* its history.db */
    const char *env[8];  /* AMX_HOME, LOGNAME and what a test adds; NULL-ended */
} Cli;

/* A new person with a new home. `conf` is printf for amx.conf. */
Cli cli_new(const char *user, const char *conf, ...) __attribute__((format(printf, 2, 3)));
/* Replaces amx.conf. */
void cli_configure(const Cli *cli, const char *conf, ...) __attribute__((format(printf, 2, 3)));
/* Adds "NAME=value" to the environment. */
void cli_set(Cli *cli, const char *assignment);

/* Runs `amx WORDS`; the words are split by a shell, which may also redirect and pipe (the binary is "$AMX").
 */
SupportRun cli_run(const Cli *cli, const char *words, ...) __attribute__((format(printf, 2, 3)));
/* The same, failing the test unless it exits with `code`. */
SupportRun cli_expect(const Cli *cli, int code, const char *words, ...) __attribute__((format(printf, 3, 4)));
/* The same with exit code 0. */
SupportRun cli_ok(const Cli *cli, const char *words, ...) __attribute__((format(printf, 2, 3)));

/* A value of a JSON document by path, "items.0.created_by"; "#" counts an array. As text: numbers as they are
 * written, null, true, false as such. Fails the test when the document is not JSON or has no such path. */
const char *cli_json(const char *document, const char *path);
long long cli_json_number(const char *document, const char *path);

/* Fail the test with the text when it does not, or does, hold a string. */
void cli_shows(const char *text, const char *wanted);
void cli_hides(const char *text, const char *unwanted);

/* Starts `amx WORDS` and does not wait. Its output goes to files in a new folder. */
typedef struct CliProcess {
    pid_t pid;
    const char *out;
    const char *err;
} CliProcess;
CliProcess cli_start(const Cli *cli, const char *words, ...) __attribute__((format(printf, 2, 3)));
/* Waits for its end, at most 60 s. */
SupportRun cli_wait(const CliProcess *process);
/* Waits until what the process wrote on stderr holds a text. */
void cli_wait_for_error(const CliProcess *process, const char *text);

#endif

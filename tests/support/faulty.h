/* amx on a failing machine: the build without sanitizers, with tests/preload/faulty.c in front of the C
 * library. */
#ifndef AMX_TESTS_FAULTY_H
#define AMX_TESTS_FAULTY_H

#include "cli.h"

typedef struct FaultyRun {
    SupportRun run;
    const char *struck; /* "malloc libpq.so.5": which call failed first, and who had called; "" = none did */
    const char *log;    /* all that faulty.c wrote down */
    long peak_kib;      /* the most memory in use; 0 when it was killed */
} FaultyRun;

/* Runs `amx WORDS` (split at spaces, no shell) with faults: "FAULTY_MALLOC=3" (faulty.c has them all).
 * `binary` NULL: AMX_PLAIN_BINARY. */
FaultyRun faulty_run(const Cli *cli, const char *binary, const char *fault, const char *words);

/* Copies a file over another one, or over nothing; fails the test when it can't. */
void faulty_copy(const char *from, const char *to);

/* How far apart the tried places are: `usual`, or with AMX_TEST_LONG=1 in the environment an eighth of it. */
int faulty_stride(int usual);

#endif

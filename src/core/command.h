/* The one table of commands. The shell grammar, the `:` prompt, the keys of the screen, --help, completions
 * and the man page all read it. A command is one row here and one function in a cmd_*.c file. */
#ifndef AMX_CORE_COMMAND_H
#define AMX_CORE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "app.h"
#include "error.h"
#include "report.h"

typedef enum OptionKind {
    OPTION_FLAG,
    OPTION_READS, /* a flag, with which a command that writes only reads */
    OPTION_TEXT,
    OPTION_NUMBER
} OptionKind;

typedef struct CommandOption {
    const char *name; /* long name without dashes */
    char letter;      /* short name or 0 */
    OptionKind kind;
    const char *value; /* name of the value in the help: "FILE"; NULL: it takes none */
    const char *help;
} CommandOption;

/* What a command does to the world; the screen's guard 2 turns ASKS_* into a question, --read-only refuses
 * WRITES. */
enum {
    COMMAND_WRITES = 1 << 0,         /* writes rows: delivery follows it */
    COMMAND_CHANGES_DB = 1 << 1,     /* writes to the documented database */
    COMMAND_ASKS = 1 << 2,           /* a person on the screen is asked first */
    COMMAND_ASKS_IF_EXISTS = 1 << 3, /* asked when the schema is there or nobody can tell */
    COMMAND_REMOTE = 1 << 4,         /* asks a database or the shared store for what it is about */
    COMMAND_BARE = 1 << 5,           /* needs no configuration: works however broken amx.conf is */
    COMMAND_SCREEN = 1 << 6,         /* without further words on a terminal: opens the screen instead */
    COMMAND_ANSWERS = 1 << 7,        /* a language model may think about it for minutes .. */
    COMMAND_DRAFTS = 1 << 8          /* .. or work on it for hours: other commands need not wait for either */
};

typedef struct Args Args;

typedef struct Command {
    const char *name;  /* words: "db history-store status" */
    const char *usage; /* positional arguments: "[SCOPE]" */
    int min_args;
    int max_args;
    const char *summary; /* one line */
    const char *help;    /* paragraphs for --help and the man page, or NULL */
    const CommandOption *options;
    size_t option_count;
    unsigned flags;
    bool (*run)(App *app, const Args *args, Report *report, Error *err);
} Command;

const Command *command_table(size_t *count);
/* The command with exactly this name, or NULL. */
const Command *command_find(const char *name);

/* The options that stand before (or after) every command: --profile, --json, .. */
const CommandOption *command_global_options(size_t *count);

typedef enum OutputFormat { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_JSON_LINES, OUTPUT_CSV } OutputFormat;

/* A parsed command line. Fixed until args_free. */
struct Args {
    const Command *command; /* NULL: no words at all (bare amx) */
    bool help;              /* -h or --help */
    bool version;           /* --version */
    OutputFormat format;
    const char *color; /* auto, always, never; NULL: as configured */
    int quiet;         /* -q: 1, -v: -1 */
    AppOptions app;    /* config_path, profile, local_only, read_only, timeout_ms */
    char **words;      /* positional arguments */
    int word_count;
    struct ArgsValue *values;
    size_t value_count;
    char **storage; /* the words all of the above point into */
    int storage_count;
};

/* Parses the words after the program's name. A leading slash and slashes between the words of a command are
 * welcome: "/db/history-store status". ERROR_USAGE names the word that is wrong and what would be right. Any
 * thread may call it at any time. */
bool command_parse(int argc, const char *const *argv, Args **out, Error *err);
/* Splits a line as a shell does: blanks, single and double quotes, backslash; nothing else has a meaning. The
 * words and what holds them are the caller's, also those before a quote that is not closed (ERROR_USAGE). */
bool command_split(const char *line, char ***words, int *count, Error *err);
/* command_split, then command_parse. */
bool command_parse_line(const char *line, Args **out, Error *err);
void args_free(Args *args);
/* Does this line ask a database or the shared store: COMMAND_REMOTE, or words of it that say so (--team,
 * --origin, --today, a teammate's run to compare)? The delivery that follows what writes does not count. */
bool command_is_remote(const Args *args);

bool args_flag(const Args *args, const char *option);
const char *args_text(const Args *args, const char *option); /* NULL when not given */
long long args_number(const Args *args, const char *option, long long fallback);
const char *args_word(const Args *args, int index); /* NULL when not given */
/* A whole number that fits; false, *out unset, when the text is none. */
bool args_whole_number(const char *text, long long *out);
/* The positional argument as a positive number; ERROR_USAGE names what it should be ("run number"). */
bool args_id(const Args *args, int index, const char *what, long long *out, Error *err);

/* False (ERROR_GUARD) when the command would write and --read-only or ui { read_only } forbids it: for a
 * screen that would rather not ask first. */
bool command_may_write(const Args *args, const AppOptions *options, const Config *config, Error *err);
/* Does this line write: the command does, and no option of it says that it only reads? */
bool command_writes(const Args *args);
/* Runs a parsed command: refuses what --read-only or a guard refuses, runs it, then delivers what it wrote to
 * the shared store inside the deadline (delivery never makes a command fail: it adds "queued, N pending" to
 * the report). False: `err` says why; the report may hold messages and partial results all the same. */
bool command_run(App *app, const Args *args, Report *report, Error *err);
/* The same for a COMMAND_BARE command when there is no App. */
bool command_run_bare(const Args *args, Report *report, Error *err);

/* Marks the runs of amxs that ended early, and tells the report; nothing where it may not write. command_run
 * does this before what writes or shows runs, but not for an App that only reads. */
void command_settle_runs(App *app, Report *report);

/* Words that can follow what was typed, one per line, for completion scripts. */
char *command_complete(App *app, int argc, const char *const *argv);
/* The help of one command, of a group ("db"), or of all (NULL, ""). Owned by the caller. */
char *command_help(const char *name);
/* The man page, roff. Owned by the caller. */
char *command_man(void);

#endif

/* The one table of commands: a row for each, with its options. What a row promises is in command.h. */
#include "command.h"

#include <string.h>

#include "commands.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define OPTIONS(array) (array), COUNT(array)
#define NO_OPTIONS NULL, 0

static const CommandOption global_options[] = {
    {"profile", 'p', OPTION_TEXT, "PROFILE", "work under this DB profile, for this one command"},
    {"config", 'c', OPTION_TEXT, "FILE", "read this amx.conf"},
    {"json", 0, OPTION_FLAG, NULL, "print JSON"},
    {"jsonl", 0, OPTION_FLAG, NULL, "print JSON Lines: one row a line"},
    {"csv", 0, OPTION_FLAG, NULL, "print CSV"},
    {"color", 0, OPTION_TEXT, "WHEN", "auto, always or never"},
    {"local-only", 0, OPTION_FLAG, NULL, "what this command makes is never shared"},
    {"read-only", 'R', OPTION_FLAG, NULL, "refuse everything that writes"},
    {"timeout", 0, OPTION_NUMBER, "SECONDS", "give up databases and the shared store after this long"},
    {"quiet", 'q', OPTION_FLAG, NULL, "print no notes"},
    {"verbose", 'v', OPTION_FLAG, NULL, "print more notes"},
    {"help", 'h', OPTION_FLAG, NULL, "print the help of the command"},
    {"version", 0, OPTION_FLAG, NULL, "print the version"},
};

/* Every listing of rows has these. */
#define PAGE_OPTIONS                                                                                         \
    {"limit", 'n', OPTION_NUMBER, "N", "at most N rows"},                                                    \
        {"after", 0, OPTION_TEXT, "KEY", "the page after the one whose \"next\" is KEY"},                    \
        {"before", 0, OPTION_TEXT, "KEY", "the page before the one whose \"previous\" is KEY"},              \
    {                                                                                                        \
        "last", 0, OPTION_FLAG, NULL, "the last page"                                                        \
    }
#define LIST_OPTIONS                                                                                         \
    {"filter", 0, OPTION_TEXT, "TEXT",                                                                       \
     "only rows that hold TEXT, in any case, in a name, text, state, version or their number"},              \
        {"sort", 0, OPTION_TEXT, "COLUMN", "order by this column; -COLUMN: from the highest down"},          \
        {"reverse", 0, OPTION_FLAG, NULL, "turn the order round"}, PAGE_OPTIONS

static const CommandOption status_options[] = {
    {"offline", 0, OPTION_FLAG, NULL, "do not ask the shared store"},
};
static const CommandOption enable_options[] = {
    {"profile", 0, OPTION_TEXT, "PROFILE", "profile of the database that holds the shared schema"},
    {"schema", 0, OPTION_TEXT, "SCHEMA", "name of the schema (default: history_store { schema })"},
};
static const CommandOption dump_options[] = {
    {"schema", 0, OPTION_TEXT, "SCHEMA", "name of the schema"},
    {"backend", 0, OPTION_TEXT, "BACKEND", "postgresql or sqlite"},
};
static const CommandOption page_options[] = {
    {"limit", 'n', OPTION_NUMBER, "N", "at most N rows"},
    {"after", 0, OPTION_NUMBER, "N", "go on after the page that ended with \"next\": N"},
};
static const CommandOption session_new_options[] = {
    {"title", 0, OPTION_TEXT, "TITLE", "title; without one, the first question"},
};
static const CommandOption session_list_options[] = {
    {"all-profiles", 0, OPTION_FLAG, NULL, "of every profile, not only the active one"},
    {"team", 0, OPTION_FLAG, NULL, "of the whole team, from the shared store"},
    {"who", 0, OPTION_TEXT, "USER", "only of this user"},
    {"host", 0, OPTION_TEXT, "HOST", "only from this machine"},
    LIST_OPTIONS,
};
static const CommandOption id_options[] = {
    {"id", 0, OPTION_NUMBER, "N", "number of the session (default: the active one)"},
};
static const CommandOption session_show_options[] = {
    {"id", 0, OPTION_NUMBER, "N", "number of the session (default: the active one)"},
    {"origin", 0, OPTION_TEXT, "ORIGIN",
     "a teammate's session, from the shared store (session list --team shows it)"},
    PAGE_OPTIONS,
};
static const CommandOption session_rename_options[] = {
    {"id", 0, OPTION_NUMBER, "N", "number of the session (default: the active one)"},
    {"title", 0, OPTION_TEXT, "TITLE", "its new title"},
};
static const CommandOption session_fork_options[] = {
    {"id", 0, OPTION_NUMBER, "N", "number of the session (default: the active one)"},
    {"origin", 0, OPTION_TEXT, "ORIGIN",
     "a teammate's session, from the shared store (session list --team shows it)"},
};
static const CommandOption session_export_options[] = {
    {"id", 0, OPTION_NUMBER, "N", "number of the session (default: the active one)"},
    {"origin", 0, OPTION_TEXT, "ORIGIN",
     "a teammate's session, from the shared store (session list --team shows it)"},
    {"md", 0, OPTION_FLAG, NULL, "Markdown, for people"},
    {"json", 0, OPTION_FLAG, NULL, "JSON (amx.session-export/1), for programs"},
    {"output", 'o', OPTION_TEXT, "FILE",
     "write this file, all of it or nothing (default, and -: standard output)"},
};
static const CommandOption session_delete_options[] = {
    {"id", 0, OPTION_NUMBER, "N", "number of the session"},
    {"yes", 'y', OPTION_FLAG, NULL, "do not ask"},
};
static const CommandOption ask_options[] = {
    {"session", 0, OPTION_NUMBER, "N", "append to this session (default: the active one)"},
    {"model", 0, OPTION_TEXT, "LLM_PROFILE",
     "the language model to ask (default: the active one), or \"builtin\""},
    {"show-prompt", 0, OPTION_READS, NULL, "print exactly what would be sent, ask and record nothing"},
    {"refresh", 0, OPTION_FLAG, NULL, "read the catalog anew before answering"},
};
static const CommandOption tables_options[] = {
    {"refresh", 0, OPTION_FLAG, NULL, "read the catalog anew, however young the one that is kept is"},
};
static const CommandOption run_options[] = {
    {"missing-only", 0, OPTION_FLAG, NULL, "draft only what has no description (the default)"},
    {"all", 'a', OPTION_FLAG, NULL, "draft everything, described or not"},
    {"drafter", 0, OPTION_TEXT, "NAME",
     "what writes the drafts: builtin (the default), llm, or llm:NAME, an llm_profile"},
    {"alternatives", 0, OPTION_NUMBER, "N", "llm: drafts of each, 1 to 3 (default: the llm_profile's)"},
    {"budget", 0, OPTION_TEXT, "AMOUNT",
     "llm: stop before the run, with all it cost until then, may pass this (exit 5), instead of asking about "
     "the cost"},
    {"show-prompt", 0, OPTION_READS, NULL, "llm: print what would be sent, as JSON Lines, and send nothing"},
    {"resume", 0, OPTION_NUMBER, "RUN", "go on with a run that ended early, in the same run"},
    {"yes", 'y', OPTION_FLAG, NULL, "llm: do not ask about the cost, nor about samples"},
    {"dry-run", 0, OPTION_READS, NULL, "count what would be drafted, list what is not read, record nothing"},
};
static const CommandOption review_options[] = {
    {"accept", 0, OPTION_TEXT, "LEVEL",
     "accept the first draft of every result of this confidence: high, medium or low and better"},
    {"from", 0, OPTION_TEXT, "FILE", "read decisions, JSON Lines (- for standard input)"},
    {"export", 0, OPTION_READS, NULL,
     "print the results as JSON Lines to be edited and read back with --from"},
    {"decisions", 0, OPTION_TEXT, "LINES", "decisions as JSON Lines, on the command line itself"},
    {"result", 0, OPTION_TEXT, "IDS", "decide about this result, or about several: 7,9-12 .."},
    {"choose", 0, OPTION_NUMBER, "N", ".. accept alternative N"},
    {"text", 0, OPTION_TEXT, "TEXT", ".. or write this text instead"},
    {"skip", 0, OPTION_FLAG, NULL, ".. or leave the database as it is"},
    {"undecide", 0, OPTION_FLAG, NULL, ".. or take the decision back"},
};
static const CommandOption history_drafts_options[] = {
    {"today", 0, OPTION_FLAG, NULL, "read what the database says now, too"},
    {"since", 0, OPTION_NUMBER, "VERSION", "only what was drafted or decided after this version"},
    PAGE_OPTIONS,
};
static const CommandOption drop_options[] = {
    {"expect", 0, OPTION_NUMBER, "N", "only if so many are queued, else nothing"},
};
#define APPLY_OPTIONS                                                                                        \
    {"dry-run", 0, OPTION_READS, NULL, "print the SQL, change nothing"},                                     \
        {"yes", 'y', OPTION_FLAG, NULL, "do not ask"},                                                       \
    {                                                                                                        \
        "all-or-nothing", 0, OPTION_FLAG, NULL, "write nothing when one of the texts can't be written"       \
    }
static const CommandOption apply_options[] = {
    APPLY_OPTIONS,
    {"if-unchanged", 0, OPTION_FLAG, NULL,
     "leave alone what no longer says what it said when the draft was made"},
    {"force", 0, OPTION_FLAG, NULL, "write to what has another type than when it was drafted, too"},
};
static const CommandOption rollback_options[] = {
    APPLY_OPTIONS,
    {"force", 0, OPTION_FLAG, NULL, "overwrite what somebody wrote since the apply, too"},
};
static const CommandOption history_applies_options[] = {
    {"team", 0, OPTION_FLAG, NULL, "of the whole team, live from the shared store"},
    {"origin", 0, OPTION_TEXT, "ORIGIN",
     "of a teammate's run, from the shared store (history list --team shows it)"},
    {"who", 0, OPTION_TEXT, "USER", "only of this user"},
    {"host", 0, OPTION_TEXT, "HOST", "only from this machine"},
    {"since", 0, OPTION_TEXT, "TIME", "only since this UTC time (2026-11-22, or with a time of day)"},
    {"target", 0, OPTION_TEXT, "NAME", "only of this table or column, named as the list names it"},
    {"outcome", 0, OPTION_TEXT, "WORD",
     "only of this outcome: applied, unchanged, missing, changed, failed, held, interrupted, unknown"},
    LIST_OPTIONS,
};
static const CommandOption history_list_options[] = {
    {"team", 0, OPTION_FLAG, NULL, "runs of the whole team, from the shared store"},
    {"who", 0, OPTION_TEXT, "USER", "only of this user"},
    {"host", 0, OPTION_TEXT, "HOST", "only from this machine"},
    {"since", 0, OPTION_TEXT, "TIME", "only since this UTC time (2026-11-22, or with a time of day)"},
    {"state", 0, OPTION_TEXT, "STATE",
     "only in this state: running, review, reviewed, partly applied, applied, rolled back, unknown (an "
     "apply or rollback was cut off), cancelled, interrupted, failed"},
    LIST_OPTIONS,
};
static const CommandOption history_one_options[] = {
    {"team", 0, OPTION_FLAG, NULL, "from the shared store: the only run there with this number"},
    {"origin", 0, OPTION_TEXT, "ORIGIN",
     "a teammate's run, from the shared store (history list --team shows it)"},
    PAGE_OPTIONS,
};
static const CommandOption history_results_options[] = {
    {"team", 0, OPTION_FLAG, NULL, "from the shared store: the only run there with this number"},
    {"origin", 0, OPTION_TEXT, "ORIGIN",
     "of a teammate's run, from the shared store (history list --team shows it)"},
    LIST_OPTIONS,
};
static const CommandOption history_events_options[] = {
    {"team", 0, OPTION_FLAG, NULL, "events of the whole team, from the shared store"},
    LIST_OPTIONS,
};
static const CommandOption history_table_options[] = {
    {"team", 0, OPTION_FLAG, NULL, "what the whole team did, live from the shared store"},
    {"fingerprint", 0, OPTION_TEXT, "DATABASE",
     "the table of this database (history stats --by table --json has it; default: of every one)"},
    LIST_OPTIONS,
};
static const CommandOption history_redact_options[] = {
    {"yes", 'y', OPTION_FLAG, NULL, "do not ask"},
};
static const CommandOption history_stats_options[] = {
    {"by", 0, OPTION_TEXT, "WHAT", "one sum for each: who (the default), table or day"},
    {"team", 0, OPTION_FLAG, NULL, "of the whole team, live from the shared store"},
    {"who", 0, OPTION_TEXT, "USER", "only of this user"},
    {"host", 0, OPTION_TEXT, "HOST", "only from this machine"},
    {"since", 0, OPTION_TEXT, "TIME",
     "only of runs begun since this UTC time (2026-11-22, or with a time of day)"},
    LIST_OPTIONS,
};
static const CommandOption export_options[] = {
    {"md", 0, OPTION_FLAG, NULL, "Markdown: a heading and a table for each table, for people"},
    {"json", 0, OPTION_FLAG, NULL, "JSON (amx.export/1), for programs"},
    {"csv", 0, OPTION_FLAG, NULL, "CSV: a row for each table and column"},
    {"dbt", 0, OPTION_FLAG, NULL, "dbt: sources of a schema.yml; merged into the FILE that is there"},
    {"tbls", 0, OPTION_FLAG, NULL, "tbls: comments of a .tbls.yml; merged into the FILE that is there"},
    {"sql", 0, OPTION_FLAG, NULL, "SQL: a script that gives an empty copy the same comments"},
    {"output", 'o', OPTION_TEXT, "FILE",
     "write this file, all of it or nothing (default, and -: standard output)"},
};
static const CommandOption coverage_options[] = {
    {"min", 0, OPTION_NUMBER, "PERCENT", "exit with 7 when less is described"},
};
static const CommandOption diff_options[] = {
    {"with", 0, OPTION_TEXT, "FILE",
     "a schema.yml of dbt, a .tbls.yml, or a .json or .csv that amx export wrote"},
};
static const CommandOption help_options[] = {
    {"man", 0, OPTION_FLAG, NULL, "print the man page (roff)"},
};

static const Command table[] = {
    {"ask", "QUESTION|-", 1, 64, "answer a question from the catalog, in the active session",
     "Answers from table and column names, comments and accepted descriptions of the active profile: the "
     "best matches, what "
     "they say, how they join; and questions about keys, types, numbers and who described what. Questions "
     "are "
     "understood in English only. When nothing fits it says so. The question and the answer are appended to "
     "the "
     "active session "
     "of the profile; without one a new session is started. - reads the question from standard input. "
     "With an llm_profile in amx.conf a language model answers, from the part of the catalog that fits the "
     "question and what was said in the session before. What may leave the machine is the profile's sends. "
     "An "
     "answer that names a table or column which does not exist, or is no answer for another reason, is "
     "refused "
     "and asked for once more; where that fails too, or the model is out of reach, the built-in rules "
     "answer, "
     "and a warning says why (--json: model_error). ^C ends the turn, and the question stays in the session.",
     OPTIONS(ask_options), COMMAND_WRITES | COMMAND_REMOTE | COMMAND_ANSWERS, cmd_ask},
    {"run", "[SCOPE]", 0, 1, "draft descriptions",
     "SCOPE is a schema, schema.table, schema.table.column, or a table by itself; without one, the whole "
     "database. Every "
     "table and column gets a result with one to three drafts, a confidence and the evidence they rest on. "
     "^C leaves the run "
     "cancelled with what it had; --resume goes on with it (with all that --all asked for, where it was "
     "given), and asks "
     "the llm_profile that it began with.\n"
     "--drafter llm asks a language model, table by table, and tells it what llm_profile { sends } allows. "
     "What it answers is checked, and where it has nothing that can be used, or is out of reach, the "
     "built-in "
     "drafter's text stands in, with source builtin. What it takes is told before (--dry-run) and after; "
     "what "
     "costs something, and samples, which are values of rows, are asked about, unless --yes (or, for the "
     "cost, --budget) is there. Every batch is kept as soon as it "
     "is answered, and what a model drafted and nobody has skipped or applied is not asked again without "
     "--all.",
     OPTIONS(run_options), COMMAND_WRITES | COMMAND_REMOTE | COMMAND_DRAFTS, cmd_run},
    {"review", "RUN", 1, 1, "decide which drafts are right",
     "--export prints a line for each result: set its \"decision\" to \"accept\" (with \"choice\" the number "
     "of "
     "an alternative, else the first), \"edit\" (with \"text\") or \"skip\" and read it back with --from. An "
     "accepted text that was changed in the file counts as an edit; a changed text with \"skip\" or without "
     "a decision is refused. Lines of another history.db, whose "
     "numbers "
     "mean nothing here, are about what they name. A line that is wrong is refused, and then nothing is "
     "recorded.",
     OPTIONS(review_options), COMMAND_WRITES, cmd_review},
    {"apply", "RUN", 1, 1, "write accepted descriptions to the database",
     "One transaction. The texts that are replaced are kept, so that rollback can restore them. The second "
     "write wins: when a "
     "text that somebody wrote since the draft is replaced, the report says whose; --if-unchanged leaves "
     "such texts alone. A column that has another type now, or a table that became a view, is likely "
     "something else than what was described: it is left alone unless --force says otherwise. What can't be "
     "written (gone, renamed, locked, no right, longer than 10000 bytes) is "
     "reported by name and the rest goes on (exit 5, or 1 when nothing was written); with --all-or-nothing "
     "nothing is written then.",
     OPTIONS(apply_options), COMMAND_WRITES | COMMAND_CHANGES_DB | COMMAND_ASKS | COMMAND_REMOTE, cmd_apply},
    {"rollback", "RUN", 1, 1, "restore the texts that an apply replaced",
     "One transaction. What somebody changed since the apply is reported by name and left alone; --force "
     "overwrites it, and keeps what it overwrote in the history (amx history applies RUN).",
     OPTIONS(rollback_options), COMMAND_WRITES | COMMAND_CHANGES_DB | COMMAND_ASKS | COMMAND_REMOTE,
     cmd_rollback},
    {"export", "[SCOPE]", 0, 1, "write down what is described, for people, catalogs and git",
     "Every table and column of SCOPE with its text, and who wrote that, when and with which amx: the text "
     "that was "
     "accepted last and waits for apply, else the comment in the database. The same descriptions give the "
     "same "
     "document, so that a diff in git is a real diff. Exactly one format is named. A partition is a part of "
     "it when it has a text of its own, or SCOPE names "
     "it. "
     "--dbt and --tbls with -o merge into the FILE that is there: descriptions are set, tables and columns "
     "that "
     "it lacks are added, everything else stays byte for byte. Left as it is, too, and told where it "
     "matters: "
     "the text of what has none in the database, what is not in the database any more, what has an anchor or "
     "is aliased, and a description that is made with Jinja. dbt renders names and descriptions as Jinja, so "
     "{{ in a text is written {{ '{{' }}, and {% and {# likewise; tbls replaces $NAME, so $ is written "
     "\\x24.",
     OPTIONS(export_options), COMMAND_REMOTE, cmd_export},
    {"coverage", "[SCOPE]", 0, 1, "count what is described, table by table",
     "Tables and columns count one each, partitions only where SCOPE names them; described is what has a "
     "comment in the database. Accepted texts "
     "that wait for apply are a column of their own. With --min it is a check for CI: exit 7 when less than "
     "that is described.",
     OPTIONS(coverage_options), COMMAND_REMOTE, cmd_coverage},
    {"diff", "[SCOPE]", 0, 1, "list where the database and a file say different things",
     "Compares the texts that export would write with those of FILE: only in database, only in file, "
     "differs, "
     "or not in database: the file describes something that is not there. Exit 7 when there is any, so that "
     "CI can keep a file in git and the database in step. Line breaks at the end of a text do not count; a "
     "description that dbt makes with Jinja is not compared.",
     OPTIONS(diff_options), COMMAND_REMOTE, cmd_diff},
    {"history list", "", 0, 0, "list runs", NULL, OPTIONS(history_list_options), 0, cmd_history_list},
    {"history show", "RUN", 1, 1, "show a run", NULL, OPTIONS(history_one_options), 0, cmd_history_show},
    {"history results", "RUN", 1, 1, "list the results of a run", NULL, OPTIONS(history_results_options), 0,
     cmd_history_results},
    {"history drafts", "RUN", 1, 1, "list what a review of a run needs: drafts, evidence, decisions",
     "One row for each result of the run, a page at a time. With --today the database is asked what it "
     "says now; where that is "
     "neither the text it said when the draft was made nor the one that was chosen, somebody wrote it since.",
     OPTIONS(history_drafts_options), 0, cmd_history_drafts},
    {"history applies", "[RUN]", 0, 1, "list what was written and restored: when, by whom, in place of what",
     "Every apply and rollback of one run, or of all: the table or column, what became of it, the text that "
     "was written and the one it replaced. --team shows the whole team's, so that everybody sees whose text "
     "was replaced by whom.",
     OPTIONS(history_applies_options), 0, cmd_history_applies},
    {"history choices", "RUN", 1, 1, "list what teammates chose for the tables and columns of a run",
     "Asks the shared store for the newest runs of teammates over the same database.", NO_OPTIONS,
     COMMAND_REMOTE, cmd_history_choices},
    {"history events", "", 0, 0, "list what happened to sharing",
     "--filter looks in the detail as --json prints it: \"rows\" and \"unwithdrawn_deletes\" are found, "
     "\"rows 12\" is not.",
     OPTIONS(history_events_options), 0, cmd_history_events},
    {"history compare", "RUN RUN", 2, 2, "show two runs side by side",
     "For every table and column: what either run says (the chosen text, else the first draft), how sure the "
     "drafter was, and where it stands. A teammate's run is written ORIGIN/NUMBER; history list --team "
     "--json "
     "has both.",
     NO_OPTIONS, 0, cmd_history_compare},
    {"history table", "TABLE", 1, 1, "list what was ever said about a table and its columns, and by whom",
     "TABLE is schema.table, or a table alone where only one schema has it. A row for each result of every "
     "run over it, the newest first: when and by whom, "
     "with which amx, what became of it, and its text (the chosen one, else the first draft).",
     OPTIONS(history_table_options), 0, cmd_history_table},
    {"history stats", "", 0, 0, "sum up who did what, by engineer, by table or by day",
     "By table, the work of whoever accepted or applied a description last is shown, else the last draft; "
     "columns are counted once however often they were drafted, and the table itself counts as one.",
     OPTIONS(history_stats_options), 0, cmd_history_stats},
    {"history redact", "TEXT|-", 1, 1, "replace a pasted secret by [redacted] in all that you recorded",
     "Turns, titles, citations, drafts, chosen texts, applies, events and errors of this history.db, here "
     "and, "
     "by the delivery that follows, in the shared store; the lines typed on the screen and the kept "
     "catalogs, "
     "too. At least 4 characters; case counts. - reads the text from standard input, so that it stands in no "
     "shell history and no list of processes. What teammates recorded is counted and left alone. A comment "
     "that holds the secret stays in its database, and a text that was redacted is what apply and rollback "
     "would write from then on. Copies and backups of history.db and of the store keep what they have.",
     OPTIONS(history_redact_options), COMMAND_WRITES | COMMAND_ASKS | COMMAND_REMOTE, cmd_history_redact},
    {"session new", "", 0, 0, "start a session under the active profile", NULL, OPTIONS(session_new_options),
     COMMAND_WRITES, cmd_session_new},
    {"session list", "", 0, 0, "list sessions", NULL, OPTIONS(session_list_options), 0, cmd_session_list},
    {"session show", "", 0, 1, "show a session's turns; reads only, works for every session", NULL,
     OPTIONS(session_show_options), 0, cmd_session_show},
    {"session resume", "[N]", 0, 1, "make a session the active one of its own profile",
     "A session is bound for life to the database it was started under. Under any other profile, or when its "
     "profile points "
     "elsewhere now, resuming it is refused (exit 6).",
     OPTIONS(id_options), COMMAND_WRITES, cmd_session_resume},
    {"session fork", "[N]", 0, 1, "go on from a session, one's own or a teammate's, in a new one",
     "The new session belongs to whoever forks, says which one it comes from, and becomes the active one. "
     "The "
     "turns are copied; whoever said them is still told. As with resume, only a session of the same profile "
     "and database is forked (else exit 6); a copy of what is private is private.",
     OPTIONS(session_fork_options), COMMAND_WRITES, cmd_session_fork},
    {"session rename", "[N] --title TITLE", 0, 1, "give a session of one's own another title", NULL,
     OPTIONS(session_rename_options), COMMAND_WRITES, cmd_session_rename},
    {"session export", "[N]", 0, 1, "write down a session, for people and programs",
     "Every turn with who said it, when, with which amx and model, and what it cites. The same session gives "
     "the same document. Exactly one format is named.",
     OPTIONS(session_export_options), 0, cmd_session_export},
    {"session end", "[N]", 0, 1, "end a session", NULL, OPTIONS(id_options), COMMAND_WRITES, cmd_session_end},
    {"session delete", "[N]", 0, 1, "remove a session here and, by the next delivery, in the shared store",
     NULL, OPTIONS(session_delete_options), COMMAND_WRITES | COMMAND_ASKS, cmd_session_delete},
    {"db list", "", 0, 0, "list the DB profiles", NULL, NO_OPTIONS, 0, cmd_db_list},
    {"db show", "[PROFILE]", 0, 1, "show a profile", NULL, NO_OPTIONS, 0, cmd_db_show},
    {"db use", "PROFILE", 1, 1, "make a profile the active one", NULL, NO_OPTIONS, COMMAND_WRITES,
     cmd_db_use},
    {"db test", "[PROFILE]", 0, 1, "connect to a profile's database", NULL, NO_OPTIONS, COMMAND_REMOTE,
     cmd_db_test},
    {"db tables", "[SCOPE]", 0, 1, "list tables, and how much of them is described",
     "Lists from the catalog as it was last read, and says how old that is; it is read anew when it is older "
     "than ten minutes and the database is in reach.",
     OPTIONS(tables_options), COMMAND_REMOTE, cmd_db_tables},
    {"db history-store", "", 0, 0, "open the picker; without a terminal, print the status", NULL,
     OPTIONS(status_options), COMMAND_SCREEN | COMMAND_REMOTE, cmd_store_status},
    {"db history-store status", "", 0, 0, "is sharing on, is the store in reach, what is queued", NULL,
     OPTIONS(status_options), COMMAND_REMOTE, cmd_store_status},
    {"db history-store enable", "", 0, 0, "share history through a schema of a profile's database",
     "Makes the schema, or says what a DBA has to run when the right to make it is lacking. Rows written "
     "before are not "
     "shared by this; migrate-from-local queues them.",
     OPTIONS(enable_options), COMMAND_WRITES | COMMAND_REMOTE, cmd_store_enable},
    {"db history-store disable", "", 0, 0, "stop sharing; queued and shared rows stay", NULL, NO_OPTIONS,
     COMMAND_WRITES | COMMAND_ASKS, cmd_store_disable},
    {"db history-store flush-pending", "", 0, 0, "deliver what is queued", NULL, NO_OPTIONS,
     COMMAND_WRITES | COMMAND_ASKS | COMMAND_REMOTE, cmd_store_flush},
    {"db history-store list-pending", "", 0, 0, "list what is queued, and why", NULL, OPTIONS(page_options),
     0, cmd_store_list},
    {"db history-store drop-pending", "", 0, 0,
     "give up what is queued; rows stay here and can be queued again", NULL, OPTIONS(drop_options),
     COMMAND_WRITES | COMMAND_ASKS, cmd_store_drop},
    {"db history-store migrate-from-local", "", 0, 0, "queue everything that the shared store does not have",
     NULL, NO_OPTIONS, COMMAND_WRITES, cmd_store_migrate},
    {"db history-store dump-ddl", "", 0, 0, "print the SQL that makes the shared schema, for a DBA", NULL,
     OPTIONS(dump_options), COMMAND_ASKS_IF_EXISTS, cmd_store_dump_ddl},
    {"llm list", "", 0, 0, "list the language models that amx.conf declares",
     "The one to use when nobody says is marked: active_llm_profile, else the only one there is. Nobody is "
     "asked.",
     NO_OPTIONS, 0, cmd_llm_list},
    {"llm test", "[LLM_PROFILE]", 0, 1, "ask a language model for one word",
     "Says how long it took, how many tokens, and what they cost. Nothing of any database is sent.",
     NO_OPTIONS, COMMAND_REMOTE, cmd_llm_test},
    {"config path", "", 0, 0, "print where amx.conf is, or would be", NULL, NO_OPTIONS, 0, cmd_config_path},
    {"config show", "", 0, 0, "print every setting as it holds", NULL, NO_OPTIONS, 0, cmd_config_show},
    {"config check", "", 0, 0, "check amx.conf", NULL, NO_OPTIONS, 0, cmd_config_check},
    {"completion", "SHELL", 1, 1, "print a completion script for bash, zsh or fish", NULL, NO_OPTIONS,
     COMMAND_BARE, cmd_completion},
    {"help", "[COMMAND]", 0, 3, "print the help of a command", NULL, OPTIONS(help_options), COMMAND_BARE,
     cmd_help},
    {"version", "", 0, 0, "print the version", NULL, NO_OPTIONS, COMMAND_BARE, cmd_version},
};

const Command *command_table(size_t *count)
{
    *count = COUNT(table);
    return table;
}

const Command *command_find(const char *name)
{
    for (size_t i = 0; i < COUNT(table); i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

const CommandOption *command_global_options(size_t *count)
{
    *count = COUNT(global_options);
    return global_options;
}

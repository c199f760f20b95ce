/* From words to Args: the grammar of the shell and of the `:` prompt. */
#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

#define MAX_NAME_WORDS 3
#define MAX_OPTIONS 48
#define LONGEST_TIMEOUT_S 86400

struct ArgsValue {
    const CommandOption *option;
    const char *text;
    long long number;
};

static void add_storage(Args *args, char *word)
{
    args->storage = memory_resize(args->storage, (size_t)args->storage_count + 2, sizeof *args->storage);
    args->storage[args->storage_count++] = word;
    args->storage[args->storage_count] = NULL;
}

/* "/db/history-store" is one word on the way in and two of a command. */
static void add_slashed(Args *args, const char *word)
{
    while (*word) {
        word += strspn(word, "/");
        size_t length = strcspn(word, "/");
        if (length > 0) {
            add_storage(args, memory_string_n(word, length));
        }
        word += length;
    }
}

/* The longest run of leading words that names a command. */
static const Command *match_command(char **words, int count, int *used)
{
    const Command *found = NULL;
    Text name = {0};
    for (int i = 0; i < count && i < MAX_NAME_WORDS; i++) {
        text_addf(&name, "%s%s", i ? " " : "", words[i]);
        const Command *command = command_find(text_string(&name));
        if (command) {
            found = command;
            *used = i + 1;
        }
    }
    text_free(&name);
    return found;
}

static bool is_group(const char *word)
{
    size_t count;
    const Command *table = command_table(&count);
    size_t length = strlen(word);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(table[i].name, word, length) == 0 && table[i].name[length] == ' ') {
            return true;
        }
    }
    return false;
}

static bool unknown_command(char **words, int count, Error *err)
{
    Text name = {0};
    text_add(&name, words[0]);
    if (is_group(words[0]) && count > 1) {
        text_addf(&name, " %s", words[1]);
    }
    if (is_group(text_string(&name))) {
        error_set(err, ERROR_USAGE, "%s needs one more word", text_string(&name));
    } else {
        error_set(err, ERROR_USAGE, "there is no command \"%s\"", text_string(&name));
    }
    error_hint(err, "see: amx help%s%s", is_group(words[0]) ? " " : "", is_group(words[0]) ? words[0] : "");
    text_free(&name);
    return false;
}

/* The option table of getopt for the global options and, once it is known, the command's own. */
typedef struct Grammar {
    const CommandOption *options[MAX_OPTIONS];
    struct option longs[MAX_OPTIONS + 1];
    char shorts[2 * MAX_OPTIONS + 3];
    size_t count;
} Grammar;

static void add_option(Grammar *grammar, const CommandOption *option)
{
    for (size_t i = 0; i < grammar->count; i++) {
        if (strcmp(grammar->options[i]->name, option->name) == 0) {
            return; /* the command's own meaning goes before the global one */
        }
    }
    size_t at = grammar->count++;
    grammar->options[at] = option;
    grammar->longs[at] = (struct option){.name = option->name,
                                         .has_arg = option->value ? required_argument : no_argument,
                                         .val = 256 + (int)at};
}

static Grammar make_grammar(const Command *command)
{
    Grammar grammar = {0};
    size_t count;
    for (size_t i = 0; command && i < command->option_count; i++) {
        add_option(&grammar, &command->options[i]);
    }
    const CommandOption *globals = command_global_options(&count);
    for (size_t i = 0; i < count; i++) {
        add_option(&grammar, &globals[i]);
    }
    size_t used = 0;
    grammar.shorts[used++] = command ? ':' : '+'; /* without a command: stop at its first word */
    if (!command) {
        grammar.shorts[used++] = ':';
    }
    for (size_t i = 0; i < grammar.count; i++) {
        if (grammar.options[i]->letter) {
            grammar.shorts[used++] = grammar.options[i]->letter;
            if (grammar.options[i]->value) {
                grammar.shorts[used++] = ':';
            }
        }
    }
    return grammar;
}

static const CommandOption *option_of(const Grammar *grammar, int value)
{
    if (value >= 256) {
        return grammar->options[value - 256];
    }
    for (size_t i = 0; i < grammar->count; i++) {
        if (grammar->options[i]->letter == value) {
            return grammar->options[i];
        }
    }
    return NULL;
}

bool args_whole_number(const char *text, long long *out)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool whole = end != text && *end == '\0' && errno == 0;
    if (whole) {
        *out = number;
    }
    return whole;
}

static bool parse_number(const CommandOption *option, const char *text, long long *out, Error *err)
{
    if (!args_whole_number(text, out) || *out < 0) {
        error_set(err, ERROR_USAGE, "--%s needs a whole number, not \"%s\"", option->name, text);
        return error_hint(err, "for example: --%s 10", option->name);
    }
    return true;
}

static bool set_color(Args *args, const char *when, Error *err)
{
    if (strcmp(when, "auto") != 0 && strcmp(when, "always") != 0 && strcmp(when, "never") != 0) {
        return error_set(err, ERROR_USAGE, "--color is auto, always or never, not \"%s\"", when);
    }
    args->color = when;
    return true;
}

static bool set_format(Args *args, OutputFormat format, Error *err)
{
    if (args->format != OUTPUT_TEXT && args->format != format) {
        return error_set(err, ERROR_USAGE, "--json, --jsonl and --csv exclude each other");
    }
    args->format = format;
    return true;
}

static bool set_global(Args *args, const CommandOption *option, const char *text, long long number,
                       Error *err)
{
    const char *name = option->name;
    if (strcmp(name, "profile") == 0) {
        if (!*text) {
            return error_set(err, ERROR_USAGE, "--profile needs a name");
        }
        args->app.profile = text;
    } else if (strcmp(name, "config") == 0) {
        args->app.config_path = text;
    } else if (strcmp(name, "json") == 0) {
        return set_format(args, OUTPUT_JSON, err);
    } else if (strcmp(name, "jsonl") == 0) {
        return set_format(args, OUTPUT_JSON_LINES, err);
    } else if (strcmp(name, "csv") == 0) {
        return set_format(args, OUTPUT_CSV, err);
    } else if (strcmp(name, "color") == 0) {
        return set_color(args, text, err);
    } else if (strcmp(name, "local-only") == 0) {
        args->app.local_only = true;
    } else if (strcmp(name, "read-only") == 0) {
        args->app.read_only = true;
    } else if (strcmp(name, "timeout") == 0) {
        if (number < 1 || number > LONGEST_TIMEOUT_S) {
            return error_set(err, ERROR_USAGE, "--timeout is 1 to %d seconds", LONGEST_TIMEOUT_S);
        }
        args->app.timeout_ms = (int)number * 1000;
    } else if (strcmp(name, "quiet") == 0) {
        args->quiet = 1;
    } else if (strcmp(name, "verbose") == 0) {
        args->quiet = -1;
    } else if (strcmp(name, "help") == 0) {
        args->help = true;
    } else {
        args->version = true;
    }
    return true;
}

static bool is_global(const CommandOption *option)
{
    size_t count;
    const CommandOption *globals = command_global_options(&count);
    return option >= globals && option < globals + count;
}

static void add_value(Args *args, const CommandOption *option, const char *text, long long number)
{
    args->values = memory_resize(args->values, args->value_count + 1, sizeof *args->values);
    args->values[args->value_count++] = (struct ArgsValue){.option = option, .text = text, .number = number};
}

static bool take_option(Args *args, const CommandOption *option, const char *text, Error *err)
{
    long long number = 0;
    if (option->kind == OPTION_NUMBER && !parse_number(option, text, &number, err)) {
        return false;
    }
    if (is_global(option)) {
        return set_global(args, option, text, number, err);
    }
    add_value(args, option, text, number);
    return true;
}

/* The word that getopt did not understand: it stays at one with several letters until its last. */
static const char *refused_word(char **words, int count)
{
    const char *passed = words[optind > 0 ? optind - 1 : 0];
    size_t length = strlen(passed);
    bool letters = passed[0] == '-' && passed[1] != '-' && length > 1;
    bool whole = optopt == 0 || optopt > 255 || optind >= count || (letters && passed[length - 1] == optopt);
    return whole ? passed : words[optind];
}

static bool unknown_option(const Command *command, const char *word, Error *err)
{
    const char *name = command ? command->name : "";
    error_set(err, ERROR_USAGE, "there is no option %s here", word);
    if (!command || command->max_args == 0 || strncmp(word, "--", 2) == 0) {
        return error_hint(err, "see: amx help%s%s", *name ? " " : "", name);
    }
    return error_hint(err,
                      "see: amx help %s; what begins with - and is no option stands behind --: amx %s -- %s",
                      name, name, word);
}

/* Reads options of `words` (words[0] is skipped, as getopt does); `*rest` is the index of the first other
 * word. getopt moves the others to the end. */
static bool read_options(Args *args, const Command *command, char **words, int count, int *rest, Error *err)
{
    Grammar grammar = make_grammar(command);
    int value;
    optind = 0; /* glibc: start over */
    opterr = 0;
    while ((value = getopt_long(count, words, grammar.shorts, grammar.longs, NULL)) != -1) {
        const char *name = command ? command->name : "";
        if (value == '?' || value == ':') {
            if (value == ':') {
                error_set(err, ERROR_USAGE, "%s needs a value", words[optind > 0 ? optind - 1 : 0]);
                return error_hint(err, "see: amx help%s%s", *name ? " " : "", name);
            }
            return unknown_option(command, refused_word(words, count), err);
        }
        if (!take_option(args, option_of(&grammar, value), optarg, err)) {
            return false;
        }
    }
    *rest = optind;
    return true;
}

static const CommandOption *find_option(const Command *command, const char *name)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (strcmp(command->options[i].name, name) == 0) {
            return &command->options[i];
        }
    }
    return NULL;
}

/* A format of reports that stood in front of the command, where the command has an option of that name: it
 * means that one, as it does behind the command. */
static void adopt_format(Args *args)
{
    static const char *const names[] = {
        [OUTPUT_JSON] = "json", [OUTPUT_JSON_LINES] = "jsonl", [OUTPUT_CSV] = "csv"};
    const CommandOption *own =
        args->format == OUTPUT_TEXT ? NULL : find_option(args->command, names[args->format]);
    if (own) {
        add_value(args, own, NULL, 0);
        args->format = OUTPUT_TEXT;
    }
}

static bool check_count(const Args *args, Error *err)
{
    const Command *command = args->command;
    if (args->help || (args->word_count >= command->min_args && args->word_count <= command->max_args)) {
        return true;
    }
    if (is_group(command->name) && command->max_args == 0) {
        error_set(err, ERROR_USAGE, "there is no command \"%s %s\"", command->name, args->words[0]);
        return error_hint(err, "see: amx help %s", command->name);
    }
    if (args->word_count < command->min_args) {
        error_set(err, ERROR_USAGE, "%s needs %s", command->name, command->usage);
    } else {
        error_set(err, ERROR_USAGE, "%s does not know what to do with \"%s\"", command->name,
                  args->words[command->max_args]);
    }
    return error_hint(err, "usage: amx %s%s%s", command->name, *command->usage ? " " : "", command->usage);
}

static bool parse(Args *args, Error *err)
{
    int first = 0;
    if (!read_options(args, NULL, args->storage, args->storage_count, &first, err)) {
        return false;
    }
    char **words = args->storage + first;
    int count = args->storage_count - first;
    if (count == 0) {
        return true;
    }
    int used = 0;
    args->command = match_command(words, count, &used);
    if (!args->command) {
        if (is_group(words[0]) && count > 1 &&
            (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)) {
            args->command = command_find("help");
            args->words = words;
            args->word_count = 1;
            return true;
        }
        return unknown_command(words, count, err);
    }
    /* getopt skips the first word: let that be the last word of the command's name */
    int rest = 0;
    if (!read_options(args, args->command, words + used - 1, count - used + 1, &rest, err)) {
        return false;
    }
    args->words = words + used - 1 + rest;
    args->word_count = count - used + 1 - rest;
    adopt_format(args);
    return check_count(args, err);
}

/* getopt keeps where it is in variables of the process, and every thread of the screen parses lines. */
static bool parse_alone(Args *args, Error *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    bool ok = parse(args, err);
    pthread_mutex_unlock(&lock);
    return ok;
}

/* Does this global option take the next word as its value? */
static bool takes_value(const char *word)
{
    size_t count;
    const CommandOption *globals = command_global_options(&count);
    for (size_t i = 0; i < count; i++) {
        bool named = text_starts(word, "--") ? strcmp(word + 2, globals[i].name) == 0
                                             : word[1] == globals[i].letter && word[1] && !word[2];
        if (named) {
            return globals[i].value != NULL;
        }
    }
    return false;
}

bool command_parse(int argc, const char *const *argv, Args **out, Error *err)
{
    Args *args = memory_zero(1, sizeof *args);
    add_storage(args, memory_string("amx")); /* getopt skips the first word */
    bool begun = false; /* a command's first word was seen: from there on a slash begins a path */
    for (int i = 0; i < argc; i++) {
        bool is_value = i > 0 && argv[i - 1][0] == '-' && takes_value(argv[i - 1]);
        bool is_word = !is_value && argv[i][0] != '-';
        if (is_word && !begun && argv[i][0] == '/') {
            add_slashed(args, argv[i]);
        } else {
            add_storage(args, memory_string(argv[i]));
        }
        begun = begun || is_word;
    }
    if (!parse_alone(args, err)) {
        args_free(args);
        return false;
    }
    *out = args;
    return true;
}

bool command_split(const char *line, char ***words, int *count, Error *err)
{
    Text word = {0};
    bool open = false;
    char quote = '\0';
    *words = NULL;
    *count = 0;
    for (;; line++) {
        if (!*line || (!quote && strchr(" \t\n", *line))) {
            if (open && !quote) {
                *words = memory_resize(*words, (size_t)*count + 1, sizeof **words);
                (*words)[(*count)++] = text_take(&word);
                open = false;
            }
            if (!*line) {
                break;
            }
        } else if (quote ? *line == quote : *line == '\'' || *line == '"') {
            quote = quote ? '\0' : *line;
            open = true;
        } else {
            line += *line == '\\' && quote != '\'' && line[1];
            text_add_char(&word, *line);
            open = true;
        }
    }
    text_free(&word);
    if (quote) {
        return error_set(err, ERROR_USAGE, "a quote (%c) is not closed", quote);
    }
    return true;
}

bool command_parse_line(const char *line, Args **out, Error *err)
{
    char **words;
    int count;
    bool ok = command_split(line, &words, &count, err) &&
              command_parse(count, (const char *const *)words, out, err);
    for (int i = 0; i < count; i++) {
        free(words[i]);
    }
    free(words);
    return ok;
}

void args_free(Args *args)
{
    if (args) {
        for (int i = 0; i < args->storage_count; i++) {
            free(args->storage[i]);
        }
        free(args->storage);
        free(args->values);
        free(args);
    }
}

static bool names_teammates_run(const Args *args)
{
    for (int i = 0; i < args->word_count; i++) {
        if (strchr(args->words[i], '/')) {
            return true;
        }
    }
    return false;
}

bool command_is_remote(const Args *args)
{
    const Command *command = args->command;
    if (!command || args->help || args_flag(args, "offline")) {
        return false;
    }
    return (command->flags & COMMAND_REMOTE) || args_flag(args, "team") || args_flag(args, "origin") ||
           args_flag(args, "today") ||
           (text_equal(command->name, "history compare") && names_teammates_run(args));
}

static const struct ArgsValue *find_value(const Args *args, const char *name)
{
    for (size_t i = args->value_count; i > 0; i--) { /* the last one given counts */
        if (strcmp(args->values[i - 1].option->name, name) == 0) {
            return &args->values[i - 1];
        }
    }
    return NULL;
}

bool args_flag(const Args *args, const char *option)
{
    return find_value(args, option) != NULL;
}

const char *args_text(const Args *args, const char *option)
{
    const struct ArgsValue *value = find_value(args, option);
    return value ? value->text : NULL;
}

long long args_number(const Args *args, const char *option, long long fallback)
{
    const struct ArgsValue *value = find_value(args, option);
    return value ? value->number : fallback;
}

const char *args_word(const Args *args, int index)
{
    return index < args->word_count ? args->words[index] : NULL;
}

bool args_id(const Args *args, int index, const char *what, long long *out, Error *err)
{
    const char *word = args_word(args, index);
    if (!word || !args_whole_number(word, out) || *out < 1) {
        return error_set(err, ERROR_USAGE, "\"%s\" is no %s", word ? word : "", what);
    }
    return true;
}

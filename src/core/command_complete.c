/* What may follow the words typed so far: for the scripts of shells and for the `:` prompt. */
#include "command.h"

#include <string.h>

#include "text.h"

#define MOST_WORDS 8 /* those of a name and the arguments that follow it */

/* What was typed before the word that is to be completed. */
typedef struct Typed {
    const char *words[MOST_WORDS]; /* without options and their values */
    int count;
    const Command *command;     /* the longest name that they begin with; NULL: none yet */
    int used;                   /* words of that name */
    const CommandOption *asked; /* the option whose value comes next, or NULL */
} Typed;

/* How many of the words the name takes when all of it is there, else 0. */
static int words_of_name(const char *name, const Typed *typed)
{
    for (int i = 0; i < typed->count; i++) {
        size_t length = strcspn(name, " ");
        if (strlen(typed->words[i]) != length || strncmp(name, typed->words[i], length) != 0) {
            return 0;
        }
        if (!name[length]) {
            return i + 1;
        }
        name += length + 1;
    }
    return 0;
}

static void find_command(Typed *typed)
{
    size_t total;
    const Command *table = command_table(&total);
    typed->command = NULL;
    typed->used = 0;
    for (size_t i = 0; i < total; i++) {
        int used = words_of_name(table[i].name, typed);
        if (used > typed->used) {
            typed->command = &table[i];
            typed->used = used;
        }
    }
}

static const CommandOption *find_option(const CommandOption *options, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        bool named = text_starts(word, "--") ? text_equal(word + 2, options[i].name)
                                             : word[1] && word[1] == options[i].letter && !word[2];
        if (named) {
            return &options[i];
        }
    }
    return NULL;
}

/* The option that takes the next word as its value; the command's own meaning goes before the global one. */
static const CommandOption *asks_for_value(const Typed *typed, const char *word)
{
    size_t count;
    const CommandOption *globals = command_global_options(&count);
    const CommandOption *option =
        typed->command ? find_option(typed->command->options, typed->command->option_count, word) : NULL;
    option = option ? option : find_option(globals, count, word);
    return option && option->value ? option : NULL;
}

static Typed read_words(int argc, const char *const *argv)
{
    Typed typed = {0};
    for (int i = 0; i < argc; i++) {
        if (typed.asked) {
            typed.asked = NULL;
        } else if (argv[i][0] == '-') {
            typed.asked = asks_for_value(&typed, argv[i]);
        } else if (typed.count < MOST_WORDS) {
            typed.words[typed.count++] = argv[i];
            find_command(&typed);
        }
    }
    return typed;
}

static bool has_line(const char *lines, const char *line)
{
    for (const char *at = lines; (at = strstr(at, line)) != NULL; at++) {
        if (at == lines || at[-1] == '\n') {
            return true;
        }
    }
    return false;
}

static void add_candidate(Text *out, const char *before, const char *candidate, const char *begun)
{
    if (text_starts(candidate, begun)) {
        char *line = text_format("%s%s\n", before, candidate);
        if (!has_line(text_string(out), line)) {
            text_add(out, line);
        }
        free(line);
    }
}

static void add_options(Text *out, const CommandOption *options, size_t count, const char *begun)
{
    for (size_t i = 0; i < count && text_starts(begun, "-"); i++) {
        add_candidate(out, "--", options[i].name, text_starts(begun, "--") ? begun + 2 : "");
    }
}

static void add_profiles(Text *out, App *app, const char *begun)
{
    const Config *config = app ? app_config(app) : NULL;
    for (size_t i = 0; config && i < config->profile_count; i++) {
        add_candidate(out, "", config->profiles[i].name, begun);
    }
}

static void add_llm_profiles(Text *out, App *app, const char *begun)
{
    const Config *config = app ? app_config(app) : NULL;
    for (size_t i = 0; config && i < config->llm_profile_count; i++) {
        add_candidate(out, "", config->llm_profiles[i].name, begun);
    }
}

/* What a word of a usage or the value of an option stands for, when it is one of a few that can be known. */
static void add_named(Text *out, App *app, const char *usage, const char *begun)
{
    if (strstr(usage, "LLM_PROFILE")) {
        add_llm_profiles(out, app, begun);
    } else if (strstr(usage, "PROFILE")) {
        add_profiles(out, app, begun);
    }
}

/* The next word of every name that goes on after all that was typed. */
static void add_names(Text *out, const Typed *typed, const char *begun)
{
    size_t total;
    const Command *table = command_table(&total);
    for (size_t i = 0; i < total; i++) {
        const char *rest = table[i].name;
        for (int w = 0; rest && w < typed->count; w++) {
            size_t length = strlen(typed->words[w]);
            bool goes_on = strncmp(rest, typed->words[w], length) == 0 && rest[length] == ' ';
            rest = goes_on ? rest + length + 1 : NULL;
        }
        if (rest) {
            char *word = text_format("%.*s", (int)strcspn(rest, " "), rest);
            add_candidate(out, "", word, begun);
            free(word);
        }
    }
}

char *command_complete(App *app, int argc, const char *const *argv)
{
    Text out = {0};
    const char *begun = argc > 0 ? argv[argc - 1] : "";
    Typed typed = read_words(argc - 1, argv);
    if (typed.asked) {
        add_named(&out, app, typed.asked->value, begun);
        return text_take(&out);
    }
    add_names(&out, &typed, begun);
    if (typed.command) {
        add_options(&out, typed.command->options, typed.command->option_count, begun);
        if (typed.count - typed.used < typed.command->max_args) {
            add_named(&out, app, typed.command->usage, begun);
        }
    }
    size_t count;
    const CommandOption *globals = command_global_options(&count);
    add_options(&out, globals, count, begun);
    return text_take(&out);
}

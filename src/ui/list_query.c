#include "list_query.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "memory.h"
#include "quote.h"
#include "text.h"
#include "worker.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef struct Scope {
    const char *line;
    const char *words;
} Scope;

static const Scope scopes[] = {
    {"session list", "this profile"},  {"session list --all-profiles", "all profiles"},
    {"session list --team", "team"},   {"history list", "mine"},
    {"history list --team", "team"},   {"history events", "mine"},
    {"history events --team", "team"},
};

static bool knows(const Command *command, const char *option)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (text_equal(command->options[i].name, option)) {
            return true;
        }
    }
    return false;
}

static bool pages_itself(const Command *command)
{
    static const char *const needed[] = {"filter", "sort", "after", "before", "last", "limit"};
    for (size_t i = 0; i < COUNT(needed); i++) {
        if (!knows(command, needed[i])) {
            return false;
        }
    }
    return true;
}

/* Somebody who names a page or an order is shown that, and no more. */
static bool names_a_page(const Args *args)
{
    return args_text(args, "after") || args_text(args, "before") || args_flag(args, "last") ||
           args_text(args, "filter") || args_text(args, "sort") || args_number(args, "limit", -1) >= 0;
}

/* Of history and sessions, all that is not here is in the shared store; --today asks the documented one. */
static bool asks_the_team(const Args *args)
{
    const char *name = args->command ? args->command->name : "";
    return (text_starts(name, "history ") || text_starts(name, "session ")) && command_is_remote(args) &&
           !args_flag(args, "today");
}

ListTraits list_query_traits(const char *line)
{
    ListTraits traits = {0};
    Args *args = NULL;
    if (command_parse_line(line, &args, NULL)) {
        traits.paged = args->command && pages_itself(args->command) && !names_a_page(args);
        traits.local = worker_stays_at_home(args);
        traits.team = args_flag(args, "team");
        traits.origin = args_text(args, "origin") != NULL;
        traits.shared = asks_the_team(args);
        args_free(args);
    }
    return traits;
}

void list_query_set(ListQuery *query, const char *line, const char *filter)
{
    char *own_line = memory_string(line); /* both may be the query's own */
    char *own_filter = memory_string(filter);
    free(query->line);
    free(query->filter);
    query->line = own_line;
    query->filter = own_filter;
}

void list_query_copy(ListQuery *to, const ListQuery *from)
{
    list_query_set(to, from->line, from->filter);
    to->sort = from->sort;
    to->descending = from->descending;
}

void list_query_free(ListQuery *query)
{
    free(query->line);
    free(query->filter);
    *query = (ListQuery){0};
}

char *list_query_page(const ListQuery *query, const PageWish *wish)
{
    Text line = {0};
    text_addf(&line, "%s --limit %d", query->line, PAGE_ROWS);
    if (*query->filter) {
        text_add(&line, " --filter=");
        quote_add(&line, query->filter);
    }
    if (query->sort) {
        text_addf(&line, " --sort=%s%s", query->descending ? "-" : "", query->sort);
    }
    if (wish->where == PAGE_LAST) {
        text_add(&line, " --last");
    } else if (wish->where != PAGE_FIRST) {
        text_add(&line, wish->where == PAGE_AFTER ? " --after=" : " --before=");
        quote_add(&line, wish->key);
    }
    return text_take(&line);
}

static const Scope *find_scope(const char *line)
{
    for (size_t i = 0; i < COUNT(scopes); i++) {
        if (text_equal(line, scopes[i].line)) {
            return &scopes[i];
        }
    }
    return NULL;
}

const char *list_query_next_scope(const char *line, bool alone)
{
    const Scope *scope = find_scope(line);
    if (!scope) {
        return NULL;
    }
    size_t next = (size_t)(scope - scopes);
    const char *option = strstr(line, " --");
    size_t command = option ? (size_t)(option - line) : strlen(line);
    do { /* round through those of the same kind */
        next = (next + 1) % COUNT(scopes);
    } while (strncmp(scopes[next].line, line, command) != 0 ||
             (alone && strstr(scopes[next].line, " --team")));
    return scopes[next].line;
}

const char *list_query_scope(const char *line)
{
    const Scope *scope = find_scope(line);
    return scope ? scope->words : NULL;
}

static void add_words(Text *out, const char *before, const char *words, const char *joint)
{
    text_addf(out, "%s%s%s", out->length ? joint : "", before, words);
}

static void add_choices(Text *out, const Args *args)
{
    const char *who = args_text(args, "who");
    const char *host = args_text(args, "host");
    if (args_flag(args, "team")) {
        add_words(out, "", "team", "");
    }
    if (who && host) {
        char *name = text_format("%s@%s", who, host);
        add_words(out, "of ", name, ", ");
        free(name);
    } else if (who || host) {
        add_words(out, who ? "of " : "on ", who ? who : host, ", ");
    }
    if (args_text(args, "since")) {
        add_words(out, "since ", args_text(args, "since"), ", ");
    }
    if (args_text(args, "state")) {
        add_words(out, "", args_text(args, "state"), ", ");
    }
}

char *list_query_choice(const char *line)
{
    Text out = {0};
    Args *args = NULL;
    if (command_parse_line(line, &args, NULL)) {
        add_choices(&out, args);
        args_free(args);
    }
    return text_take(&out);
}

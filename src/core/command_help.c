/* Help, man page and completion, all from the table. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "text.h"

#define HEADLINE "Document databases as a team: draft descriptions, review them, write them back as comments."

static void add_option_line(Text *out, const CommandOption *option)
{
    Text name = {0};
    if (option->letter) {
        text_addf(&name, "-%c, ", option->letter);
    } else {
        text_add(&name, "    ");
    }
    text_addf(&name, "--%s", option->name);
    if (option->value) {
        text_addf(&name, " %s", option->value);
    }
    text_addf(out, "  %-26s %s\n", text_string(&name), option->help);
    text_free(&name);
}

static void add_wrapped(Text *out, const char *text, size_t width)
{
    size_t used = 0;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (used > 0 && used + 1 + length > width) {
            text_add(out, "\n");
            used = 0;
        }
        text_add(out, used ? " " : "");
        text_add_n(out, text, length);
        used += length + (used > 0);
        text += length + strspn(text + length, " ");
    }
    text_add(out, "\n");
}

static bool belongs_to(const Command *command, const char *group)
{
    size_t length = strlen(group);
    return length == 0 || (strncmp(command->name, group, length) == 0 && command->name[length] == ' ');
}

/* The commands of a group; false when there are none. */
static bool add_commands(Text *out, const char *group)
{
    size_t count;
    const Command *table = command_table(&count);
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (belongs_to(&table[i], group)) {
            char *name = text_format("%s%s%s", table[i].name, *table[i].usage ? " " : "", table[i].usage);
            text_addf(out, "%s  %-36s %s\n", any ? "" : "\nCommands:\n", name, table[i].summary);
            free(name);
            any = true;
        }
    }
    return any;
}

static char *help_of_command(const Command *command)
{
    Text out = {0};
    text_addf(&out, "usage: amx [OPTIONS] %s%s%s\n\n%s.\n", command->name, *command->usage ? " " : "",
              command->usage, command->summary);
    if (command->help) {
        text_add(&out, "\n");
        add_wrapped(&out, command->help, 79);
    }
    if (command->option_count > 0) {
        text_add(&out, "\nOptions:\n");
        for (size_t i = 0; i < command->option_count; i++) {
            add_option_line(&out, &command->options[i]);
        }
    }
    add_commands(&out, command->name); /* "db history-store" is a command and a group */
    text_add(&out, "\nOptions of every command: amx help\n");
    return text_take(&out);
}

static char *help_of_group(const char *group)
{
    Text out = {0};
    size_t count;
    text_addf(&out, "usage: amx [OPTIONS] %s%sCOMMAND [ARGUMENTS]\n\n" HEADLINE "\n", group,
              *group ? " " : "");
    text_add(&out, *group ? "" : "Without a command, on a terminal: the full screen.\n");
    if (!add_commands(&out, group)) {
        text_free(&out);
        return NULL;
    }
    text_add(&out, "\nOptions of every command:\n");
    const CommandOption *options = command_global_options(&count);
    for (size_t i = 0; i < count; i++) {
        add_option_line(&out, &options[i]);
    }
    text_add(&out, "\nHelp of one command: amx help COMMAND, or amx COMMAND --help. Manual: man amx\n");
    return text_take(&out);
}

char *command_help(const char *name)
{
    if (text_is_empty(name)) {
        return help_of_group("");
    }
    const Command *command = command_find(name);
    char *group = command ? NULL : help_of_group(name);
    return command ? help_of_command(command) : group ? group : NULL;
}

/* --- man page (man(7)) --- */

static void add_roff(Text *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\') {
            text_add(out, "\\e");
        } else if (*text == '-') {
            text_add(out, "\\-");
        } else if ((*text == '.' || *text == '\'') &&
                   (out->length == 0 || out->data[out->length - 1] == '\n')) {
            text_addf(out, "\\&%c", *text);
        } else {
            text_add_char(out, *text);
        }
    }
}

static void add_roff_option(Text *out, const CommandOption *option)
{
    text_add(out, ".TP\n.B ");
    if (option->letter) {
        text_addf(out, "\\-%c, ", option->letter);
    }
    text_add(out, "\\-\\-");
    add_roff(out, option->name);
    if (option->value) {
        text_addf(out, " \\fI%s\\fR", option->value);
    }
    text_add(out, "\n");
    add_roff(out, option->help);
    text_add(out, "\n");
}

static void add_roff_command(Text *out, const Command *command)
{
    text_add(out, ".SS ");
    add_roff(out, command->name);
    text_addf(out, "%s%s\n", *command->usage ? " " : "", command->usage);
    add_roff(out, command->summary);
    text_add(out, ".\n");
    if (command->help) {
        text_add(out, ".PP\n");
        add_roff(out, command->help);
        text_add(out, "\n");
    }
    for (size_t i = 0; i < command->option_count; i++) {
        add_roff_option(out, &command->options[i]);
    }
}

static void add_exit_codes(Text *out)
{
    static const char *const codes[][2] = {
        {"0", "done"},
        {"1", "the database, or the machine, said no"},
        {"2", "usage or configuration"},
        {"3", "no connection"},
        {"4", "timeout"},
        {"5", "partly done"},
        {"6", "refused by a guard"},
        {"7", "a check failed"},
        {"130", "interrupted"},
    };
    text_add(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        text_addf(out, ".TP\n.B %s\n%s\n", codes[i][0], codes[i][1]);
    }
}

static void add_files(Text *out)
{
    size_t count;
    const ConfigOption *options = config_options(&count);
    text_add(
        out,
        ".SH FILES\n.TP\n.I $XDG_CONFIG_HOME/amx/amx.conf\nConfiguration; $AMX_CONFIG names another file.\n"
        ".TP\n.I $XDG_STATE_HOME/amx/history.db\nThe local store, the source of truth.\n"
        ".TP\n.I $XDG_STATE_HOME/amx/command_lines\nWhat was typed on the screen's : line, without lines "
        "that "
        "may hold a secret.\n.PP\n"
        "$AMX_HOME puts both into one folder.\n.SH CONFIGURATION\n");
    for (size_t i = 0; i < count; i++) {
        text_add(out, ".TP\n.B ");
        if (*options[i].section) {
            add_roff(out, options[i].section);
            text_add(out, " ");
        }
        add_roff(out, options[i].name);
        if (options[i].fallback) {
            text_add(out, " = ");
            add_roff(out, options[i].fallback);
        }
        text_add(out, "\n");
        add_roff(out, options[i].comment);
        text_add(out, "\n");
    }
}

char *command_man(void)
{
    Text out = {0};
    size_t count;
    text_addf(
        &out,
        ".TH AMX 1 \"\" \"amx %s\" \"User Commands\"\n.SH NAME\namx \\- document databases as a team\n"
        ".SH SYNOPSIS\n.B amx\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n.SH DESCRIPTION\n",
        AMX_VERSION);
    add_roff(&out, HEADLINE
             " Every run, result, session and apply is recorded in a SQLite file of your own and, when "
             "sharing is on, in a schema that the team shares. Without a command, on a terminal, amx opens "
             "its full screen.\n");
    text_add(&out, ".SH OPTIONS\n");
    const CommandOption *options = command_global_options(&count);
    for (size_t i = 0; i < count; i++) {
        add_roff_option(&out, &options[i]);
    }
    text_add(&out, ".SH COMMANDS\n");
    const Command *table = command_table(&count);
    for (size_t i = 0; i < count; i++) {
        add_roff_command(&out, &table[i]);
    }
    add_exit_codes(&out);
    add_files(&out);
    return text_take(&out);
}

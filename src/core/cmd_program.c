/* The program itself: config path, show, check; completion, help, version. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "completion.h"
#include "memory.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn path_columns[] = {
    {"config", "amx.conf", REPORT_TEXT},
    {"exists", "exists", REPORT_TEXT},
    {"history", "local store", REPORT_TEXT},
};

static const ReportColumn option_columns[] = {
    {"section", "Section", REPORT_TEXT}, {"name", "Option", REPORT_TEXT},     {"value", "Value", REPORT_TEXT},
    {"default", "Default", REPORT_TEXT}, {"comment", "Meaning", REPORT_WIDE},
};

bool cmd_config_path(App *app, const Args *args, Report *report, Error *err)
{
    (void)args;
    (void)err;
    report_object(report, "amx.paths/1", path_columns, COUNT(path_columns));
    json_t *row = report_row(report);
    row_text(row, "config", app_paths(app)->config);
    row_bool(row, "exists", app_config(app)->exists);
    row_text(row, "history", app_paths(app)->history);
    return true;
}

/* A setting as it holds; "" for what db_profile sections say, which `db list` shows. */
static char *value_of(const Config *config, const char *section, const char *name)
{
    const struct {
        const char *section;
        const char *name;
        const char *text;
        int number; /* when text is NULL */
    } values[] = {
        {"", "active_db_profile", config->active_db_profile ? config->active_db_profile : "", 0},
        {"history_store", "profile", config->history_profile ? config->history_profile : "", 0},
        {"history_store", "schema", config->history_schema, 0},
        {"history_store", "share_sessions", config->share_sessions ? "true" : "false", 0},
        {"apply", "enabled", config->apply_enabled ? "true" : "false", 0},
        {"apply", "statement_timeout_ms", NULL, config->statement_timeout_ms},
        {"ui", "color", config->ui_color, 0},
        {"ui", "theme", config->ui_theme, 0},
        {"ui", "mouse", config->ui_mouse ? "true" : "false", 0},
        {"ui", "read_only", config->ui_read_only ? "true" : "false", 0},
        {"timeouts", "connect_ms", NULL, config->connect_timeout_ms},
        {"timeouts", "query_ms", NULL, config->query_timeout_ms},
        {"timeouts", "deliver_ms", NULL, config->deliver_timeout_ms},
        {"timeouts", "busy_ms", NULL, config->busy_timeout_ms},
    };
    for (size_t i = 0; i < COUNT(values); i++) {
        if (text_equal(values[i].section, section) && text_equal(values[i].name, name)) {
            return values[i].text ? memory_string(values[i].text) : text_format("%d", values[i].number);
        }
    }
    for (size_t i = 0; text_equal(section, "ui") && text_starts(name, "color_") && i < STYLE_COUNT; i++) {
        if (text_equal(style_names[i], name + strlen("color_"))) {
            return memory_string(config->ui_styles[i] ? config->ui_styles[i] : "");
        }
    }
    return NULL;
}

bool cmd_config_show(App *app, const Args *args, Report *report, Error *err)
{
    size_t count;
    const ConfigOption *options = config_options(&count);
    (void)args;
    (void)err;
    report_list(report, "amx.config/1", option_columns, COUNT(option_columns));
    for (size_t i = 0; i < count; i++) {
        char *value = value_of(app_config(app), options[i].section, options[i].name);
        if (value) {
            json_t *row = report_row(report);
            row_text(row, "section", options[i].section);
            row_text(row, "name", options[i].name);
            row_text(row, "value", value);
            row_text(row, "default", options[i].fallback);
            row_text(row, "comment", options[i].comment);
        }
        free(value);
    }
    for (size_t i = 0; i < app_config(app)->abbreviation_count; i++) {
        const WordAbbreviation *own = &app_config(app)->abbreviations[i];
        json_t *row = report_row(report);
        row_text(row, "section", "abbreviation");
        row_text(row, "name", own->abbreviation);
        row_text(row, "value", own->expansion);
        row_text(row, "default", NULL);
        row_text(row, "comment", "An abbreviation of the team's own.");
    }
    report_note(report, "profiles: amx db list");
    return true;
}

bool cmd_config_check(App *app, const Args *args, Report *report, Error *err)
{
    const Config *config = app_config(app);
    (void)args;
    /* it was read and checked on the way here; what only libpq can tell comes now */
    for (size_t i = 0; i < config->profile_count; i++) {
        const char *fingerprint = NULL;
        if (!app_fingerprint(app, &config->profiles[i], &fingerprint, err)) {
            return false;
        }
    }
    report_object(report, "amx.paths/1", path_columns, COUNT(path_columns));
    json_t *row = report_row(report);
    row_text(row, "config", config->path);
    row_bool(row, "exists", config->exists);
    row_text(row, "history", app_paths(app)->history);
    report_note(report,
                config->exists ? "%s is fine: %zu profile%s"
                               : "there is no %s: the defaults hold, %zu profile%s",
                config->path, config->profile_count, text_plural((long long)config->profile_count));
    return true;
}

bool cmd_completion(App *app, const Args *args, Report *report, Error *err)
{
    const char *script = completion_script(args_word(args, 0));
    (void)app;
    if (!script) {
        error_set(err, ERROR_USAGE, "there is no completion for \"%s\"", args_word(args, 0));
        return error_hint(err, "there is one for bash, zsh and fish");
    }
    report_document(report, "amx.completion/1", memory_string(script));
    return true;
}

bool cmd_help(App *app, const Args *args, Report *report, Error *err)
{
    (void)app;
    if (args_flag(args, "man")) {
        report_document(report, "amx.man/1", command_man());
        return true;
    }
    Text name = {0};
    for (int i = 0; i < args->word_count; i++) {
        text_addf(&name, "%s%s", i ? " " : "", args_word(args, i));
    }
    char *help = command_help(text_string(&name));
    if (help) {
        report_document(report, "amx.help/1", help);
    } else {
        error_set(err, ERROR_USAGE, "there is no command \"%s\"", text_string(&name));
        error_hint(err, "see: amx help");
    }
    text_free(&name);
    return help != NULL;
}

bool cmd_version(App *app, const Args *args, Report *report, Error *err)
{
    (void)app;
    (void)args;
    (void)err;
    static const ReportColumn columns[] = {{"version", "amx", REPORT_TEXT}};
    report_object(report, "amx.version/1", columns, 1);
    row_text(report_row(report), "version", AMX_VERSION);
    report_text_form(report, memory_string("amx " AMX_VERSION "\n"));
    return true;
}

#include "app.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "memory.h"
#include "text.h"
#include "words.h"

typedef struct KnownFingerprint {
    const Profile *profile;
    char *text;
} KnownFingerprint;

struct App {
    AppOptions options;
    Config *config;
    struct stat config_file; /* what was read; zeroed when there was none */
    Paths paths;
    Identity who;
    Local *local;
    LocalMode local_mode;
    struct stat local_file; /* what was opened */
    Database *database;
    KnownFingerprint *fingerprints;
    size_t fingerprint_count;
    size_t fingerprint_capacity;
    int64_t last_progress;
    const char *last_told; /* what the progress was of */
};

/* Zeroed where there is no file. */
static struct stat look_at(const char *path)
{
    struct stat found = {0};
    return stat(path, &found) == 0 ? found : (struct stat){0};
}

bool app_open(const AppOptions *options, App **out, Error *err)
{
    App *app = memory_zero(1, sizeof *app);
    app->options = *options;
    bool found = paths_find(options->config_path, &app->paths, err);
    if (found) { /* before it is read: what is written meanwhile is a change */
        app->config_file = look_at(app->paths.config);
    }
    if (!found || !config_load(app->paths.config, app->paths.config_named, &app->config, err)) {
        app_close(app);
        return false;
    }
    words_set_own(app->config->abbreviations, app->config->abbreviation_count);
    identity_capture(&app->who);
    *out = app;
    return true;
}

void app_close(App *app)
{
    if (!app) {
        return;
    }
    database_close(app->database);
    local_close(app->local);
    for (size_t i = 0; i < app->fingerprint_count; i++) {
        free(app->fingerprints[i].text);
    }
    free(app->fingerprints);
    if (app->config) {
        config_free(app->config);
    }
    paths_free(&app->paths);
    free(app);
}

bool app_config_changed(const App *app)
{
    struct stat now = look_at(app->paths.config);
    const struct stat *then = &app->config_file;
    return now.st_dev != then->st_dev || now.st_ino != then->st_ino || now.st_size != then->st_size ||
           now.st_mtim.tv_sec != then->st_mtim.tv_sec || now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}

void app_release_database(App *app)
{
    database_close(app->database);
    app->database = NULL;
}

void app_set_options(App *app, const AppOptions *options)
{
    app->options = *options;
    app_release_database(app);
    app->last_told = NULL;
}

const AppOptions *app_options(const App *app)
{
    return &app->options;
}

const Config *app_config(const App *app)
{
    return app->config;
}

const Identity *app_identity(const App *app)
{
    return &app->who;
}

const Paths *app_paths(const App *app)
{
    return &app->paths;
}

static bool open_local(App *app, LocalMode mode, Error *err)
{
    local_close(app->local);
    app->local = NULL;
    app->local_mode = mode;
    bool ok = local_open(app->paths.history, mode, &app->who, app->config->busy_timeout_ms, &app->local, err);
    if (ok && stat(app->paths.history, &app->local_file) != 0) {
        app->local_file = (struct stat){0}; /* lost already */
    }
    return ok;
}

void app_leave_lost_local(App *app)
{
    struct stat now;
    bool same = stat(app->paths.history, &now) == 0 && now.st_dev == app->local_file.st_dev &&
                now.st_ino == app->local_file.st_ino;
    if (app->local && !same) {
        local_close(app->local);
        app->local = NULL;
    }
}

bool app_local(App *app, Local **out, Error *err)
{
    if (!app->local || app->local_mode != LOCAL_WRITE) {
        if (!paths_prepare(&app->paths, err) || !open_local(app, LOCAL_WRITE, err)) {
            return false;
        }
    }
    *out = app->local;
    return true;
}

bool app_local_read(App *app, Local **out, Error *err)
{
    Error why = {0};
    *out = app->local;
    if (app->local || open_local(app, LOCAL_READ, &why)) {
        *out = app->local;
        return true;
    }
    if (why.kind == ERROR_NOT_FOUND) {
        return true;
    }
    if (err) {
        *err = why;
    }
    return false;
}

/* "analytics, prod, shop" */
static char *profile_names(const Config *config)
{
    Text names = {0};
    for (size_t i = 0; i < config->profile_count; i++) {
        text_addf(&names, "%s%s", i ? ", " : "", config->profiles[i].name);
    }
    return text_take(&names);
}

static bool no_profile(const Config *config, Error *err)
{
    if (config->profile_count == 0) {
        error_set(err, ERROR_CONFIG, "no database is configured");
        return error_hint(
            err,
            "write a db_profile into %s (amx config path; an example is amx.conf.example), or set PGHOST "
            "and PGDATABASE",
            config->path);
    }
    char *names = profile_names(config);
    error_set(err, ERROR_CONFIG, "no DB profile is chosen; there are: %s", names);
    free(names);
    return error_hint(err, "choose one with: amx db use PROFILE, or for one command with: amx -p PROFILE ..");
}

bool app_profile(App *app, const Profile **out, Error *err)
{
    const Config *config = app->config;
    char *used = NULL;
    const char *name = app->options.profile;
    if (text_is_empty(name)) {
        name = getenv("AMX_PROFILE");
    }
    if (text_is_empty(name)) {
        Local *local = NULL;
        if (!app_local_read(app, &local, err)) {
            return false;
        }
        if (local && !local_setting(local, "active_profile", &used, err)) {
            return false;
        }
        /* a profile that was taken out of amx.conf since is not worth an error here */
        name = used && config_profile(config, used) ? used : config->active_db_profile;
    }
    if (text_is_empty(name) && config->profile_count == 1) {
        name = config->profiles[0].name;
    }
    if (text_is_empty(name)) {
        free(used);
        return no_profile(config, err);
    }
    *out = config_profile(config, name);
    if (!*out) {
        char *names = profile_names(config);
        error_set(err, ERROR_CONFIG, "there is no DB profile \"%s\"", name);
        error_hint(err, *names ? "there are: %s; %s declares them" : "%sdeclare it in %s", names,
                   config->path);
        free(names);
    }
    free(used);
    return *out != NULL;
}

bool app_fingerprint(App *app, const Profile *profile, const char **out, Error *err)
{
    for (size_t i = 0; i < app->fingerprint_count; i++) {
        if (app->fingerprints[i].profile == profile) {
            *out = app->fingerprints[i].text;
            return true;
        }
    }
    char *text = NULL;
    if (!database_fingerprint(&profile->target, &text, err)) {
        return error_prefix(err, "profile %s: ", profile->name);
    }
    memory_grow((void **)&app->fingerprints, app->fingerprint_count, &app->fingerprint_capacity,
                sizeof *app->fingerprints);
    app->fingerprints[app->fingerprint_count++] = (KnownFingerprint){.profile = profile, .text = text};
    *out = text;
    return true;
}

bool app_database(App *app, Database **out, Error *err)
{
    if (!app->database) {
        const Profile *profile = NULL;
        if (!app_profile(app, &profile, err) || !profile) {
            return false;
        }
        if (!database_open(&profile->target, app_connect_deadline(app), &app->database, err)) {
            return error_prefix(err, "profile %s: ", profile->name);
        }
    }
    *out = app->database;
    return true;
}

bool app_may_read_input(const App *app, Error *err)
{
    if (app->options.no_input) {
        error_set(err, ERROR_USAGE, "the screen reads the keyboard: there is no standard input here");
        return error_hint(err, "write it on the line, or name a file, or run this from the shell");
    }
    return true;
}

static Deadline in(const App *app, int configured_ms)
{
    int milliseconds = app->options.timeout_ms > 0 ? app->options.timeout_ms : configured_ms;
    return milliseconds > 0 ? deadline_in(milliseconds) : DEADLINE_NONE;
}

Deadline app_connect_deadline(const App *app)
{
    return in(app, app->config->connect_timeout_ms);
}

Deadline app_query_deadline(const App *app)
{
    int configured_ms = app->config->query_timeout_ms;
    bool each = app->options.timeout_ms == 0 && configured_ms > 0;
    return each ? deadline_each(configured_ms) : in(app, configured_ms);
}

Deadline app_deliver_deadline(const App *app)
{
    return in(app, app->config->deliver_timeout_ms);
}

void app_progress(App *app, const char *what, long long done, long long total)
{
    int64_t now = clock_monotonic_ms();
    bool news = !text_equal(what, app->last_told) || (total > 0 && done == total);
    if (app->options.progress && (news || now - app->last_progress >= 100)) {
        app->last_progress = now;
        app->last_told = what;
        app->options.progress(app->options.progress_context, what, done, total);
    }
}

void app_stream(App *app, const char *text, size_t length)
{
    if (app->options.stream) {
        app->options.stream(app->options.stream_context, text, length);
    }
}

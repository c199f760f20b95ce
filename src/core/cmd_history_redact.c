/* history redact: a pasted secret is taken out of all that one recorded. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "export_file.h"
#include "memory.h"
#include "redact.h"
#include "sharing.h"
#include "standard_input.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { SECRET_LIMIT = 64 * 1024 };

static const ReportColumn columns[] = {
    {"rows", "rows redacted", REPORT_NUMBER},
    {"runs", NULL, REPORT_NUMBER},
    {"run_results", NULL, REPORT_NUMBER},
    {"sessions", NULL, REPORT_NUMBER},
    {"session_turns", NULL, REPORT_NUMBER},
    {"apply_events", NULL, REPORT_NUMBER},
    {"app_events", NULL, REPORT_NUMBER},
    {"delivered", "delivered", REPORT_NUMBER},
    {"waiting", "waiting", REPORT_NUMBER},
    {"here", "only here", REPORT_NUMBER},
    {"elsewhere", "in other stores", REPORT_NUMBER},
    {"catalogs", "catalogs forgotten", REPORT_NUMBER},
    {"lines", "typed lines", REPORT_NUMBER},
    {"errors", "errors", REPORT_NUMBER},
    {"teammates", "of teammates", REPORT_NUMBER},
};

/* The word, or standard input without the line end that an editor or echo leaves. */
static bool get_secret(const App *app, const Args *args, Text *secret, Error *err)
{
    if (!text_equal(args_word(args, 0), "-")) {
        text_add(secret, args_word(args, 0));
    } else if (!standard_input_read(app, SECRET_LIMIT, "what is to be redacted", secret, err)) {
        return false;
    }
    if (secret->length > SECRET_LIMIT) {
        return error_set(err, ERROR_USAGE, "what is to be redacted is longer than %d KiB",
                         SECRET_LIMIT / 1024);
    }
    while (secret->length > 0 && strchr("\r\n", secret->data[secret->length - 1])) {
        secret->data[--secret->length] = '\0';
    }
    if (secret->length > 0 && memchr(secret->data, '\0', secret->length)) {
        return error_set(err, ERROR_USAGE, "what is to be redacted is not valid UTF-8");
    }
    return redact_check(text_string(secret), err);
}

static bool confirmed(const App *app, const Args *args, Error *err)
{
    const AppOptions *options = app_options(app);
    if (args_flag(args, "yes") ||
        (options->ask && options->ask(options->ask_context, "Replace this text by " REDACTED
                                                            " in all that you recorded, here and in "
                                                            "the shared store? Nothing brings it back."))) {
        return true;
    }
    error_set(err, ERROR_USAGE,
              options->ask ? "nothing was redacted" : "what can't be taken back has to be confirmed");
    return error_hint(err, "confirm it with --yes");
}

/* --- the lines typed on the screen --- */

static int64_t count_occurrences(const char *text, const char *secret)
{
    int64_t count = 0;
    for (text = strstr(text, secret); text; text = strstr(text + strlen(secret), secret)) {
        count++;
    }
    return count;
}

/* Do the words of a line, taken out of their quotes, hold the secret? */
static bool says(const char *line, const char *secret)
{
    char **words;
    int count;
    Text said = {0};
    command_split(line, &words, &count, NULL);
    for (int i = 0; i < count; i++) {
        text_addf(&said, "%s%s", i ? " " : "", words[i]);
        free(words[i]);
    }
    free(words);
    bool holds = strstr(text_string(&said), secret) != NULL;
    text_free(&said);
    return holds;
}

/* Takes the lines out that say the secret in other words: what is left of quotes and backslashes need not
 * make a command. Returns how many. */
static int64_t drop_lines(char *text, const char *secret)
{
    int64_t dropped = 0;
    char *kept = text;
    for (char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        size_t whole = length + (line[length] == '\n');
        char *alone = memory_string_n(line, length);
        if (says(alone, secret)) {
            dropped++;
        } else {
            memmove(kept, line, whole);
            kept += whole;
        }
        free(alone);
        line += whole;
    }
    *kept = '\0';
    return dropped;
}

static bool redact_file(const ExportFile *file, const char *secret, int64_t *count, Error *err)
{
    char *text = NULL;
    if (!export_file_read(file, &text, err)) {
        return false;
    }
    if (!text) {
        return true;
    }
    char *redacted = redact_text(text, secret);
    int64_t found = redacted ? count_occurrences(text, secret) : 0;
    char *kept = redacted ? redacted : memory_string(text);
    found += drop_lines(kept, secret);
    bool ok = found == 0 || export_file_write(file, kept, strlen(kept), err);
    *count = ok ? found : 0;
    free(kept);
    free(text);
    return ok;
}

/* The screen keeps them beside history.db. What goes wrong with them is a warning: the rows are what counts.
 */
static int64_t redact_lines(const App *app, const char *secret, Report *report)
{
    char *path = text_format("%s/command_lines", app_paths(app)->state);
    ExportFile file = {0};
    Error trouble = {0};
    int64_t count = 0;
    if (!export_file_find(path, &file, &trouble) || !redact_file(&file, secret, &count, &trouble)) {
        report_warning(report, "the lines typed on the screen were not redacted: %s", trouble.message);
    }
    export_file_free(&file);
    free(path);
    return count;
}

/* --- teammates --- */

typedef struct Teammates {
    const char *origin; /* one's own */
    const char *secret;
    const char *counted; /* a secret whose rows were counted before, or NULL */
    int64_t count;
} Teammates;

static void count_row(void *context, const SyncedTable *table, const Value *values)
{
    Teammates *teammates = context;
    if (!text_equal(record_text(table, values, "origin_id"), teammates->origin)) {
        teammates->count += redact_row_holds(table, values, teammates->secret) &&
                            !(teammates->counted && redact_row_holds(table, values, teammates->counted));
    }
}

/* The longest part of the secret that no JSON escapes, so that the store can look for it in JSON as well; ""
 * when it has none. Owned by the caller. */
static char *plain_part(const char *secret)
{
    static const char escaped[] = "\"\\/\b\f\n\r\t";
    const char *best = secret;
    size_t longest = 0;
    for (const char *part = secret; *part; part += strspn(part, escaped)) {
        size_t length = strcspn(part, escaped);
        if (length > longest) {
            best = part;
            longest = length;
        }
        part += length;
    }
    return memory_string_n(best, longest);
}

static bool count_shared(App *app, Shared *shared, Teammates *teammates, Error *err)
{
    Deadline deadline = app_deliver_deadline(app);
    char *part = plain_part(teammates->secret);
    RecordFilter filter = {.contains = part};
    bool ok = true;
    for (int i = 0; ok && i < SYNCED_TABLE_COUNT; i++) {
        ok = shared_list(shared, &synced_tables[i], &filter, deadline, count_row, teammates, err);
    }
    free(part);
    return ok;
}

/* As it was recorded, and as an error that was recorded shows it. */
static bool count_both(App *app, Shared *shared, Teammates *teammates, Error *err)
{
    char *visible = text_visible(teammates->secret);
    bool ok = count_shared(app, shared, teammates, err);
    if (ok && !text_equal(visible, teammates->secret)) {
        teammates->counted = teammates->secret;
        teammates->secret = visible;
        ok = count_shared(app, shared, teammates, err);
    }
    free(visible);
    return ok;
}

/* Rows that only their owners can redact; -1 where sharing is off or nobody can tell. */
static int64_t count_teammates(App *app, Local *local, const char *secret, Report *report)
{
    Sharing sharing;
    Shared *shared = NULL;
    Error trouble = {0};
    Teammates teammates = {.origin = local_origin(local), .secret = secret};
    if (!sharing_read(local, &sharing, &trouble) || !sharing.enabled) {
        return -1;
    }
    bool ok = delivery_open_shared(app, local, app_deliver_deadline(app), &shared, &trouble) &&
              count_both(app, shared, &teammates, &trouble);
    shared_close(shared);
    if (!ok) {
        report_note(report, "whether teammates recorded it nobody can tell now: %s", trouble.message);
        return -1;
    }
    if (teammates.count > 0) {
        report_warning(report, "%lld row%s of teammates hold%s it, too: each of them has to redact their own",
                       (long long)teammates.count, text_plural(teammates.count),
                       teammates.count == 1 ? "s" : "");
    }
    return teammates.count;
}

/* --- stores of before --- */

typedef struct Stores {
    Local *local;
    Report *report;
} Stores;

static void warn_of_store(void *context, const char *store_id, int64_t rows)
{
    const Stores *stores = context;
    DeliveryPlace place;
    delivery_noted_store(stores->local, store_id, &place, NULL);
    report_warning(
        stores->report,
        "a store that is not written to now (%s) holds it in %lld row%s: amx db history-store enable "
        "--profile '%s' --schema '%s', then: amx db history-store flush-pending",
        store_id, (long long)rows, text_plural(rows), place.profile ? place.profile : "PROFILE",
        place.schema ? place.schema : "SCHEMA");
    delivery_place_free(&place);
}

/* --- the report --- */

static void fill_report(const Redacted *redacted, const RedactedSharing *sharing, int64_t lines,
                        int64_t teammates, Report *report)
{
    report_object(report, "amx.redact/1", columns, COUNT(columns));
    json_t *row = report_row(report);
    row_int(row, "rows", redacted->total);
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        row_int(row, synced_tables[i].name, redacted->rows[i]);
    }
    row_int(row, "delivered", sharing->delivered);
    row_int(row, "waiting", sharing->waiting);
    row_int(row, "here", sharing->here);
    row_int(row, "elsewhere", sharing->elsewhere);
    row_int(row, "catalogs", redacted->catalogs);
    row_int(row, "lines", lines);
    row_int(row, "errors", redacted->errors);
    if (teammates < 0) {
        row_json(row, "teammates", json_null());
    } else {
        row_int(row, "teammates", teammates);
    }
    report_note(report,
                "%lld row%s redacted: %lld delivered, %lld waiting for the shared store, %lld only here",
                (long long)redacted->total, text_plural(redacted->total), (long long)sharing->delivered,
                (long long)sharing->waiting, (long long)sharing->here);
    if (sharing->waiting > 0) {
        report_warning(report,
                       "the shared store holds it until these rows are delivered: amx db history-store "
                       "flush-pending");
    }
}

/* The delivery that follows every command tells what went wrong with this one. */
static bool redact(App *app, Local *local, const char *secret, Report *report, Error *err)
{
    Redacted redacted;
    RedactedSharing sharing;
    Delivery delivery;
    if (!redact_local(local, secret, &redacted, err)) {
        return false;
    }
    int64_t lines = redact_lines(app, secret, report);
    if (!delivery_run(app, DELIVERY_AFTER_COMMAND, &delivery, err) ||
        !redact_sharing(local, &redacted, &sharing, err)) {
        return false;
    }
    fill_report(&redacted, &sharing, lines, count_teammates(app, local, secret, report), report);
    Stores stores = {local, report};
    return redact_stores(local, &redacted, warn_of_store, &stores, err);
}

bool cmd_history_redact(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    Text secret = {0};
    bool ok = get_secret(app, args, &secret, err) && confirmed(app, args, err) &&
              app_local(app, &local, err) && redact(app, local, text_string(&secret), report, err);
    text_free(&secret);
    return ok;
}

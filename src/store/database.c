#include "database_ops.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

static const struct {
    const char *name;
    const DatabaseOps *ops;
} backends[] = {
    [BACKEND_POSTGRESQL] = {"postgresql", &database_pg_ops},
    [BACKEND_SQLITE] = {"sqlite", &database_sqlite_ops},
};

const char *backend_name(Backend backend)
{
    return backends[backend].name;
}

bool backend_parse(const char *name, Backend *out)
{
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
        if (!strcmp(backends[i].name, name)) {
            *out = (Backend)i;
            return true;
        }
    }
    return false;
}

bool database_fingerprint(const DatabaseTarget *target, char **out, Error *err)
{
    return backends[target->backend].ops->fingerprint(target, out, err);
}

bool database_name(const DatabaseTarget *target, char **out, Error *err)
{
    const DatabaseOps *ops = backends[target->backend].ops;
    *out = NULL;
    return !ops->name || ops->name(target, out, err);
}

bool database_open(const DatabaseTarget *target, Deadline deadline, Database **out, Error *err)
{
    Database *database = memory_zero(1, sizeof *database);
    database->ops = backends[target->backend].ops;
    if (!database->ops->open(database, target, deadline, err)) {
        database_close(database);
        return false;
    }
    *out = database;
    return true;
}

void database_close(Database *database)
{
    if (database) {
        if (database->connection) {
            database->ops->close(database);
        }
        free(database->version);
        free(database);
    }
}

/* A scope that names something must find it; an empty database or schema is no error. */
static bool scope_is_there(const Catalog *catalog, const DatabaseScope *scope, Error *err)
{
    if (catalog->table_count > 0 || catalog->empty_schema || (!scope->schema && !scope->table)) {
        return true;
    }
    if (!scope->table) {
        error_set(err, ERROR_NOT_FOUND, "there is no schema \"%s\" in this database", scope->schema);
    } else if (scope->schema) {
        error_set(err, ERROR_NOT_FOUND, "there is no table or view \"%s\" in schema \"%s\"", scope->table,
                  scope->schema);
    } else {
        error_set(err, ERROR_NOT_FOUND, "there is no table or view \"%s\" in this database", scope->table);
    }
    return error_hint(err, "names are case-sensitive; system schemas are read only when named");
}

bool database_read_catalog(Database *database, const DatabaseScope *scope, Deadline deadline, Catalog **out,
                           Error *err)
{
    Catalog *catalog = memory_zero(1, sizeof *catalog);
    if (!database->ops->read_catalog(database, scope, deadline, catalog, err) ||
        !scope_is_there(catalog, scope, err)) {
        catalog_free(catalog);
        return false;
    }
    *out = catalog;
    return true;
}

/* --- samples --- */

static bool names_binary(const char *type)
{
    return type && (strcasestr(type, "bytea") || strcasestr(type, "blob"));
}

static bool is_binary(const CatalogColumn *column)
{
    return names_binary(column->type) || (column->domain && names_binary(column->domain->base_type));
}

static bool is_new(const DatabaseSample *sample, const char *shown)
{
    for (size_t i = 0; i < sample->count; i++) {
        if (text_equal(sample->values[i], shown)) {
            return false;
        }
    }
    return true;
}

static size_t sample_length(const char *value)
{
    size_t length = 0;
    for (size_t characters = 0; value[length]; length++) {
        characters += ((unsigned char)value[length] & 0xc0) != 0x80;
        if (characters > DATABASE_SAMPLE_CHARACTERS) {
            break;
        }
    }
    return length;
}

/* Refused as it is, and cut then: a part of what is refused need not look like it. */
void database_sample_take(DatabaseSample *sample, const char *value)
{
    if (!value || sample->count == DATABASE_SAMPLES) {
        return;
    }
    char *cut = memory_string_n(value, sample_length(value));
    char *shown = text_visible(cut);
    free(cut);
    if (is_new(sample, shown) && !(sample->refuses && sample->refuses(value))) {
        sample->values[sample->count++] = shown;
    } else {
        free(shown);
    }
}

void database_sample_free(DatabaseSample *sample)
{
    while (sample->count > 0) {
        free(sample->values[--sample->count]);
    }
}

static bool has_samples(const CatalogTable *table, const DatabaseSample *sample)
{
    return table->kind != CATALOG_VIEW && !is_binary(sample->column);
}

bool database_read_samples(Database *database, const CatalogTable *table, DatabaseSample *samples,
                           size_t count, Deadline deadline, Error *err)
{
    DatabaseSample *readable = memory_zero(count + 1, sizeof *readable);
    size_t readable_count = 0;
    for (size_t i = 0; i < count; i++) {
        samples[i].count = 0;
        if (has_samples(table, &samples[i])) {
            readable[readable_count++] = samples[i];
        }
    }
    bool ok = readable_count == 0 ||
              database->ops->read_samples(database, table, readable, readable_count, deadline, err);
    for (size_t i = 0, at = 0; ok && i < count; i++) {
        if (has_samples(table, &samples[i])) {
            samples[i] = readable[at++];
        }
    }
    for (size_t i = 0; !ok && i < readable_count; i++) {
        database_sample_free(&readable[i]);
    }
    free(readable);
    return ok;
}

void database_watch_apply(Database *database, DatabaseApplied applied, DatabaseCommitting committing,
                          void *context)
{
    database->applied = applied;
    database->committing = committing;
    database->watch_context = context;
}

void database_applied(const Database *database, size_t done)
{
    if (database->applied) {
        database->applied(database->watch_context, done);
    }
}

bool database_committing(const Database *database, const CommentChange *changes, const char *transaction,
                         Error *err)
{
    return !database->committing || database->committing(database->watch_context, changes, transaction, err);
}

static void start_over(CommentChange *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        comment_change_free(&changes[i]);
        changes[i].outcome = COMMENT_PENDING;
    }
}

bool database_read_comments(Database *database, CommentChange *changes, size_t count, Deadline deadline,
                            Error *err)
{
    start_over(changes, count);
    return count == 0 || database->ops->read_comments(database, changes, count, deadline, err);
}

bool database_apply(Database *database, CommentChange *changes, size_t count, const DatabaseApplyRules *rules,
                    Deadline deadline, Error *err)
{
    start_over(changes, count);
    database->in_doubt = false;
    if (count == 0 || database->ops->apply(database, changes, count, rules, deadline, err)) {
        return true;
    }
    start_over(changes, count); /* nothing is known to be written: no outcome may say otherwise */
    return false;
}

bool database_apply_in_doubt(const Database *database)
{
    return database->in_doubt;
}

bool database_apply_under_way(Database *database, const char *transactions, Deadline deadline, bool *out,
                              Error *err)
{
    *out = false;
    return text_is_empty(transactions) || !database->ops->apply_under_way ||
           database->ops->apply_under_way(database, transactions, deadline, out, err);
}

bool database_comment_sql(Database *database, const CommentChange *change, Text *sql, Error *err)
{
    return database->ops->comment_sql(database, change, sql, err);
}

const char *database_comment_preamble(const Database *database)
{
    return database->ops->comment_preamble;
}

const char *database_version(const Database *database)
{
    return database->version;
}

/* --- changes --- */

void comment_change_free(CommentChange *change)
{
    free(change->old_text);
    free(change->error);
    change->old_text = NULL;
    change->error = NULL;
}

bool comment_refused(CommentOutcome outcome)
{
    return outcome == COMMENT_MISSING || outcome == COMMENT_CHANGED || outcome == COMMENT_FAILED;
}

static const char *none_if_empty(const char *text)
{
    return text_is_empty(text) ? NULL : text;
}

const char *comment_change_text(const CommentChange *change)
{
    return none_if_empty(change->new_text);
}

static bool is_too_long(const CommentChange *change)
{
    return change->most_bytes > 0 && change->new_text && strlen(change->new_text) > change->most_bytes;
}

static void refuse_length(CommentChange *change)
{
    char *why = text_format("the text has %zu bytes; a description has at most %zu", strlen(change->new_text),
                            change->most_bytes);
    comment_change_failed(change, why);
    free(why);
}

static const char *what_it_is(const CommentChange *change, const CommentObject *present)
{
    return change->column ? present->type : catalog_kind_name(present->kind);
}

static bool is_what_it_was(const CommentChange *change, const CommentObject *present)
{
    return !change->made_for ||
           text_equal(none_if_empty(change->made_for), none_if_empty(what_it_is(change, present)));
}

static void tell_apart(CommentChange *change, const CommentObject *present)
{
    const char *is = what_it_is(change, present);
    change->outcome = COMMENT_CHANGED;
    change->error = text_format("was %s when drafted, is %s now",
                                text_is_empty(change->made_for) ? "without a type" : change->made_for,
                                text_is_empty(is) ? "without a type" : is);
}

void comment_change_found(CommentChange *change, const CommentObject *present)
{
    if (!present) {
        change->outcome = COMMENT_MISSING;
        return;
    }
    change->kind = present->kind;
    change->old_text = memory_string(present->comment);
    if (text_equal(present->comment, comment_change_text(change))) {
        change->outcome = COMMENT_UNCHANGED;
    } else if (!is_what_it_was(change, present)) {
        tell_apart(change, present);
    } else if (change->only_expected && !text_equal(present->comment, none_if_empty(change->expected))) {
        change->outcome = COMMENT_CHANGED;
    } else if (is_too_long(change)) {
        refuse_length(change);
    }
}

void comment_change_failed(CommentChange *change, const char *why)
{
    free(change->error);
    change->error = memory_string(why);
    change->outcome = COMMENT_FAILED;
}

bool comment_changes_held(CommentChange *changes, size_t count, const DatabaseApplyRules *rules)
{
    bool hold = false;
    for (size_t i = 0; rules->all_or_nothing && !hold && i < count; i++) {
        hold = comment_refused(changes[i].outcome);
    }
    for (size_t i = 0; hold && i < count; i++) {
        if (changes[i].outcome == COMMENT_APPLIED) {
            changes[i].outcome = COMMENT_HELD;
        }
    }
    return hold;
}

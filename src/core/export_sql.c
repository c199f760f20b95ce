/* export --sql: a script that gives an empty copy of the database the same comments. */
#include "export.h"

#include <string.h>
#include <unistr.h>

#include "text.h"

/* --- characters that must not stand there raw are written as escapes, so that the replay is exact --- */

typedef enum TokenKind {
    TOKEN_IDENTIFIER,      /* "..": PostgreSQL's, for SQLite's names are values here */
    TOKEN_LITERAL,         /* '..': libpq leaves no backslash in it */
    TOKEN_ESCAPED_LITERAL, /* E'..' */
    TOKEN_SQLITE_LITERAL
} TokenKind;

static bool is_raw(ucs4_t c)
{
    return c == '\n' || c == '\t' || !text_is_hostile(c);
}

static size_t next(const char *at, const char *end, ucs4_t *c)
{
    int used = u8_mbtoucr(c, (const uint8_t *)at, (size_t)(end - at));
    return used > 0 ? (size_t)used : 1;
}

static bool is_harmless(const char *token, const char *end)
{
    ucs4_t c = 0;
    for (const char *at = token; at < end;) {
        at += next(at, end, &c);
        if (!is_raw(c)) {
            return false;
        }
    }
    return true;
}

static void add_escape(Text *out, TokenKind kind, ucs4_t c)
{
    switch (kind) {
    case TOKEN_IDENTIFIER:
        text_addf(out, "\\+%06X", (unsigned)c);
        break;
    case TOKEN_LITERAL:
    case TOKEN_ESCAPED_LITERAL:
        text_addf(out, "\\U%08X", (unsigned)c);
        break;
    case TOKEN_SQLITE_LITERAL:
        text_addf(out, "' || char(%u) || '", (unsigned)c);
        break;
    }
}

/* `token` with its quotes. */
static void add_token(Text *out, TokenKind kind, const char *token, const char *end)
{
    ucs4_t c = 0;
    if (is_harmless(token, end)) {
        text_add_n(out, token, (size_t)(end - token));
        return;
    }
    text_add(out, kind == TOKEN_IDENTIFIER ? "U&" : kind == TOKEN_LITERAL ? "E" : "");
    for (const char *at = token; at < end;) {
        size_t used = next(at, end, &c);
        if (is_raw(c)) {
            text_add_n(out, at, used);
            text_add(out, c == '\\' && kind == TOKEN_IDENTIFIER ? "\\" : "");
        } else {
            add_escape(out, kind, c);
        }
        at += used;
    }
}

/* Behind the closing quote of a token. */
static const char *end_of_token(const char *token, TokenKind kind)
{
    const char *at = token + 1;
    for (; *at; at++) {
        if (*at == '\\' && kind == TOKEN_ESCAPED_LITERAL && at[1]) {
            at++;
        } else if (*at == *token && *++at != *token) {
            return at;
        }
    }
    return at;
}

static void add_statement(Text *out, Backend backend, const char *sql)
{
    for (const char *at = sql; *at;) {
        size_t plain = strcspn(at, "'\"");
        text_add_n(out, at, plain);
        bool escaped = plain > 0 && at[plain - 1] == 'E';
        at += plain;
        if (*at) {
            TokenKind kind = *at == '"'                  ? TOKEN_IDENTIFIER
                             : backend == BACKEND_SQLITE ? TOKEN_SQLITE_LITERAL
                             : escaped                   ? TOKEN_ESCAPED_LITERAL
                                                         : TOKEN_LITERAL;
            const char *end = end_of_token(at, kind);
            add_token(out, kind, at, end);
            at = end;
        }
    }
}

/* --- the script --- */

/* "-- ", and text that stays on this line. */
static void add_remark(Text *out, const char *before, const char *text)
{
    char *visible = text_visible(text);
    text_addf(out, "-- %s%s\n", before, visible);
    free(visible);
}

static void add_writer(Text *out, const Description *description)
{
    if (description->created_by) {
        char *who = text_format("%s@%s, %s, amx %s", description->created_by, description->hostname,
                                description->written_at, description->client_version);
        add_remark(out, description->state == DESCRIPTION_ACCEPTED ? "accepted by " : "", who);
        free(who);
    }
}

static bool add_comment(const ExportJob *job, Text *out, const CatalogTable *table,
                        const CatalogColumn *column, const Description *description, Error *err)
{
    Text sql = {0};
    if (description->state == DESCRIPTION_MISSING || description->state == DESCRIPTION_INHERITED) {
        return true;
    }
    CommentChange change = {.schema = table->schema,
                            .table = table->name,
                            .column = column ? column->name : NULL,
                            .kind = table->kind,
                            .new_text = description->text};
    bool ok = database_comment_sql(job->database, &change, &sql, err);
    if (ok) {
        add_writer(out, description);
        add_statement(out, job->backend, text_string(&sql));
    }
    text_free(&sql);
    return ok || error_prefix(err, "%s.%s%s%s: ", table->schema, table->name, column ? "." : "",
                              column ? column->name : "");
}

static bool add_table(const ExportJob *job, Text *out, const DocumentedTable *table, Error *err)
{
    bool ok = table->is_context || add_comment(job, out, table->table, NULL, &table->description, err);
    for (size_t i = 0; ok && i < table->table->column_count; i++) {
        ok = add_comment(job, out, table->table, &table->table->columns[i], &table->columns[i], err);
    }
    return ok;
}

static size_t count_inherited(const Documentation *documentation)
{
    size_t count = 0;
    for (size_t i = 0; i < documentation->table_count; i++) {
        const DocumentedTable *table = &documentation->tables[i];
        count += !table->is_context && table->description.state == DESCRIPTION_INHERITED;
        for (size_t c = 0; c < table->table->column_count; c++) {
            count += table->columns[c].state == DESCRIPTION_INHERITED;
        }
    }
    return count;
}

/* Written to the partition, it would stand there even when its table is described anew. */
static void tell_inherited(const ExportJob *job)
{
    size_t count = count_inherited(job->documentation);
    if (count > 0) {
        report_note(
            job->report,
            count == 1
                ? "%zu text is that of the partitioned table, and is not written for the partition"
                : "%zu texts are those of the partitioned table, and are not written for the partition",
            count);
    }
}

static bool write_sql(const ExportJob *job, Text *out, Error *err)
{
    const Documentation *documentation = job->documentation;
    const char *preamble = database_comment_preamble(job->database);
    add_remark(out, "The descriptions of ", documentation->fingerprint);
    text_add(out, "BEGIN;\n");
    text_addf(out, "%s%s", preamble, *preamble ? ";\n" : "");
    bool ok = true;
    for (size_t i = 0; ok && i < documentation->table_count; i++) {
        ok = add_table(job, out, &documentation->tables[i], err);
    }
    text_add(out, "COMMIT;\n");
    tell_inherited(job);
    return ok;
}

const ExportFormat export_sql = {
    .name = "sql", .schema = "amx.sql/1", .names_writers = true, .write = write_sql};

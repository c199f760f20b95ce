/* The shared schema, and the statements sent to it, use nothing that Citus, CockroachDB or YugabyteDB lack:
 * every key and reference begins with origin_id, which rows are spread by, nothing needs a session or a
 * sequence, and each statement of the bootstrap stands alone. */
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "schema_shared.h"
#include "shared.h"
#include "support.h"
#include "text.h"

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static const char *find_word(const char *sql, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = sql; (at = strcasestr(at, word)); at++) {
        if ((at == sql || !is_word(at[-1])) && !is_word(at[length])) {
            return at;
        }
    }
    return NULL;
}

/* What no statement may hold, in whatever case. */
static const char *forbidden_word(const char *sql)
{
    static const char *const words[] = {
        "serial",
        "bigserial",
        "smallserial",
        "sequence",
        "nextval",
        "identity", /* one counter for all */
        "pg_advisory_lock",
        "pg_try_advisory_lock",
        "pg_advisory_lock_shared",
        "lock table",
        "prepare",
        "listen",
        "notify",
        "set session",
        "declare", /* a session: poolers and other nodes do not keep it */
        "temp",
        "temporary",
        "unlogged",
        "trigger",
        "function",
        "language",
        "exclude",
        "inherits",
        "deferrable",
        "concurrently",
        "ctid",
        "xmin",
        "offset",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (find_word(sql, words[i])) {
            return words[i];
        }
    }
    return NULL;
}

/* After each `key`, the next parenthesis must open with origin_id. */
static bool begins_with_origin(const char *sql, const char *key)
{
    for (const char *at = sql; (at = strcasestr(at, key)); at++) {
        const char *columns = strchr(at, '(');
        if (!columns || !text_starts(columns, "(origin_id")) {
            return false;
        }
    }
    return true;
}

/* The reason why a statement of the bootstrap is no good; NULL: it is. */
static const char *offence(const char *sql)
{
    static const char *const alone[] = {"CREATE SCHEMA IF NOT EXISTS ",
                                        "CREATE TABLE IF NOT EXISTS ",
                                        "CREATE INDEX IF NOT EXISTS ",
                                        "ALTER TABLE ",
                                        "COMMENT ON ",
                                        "INSERT INTO "};
    bool known = false;
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        known = known || text_starts(sql, alone[i]);
    }
    if (text_starts(sql, "COMMENT ON ")) {
        return NULL; /* its text may say anything */
    }
    if (!known || (text_starts(sql, "ALTER") && !strstr(sql, "ADD COLUMN IF NOT EXISTS")) ||
        (text_starts(sql, "INSERT") && !strstr(sql, "ON CONFLICT"))) {
        return "can't be run again by itself";
    }
    if (forbidden_word(sql)) {
        return forbidden_word(sql);
    }
    if (strstr(sql, ".store (")) {
        return NULL; /* one row, the same on every node */
    }
    if (text_starts(sql, "CREATE TABLE") && !strstr(sql, "PRIMARY KEY (origin_id, local_id)") &&
        !strstr(sql, "origin_id text PRIMARY KEY")) {
        return "key";
    }
    return !begins_with_origin(sql, "FOREIGN KEY") || !begins_with_origin(sql, "REFERENCES") ? "reference"
           : !begins_with_origin(sql, "UNIQUE")                                              ? "unique key"
                                                                                             : NULL;
}

/* Statement by statement; returns how many there are. */
static int check_script(const char *script)
{
    int count = 0;
    char *copy = text_format("%s", script);
    for (char *at = copy, *end; (end = strstr(at, ";\n")); at = end + 2, count++) {
        *end = '\0';
        if (offence(at)) {
            fail_msg("%s: %s", offence(at), at);
        }
    }
    free(copy);
    return count;
}

static void test_bootstrap_script(void **state)
{
    (void)state;
    Text sql = {0};
    schema_shared_script(&sql, BACKEND_POSTGRESQL, "amx.", true);
    assert_true(check_script(text_string(&sql)) > SYNCED_TABLE_COUNT);
    text_free(&sql);
}

/* A document for psql is framed by one transaction; what is in the frame does not rest on it. */
static void test_dumped_document(void **state)
{
    (void)state;
    Text sql = {0};
    assert_true(shared_ddl(BACKEND_POSTGRESQL, "amx", &sql, NULL));
    const char *begin = strstr(text_string(&sql), "\nBEGIN;\n");
    assert_non_null(begin);
    char *inside = text_format("%s", begin + strlen("\nBEGIN;\n"));
    char *commit = strstr(inside, "COMMIT;\n");
    assert_string_equal(commit, "COMMIT;\n");
    *commit = '\0';
    assert_true(check_script(inside) > SYNCED_TABLE_COUNT);
    free(inside);
    text_free(&sql);
}

/* --- the strings of the sources --- */

/* Appends a string literal's text; returns what comes after its closing quote. */
static const char *add_literal(Text *text, const char *at)
{
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\') {
            at++;
        }
        text_add_n(text, at, 1);
    }
    return *at ? at + 1 : at;
}

/* The next piece of source that is no comment. */
static const char *skip_comment(const char *at)
{
    const char *end = text_starts(at, "/*") ? strstr(at, "*/") : strchr(at, '\n');
    return end ? end + (*end == '*' ? 2 : 1) : at + strlen(at);
}

/* All string literals, neighbours joined as the compiler does; each ends with a newline. */
static char *literals_of(const char *source)
{
    Text text = {0};
    bool open = false;
    for (const char *at = source; *at;) {
        if (text_starts(at, "/*") || text_starts(at, "//")) {
            at = skip_comment(at);
        } else if (text_starts(at, "'\"'") || text_starts(at, "#include")) {
            at += 3;
        } else if (*at == '"') {
            at = add_literal(&text, at);
            open = true;
        } else {
            if (open && !isspace((unsigned char)*at)) {
                text_add_char(&text, '\n');
                open = false;
            }
            at++;
        }
    }
    return text_take(&text);
}

static const char *offence_in_source(const char *literals)
{
    const char *word = forbidden_word(literals);
    if (word) {
        return word;
    }
    for (const char *at = literals; (at = strstr(at, "ON CONFLICT (")); at++) {
        if (!text_starts(at, "ON CONFLICT (origin_id") && !text_starts(at, "ON CONFLICT (id)")) {
            return "ON CONFLICT";
        }
    }
    return NULL;
}

static void test_statements_in_the_sources(void **state)
{
    (void)state;
    glob_t files = {0};
    assert_int_equal(glob(AMX_SOURCE_DIR "/src/store/shared*.c", 0, NULL, &files), 0);
    assert_int_equal(glob(AMX_SOURCE_DIR "/src/store/schema_shared.c", GLOB_APPEND, NULL, &files), 0);
    assert_true(files.gl_pathc >= 5);
    size_t statements = 0;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char *literals = literals_of(support_read(files.gl_pathv[i]));
        if (offence_in_source(literals)) {
            fail_msg("%s: %s", files.gl_pathv[i], offence_in_source(literals));
        }
        for (const char *at = literals; (at = strstr(at, "SELECT ")); at++) {
            statements++;
        }
        free(literals);
    }
    assert_true(statements > 5); /* the scanner does see them */
    globfree(&files);
}

/* --- the lint itself --- */

static void test_it_rejects(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "CREATE TABLE amx.t (origin_id text)",
        "CREATE TABLE IF NOT EXISTS amx.t (id bigserial PRIMARY KEY)",
        "CREATE TABLE IF NOT EXISTS amx.t (id bigint PRIMARY KEY)",
        "CREATE TABLE IF NOT EXISTS amx.t (origin_id text, local_id bigint, PRIMARY KEY (local_id, "
        "origin_id))",
        "CREATE TABLE IF NOT EXISTS amx.t (origin_id text, r bigint, PRIMARY KEY (origin_id, local_id), "
        "FOREIGN "
        "KEY (r) REFERENCES amx.runs (origin_id, local_id))",
        "CREATE TABLE IF NOT EXISTS amx.t (origin_id text, r bigint REFERENCES amx.runs (local_id), PRIMARY "
        "KEY "
        "(origin_id, local_id))",
        "CREATE TABLE IF NOT EXISTS amx.t (origin_id text, PRIMARY KEY (origin_id, local_id), UNIQUE (name))",
        "CREATE TEMP TABLE t (origin_id text)",
        "CREATE UNIQUE INDEX u ON amx.t (name)",
        "CREATE INDEX IF NOT EXISTS i ON amx.t USING btree (ctid)",
        "ALTER TABLE amx.t ADD COLUMN a text",
        "DROP TABLE amx.t",
        "INSERT INTO amx.t VALUES (nextval('s'))",
        "BEGIN",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (!offence(bad[i])) {
            fail_msg("let through: %s", bad[i]);
        }
    }
    assert_non_null(offence_in_source("SELECT pg_advisory_lock(1)\n"));
    assert_non_null(offence_in_source("CREATE TEMP TABLE staging\n"));
    assert_non_null(offence_in_source("INSERT INTO t VALUES ($1) ON CONFLICT (name) DO NOTHING\n"));
    assert_non_null(offence_in_source("SELECT 1 LIMIT 5 OFFSET 10\n"));
    char *literals =
        literals_of("/* \"temp\" */ x(\"SELECT \" /* 'q */\n \"1\", '\"', \"a\\\"b\"); // \"temp\"\n");
    assert_string_equal(literals, "SELECT 1\na\"b\n");
    free(literals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bootstrap_script),
        cmocka_unit_test(test_dumped_document),
        cmocka_unit_test(test_statements_in_the_sources),
        cmocka_unit_test(test_it_rejects),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

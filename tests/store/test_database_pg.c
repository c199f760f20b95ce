/* The documented database: what only PostgreSQL has. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "shop.h"

#define shop_test(function)                                                                                  \
    cmocka_unit_test_prestate_setup_teardown(function, shop_set_up, NULL, &shop_postgresql)

static void pg_reads_what_only_it_has(void **state)
{
    ShopFixture *fixture = *state;
    shop_new(
        fixture,
        "CREATE SCHEMA hr;\n"
        "CREATE TYPE hr.mood AS ENUM ('sad', 'it''s, ok', 'happy');\n"
        "CREATE DOMAIN hr.feeling AS hr.mood NOT NULL;\n"
        "CREATE TABLE hr.person (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, nr serial,\n"
        "  mood hr.mood, feeling hr.feeling, moods hr.mood[], mail text, ip text, day text,\n"
        "  UNIQUE (mail) INCLUDE (ip));\n"
        "INSERT INTO hr.person (mood, feeling, mail, ip, day)\n"
        "  SELECT 'sad', 'sad', 'u' || i || '@x.example', '10.0.0.' || i % 4, '2026-01-0' || 1 + i % 9\n"
        "    FROM generate_series(1, 200) i;\n"
        "CREATE TABLE hr.event (day date, person bigint REFERENCES hr.person) PARTITION BY RANGE (day);\n"
        "CREATE TABLE hr.event_2026 PARTITION OF hr.event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n"
        "CREATE MATERIALIZED VIEW hr.moods AS SELECT mood, count(*) FROM hr.person GROUP BY mood;\n"
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;\n"
        "CREATE FOREIGN TABLE hr.far (a int) SERVER s;\n"
        "ANALYZE");
    Catalog *catalog = shop_read(fixture);
    assert_int_equal(catalog->table_count, 4); /* the partition is a part of its table */
    assert_int_equal(shop_table(catalog, "event")->kind, CATALOG_PARTITIONED);
    assert_int_equal(shop_table(catalog, "moods")->kind, CATALOG_MATERIALIZED_VIEW);
    assert_int_equal(shop_table(catalog, "far")->kind, CATALOG_FOREIGN_TABLE);
    assert_int_equal(catalog->foreign_key_count, 1);
    assert_true(shop_column(catalog, "person", "id")->identity);
    assert_true(shop_column(catalog, "person", "nr")->identity);
    static const char *const moody[] = {"mood", "feeling", "moods"};
    for (size_t i = 0; i < 3; i++) {
        char **labels = shop_column(catalog, "person", moody[i])->enum_labels;
        assert_non_null(labels);
        assert_string_equal(labels[1], "it's, ok");
        assert_null(labels[3]);
    }
    assert_null(shop_column(catalog, "person", "mail")->enum_labels);
    assert_true(shop_column(catalog, "person", "feeling")->not_null);
    assert_true(shop_column(catalog, "person", "mail")->unique);
    const CatalogColumn *mail = shop_column(catalog, "person", "mail");
    assert_true(mail->has_statistics);
    assert_true(mail->distinct == -1 && mail->null_fraction == 0);
    assert_string_equal(mail->format, "email");
    assert_string_equal(shop_column(catalog, "person", "ip")->format, "ipv4");
    assert_string_equal(shop_column(catalog, "person", "day")->format, "iso date");
    assert_null(shop_column(catalog, "person", "id")->format);
    catalog_free(catalog);

    catalog = shop_read_scope(fixture, (DatabaseScope){.schema = "hr", .table = "event_2026"});
    assert_int_equal(catalog->table_count, 1);
    catalog_free(catalog);
    catalog = shop_read_scope(fixture, (DatabaseScope){.schema = "pg_catalog", .table = "pg_class"});
    assert_int_equal(catalog->table_count, 1);
    catalog_free(catalog);

    CommentChange changes[] = {
        {.schema = "hr", .table = "event", .new_text = "p"},
        {.schema = "hr", .table = "moods", .new_text = "m"},
        {.schema = "hr", .table = "far", .new_text = "f"},
        {.schema = "hr", .table = "far", .column = "a", .new_text = "fc"},
    };
    shop_apply(fixture, changes, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(changes[i].outcome, COMMENT_APPLIED);
    }
    shop_free_changes(changes, 4);
}

static void pg_says_what_may_not_be_read_and_written(void **state)
{
    ShopFixture *fixture = *state;
    shop_new(fixture, shop_tables);
    support_sql(fixture->target.conninfo,
                "DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
                "GRANT SELECT ON \"order\" TO guest");
    char *conninfo = text_format("%s user=guest", fixture->target.conninfo);
    ShopFixture guest = *fixture;
    guest.target.conninfo = conninfo;
    Catalog *catalog = shop_read(&guest);
    assert_int_equal(catalog->table_count, 3);
    assert_true(text_starts(catalog->without_statistics[0], "public.big: "));
    assert_true(text_starts(catalog->without_statistics[1], "public.customer: "));
    assert_null(catalog->without_statistics[2]);
    catalog_free(catalog);

    support_sql(fixture->target.conninfo, "ALTER TABLE \"order\" OWNER TO guest");
    CommentChange changes[] = {
        {.schema = "public", .table = "customer", .new_text = "not mine"},
        {.schema = "public", .table = "order", .new_text = "mine"},
    };
    shop_apply(&guest, changes, 2);
    assert_int_equal(changes[0].outcome, COMMENT_FAILED);
    assert_non_null(strstr(changes[0].error, "owner"));
    assert_int_equal(changes[1].outcome, COMMENT_APPLIED);
    shop_free_changes(changes, 2);
    free(conninfo);
}

/* Many more changes than one round trip takes; the server refuses one in the middle. */
static void pg_refusal_among_thousands_fails_alone_and_is_named(void **state)
{
    enum { COLUMNS = 1500, TABLES = 2, CHANGES = COLUMNS * TABLES, REFUSED = 1777 };
    ShopFixture *fixture = *state;
    char names[COLUMNS][8];
    Text sql = {0};
    CommentChange *changes = memory_zero(CHANGES, sizeof *changes);
    for (size_t i = 0; i < CHANGES; i++) {
        snprintf(names[i % COLUMNS], sizeof *names, "c%zu", i % COLUMNS);
        changes[i] = (CommentChange){.schema = "public",
                                     .table = i < COLUMNS ? "wide_0" : "wide_1",
                                     .column = names[i % COLUMNS],
                                     .new_text = "one of many"};
        text_addf(&sql, i % COLUMNS ? ", %s text" : "CREATE TABLE %s (c0 text",
                  i % COLUMNS ? changes[i].column : changes[i].table);
        text_add(&sql, i % COLUMNS == COLUMNS - 1 ? ");\n" : "");
    }
    text_add(&sql, "CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN\n"
                   "  IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()\n"
                   "              WHERE object_identity = 'public.wide_1.c277') THEN\n"
                   "    RAISE 'hands off c277';\n"
                   "  END IF;\n"
                   "END $$;\n"
                   "CREATE EVENT TRIGGER watch ON ddl_command_end WHEN tag IN ('COMMENT')\n"
                   "  EXECUTE FUNCTION watch();");
    shop_new(fixture, text_string(&sql));
    text_free(&sql);
    shop_apply(fixture, changes, CHANGES);
    for (size_t i = 0; i < CHANGES; i++) {
        assert_int_equal(changes[i].outcome, i == REFUSED ? COMMENT_FAILED : COMMENT_APPLIED);
    }
    assert_string_equal(changes[REFUSED].error, "hands off c277");
    shop_expect_comment(fixture, "wide_1", "c276", "one of many");
    shop_expect_comment(fixture, "wide_1", "c277", NULL);
    shop_expect_comment(fixture, "wide_1", "c1499", "one of many");
    shop_free_changes(changes, CHANGES);
    free(changes);
}

static void pg_failed_apply_writes_nothing(void **state)
{
    const ShopFixture *fixture = *state;
    Error err = {0};
    CommentChange change = {.schema = "public", .table = "customer", .new_text = "never"};
    Database *database = shop_open(fixture);
    assert_false(database_apply(database, &change, 1, &(DatabaseApplyRules){0}, deadline_in(0), &err));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    assert_int_equal(change.outcome, COMMENT_PENDING);
    database_close(database);
    shop_expect_comment(fixture, "customer", NULL, NULL);
}

static bool use_up_the_time(void *context, const CommentChange *changes, const char *transaction, Error *err)
{
    (void)changes;
    (void)err;
    assert_non_null(transaction);
    while (deadline_left(*(const Deadline *)context) > 0) {
    }
    return true;
}

/* A COMMIT that was not even sent leaves nobody in doubt. */
static void pg_commit_that_comes_too_late_is_not_sent(void **state)
{
    const ShopFixture *fixture = *state;
    Error err = {0};
    CommentChange change = {.schema = "public", .table = "customer", .new_text = "never"};
    Database *database = shop_open(fixture);
    Deadline deadline = deadline_in(2000);
    database_watch_apply(database, NULL, use_up_the_time, &deadline);
    assert_false(database_apply(database, &change, 1, &(DatabaseApplyRules){0}, deadline, &err));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    assert_false(database_apply_in_doubt(database));
    database_close(database);
    shop_expect_comment(fixture, "customer", NULL, NULL);
}

/* What one statement may take is not what a thousand of them may take together. */
static void pg_limit_for_each_statement_begins_anew_with_the_next(void **state)
{
    const ShopFixture *fixture = *state;
    enum { LIMIT_MS = 1500 };
    Error err = {0};
    CommentChange change = {.schema = "public", .table = "customer", .new_text = "in time"};
    Database *database = shop_open(fixture);
    Deadline whole = deadline_in(LIMIT_MS);
    database_watch_apply(database, NULL, use_up_the_time, &whole);
    assert_true(
        database_apply(database, &change, 1, &(DatabaseApplyRules){0}, deadline_each(LIMIT_MS), &err));
    comment_change_free(&change);
    database_close(database);
    shop_expect_comment(fixture, "customer", NULL, "in time");
}

static bool refuse(void *context, const CommentChange *changes, const char *transaction, Error *err)
{
    (void)context;
    (void)changes;
    (void)transaction;
    return error_set(err, ERROR_LOCAL, "not recorded");
}

static void pg_apply_that_cannot_be_noted_writes_nothing(void **state)
{
    const ShopFixture *fixture = *state;
    Error err = {0};
    CommentChange change = {.schema = "public", .table = "customer", .new_text = "never"};
    Database *database = shop_open(fixture);
    database_watch_apply(database, NULL, refuse, NULL);
    assert_false(database_apply(database, &change, 1, &(DatabaseApplyRules){0}, DEADLINE_NONE, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_false(database_apply_in_doubt(database));
    database_close(database);
    shop_expect_comment(fixture, "customer", NULL, NULL);
}

static void pg_fingerprint_is_resolved_without_user_and_password(void **state)
{
    (void)state;
    const char *services = support_file(support_folder(), "services",
                                        "[shop]\nhost=shop.example\nport=6000\ndbname=shop\nuser=x\n");
    setenv("PGSERVICEFILE", services, 1);
    setenv("PGUSER", "ann", 1);
    setenv("PGDATABASE", "envdb", 1);
    static const struct {
        const char *conninfo, *expected;
    } cases[] = {
        {"", "postgresql://local:5432/envdb"},
        {"host=/run/pg port=5433", "postgresql://local[/run/pg]:5433/envdb"},
        {"service=shop", "postgresql://shop.example:6000/shop"},
        {"service=shop user=bob password=secret", "postgresql://shop.example:6000/shop"},
        {"postgresql://u:secret@shop.example:6000/shop", "postgresql://shop.example:6000/shop"},
        {"postgresql://a,b/d", "postgresql://a:5432,b:5432/d"},
        {"host=a,b port=1 dbname=d", "postgresql://a:1,b:1/d"},
        {"host=a,b port=1,2 dbname=d", "postgresql://a:1,b:2/d"},
        {"host=::1 dbname=d", "postgresql://[::1]:5432/d"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = {0};
        char *print = NULL;
        DatabaseTarget target = {.backend = BACKEND_POSTGRESQL, .conninfo = cases[i].conninfo};
        assert_true(database_fingerprint(&target, &print, &err));
        assert_string_equal(print, cases[i].expected);
        free(print);
    }
    unsetenv("PGSERVICEFILE");
    unsetenv("PGUSER");
    unsetenv("PGDATABASE");
    Error err = {0};
    char *print = NULL;
    DatabaseTarget target = {.backend = BACKEND_POSTGRESQL, .conninfo = "service=nowhere"};
    assert_false(database_fingerprint(&target, &print, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        shop_test(pg_reads_what_only_it_has),
        shop_test(pg_says_what_may_not_be_read_and_written),
        shop_test(pg_refusal_among_thousands_fails_alone_and_is_named),
        shop_test(pg_failed_apply_writes_nothing),
        shop_test(pg_commit_that_comes_too_late_is_not_sent),
        shop_test(pg_limit_for_each_statement_begins_anew_with_the_next),
        shop_test(pg_apply_that_cannot_be_noted_writes_nothing),
        shop_test(pg_fingerprint_is_resolved_without_user_and_password),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

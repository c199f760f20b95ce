/* The documented database: the same cases on PostgreSQL and SQLite, then what only one of them has. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "database.h"
#include "memory.h"

#define PATIENCE_MS 20000

/* What SQL both understand. */
static const char shop_sql[] = "CREATE TABLE customer (\n"
                               "  id integer PRIMARY KEY,\n"
                               "  email varchar(200) NOT NULL UNIQUE,\n"
                               "  status text NOT NULL DEFAULT 'new' CONSTRAINT status_known CHECK (status "
                               "IN ('new', ')old', 'a''b')),\n"
                               "  \"Odd \"\"name\" text,\n"
                               "  price integer, quantity integer,\n"
                               "  total integer GENERATED ALWAYS AS (price * quantity) STORED);\n"
                               "CREATE TABLE \"order\" (\n"
                               "  id integer PRIMARY KEY,\n"
                               "  customer_id integer NOT NULL REFERENCES customer,\n"
                               "  line integer,\n"
                               "  note text,\n"
                               "  CONSTRAINT line_once UNIQUE (customer_id, line));\n"
                               "CREATE UNIQUE INDEX note_once ON \"order\" (note) WHERE note IS NOT NULL;\n"
                               "CREATE UNIQUE INDEX note_lower ON \"order\" (lower(note));\n"
                               "CREATE VIEW big AS SELECT id, email FROM customer WHERE total > 1000;\n";

typedef struct Fixture {
    DatabaseTarget target;
    const char *schema;
} Fixture;

static Fixture postgresql = {.target.backend = BACKEND_POSTGRESQL, .schema = "public"};
static Fixture sqlite = {.target.backend = BACKEND_SQLITE, .schema = "main"};

static void run_sql(const Fixture *fixture, const char *sql)
{
    if (fixture->target.backend == BACKEND_POSTGRESQL) {
        support_sql(fixture->target.conninfo, sql);
    } else {
        support_sqlite(fixture->target.path, sql);
    }
}

/* Points the fixture to a new database with the given tables. */
static void use_new_database(Fixture *fixture, const char *sql)
{
    if (fixture->target.backend == BACKEND_POSTGRESQL) {
        fixture->target.conninfo = support_database();
    } else {
        fixture->target.path = support_file(support_folder(), "shop.db", "");
    }
    run_sql(fixture, sql);
}

static int set_up_shop(void **state)
{
    use_new_database(*state, shop_sql);
    return 0;
}

static Database *opened(const Fixture *fixture)
{
    Database *database = NULL;
    Error err = {0};
    if (!database_open(&fixture->target, deadline_in(PATIENCE_MS), &database, &err)) {
        fail_msg("%s", err.message);
    }
    return database;
}

static Catalog *read_scope(const Fixture *fixture, DatabaseScope scope)
{
    Catalog *catalog = NULL;
    Error err = {0};
    Database *database = opened(fixture);
    if (!database_read_catalog(database, &scope, deadline_in(PATIENCE_MS), &catalog, &err)) {
        fail_msg("%s", err.message);
    }
    database_close(database);
    return catalog;
}

static Catalog *read_all(const Fixture *fixture)
{
    return read_scope(fixture, (DatabaseScope){0});
}

static const CatalogTable *table_of(const Catalog *catalog, const char *name)
{
    long index = catalog_find_table(catalog, NULL, name);
    if (index < 0) {
        fail_msg("no table %s", name);
    }
    return &catalog->tables[index];
}

static const CatalogColumn *column_of(const Catalog *catalog, const char *table, const char *name)
{
    const CatalogColumn *column = catalog_find_column(table_of(catalog, table), name);
    if (!column) {
        fail_msg("no column %s.%s", table, name);
    }
    return column;
}

static void apply_all(const Fixture *fixture, CommentChange *changes, size_t count)
{
    Error err = {0};
    Database *database = opened(fixture);
    if (!database_apply(database, changes, count, deadline_in(PATIENCE_MS), &err)) {
        fail_msg("%s", err.message);
    }
    database_close(database);
}

static void free_changes(CommentChange *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        comment_change_free(&changes[i]);
    }
}

/* Writes one description, ignoring what was there. */
static void describe(const Fixture *fixture, const char *table, const char *column, const char *text)
{
    CommentChange change = {.schema = fixture->schema, .table = table, .column = column, .new_text = text};
    apply_all(fixture, &change, 1);
    assert_int_equal(change.outcome, COMMENT_APPLIED);
    comment_change_free(&change);
}

static void assert_comment(const Fixture *fixture, const char *table, const char *column,
                           const char *expected)
{
    Catalog *catalog = read_all(fixture);
    const char *comment =
        column ? column_of(catalog, table, column)->comment : table_of(catalog, table)->comment;
    if (expected) {
        assert_non_null(comment);
        assert_string_equal(comment, expected);
    } else {
        assert_null(comment);
    }
    catalog_free(catalog);
}

static bool has_text(const char *text, const char *part)
{
    return text && strstr(text, part);
}

/* --- both: reading ------------------------------------------------------------------------------------ */

static void tables_and_views_are_listed_in_order(void **state)
{
    const Fixture *fixture = *state;
    Catalog *catalog = read_all(fixture);
    assert_int_equal(catalog->table_count, 3);
    assert_string_equal(catalog->tables[0].name, "big");
    assert_string_equal(catalog->tables[1].name, "customer");
    assert_string_equal(catalog->tables[2].name, "order");
    assert_string_equal(catalog->tables[0].schema, fixture->schema);
    assert_int_equal(catalog->tables[0].kind, CATALOG_VIEW);
    assert_int_equal(catalog->tables[1].kind, CATALOG_TABLE);
    assert_true(has_text(catalog->tables[0].definition, "1000"));
    assert_null(catalog->tables[1].definition);
    assert_null(catalog->skipped);
    assert_int_equal(catalog_find_table(catalog, fixture->schema, "order"), 2);
    assert_int_equal(catalog_find_table(catalog, fixture->schema, "nothing"), -1);
    assert_int_equal(catalog_find_table(catalog, "nowhere", "order"), -1);
    catalog_free(catalog);
}

static void columns_tell_what_they_are(void **state)
{
    Catalog *catalog = read_all(*state);
    const CatalogTable *customer = table_of(catalog, "customer");
    assert_int_equal(customer->column_count, 7);
    assert_string_equal(customer->columns[3].name, "Odd \"name");
    const CatalogColumn *id = column_of(catalog, "customer", "id");
    assert_true(id->primary_key && id->unique && id->not_null);
    const CatalogColumn *email = column_of(catalog, "customer", "email");
    assert_true(email->unique && email->not_null && !email->primary_key);
    assert_true(has_text(email->type, "(200)"));
    const CatalogColumn *status = column_of(catalog, "customer", "status");
    assert_true(has_text(status->default_value, "'new'"));
    assert_true(status->not_null && !status->unique);
    assert_true(column_of(catalog, "customer", "total")->generated);
    assert_false(column_of(catalog, "customer", "price")->generated);
    assert_int_equal(table_of(catalog, "big")->column_count, 2);
    catalog_free(catalog);
}

static void keys_checks_and_references_are_read(void **state)
{
    const Fixture *fixture = *state;
    Catalog *catalog = read_all(fixture);
    const CatalogTable *customer = table_of(catalog, "customer"), *order = table_of(catalog, "order");
    assert_int_equal(customer->check_count, 1);
    assert_string_equal(customer->checks[0].name, "status_known");
    assert_true(has_text(customer->checks[0].expression, "'a''b'"));
    assert_int_equal(order->unique_count, 1); /* neither the partial nor the expression index */
    assert_string_equal(order->uniques[0].columns[0], "customer_id");
    assert_string_equal(order->uniques[0].columns[1], "line");
    assert_null(order->uniques[0].columns[2]);
    assert_false(column_of(catalog, "order", "note")->unique);
    assert_false(column_of(catalog, "order", "line")->unique);
    assert_int_equal(catalog->foreign_key_count, 1);
    const CatalogForeignKey *key = &catalog->foreign_keys[0];
    assert_string_equal(catalog->tables[key->table].name, "order");
    assert_string_equal(key->columns[0], "customer_id");
    assert_string_equal(key->to_schema, fixture->schema);
    assert_string_equal(key->to_table, "customer");
    assert_string_equal(key->to_columns[0], "id");
    assert_null(key->to_columns[1]);
    assert_string_equal(catalog->tables[key->target].name, "customer");
    catalog_free(catalog);
}

static void row_estimates_come_from_analyze(void **state)
{
    const Fixture *fixture = *state;
    Catalog *catalog = read_all(fixture);
    assert_true(table_of(catalog, "customer")->rows < 0);
    assert_true(table_of(catalog, "big")->rows < 0);
    catalog_free(catalog);
    run_sql(fixture,
            "INSERT INTO customer (id, email) VALUES (1, 'a@b.example'), (2, 'c@d.example'); ANALYZE");
    catalog = read_all(fixture);
    assert_true(table_of(catalog, "customer")->rows == 2);
    catalog_free(catalog);
}

static void scope_narrows_the_reading(void **state)
{
    const Fixture *fixture = *state;
    Catalog *catalog = read_scope(fixture, (DatabaseScope){.table = "order"});
    assert_int_equal(catalog->table_count, 1);
    assert_int_equal(catalog->foreign_key_count, 1);
    assert_int_equal(catalog->foreign_keys[0].target, -1);
    assert_string_equal(catalog->foreign_keys[0].to_table, "customer");
    catalog_free(catalog);
    catalog = read_scope(fixture, (DatabaseScope){.schema = fixture->schema});
    assert_int_equal(catalog->table_count, 3);
    catalog_free(catalog);
}

static void missing_scope_is_not_found(void **state)
{
    Database *database = opened(*state);
    static const DatabaseScope scopes[] = {{.schema = "nowhere"}, {.table = "nothing"}};
    for (size_t i = 0; i < 2; i++) {
        Catalog *catalog = NULL;
        Error err = {0};
        assert_false(database_read_catalog(database, &scopes[i], deadline_in(PATIENCE_MS), &catalog, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        assert_true(has_text(err.message, i ? "nothing" : "nowhere"));
        assert_null(catalog);
    }
    database_close(database);
}

static void empty_database_has_an_empty_catalog(void **state)
{
    Fixture *fixture = *state;
    use_new_database(fixture, "SELECT 1");
    Catalog *catalog = read_all(fixture);
    assert_int_equal(catalog->table_count, 0);
    catalog_free(catalog);
}

static void versions_are_named(void **state)
{
    const Fixture *fixture = *state;
    Database *database = opened(fixture);
    const char *version = database_version(database);
    assert_true(
        text_starts(version, fixture->target.backend == BACKEND_SQLITE ? "SQLite 3." : "PostgreSQL 15."));
    assert_null(strchr(version, '('));
    database_close(database);
}

/* --- both: writing ------------------------------------------------------------------------------------ */

static void comments_are_written_and_read_back(void **state)
{
    const Fixture *fixture = *state;
    static const char hostile[] = "It's \\ \"quoted\"\n\xc3\xa9\xf0\x9f\x90\x98; DROP TABLE customer; --";
    CommentChange changes[] = {
        {.schema = fixture->schema, .table = "customer", .new_text = hostile},
        {.schema = fixture->schema, .table = "customer", .column = "Odd \"name", .new_text = "An odd one."},
        {.schema = fixture->schema, .table = "big", .kind = CATALOG_VIEW, .new_text = "Big orders."},
        {.schema = fixture->schema,
         .table = "big",
         .column = "email",
         .kind = CATALOG_VIEW,
         .new_text = "Mail."},
    };
    apply_all(fixture, changes, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(changes[i].outcome, COMMENT_APPLIED);
        assert_null(changes[i].old_text);
        assert_null(changes[i].error);
    }
    assert_comment(fixture, "customer", NULL, hostile);
    assert_comment(fixture, "customer", "Odd \"name", "An odd one.");
    assert_comment(fixture, "big", NULL, "Big orders.");
    assert_comment(fixture, "big", "email", "Mail.");
    free_changes(changes, 4);
}

static void second_write_replaces_and_tells_the_old_text(void **state)
{
    const Fixture *fixture = *state;
    describe(fixture, "customer", "email", "first");
    CommentChange change = {
        .schema = fixture->schema, .table = "customer", .column = "email", .new_text = "second"};
    apply_all(fixture, &change, 1);
    assert_int_equal(change.outcome, COMMENT_APPLIED);
    assert_string_equal(change.old_text, "first");
    assert_comment(fixture, "customer", "email", "second");
    apply_all(fixture, &change, 1);
    assert_int_equal(change.outcome, COMMENT_UNCHANGED);
    assert_string_equal(change.old_text, "second");
    comment_change_free(&change);
}

static void nothing_and_empty_remove_a_comment(void **state)
{
    const Fixture *fixture = *state;
    static const char *const nothings[] = {NULL, ""};
    for (size_t i = 0; i < 2; i++) {
        describe(fixture, "customer", NULL, "text");
        describe(fixture, "customer", NULL, nothings[i]);
        assert_comment(fixture, "customer", NULL, NULL);
        CommentChange again = {.schema = fixture->schema, .table = "customer", .new_text = nothings[i]};
        apply_all(fixture, &again, 1);
        assert_int_equal(again.outcome, COMMENT_UNCHANGED);
        comment_change_free(&again);
    }
}

static void what_is_gone_is_missing_and_the_rest_is_written(void **state)
{
    const Fixture *fixture = *state;
    CommentChange changes[] = {
        {.schema = fixture->schema, .table = "gone", .new_text = "x"},
        {.schema = fixture->schema, .table = "customer", .column = "gone", .new_text = "x"},
        {.schema = "gone", .table = "customer", .new_text = "x"},
        {.schema = fixture->schema, .table = "customer", .new_text = "written"},
    };
    apply_all(fixture, changes, 4);
    assert_int_equal(changes[0].outcome, COMMENT_MISSING);
    assert_int_equal(changes[1].outcome, COMMENT_MISSING);
    assert_int_equal(changes[2].outcome, COMMENT_MISSING);
    assert_int_equal(changes[3].outcome, COMMENT_APPLIED);
    free_changes(changes, 4);
}

static void unexpected_text_is_left_alone(void **state)
{
    const Fixture *fixture = *state;
    describe(fixture, "customer", "email", "somebody's");
    CommentChange changes[] = {
        {.schema = fixture->schema,
         .table = "customer",
         .column = "email",
         .new_text = "mine",
         .expected = "what I saw",
         .only_expected = true},
        {.schema = fixture->schema,
         .table = "customer",
         .column = "status",
         .new_text = "mine",
         .expected = "what I saw",
         .only_expected = true},
        {.schema = fixture->schema,
         .table = "customer",
         .column = "id",
         .new_text = "mine",
         .only_expected = true},
    };
    apply_all(fixture, changes, 3);
    assert_int_equal(changes[0].outcome, COMMENT_CHANGED);
    assert_string_equal(changes[0].old_text, "somebody's");
    assert_int_equal(changes[1].outcome, COMMENT_CHANGED);
    assert_int_equal(changes[2].outcome, COMMENT_APPLIED);
    assert_comment(fixture, "customer", "email", "somebody's");
    changes[0].expected = "somebody's";
    apply_all(fixture, changes, 1);
    assert_int_equal(changes[0].outcome, COMMENT_APPLIED);
    free_changes(changes, 3);
}

static void refused_text_fails_alone(void **state)
{
    const Fixture *fixture = *state;
    CommentChange changes[] = {
        {.schema = fixture->schema, .table = "customer", .new_text = "before"},
        {.schema = fixture->schema, .table = "customer", .column = "email", .new_text = "not utf-8 \xff"},
        {.schema = fixture->schema, .table = "customer", .column = "status", .new_text = "after"},
    };
    apply_all(fixture, changes, 3);
    assert_int_equal(changes[0].outcome, COMMENT_APPLIED);
    assert_int_equal(changes[1].outcome, COMMENT_FAILED);
    assert_true(has_text(changes[1].error, "UTF-8"));
    assert_int_equal(changes[2].outcome, COMMENT_APPLIED);
    assert_comment(fixture, "customer", "status", "after");
    assert_comment(fixture, "customer", "email", NULL);
    free_changes(changes, 3);
}

static void reading_comments_writes_nothing(void **state)
{
    const Fixture *fixture = *state;
    Error err = {0};
    describe(fixture, "customer", NULL, "present");
    CommentChange changes[] = {
        {.schema = fixture->schema, .table = "customer", .new_text = "new"},
        {.schema = fixture->schema, .table = "order", .new_text = "new"},
        {.schema = fixture->schema, .table = "gone", .new_text = "new"},
    };
    Database *database = opened(fixture);
    assert_true(database_read_comments(database, changes, 3, deadline_in(PATIENCE_MS), &err));
    database_close(database);
    assert_string_equal(changes[0].old_text, "present");
    assert_null(changes[1].old_text);
    assert_int_equal(changes[1].outcome, COMMENT_PENDING);
    assert_int_equal(changes[2].outcome, COMMENT_MISSING);
    assert_comment(fixture, "customer", NULL, "present");
    free_changes(changes, 3);
}

static void printed_statement_does_what_apply_does(void **state)
{
    const Fixture *fixture = *state;
    Error err = {0};
    Text sql = {0};
    describe(fixture, "customer", NULL, "makes the side table where there is one");
    CommentChange change = {
        .schema = fixture->schema, .table = "customer", .column = "Odd \"name", .new_text = "It's \\ done"};
    Database *database = opened(fixture);
    assert_true(database_comment_sql(database, &change, &sql, &err));
    database_close(database);
    assert_string_equal(sql.data + sql.length - 2, ";\n");
    run_sql(fixture, text_string(&sql));
    assert_comment(fixture, "customer", "Odd \"name", "It's \\ done");
    text_free(&sql);
}

static void many_changes_are_written(void **state)
{
    enum { COLUMNS = 300 };
    const Fixture *fixture = *state;
    char names[COLUMNS][8];
    CommentChange changes[COLUMNS] = {0};
    Text sql = {0};
    text_add(&sql, "CREATE TABLE wide (");
    for (size_t i = 0; i < COLUMNS; i++) {
        snprintf(names[i], sizeof names[i], "c%zu", i);
        text_addf(&sql, "%s%s text", i ? ", " : "", names[i]);
        changes[i] = (CommentChange){
            .schema = fixture->schema, .table = "wide", .column = names[i], .new_text = names[i]};
    }
    text_add(&sql, ")");
    run_sql(fixture, text_string(&sql));
    text_free(&sql);
    changes[100].new_text = "\xff";
    apply_all(fixture, changes, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++) {
        assert_int_equal(changes[i].outcome, i == 100 ? COMMENT_FAILED : COMMENT_APPLIED);
    }
    assert_comment(fixture, "wide", "c299", "c299");
    free_changes(changes, COLUMNS);
}

/* --- PostgreSQL --------------------------------------------------------------------------------------- */

static void pg_reads_what_only_it_has(void **state)
{
    Fixture *fixture = *state;
    use_new_database(
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
    Catalog *catalog = read_all(fixture);
    assert_int_equal(catalog->table_count, 4); /* the partition is a part of its table */
    assert_int_equal(table_of(catalog, "event")->kind, CATALOG_PARTITIONED);
    assert_int_equal(table_of(catalog, "moods")->kind, CATALOG_MATERIALIZED_VIEW);
    assert_int_equal(table_of(catalog, "far")->kind, CATALOG_FOREIGN_TABLE);
    assert_int_equal(catalog->foreign_key_count, 1);
    assert_true(column_of(catalog, "person", "id")->identity);
    assert_true(column_of(catalog, "person", "nr")->identity);
    static const char *const moody[] = {"mood", "feeling", "moods"};
    for (size_t i = 0; i < 3; i++) {
        char **labels = column_of(catalog, "person", moody[i])->enum_labels;
        assert_non_null(labels);
        assert_string_equal(labels[1], "it's, ok");
        assert_null(labels[3]);
    }
    assert_null(column_of(catalog, "person", "mail")->enum_labels);
    assert_true(column_of(catalog, "person", "feeling")->not_null);
    assert_true(column_of(catalog, "person", "mail")->unique);
    const CatalogColumn *mail = column_of(catalog, "person", "mail");
    assert_true(mail->has_statistics);
    assert_true(mail->distinct == -1 && mail->null_fraction == 0);
    assert_string_equal(mail->format, "email");
    assert_string_equal(column_of(catalog, "person", "ip")->format, "ipv4");
    assert_string_equal(column_of(catalog, "person", "day")->format, "iso date");
    assert_null(column_of(catalog, "person", "id")->format);
    catalog_free(catalog);

    catalog = read_scope(fixture, (DatabaseScope){.schema = "hr", .table = "event_2026"});
    assert_int_equal(catalog->table_count, 1);
    catalog_free(catalog);
    catalog = read_scope(fixture, (DatabaseScope){.schema = "pg_catalog", .table = "pg_class"});
    assert_int_equal(catalog->table_count, 1);
    catalog_free(catalog);

    CommentChange changes[] = {
        {.schema = "hr", .table = "event", .new_text = "p"},
        {.schema = "hr", .table = "moods", .new_text = "m"},
        {.schema = "hr", .table = "far", .new_text = "f"},
        {.schema = "hr", .table = "far", .column = "a", .new_text = "fc"},
    };
    apply_all(fixture, changes, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(changes[i].outcome, COMMENT_APPLIED);
    }
    free_changes(changes, 4);
}

static void pg_says_what_may_not_be_read_and_written(void **state)
{
    Fixture *fixture = *state;
    use_new_database(fixture, shop_sql);
    support_sql(fixture->target.conninfo,
                "DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
                "GRANT SELECT ON \"order\" TO guest");
    char *conninfo = text_format("%s user=guest", fixture->target.conninfo);
    Fixture guest = *fixture;
    guest.target.conninfo = conninfo;
    Catalog *catalog = read_all(&guest);
    assert_int_equal(catalog->table_count, 3);
    assert_true(text_starts(catalog->skipped[0], "public.big: "));
    assert_true(text_starts(catalog->skipped[1], "public.customer: "));
    assert_null(catalog->skipped[2]);
    catalog_free(catalog);

    support_sql(fixture->target.conninfo, "ALTER TABLE \"order\" OWNER TO guest");
    CommentChange changes[] = {
        {.schema = "public", .table = "customer", .new_text = "not mine"},
        {.schema = "public", .table = "order", .new_text = "mine"},
    };
    apply_all(&guest, changes, 2);
    assert_int_equal(changes[0].outcome, COMMENT_FAILED);
    assert_true(has_text(changes[0].error, "owner"));
    assert_int_equal(changes[1].outcome, COMMENT_APPLIED);
    free_changes(changes, 2);
    free(conninfo);
}

static void pg_failed_apply_writes_nothing(void **state)
{
    const Fixture *fixture = *state;
    Error err = {0};
    CommentChange change = {.schema = "public", .table = "customer", .new_text = "never"};
    Database *database = opened(fixture);
    assert_false(database_apply(database, &change, 1, deadline_in(0), &err));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    assert_int_equal(change.outcome, COMMENT_PENDING);
    database_close(database);
    assert_comment(fixture, "customer", NULL, NULL);
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

/* --- SQLite ------------------------------------------------------------------------------------------- */

static void sqlite_side_table_comes_and_goes(void **state)
{
    const Fixture *fixture = *state;
    const char *count = "SELECT count(*) FROM sqlite_schema WHERE name = 'amx_comments'";
    describe(fixture, "customer", "email", "text");
    assert_string_equal(support_sqlite_value(fixture->target.path, count), "1");
    Catalog *catalog = read_all(fixture);
    assert_int_equal(catalog_find_table(catalog, NULL, "amx_comments"), -1);
    catalog_free(catalog);
    describe(fixture, "customer", "email", NULL);
    assert_string_equal(support_sqlite_value(fixture->target.path, count), "0");
}

static void sqlite_reads_what_only_it_has(void **state)
{
    Fixture *fixture = *state;
    use_new_database(
        fixture, "CREATE TABLE node (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b INT /* CHECK (no) */,\n"
                 "  parent REFERENCES NODE, code TEXT CHECK(code <> 'CHECK (x)' -- CHECK (never)\n"
                 "  AND length(code) > (1 + 1)), CHECK (a < b), CONSTRAINT \"the \"\"one\" CHECK (a > 0));\n"
                 "CREATE TABLE pair (a TEXT, b TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID;\n"
                 "CREATE TABLE leaf (x TEXT, y TEXT, g AS (x || y), FOREIGN KEY (x, y) REFERENCES pair,\n"
                 "  FOREIGN KEY (x) REFERENCES nowhere);\n"
                 "CREATE VIEW broken AS SELECT * FROM node; CREATE VIRTUAL TABLE words USING fts5(text)");
    run_sql(fixture, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = "
                     "'CREATE VIEW broken AS SELECT * FROM dropped' WHERE name = 'broken'");
    Catalog *catalog = read_all(fixture);
    assert_int_equal(catalog->table_count, 5); /* no shadow tables, no sqlite_sequence */
    const CatalogTable *node = table_of(catalog, "node");
    assert_true(column_of(catalog, "node", "id")->identity);
    assert_int_equal(node->check_count, 3);
    assert_string_equal(node->checks[0].expression,
                        "code <> 'CHECK (x)' -- CHECK (never)\n  AND length(code) > (1 + 1)");
    assert_string_equal(node->checks[1].expression, "a < b");
    assert_string_equal(node->checks[2].name, "the \"one");
    assert_true(column_of(catalog, "pair", "a")->not_null);
    assert_false(column_of(catalog, "pair", "a")->identity);
    assert_true(column_of(catalog, "leaf", "g")->generated);
    assert_int_equal(table_of(catalog, "words")->column_count, 1);
    assert_int_equal(table_of(catalog, "broken")->column_count, 0);
    assert_true(text_starts(catalog->skipped[0], "main.broken: "));
    assert_null(catalog->skipped[1]);
    assert_int_equal(catalog->foreign_key_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const CatalogForeignKey *key = &catalog->foreign_keys[i];
        if (!strcmp(key->to_table, "pair")) {
            assert_string_equal(key->to_columns[0], "b"); /* the primary key's order, not the table's */
            assert_string_equal(key->to_columns[1], "a");
        } else if (!strcmp(key->to_table, "node")) {
            assert_string_equal(catalog->tables[key->target].name, "node");
            assert_string_equal(key->to_columns[0], "id");
        } else {
            assert_int_equal(key->target, -1);
        }
    }
    catalog_free(catalog);
}

static void sqlite_file_must_be_there_and_be_one(void **state)
{
    (void)state;
    const char *folder = support_folder();
    char *missing = text_format("%s/missing.db", folder);
    const char *const paths[] = {missing,
                                 support_file(folder, "text.db",
                                              "this is not a database, it only has the length of one; "
                                              "it goes on for a while, longer than a header of 100 bytes")};
    for (size_t i = 0; i < 2; i++) {
        Error err = {0};
        Database *database = NULL;
        DatabaseTarget target = {.backend = BACKEND_SQLITE, .path = paths[i]};
        assert_false(database_open(&target, deadline_in(PATIENCE_MS), &database, &err));
        assert_int_equal(err.kind, ERROR_CONNECTION);
        assert_true(has_text(err.message, paths[i]));
        assert_true(*err.hint);
        assert_null(database);
    }
    assert_int_not_equal(access(missing, F_OK), 0);
    free(missing);
}

static void sqlite_fingerprint_is_the_real_path(void **state)
{
    const Fixture *fixture = *state;
    Error err = {0};
    const char *folder = support_folder();
    char *link = text_format("%s/link.db", folder), *dotted = text_format("%s/./x/../new.db", folder);
    char *below = text_format("%s/x", folder);
    char *print = NULL, *linked = NULL, *fresh = NULL, *none = NULL;
    assert_int_equal(mkdir(below, 0700), 0);
    assert_int_equal(symlink(fixture->target.path, link), 0);
    assert_true(database_fingerprint(&fixture->target, &print, &err));
    assert_true(
        database_fingerprint(&(DatabaseTarget){.backend = BACKEND_SQLITE, .path = link}, &linked, &err));
    assert_string_equal(print, linked);
    assert_true(
        database_fingerprint(&(DatabaseTarget){.backend = BACKEND_SQLITE, .path = dotted}, &fresh, &err));
    char *expected = text_format("sqlite:%s/new.db", folder);
    assert_string_equal(fresh, expected);
    DatabaseTarget nowhere = {.backend = BACKEND_SQLITE, .path = "/nonexistent/folder/x.db"};
    assert_false(database_fingerprint(&nowhere, &none, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    char *const strings[] = {link, dotted, below, print, linked, fresh, expected};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        free(strings[i]);
    }
}

static void backends_have_names(void **state)
{
    (void)state;
    Backend backend;
    assert_true(backend_parse("sqlite", &backend));
    assert_int_equal(backend, BACKEND_SQLITE);
    assert_true(backend_parse("postgresql", &backend));
    assert_string_equal(backend_name(backend), "postgresql");
    assert_false(backend_parse("oracle", &backend));
}

#define ON_BOTH(test)                                                                                        \
    {#test " (postgresql)", test, set_up_shop, NULL, &postgresql},                                           \
    {                                                                                                        \
#test " (sqlite)", test, set_up_shop, NULL, &sqlite                                                  \
    }
#define ON(fixture, test)                                                                                    \
    {                                                                                                        \
#test, test, set_up_shop, NULL, &fixture                                                             \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(tables_and_views_are_listed_in_order),
        ON_BOTH(columns_tell_what_they_are),
        ON_BOTH(keys_checks_and_references_are_read),
        ON_BOTH(row_estimates_come_from_analyze),
        ON_BOTH(scope_narrows_the_reading),
        ON_BOTH(missing_scope_is_not_found),
        ON_BOTH(empty_database_has_an_empty_catalog),
        ON_BOTH(versions_are_named),
        ON_BOTH(comments_are_written_and_read_back),
        ON_BOTH(second_write_replaces_and_tells_the_old_text),
        ON_BOTH(nothing_and_empty_remove_a_comment),
        ON_BOTH(what_is_gone_is_missing_and_the_rest_is_written),
        ON_BOTH(unexpected_text_is_left_alone),
        ON_BOTH(refused_text_fails_alone),
        ON_BOTH(reading_comments_writes_nothing),
        ON_BOTH(printed_statement_does_what_apply_does),
        ON_BOTH(many_changes_are_written),
        ON(postgresql, pg_reads_what_only_it_has),
        ON(postgresql, pg_says_what_may_not_be_read_and_written),
        ON(postgresql, pg_failed_apply_writes_nothing),
        ON(postgresql, pg_fingerprint_is_resolved_without_user_and_password),
        ON(sqlite, sqlite_side_table_comes_and_goes),
        ON(sqlite, sqlite_reads_what_only_it_has),
        ON(sqlite, sqlite_file_must_be_there_and_be_one),
        ON(sqlite, sqlite_fingerprint_is_the_real_path),
        cmocka_unit_test(backends_have_names),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

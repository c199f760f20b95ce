/* Memory runs out, anywhere: at each allocation of a command in turn, once or for good, in amx or in a
 * library. No command dies of it. It does its work and says what is true, or it fails and says so; what it
 * records is whole and delivered once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_team.h"
#include "faulty.h"
#include "text.h"

typedef struct Scene {
    CliStore store;
    Cli ann;
    char *saved;    /* history.db as each try finds it */
    char *database; /* the documented one, when it is on PostgreSQL */
} Scene;

/* A command, and what must hold after it. */
typedef struct Case {
    const char *words;
    int stride;          /* of the usual run; a prime, so that it meets every kind of caller */
    int last;            /* allocation to try; 0: all */
    bool reads;          /* what it prints is the result: with exit 0 all of it, or a warning */
    const char *counted; /* SQL on history.db: 0 before the command, `done` after it .. */
    const char *done;
    const char *whole;                   /* .. and for whatever a failed one leaves, this one is 0; or NULL */
    void (*restore)(const Scene *scene); /* beside history.db; or NULL */
    void (*mended)(const Scene *scene, const struct Case *one); /* run after some of the tries; or NULL */
} Case;

static int set_up(void **state)
{
    Scene *scene = calloc(1, sizeof *scene);
    scene->store = cli_store_new(false);
    scene->ann = cli_team_person("ann", &scene->store);
    scene->saved = text_format("%s.saved", scene->ann.history);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    Scene *scene = *state;
    free(scene->database);
    free(scene->saved);
    free(scene);
    return 0;
}

/* The store can't be reached, and amx knows it. */
static void cut_off(const Scene *scene)
{
    cli_team_configure(&scene->ann, &scene->store, "host=/nowhere user=tester", 30000);
    cli_ok(&scene->ann, "session new --title before");
}

static void connect(const Scene *scene)
{
    cli_team_configure(&scene->ann, &scene->store, NULL, 30000);
}

static void save(const Scene *scene)
{
    faulty_copy(scene->ann.history, scene->saved);
}

static void restore(const Scene *scene, const Case *one)
{
    char *journal = text_format("%s-journal", scene->ann.history);
    unlink(journal);
    free(journal);
    faulty_copy(scene->saved, scene->ann.history);
    if (one->restore) {
        one->restore(scene);
    }
}

static bool counts(const Scene *scene, const char *sql, const char *expected)
{
    return strcmp(support_sqlite_value(scene->ann.history, sql), expected) == 0;
}

/* A failure is told: in a line of amx's own that is no warning, or as JSON. */
static bool is_told(const SupportRun *run)
{
    for (const char *line = run->err; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "{\"error\"", 8) == 0 ||
            (strncmp(line, "amx: ", 5) == 0 && strncmp(line, "amx: warning", 12) != 0)) {
            return true;
        }
    }
    return false;
}

/* Where two texts part. */
static const char *difference(const char *text, const char *other)
{
    while (*text && *text == *other) {
        text++;
        other++;
    }
    return text;
}

/* libconfuse and the C library's look-up of users do not look at what malloc gives them, and libconfuse's
 * scanner, which flex made, ends the process. Both are called before anything is opened: these deaths are
 * counted apart, and must leave everything as it was. */
static bool died_of_library(const Scene *scene, const Case *one, const FaultyRun *try)
{
    bool known = false;
    for (const char *line = strstr(try->log, "died "); line && !known; line = strstr(line + 1, "died ")) {
        const char *library = line + strcspn(line, "\n") - strlen("libconfuse.so.2");
        known = text_starts(library, "libconfuse.so.2") || text_starts(line, "died getpwuid_r libc.so");
    }
    bool scanner = try->run.exit_code == 2 && strstr(try->run.err, "out of dynamic memory in yy");
    return ((try->run.exit_code >= 128 && known) || scanner) &&
           (one->reads || !counts(scene, one->counted, one->done));
}

/* The loader ends the process itself when it can't give a library that was loaded late (libpq's) its
 * thread-local data. What was to be done is done as a whole by then, or not at all. */
static bool died_of_loader(const Scene *scene, const Case *one, const FaultyRun *try)
{
    if (try->run.exit_code != 127 || !strstr(try->run.err, "thread-local data: ABORT")) {
        return false;
    }
    assert_true(!one->whole || counts(scene, one->whole, "0"));
    cli_team_assert_sound(&scene->ann);
    return true;
}

static void assert_outcome(const Scene *scene, const Case *one, const FaultyRun *try,
                           const SupportRun *healthy, const char *fault)
{
    const SupportRun *run = &try->run;
    bool ok = run->exit_code < 126 && (run->exit_code == 0 || is_told(run));
    if (ok && run->exit_code == 0) {
        /* the status tells why the store is out of reach: libpq did not load */
        ok = one->reads ? strcmp(run->out, healthy->out) == 0 || strstr(run->err, "out of memory") ||
                              strstr(run->out, "Cannot allocate memory")
                        : counts(scene, one->counted, one->done);
    } else if (ok && one->whole) {
        ok = counts(scene, one->whole, "0");
    }
    if (!ok) {
        fail_msg("%s, %s (%s): exit %d\n%s%s", one->words, fault, try->struck, run->exit_code,
                 one->reads ? difference(run->out, healthy->out) : run->out, run->err);
    }
    cli_team_assert_sound(&scene->ann);
}

/* Fails every `stride`th allocation, until the command no longer reaches it; returns how many failures were
 * told. */
static int starve(const Scene *scene, const Case *one, bool for_good)
{
    int told = 0;
    int tries = 0;
    int deaths = 0;
    int stride = faulty_stride(one->stride);
    restore(scene, one);
    const SupportRun healthy = faulty_run(&scene->ann, NULL, "FAULTY_MALLOC=0", one->words).run;
    assert_int_equal(healthy.exit_code, 0);
    assert_true(one->reads || counts(scene, one->counted, one->done));
    for (int n = 1; one->last == 0 || n <= one->last; n += stride) {
        char *fault = text_format("FAULTY_MALLOC=%d%s", n, for_good ? "+" : "");
        restore(scene, one);
        assert_true(one->reads || !counts(scene, one->counted, one->done));
        FaultyRun try = faulty_run(&scene->ann, NULL, fault, one->words);
        if (!*try.struck) {
            assert_int_equal(try.run.exit_code, 0);
            free(fault);
            break;
        }
        if (died_of_library(scene, one, &try) || died_of_loader(scene, one, &try)) {
            deaths++;
        } else {
            assert_outcome(scene, one, &try, &healthy, fault);
            told += try.run.exit_code != 0;
        }
        if (one->mended && tries % 8 == 0) {
            one->mended(scene, one);
        }
        tries++;
        free(fault);
    }
    print_message("%s: %d allocations failed, each %s; %d failures told, %d deaths in libraries\n",
                  one->words, tries, for_good ? "for good" : "once", told, deaths);
    return told;
}

static void starve_both_ways(const Scene *scene, const Case *one)
{
    save(scene);
    starve(scene, one, false); /* one failure may be survived wherever it strikes */
    assert_true(starve(scene, one, true) > 0);
    restore(scene, one);
}

/* ---- with the store out of reach ---- */

static void a_session_is_begun(void **state)
{
    static const Case one = {.words = "session new --title mine",
                             .stride = 503,
                             .counted = "SELECT count(*) FROM sessions WHERE title = 'mine'",
                             .done = "1"};
    cut_off(*state);
    starve_both_ways(*state, &one);
}

static void a_question_is_asked(void **state)
{
    static const Case one = {
        .words = "ask which tables hold a customer",
        .stride = 701,
        .counted = "SELECT count(*) FROM session_turns",
        .done = "2",
        .whole = "SELECT count(*) FROM session_turns WHERE (role = 'user') <> (turn_index = 1)"};
    cut_off(*state);
    starve_both_ways(*state, &one);
}

static void a_run_drafts(void **state)
{
    static const Case one = {
        .words = "run --all --json customer",
        .stride = 701,
        .counted = "SELECT count(*) FROM run_results JOIN runs ON runs.local_id = run_id "
                   "WHERE status = 'ready' AND drafted = 4",
        .done = "4",
        .whole = "SELECT count(*) FROM runs WHERE status = 'ready' AND drafted <> (SELECT "
                 "count(*) FROM run_results WHERE run_id = runs.local_id)"};
    cut_off(*state);
    starve_both_ways(*state, &one);
}

static void a_review_accepts(void **state)
{
    static const Case one = {
        .words = "review 1 --accept low",
        .stride = 503,
        .counted = "SELECT count(*) FROM run_results WHERE evaluation = 'accepted' AND "
                   "chosen_text <> ''",
        .done = "4",
        .whole = "SELECT count(*) FROM run_results WHERE (evaluation IS NULL) <> (chosen_text "
                 "IS NULL)"};
    cut_off(*state);
    cli_team_work(&((Scene *)*state)->ann);
    starve_both_ways(*state, &one);
}

static void a_review_is_read_from_a_file(void **state)
{
    Scene *scene = *state;
    char *decisions = text_format("%s/decisions", scene->ann.home);
    char *words = text_format("review 1 --from %s", decisions);
    const Case one = {
        .words = words,
        .stride = 701,
        .counted = "SELECT count(*) FROM run_results WHERE evaluation = 'accepted'",
        .done = "4",
        .whole = "SELECT count(*) FROM run_results WHERE (evaluation IS NULL) <> (chosen_text IS NULL)"};
    cut_off(scene);
    cli_team_work(&scene->ann);
    support_file(scene->ann.home, "decisions",
                 "{\"result\":1,\"decision\":\"accept\"}\n{\"result\":2,\"decision\":\"accept\"}\n"
                 "{\"result\":3,\"decision\":\"accept\"}\n{\"result\":4,\"decision\":\"accept\"}\n");
    starve_both_ways(scene, &one);
    free(words);
    free(decisions);
}

/* Reading the locale, the account and amx.conf comes first, and has a library that does not live through it.
 */
static void amx_begins(void **state)
{
    static const Case one = {.words = "history list --json", .stride = 17, .last = 800, .reads = true};
    cut_off(*state);
    starve_both_ways(*state, &one);
}

static void lists_are_read(void **state)
{
    static const Case cases[] = {
        {.words = "history list --json", .stride = 503, .reads = true},
        {.words = "history results 1 --json", .stride = 701, .reads = true},
        {.words = "history show 1 --json", .stride = 701, .reads = true},
        {.words = "session show --id 1 --json", .stride = 701, .reads = true},
        {.words = "review 1 --export", .stride = 701, .reads = true},
        {.words = "session list --json", .stride = 701, .reads = true},
        {.words = "db history-store dump-ddl", .stride = 701, .reads = true},
        {.words = "db history-store status --json", .stride = 503, .reads = true},
    };
    const Scene *scene = *state;
    cut_off(scene);
    cli_team_work(&scene->ann);
    cli_ok(&scene->ann, "ask what is customer");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        starve_both_ways(scene, &cases[i]);
    }
}

/* ---- with a PostgreSQL server ---- */

#define TABLES                                                                                               \
    "amx.apply_events, amx.run_results, amx.runs, amx.session_turns, amx.sessions, amx.app_events, "         \
    "amx.origins"

static void save_store(const Scene *scene)
{
    support_sql(
        scene->store.where,
        "CREATE SCHEMA saved; DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE "
        "schemaname = 'amx' LOOP EXECUTE format('CREATE TABLE saved.%I AS TABLE amx.%I', t, t); END LOOP; "
        "END $$");
}

/* Parents first: a foreign key is checked at the end of each statement. */
static void restore_store(const Scene *scene)
{
    support_sql(
        scene->store.where,
        "BEGIN; TRUNCATE " TABLES "; DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY '{origins,runs,"
        "run_results,sessions,session_turns,apply_events,app_events}'::text[] LOOP EXECUTE format('INSERT "
        "INTO amx.%I SELECT * FROM saved.%I', t, t); END LOOP; END $$; COMMIT");
}

/* What a starved one left, a healthy one delivers. */
static void deliver_rest(const Scene *scene, const Case *one)
{
    (void)one;
    cli_team_assert_heals(&scene->ann, &scene->store);
}

static void a_row_is_delivered(void **state)
{
    static const Case one = {.words = "session new --title mine",
                             .stride = 1009,
                             .counted = "SELECT count(*) FROM sessions WHERE title = 'mine'",
                             .done = "1",
                             .restore = restore_store,
                             .mended = deliver_rest};
    const Scene *scene = *state;
    save_store(scene);
    starve_both_ways(scene, &one);
}

static void a_queue_is_flushed(void **state)
{
    static const Case one = {.words = "db history-store flush-pending",
                             .stride = 1009,
                             .counted = "SELECT count(*) = 0 FROM outbox",
                             .done = "1",
                             .restore = restore_store,
                             .mended = deliver_rest};
    const Scene *scene = *state;
    cut_off(scene);
    cli_team_work(&scene->ann);
    connect(scene);
    save_store(scene);
    starve_both_ways(scene, &one);
    cli_team_assert_heals(&scene->ann, &scene->store);
}

/* ---- with a documented database ---- */

static void forget_comments(const Scene *scene)
{
    support_sql(scene->database,
                "COMMENT ON TABLE customer IS NULL; COMMENT ON COLUMN customer.id IS NULL; COMMENT "
                "ON COLUMN customer.name IS NULL; COMMENT ON COLUMN customer.email IS NULL");
}

#define COMMENTS "SELECT count(*) FROM pg_description WHERE objoid = 'customer'::regclass"

/* Run again, it completes what the starved one began, and what it replaced was noted before. */
static void apply_again(const Scene *scene, const Case *one)
{
    bool written = strcmp(support_sql_value(scene->database, COMMENTS), "0") != 0;
    assert_false(written && counts(scene, "SELECT count(*) FROM apply_events", "0"));
    cli_ok(&scene->ann, "%s", one->words);
    assert_string_equal(support_sql_value(scene->database, COMMENTS), "4");
    assert_true(counts(scene, one->counted, one->done));
}

static void texts_are_applied(void **state)
{
    static const Case one = {.words = "apply 1 --yes",
                             .stride = 1009,
                             .counted = "SELECT count(*) FROM run_results WHERE applied_at IS NOT NULL",
                             .done = "4",
                             .restore = forget_comments,
                             .mended = apply_again};
    Scene *scene = *state;
    scene->database = text_format("%s", support_database());
    support_sql(scene->database,
                "CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, email text UNIQUE)");
    cli_configure(&scene->ann, "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n%s",
                  scene->database, "active_db_profile = shop\n");
    cli_ok(&scene->ann, "db history-store disable");
    cli_ok(&scene->ann, "run --all customer");
    cli_ok(&scene->ann, "review 1 --accept low");
    starve_both_ways(scene, &one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        TEST(a_session_is_begun), TEST(a_question_is_asked),          TEST(a_run_drafts),
        TEST(a_review_accepts),   TEST(a_review_is_read_from_a_file), TEST(amx_begins),
        TEST(lists_are_read),     TEST(a_row_is_delivered),           TEST(a_queue_is_flushed),
        TEST(texts_are_applied),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* kill -9, over and over: eight writers and two flushers over four files, while the server is stopped and
 * started and connections are cut. Every one is a real amx of its own, two writers to each history.db, the
 * flushers anywhere, and most of them are killed: at a moment of their usual duration, or at the nth change
 * that is seen in the folder of their file. At the end of each round all is quiet and the server is up: then
 * what anybody was told must be in the file, and the file and the shared schema must hold the same rows.
 *
 * AMX_SOAK_SEED repeats what a seed decided: what each one does next, when it is to be killed, and what
 * happens to server and network after how many commands. It can't repeat how fast processes run beside one
 * another, and so not which rows are there to be worked on, nor whether a command ends before it is killed: a
 * seed that failed once may need a few runs to fail again. AMX_SOAK_KILLS is the number of kills after which
 * the soak ends (100). */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli_team.h"
#include "clock.h"
#include "dice.h"
#include "storm.h"
#include "synced.h"
#include "text.h"

enum {
    HOMES = 4,
    WRITERS = 8,
    FLUSHERS = 2,
    PEOPLE = WRITERS + FLUSHERS,
    COMMANDS = 8, /* of each in a round */
    LOOK_MS = 2,
    STUCK_MS = 90000
};

typedef enum Kind { NEW, ASK, DELETE, RUN, REVIEW, FLUSH, KINDS } Kind;

typedef struct Home {
    Cli cli;
    int watch;
    int64_t changes; /* seen in the folder */
} Home;

typedef struct Person {
    char name[4]; /* login name: w0 .. w7, f0, f1 */
    uint64_t dice;
    int left;    /* commands in this round */
    int numbers; /* titles given so far */
    Home *home;  /* a flusher changes it */
    /* the command that runs */
    Kind kind;
    char title[16];     /* of NEW */
    long long id;       /* of the session or run that it is about */
    CliProcess process; /* pid 0: none */
    int64_t began;
    int64_t due_ms, due_changes; /* when it is to be killed; INT64_MAX: not for this */
    bool killed;
} Person;

typedef struct Figures {
    int kills, commands, rounds;
    int told, untold, unrecorded; /* sessions whose writer was killed */
} Figures;

static struct {
    Storm *storm;
    CliStore store;     /* past the relay */
    const char *ledger; /* what writers were told: a SQLite file of the test */
    int inotify;
    Home homes[HOMES];
    Person people[PEOPLE];
    int64_t usual_ms[KINDS];
    Figures figures;
} soak;

/* ---- SQL, printf ---- */

static const char *ledger(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *ledger(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *statement = text_vformat(format, args);
    va_end(args);
    char *sql = text_format("PRAGMA synchronous = OFF; %s", statement);
    const char *value = support_sqlite_value(soak.ledger, sql);
    free(sql);
    free(statement);
    return value;
}

/* ---- what is told ---- */

static const char ledger_sql[] =
    "CREATE TABLE session(home INTEGER, who TEXT, id INTEGER, title TEXT, turns INTEGER DEFAULT 0,"
    "  state TEXT DEFAULT 'live', PRIMARY KEY(home, id));" /* live, deleted; doubtful: a delete has begun */
    "CREATE TABLE run(home INTEGER, who TEXT, id INTEGER, reviewed INTEGER DEFAULT 0, PRIMARY KEY(home, id));"
    "CREATE TABLE cut(home INTEGER, title TEXT);"; /* sessions whose writer was killed before it told them */

static int home_number(const Person *person)
{
    return (int)(person->home - soak.homes);
}

/* What was printed, when it was printed to its end; else NULL. */
static const char *said(const Person *person)
{
    const char *out = support_read(person->process.out);
    size_t length = strlen(out);
    return length > 2 && strcmp(out + length - 2, "}\n") == 0 ? out : NULL;
}

static void note_what_was_told(const Person *person, const char *out)
{
    int home = home_number(person);
    switch (person->kind) {
    case NEW:
        ledger("INSERT INTO session(home, who, id, title) VALUES (%d, '%s', %lld, '%s')", home, person->name,
               cli_json_number(out, "local_id"), person->title);
        break;
    case ASK:
        ledger("UPDATE session SET turns = %lld WHERE home = %d AND id = %lld", cli_json_number(out, "turn"),
               home, person->id);
        break;
    case DELETE:
        ledger("UPDATE session SET state = 'deleted' WHERE home = %d AND id = %lld", home, person->id);
        break;
    case RUN:
        assert_string_equal(cli_json(out, "drafted"), "4");
        ledger("INSERT INTO run(home, who, id) VALUES (%d, '%s', %lld)", home, person->name,
               cli_json_number(out, "run"));
        break;
    case REVIEW:
        ledger("UPDATE run SET reviewed = 4 WHERE home = %d AND id = %lld", home, person->id);
        break;
    default:
        break;
    }
}

/* ---- people ---- */

/* One of the two latest rows that this writer was told of, which may be on their way at this moment; 0 when
 * there is none. Nobody else touches them. */
static long long pick(const Person *person, const char *table, const char *condition, int chance)
{
    return strtoll(ledger("SELECT id FROM (SELECT id FROM %s WHERE who = '%s' AND %s ORDER BY id DESC LIMIT "
                          "2) ORDER BY id %% 2 = %d LIMIT 1",
                          table, person->name, condition, chance % 2),
                   NULL, 10);
}

static void choose_writing(Person *person, int dice, int chance)
{
    static const Kind kinds[] = {NEW, NEW, ASK, ASK, ASK, DELETE, RUN, RUN, REVIEW, REVIEW};
    person->kind = kinds[dice];
    switch (person->kind) {
    case ASK:
    case DELETE:
        person->id = pick(person, "session", "state = 'live'", chance);
        break;
    case REVIEW:
        person->id = pick(person, "run", "reviewed = 0", chance);
        break;
    default:
        break;
    }
    if (person->id == 0 && person->kind != RUN) {
        person->kind = NEW;
    }
}

static void launch(Person *person)
{
    Cli cli = {.home = person->home->cli.home, .history = person->home->cli.history};
    char *logname = text_format("LOGNAME=%s", person->name);
    cli_set(&cli, person->home->cli.env[0]);
    cli_set(&cli, logname);
    switch (person->kind) {
    case ASK:
        person->process = cli_start(&cli, "ask 'which table holds email' --session %lld --json", person->id);
        break;
    case DELETE:
        ledger("UPDATE session SET state = 'doubtful' WHERE home = %d AND id = %lld", home_number(person),
               person->id);
        person->process = cli_start(&cli, "session delete --id %lld --yes --json", person->id);
        break;
    case RUN:
        person->process = cli_start(&cli, "run --all --json customer");
        break;
    case REVIEW:
        person->process = cli_start(&cli, "review %lld --accept low --json", person->id);
        break;
    case FLUSH:
        person->process = cli_start(&cli, "--timeout 1 db history-store flush-pending --json");
        break;
    default:
        person->process = cli_start(&cli, "session new --title '%s' --json", person->title);
        break;
    }
    free(logname);
    soak.figures.commands++;
}

/* Rolls the same dice whatever came before, so that a seed decides the same for each command. */
static void begin(Person *person)
{
    int what = dice_roll(&person->dice, 10);
    int chance = dice_roll(&person->dice, 1000);
    int where = dice_roll(&person->dice, HOMES);
    int mode = dice_roll(&person->dice, 10);
    int moment = dice_roll(&person->dice, 1000);
    person->id = 0;
    person->killed = false;
    person->left--;
    if (person->name[0] == 'f') {
        person->home = &soak.homes[where];
        person->kind = FLUSH;
    } else {
        snprintf(person->title, sizeof person->title, "%s %d", person->name, ++person->numbers);
        choose_writing(person, what, chance);
    }
    person->began = clock_monotonic_ms();
    person->due_ms = person->due_changes = INT64_MAX;
    if (mode < 4) {
        person->due_ms = person->began + soak.usual_ms[person->kind] * moment / 900;
    } else if (mode < 9) {
        person->due_changes = person->home->changes + 1 + moment % 80;
    }
    launch(person);
}

static void kill_when_due(Person *person)
{
    int64_t now = clock_monotonic_ms();
    if (person->killed) {
        return;
    }
    if (now >= person->due_ms || person->home->changes >= person->due_changes) {
        person->killed = true;
        kill(person->process.pid, SIGKILL);
    } else if (now - person->began > STUCK_MS) {
        fail_msg("%s does not end: %s", person->name, support_read(person->process.err));
    }
}

/* A writer's row is safe whatever the store does: only a flush may fail, for want of a store. */
static void assert_left_well(const Person *person, int code)
{
    static const int flush_codes[] = {0, 1, 3, 4, 5};
    bool fine = code == 0;
    for (size_t i = 0; person->kind == FLUSH && i < sizeof flush_codes / sizeof *flush_codes; i++) {
        fine = fine || code == flush_codes[i];
    }
    const char *err = support_read(person->process.err);
    if (!fine || strstr(err, "Sanitizer") || strstr(err, "runtime error")) {
        fail_msg("%s left with %d: %s", person->name, code, err);
    }
}

static void end(Person *person, int status)
{
    bool by_us = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && person->killed;
    const char *out = said(person);
    person->process.pid = 0;
    if (by_us) {
        soak.figures.kills++;
        soak.figures.told += person->kind == NEW && out;
        if (person->kind == NEW && !out) {
            ledger("INSERT INTO cut VALUES (%d, '%s')", home_number(person), person->title);
        }
    } else {
        int64_t took = clock_monotonic_ms() - person->began;
        assert_left_well(person, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        soak.usual_ms[person->kind] = (3 * soak.usual_ms[person->kind] + took) / 4;
        assert_true(out || person->kind == FLUSH);
    }
    if (out) {
        note_what_was_told(person, out);
    }
}

/* ---- a round ---- */

static void look(void)
{
    char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    struct pollfd file = {.fd = soak.inotify, .events = POLLIN};
    if (poll(&file, 1, LOOK_MS) <= 0) {
        return;
    }
    ssize_t size = read(soak.inotify, buffer, sizeof buffer);
    for (ssize_t at = 0; at < size;) {
        const struct inotify_event *event = (const void *)(buffer + at);
        for (int i = 0; i < HOMES; i++) {
            soak.homes[i].changes += soak.homes[i].watch == event->wd;
        }
        at += (ssize_t)(sizeof *event + event->len);
    }
}

static bool someone_works(void)
{
    bool works = false;
    for (int i = 0; i < PEOPLE; i++) {
        Person *person = &soak.people[i];
        int status;
        if (person->process.pid > 0) {
            kill_when_due(person);
            if (waitpid(person->process.pid, &status, WNOHANG) == person->process.pid) {
                end(person, status);
                storm_count(soak.storm);
            }
        }
        if (person->process.pid == 0 && person->left > 0) {
            begin(person);
        }
        works = works || person->process.pid > 0;
    }
    return works;
}

static void assert_none(const Home *home, const char *what, const char *condition)
{
    const char *count = ledger("ATTACH '%s' AS h; SELECT count(*) FROM %s AS t WHERE home = %d AND (%s)",
                               home->cli.history, what, (int)(home - soak.homes), condition);
    if (strcmp(count, "0") != 0) {
        fail_msg("%s of %s that are not as they were told: %s (%s)", what, home->cli.history, count,
                 condition);
    }
}

static void assert_told_is_there(const Home *home)
{
    assert_none(home, "session",
                "state = 'live' AND NOT EXISTS (SELECT 1 FROM h.sessions s WHERE s.local_id = t.id AND "
                "s.title = t.title AND s.created_by = t.who)");
    assert_none(home, "session",
                "state = 'live' AND turns > (SELECT count(*) FROM h.session_turns u WHERE u.session_id = "
                "t.id AND u.created_by = t.who)");
    assert_none(home, "session",
                "state = 'deleted' AND EXISTS (SELECT 1 FROM h.sessions s WHERE s.local_id = t.id)");
    assert_none(home, "run",
                "NOT EXISTS (SELECT 1 FROM h.runs r WHERE r.local_id = t.id AND r.created_by = t.who AND "
                "r.status = 'ready' AND r.drafted = 4)");
    assert_none(home, "run",
                "reviewed > (SELECT count(*) FROM h.run_results r WHERE r.run_id = t.id AND r.evaluated_at "
                "IS NOT NULL)");
    assert_string_equal(
        support_sqlite_value(home->cli.history, "SELECT count(*) - count(DISTINCT title) FROM sessions"),
        "0");
    assert_string_equal(support_sqlite_value(home->cli.history, "SELECT count(*) FROM sessions WHERE "
                                                                "created_by <> substr(title, 1, 2)"),
                        "0");
    assert_string_equal(support_sqlite_value(home->cli.history, "SELECT count(*) FROM run_results GROUP BY "
                                                                "run_id HAVING count(*) > 4"),
                        "");
}

/* All that was sent was acknowledged as what it is, and nobody took the file for a copy or the store for an
 * older one. */
static void assert_settled(const Home *home)
{
    Text sql = {0};
    text_add(&sql, "SELECT (SELECT count(*) FROM tokens WHERE state = 'acked') > 1");
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        text_addf(&sql,
                  " + (SELECT count(*) FROM %s r LEFT JOIN delivered d ON d.tbl = '%s' AND d.local_id = "
                  "r.local_id WHERE d.row_version IS NOT r.row_version)",
                  synced_tables[i].name, synced_tables[i].name);
    }
    assert_string_equal(support_sqlite_value(home->cli.history, text_string(&sql)), "0");
    assert_string_equal(support_sqlite_value(home->cli.history,
                                             "SELECT group_concat(DISTINCT kind) FROM app_events WHERE "
                                             "kind NOT IN ('enable', 'flush')"),
                        "");
    text_free(&sql);
}

static void count_cut(const Home *home)
{
    const char *found = ledger("ATTACH '%s' AS h; SELECT count(*) FROM cut WHERE home = %d AND title IN "
                               "(SELECT title FROM h.sessions)",
                               home->cli.history, (int)(home - soak.homes));
    int all = atoi(ledger("SELECT count(*) FROM cut WHERE home = %d", (int)(home - soak.homes)));
    soak.figures.untold += atoi(found);
    soak.figures.unrecorded += all - atoi(found);
    ledger("DELETE FROM cut WHERE home = %d", (int)(home - soak.homes));
}

static void check(void)
{
    storm_calm(soak.storm);
    for (int i = 0; i < HOMES; i++) {
        const Home *home = &soak.homes[i];
        cli_team_assert_sound(&home->cli);
        assert_told_is_there(home);
        cli_team_assert_heals(&home->cli, &soak.store);
        assert_settled(home);
        count_cut(home);
    }
    assert_string_equal(support_sql_value(soak.store.where, "SELECT string_agg(what, ' ') FROM soak.broken"),
                        "");
    assert_string_equal(cli_store_value(&soak.store, "SELECT count(*) FROM @origins"), "4");
}

static void play_round(void)
{
    soak.figures.rounds++;
    for (int i = 0; i < PEOPLE; i++) {
        soak.people[i].left = COMMANDS;
    }
    while (someone_works()) {
        storm_tend(soak.storm);
        look();
    }
}

/* ---- the test ---- */

/* The server keeps the books on what must never happen to a shared row. */
static void watch_shared_rows(void)
{
    support_sql(soak.store.where,
                "CREATE SCHEMA soak; CREATE TABLE soak.broken(what text); CREATE TABLE soak.again(what text);"
                "CREATE FUNCTION soak.watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF TG_OP = 'DELETE' THEN INSERT INTO soak.broken VALUES (TG_TABLE_NAME || ' removed'); "
                "ELSIF NEW.row_version <= OLD.row_version THEN "
                "INSERT INTO soak.broken VALUES (TG_TABLE_NAME || ' version fell or was applied twice'); "
                "ELSIF (NEW.origin_id, NEW.local_id, NEW.created_at) IS DISTINCT FROM "
                "(OLD.origin_id, OLD.local_id, OLD.created_at) "
                "OR NEW.deleted_at IS NULL AND (OLD.deleted_at IS NOT NULL OR NEW.created_by <> "
                "OLD.created_by) THEN INSERT INTO soak.broken VALUES (TG_TABLE_NAME || ' is another row'); "
                "END IF; RETURN NULL; END $$");
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        const char *name = synced_tables[i].name;
        char *sql = text_format(
            "CREATE TRIGGER watch AFTER UPDATE OR DELETE ON amx.%s FOR EACH ROW EXECUTE FUNCTION "
            "soak.watch();"
            "CREATE FUNCTION soak.again_%s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF EXISTS (SELECT 1 FROM amx.%s WHERE origin_id = NEW.origin_id AND local_id = NEW.local_id AND "
            "row_version >= NEW.row_version) THEN INSERT INTO soak.again VALUES ('%s'); END IF; "
            "RETURN NEW; END $$;"
            "CREATE TRIGGER again BEFORE INSERT ON amx.%s FOR EACH ROW EXECUTE FUNCTION soak.again_%s()",
            name, name, name, name, name, name);
        support_sql(soak.store.where, sql);
        free(sql);
    }
}

static void move_in(Home *home, int number)
{
    char *name = text_format("p%d", number);
    CliStore through = {false, storm_through(soak.storm)};
    home->cli = cli_team_person(name, &soak.store);
    cli_configure(&home->cli,
                  "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n"
                  "timeouts { deliver_ms = 400\n connect_ms = 400\n busy_ms = 60000 }\n%s",
                  cli_store_conf(&through));
    home->watch = inotify_add_watch(soak.inotify, home->cli.home, IN_MODIFY | IN_CREATE | IN_DELETE);
    assert_true(home->watch >= 0);
    free(name);
}

static int set_up(void **state)
{
    (void)state;
    setenv("ASAN_OPTIONS", "detect_leaks=0", 0);
    soak.storm = storm_start();
    soak.store = (CliStore){false, storm_direct(soak.storm)};
    soak.inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    for (int i = 0; i < HOMES; i++) {
        move_in(&soak.homes[i], i);
    }
    watch_shared_rows();
    soak.ledger = support_file(support_folder(), "ledger.db", "");
    ledger("%s", ledger_sql);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < PEOPLE; i++) {
        if (soak.people[i].process.pid > 0) {
            kill(soak.people[i].process.pid, SIGKILL);
            waitpid(soak.people[i].process.pid, NULL, 0);
        }
    }
    storm_stop(soak.storm);
    close(soak.inotify);
    return 0;
}

static uint64_t seed_of_this_run(void)
{
    const char *given = getenv("AMX_SOAK_SEED");
    uint32_t seed = 0;
    assert_int_equal(getrandom(&seed, sizeof seed, 0), sizeof seed);
    return given ? strtoull(given, NULL, 10) : seed;
}

static void everybody_is_killed_over_and_over(void **state)
{
    (void)state;
    const char *wanted = getenv("AMX_SOAK_KILLS");
    int kills = wanted ? atoi(wanted) : 100;
    uint64_t seed = seed_of_this_run();
    uint64_t dice = seed;
    int64_t began = clock_monotonic_ms();
    print_message("AMX_SOAK_SEED=%" PRIu64 " AMX_SOAK_KILLS=%d\n", seed, kills);
    storm_seed(soak.storm, dice_next(&dice));
    for (int i = 0; i < PEOPLE; i++) {
        Person *person = &soak.people[i];
        bool writes = i < WRITERS;
        snprintf(person->name, sizeof person->name, "%c%d", writes ? 'w' : 'f',
                 (writes ? i : i - WRITERS) % 10);
        person->home = &soak.homes[i % HOMES];
        person->dice = dice_next(&dice);
    }
    for (int i = 0; i < KINDS; i++) {
        soak.usual_ms[i] = 100;
    }
    while (soak.figures.kills < kills) {
        play_round();
        check();
    }
    const Figures *f = &soak.figures;
    StormFigures weather = storm_figures(soak.storm);
    print_message("%d kills of %d commands in %d rounds, %d s; server stopped %d times, %d backends "
                  "terminated, %d connections cut\n",
                  f->kills, f->commands, f->rounds, (int)((clock_monotonic_ms() - began) / 1000),
                  weather.stops, weather.terminated, weather.cut);
    print_message("sessions whose writer was killed: %d told, %d recorded and not told, %d not recorded\n",
                  f->told, f->untold, f->unrecorded);
    print_message("rows sent again that were there: %s\n",
                  support_sql_value(soak.store.where, "SELECT count(*) FROM soak.again"));
    print_message("rows shared: %s\n",
                  cli_store_value(&soak.store, "SELECT (SELECT count(*) FROM @runs) + (SELECT count(*) FROM "
                                               "@run_results) + (SELECT count(*) FROM @sessions) + (SELECT "
                                               "count(*) FROM @session_turns) + (SELECT count(*) FROM "
                                               "@app_events)"));
    assert_true(weather.stops > 0);
    assert_true(f->untold > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everybody_is_killed_over_and_over, set_up, tear_down),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* The screen's worker without a screen: what it does first, what it leaves alone, and what it does last. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "text.h"
#include "worker.h"
#include "workstation.h"

#define DECISIONS 12

/* A workstation with run 1, which has drafts for more objects than DECISIONS. The worker runs in this
 * process: it finds the workstation through the environment. */
static Cli make_home(bool sharing)
{
    Cli ann = workstation_new("");
    char *shop = text_format("%s/shop.db", ann.home);
    for (int i = 0; i < DECISIONS; i++) {
        char *sql = text_format("CREATE TABLE customer_%d (id INTEGER PRIMARY KEY, name TEXT)", i);
        support_sqlite(shop, sql);
        free(sql);
    }
    free(shop);
    setenv("AMX_HOME", ann.home, 1);
    if (sharing) {
        workstation_share(&ann);
    }
    cli_ok(&ann, "run");
    return ann;
}

static Worker *open_worker(void)
{
    Worker *worker = NULL;
    AppOptions options = {0};
    assert_true(worker_open(&options, &worker, NULL));
    return worker;
}

typedef struct Wanted {
    Worker *worker;
    unsigned ticket;
    Outcome outcome;
} Wanted;

static bool is_finished(void *context)
{
    Wanted *wanted = context;
    while (worker_take(wanted->worker, &wanted->outcome)) {
        if (wanted->outcome.ticket == wanted->ticket) {
            return true;
        }
        outcome_free(&wanted->outcome);
    }
    return false;
}

/* The outcome of a job, owned by the caller. */
static Outcome await_outcome(Worker *worker, unsigned ticket)
{
    Wanted wanted = {.worker = worker, .ticket = ticket};
    assert_true(support_wait(is_finished, &wanted));
    return wanted.outcome;
}

static void decisions_are_written_though_the_screen_closes_and_the_store_is_silent(void **state)
{
    (void)state;
    Cli ann = make_home(true);
    int port = 0;
    int server = support_mute_server(&port);
    char *team = text_format("    backend = postgresql\n    conninfo = \"host=127.0.0.1 port=%d dbname=x "
                             "user=x sslmode=disable gssencmode=disable\"\n",
                             port);
    workstation_configure(&ann, team, "");
    free(team);
    Worker *worker = open_worker();
    for (int i = 1; i <= DECISIONS; i++) {
        char line[80];
        snprintf(line, sizeof line, "review 1 --result %d --choose 1", i);
        worker_submit(worker, line, JOB_FOREGROUND);
    }
    worker_submit(worker, "db history-store flush-pending", JOB_FOREGROUND);
    worker_submit(worker, "apply 1 --yes", JOB_FOREGROUND);
    assert_true(worker_close(worker));
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM run_results "
                                                          "WHERE evaluation = 'accepted'"),
                        "12");
    /* nothing of it reached the team, and all of it is on its way there */
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM outbox WHERE "
                                                          "tbl = 'run_results' AND state = 'queued'"),
                        "12");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM apply_events"), "0");
    close(server);
}

static void expect_at_home(const char *line, bool expected)
{
    Args *args = NULL;
    assert_true(command_parse_line(line, &args, NULL));
    if (worker_stays_at_home(args) != expected) {
        fail_msg("\"%s\" asks %s", line, expected ? "elsewhere" : "history.db alone");
    }
    args_free(args);
}

static void lines_that_ask_a_database_or_the_team_are_known(void **state)
{
    (void)state;
    expect_at_home("session list", true);
    expect_at_home("session list --team", false);
    expect_at_home("session show --id 3 --origin x", false);
    expect_at_home("session new", false);
    expect_at_home("history compare 1 2", true);
    expect_at_home("history compare origin/1 2", false);
    expect_at_home("history compare 1 origin/2", false);
    expect_at_home("history choices 1", false);
    expect_at_home("history drafts 1", true);
    expect_at_home("history drafts 1 --today", false);
    expect_at_home("history stats", true);
    expect_at_home("history stats --team", false);
    expect_at_home("db history-store list-pending", true);
    expect_at_home("db history-store status", false);
    expect_at_home("db tables", false);
    expect_at_home("review 1 --accept high", false);
    expect_at_home("review 1 --export", true);
    expect_at_home("apply 1 --dry-run", false);
}

static bool is_settled(void *context)
{
    const Cli *ann = context;
    return text_equal(support_sqlite_value(ann->history, "SELECT status FROM runs WHERE local_id = 1"),
                      "interrupted");
}

static void runs_are_listed_while_another_amx_writes(void **state)
{
    (void)state;
    Cli ann = make_home(false);
    sqlite3 *writer = NULL;
    support_sqlite(ann.history, "UPDATE runs SET status = 'running', ended = NULL; "
                                "INSERT INTO settings(key, value) VALUES ('running.1', '1 gone')");
    assert_int_equal(sqlite3_open(ann.history, &writer), SQLITE_OK);
    assert_int_equal(sqlite3_exec(writer, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    Worker *worker = open_worker();
    Outcome outcome = await_outcome(worker, worker_read(worker, &ann, "history list"));
    assert_true(outcome.done);
    const json_t *row = json_array_get(outcome.report.items, 0);
    assert_string_equal(json_string_value(json_object_get(row, "status")), "running");
    outcome_free(&outcome);
    assert_int_equal(sqlite3_exec(writer, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(writer);
    /* the lane that writes has waited for its turn */
    assert_true(support_wait(is_settled, &ann));
    assert_true(worker_close(worker));
}

static void expect_usage(const char *line, const char *message)
{
    Worker *worker = open_worker();
    Outcome outcome = await_outcome(worker, worker_submit(worker, line, JOB_FOREGROUND));
    assert_false(outcome.done);
    assert_int_equal(outcome.error.kind, ERROR_USAGE);
    assert_non_null(strstr(outcome.error.message, message));
    assert_true(*outcome.error.hint);
    outcome_free(&outcome);
    assert_true(worker_close(worker));
}

static void no_command_reads_the_keyboard_or_another_configuration(void **state)
{
    (void)state;
    make_home(false);
    expect_usage("review 1 --from -", "no standard input");
    expect_usage("ask -", "no standard input");
    expect_usage("-c other.conf history list", "amx.conf");
    expect_usage("session list --config other.conf", "amx.conf");
}

typedef struct Asked {
    Worker *worker;
    char *question;
} Asked;

static bool is_asked(void *context)
{
    Asked *asked = context;
    asked->question = worker_question(asked->worker);
    return asked->question != NULL;
}

/* Waits for the question of a command. */
static void await_question(Worker *worker, const char *part)
{
    Asked asked = {.worker = worker};
    assert_true(support_wait(is_asked, &asked));
    if (!strstr(asked.question, part)) {
        fail_msg("asked is: %s", asked.question);
    }
    free(asked.question);
}

static void what_waits_for_an_answer_shows_no_progress(void **state)
{
    (void)state;
    Cli ann = make_home(false);
    cli_ok(&ann, "review 1 --accept low");
    Worker *worker = open_worker();
    unsigned ticket = worker_submit(worker, "apply 1", JOB_FOREGROUND); /* it reads the database, then asks */
    await_question(worker, "");
    WorkerState states[WORKER_LANES];
    assert_int_equal(worker_states(worker, states), 1);
    assert_int_equal(states[0].ticket, ticket);
    assert_string_equal(states[0].what, "");
    worker_answer(worker, true);
    Outcome outcome = await_outcome(worker, ticket);
    assert_true(outcome.done);
    outcome_free(&outcome);
    assert_true(worker_close(worker));
}

static void a_stop_ends_a_question_that_nobody_answers(void **state)
{
    (void)state;
    Cli ann = make_home(false);
    cli_ok(&ann, "session new --title kept");
    Worker *worker = open_worker();
    unsigned ticket = worker_submit(worker, "session delete --id 1", JOB_FOREGROUND);
    await_question(worker, "Remove session 1");
    worker_stop(worker, ticket);
    Outcome outcome = await_outcome(worker, ticket);
    assert_false(outcome.done);
    outcome_free(&outcome);
    assert_true(worker_close(worker));
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT count(*) FROM sessions WHERE deleted_at IS NULL"), "1");
}

static void two_commands_that_ask_are_answered_one_after_the_other(void **state)
{
    (void)state;
    Cli ann = make_home(false);
    workstation_configure(&ann, "backend = sqlite path = 'team.db'",
                          "llm_profile local { base_url = 'http://127.0.0.1:9/v1' model = llama "
                          "price_input = 10 currency = EUR }\n");
    cli_ok(&ann, "session new --title kept");
    Worker *worker = open_worker();
    unsigned removing = worker_submit(worker, "session delete --id 1", JOB_FOREGROUND);
    await_question(worker, "Remove session 1");
    unsigned drafting = worker_submit(worker, "run --all --drafter llm", JOB_FOREGROUND);
    worker_answer(worker, true);
    Outcome outcome = await_outcome(worker, removing);
    assert_true(outcome.done);
    outcome_free(&outcome);
    await_question(worker, "Let llama");
    worker_answer(worker, false);
    outcome = await_outcome(worker, drafting);
    assert_true(outcome.done); /* a No is no error .. */
    assert_int_equal(outcome.report.exit_code, 2);
    outcome_free(&outcome);
    assert_true(worker_close(worker));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_are_written_though_the_screen_closes_and_the_store_is_silent),
        cmocka_unit_test(lines_that_ask_a_database_or_the_team_are_known),
        cmocka_unit_test(runs_are_listed_while_another_amx_writes),
        cmocka_unit_test(no_command_reads_the_keyboard_or_another_configuration),
        cmocka_unit_test(what_waits_for_an_answer_shows_no_progress),
        cmocka_unit_test(a_stop_ends_a_question_that_nobody_answers),
        cmocka_unit_test(two_commands_that_ask_are_answered_one_after_the_other),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

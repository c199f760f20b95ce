/* What else happens while a question is on its way: to its profile while the database is read, to its
 * session, and to the time that it has. */
#include <jansson.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "ask_llm_prompt.h"
#include "cli.h"
#include "fake_llm.h"
#include "memory.h"
#include "sessions.h"
#include "support.h"
#include "text.h"

#define CITED "\"citations\": [{\"schema\": \"main\", \"table\": \"customer\"}], \"known\": true}"
#define GOOD "{\"answer\": \"It is `customer`.\", " CITED
#define QUESTION "'which table has customers?'"
#define SHOP "CREATE TABLE customer(id INTEGER PRIMARY KEY)"
#define INVENTED "{\"answer\": \"It is `customers_all`.\", " CITED

enum { LARGE = 10 * 1024 * 1024 };

static FakeLlm *fake;

static int start(void **state)
{
    (void)state;
    fake = fake_llm_start();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fake_llm_stop(fake);
    return 0;
}

/* `where`: "conninfo" or "path", and its value. */
static void configure(const Cli *cli, const char *backend, const char *where, const char *value)
{
    cli_configure(cli,
                  "db_profile shop { backend = %s\n %s = \"%s\" }\n"
                  "llm_profile local { base_url = \"%s\" model = llama retries = 1 }\n",
                  backend, where, value, fake_llm_url(fake));
}

static Cli new_ann(void)
{
    Cli ann = cli_new("ann", "%s", "");
    configure(&ann, "sqlite", "path", "shop.db");
    support_sqlite(support_file(ann.home, "shop.db", ""), SHOP);
    return ann;
}

static bool is_waited_for(void *conninfo)
{
    return strcmp(support_sql_value(conninfo, "SELECT count(*) FROM pg_locks WHERE NOT granted"), "0") != 0;
}

/* Waits until somebody waits for a lock of this database. */
static void wait_for_waiting(const char *conninfo)
{
    if (!support_wait(is_waited_for, (void *)(uintptr_t)conninfo)) {
        fail_msg("nobody waits");
    }
}

static void a_profile_that_is_pointed_elsewhere_while_the_catalog_is_read_refuses_the_question(void **state)
{
    (void)state;
    const char *shop = support_database(), *other = support_database();
    Cli ann = cli_new("ann", "%s", "");
    configure(&ann, "postgresql", "conninfo", shop);
    support_sql(shop, "CREATE TABLE customer(id int PRIMARY KEY)");
    PGconn *holder = PQconnectdb(shop);
    PQclear(PQexec(holder, "BEGIN; LOCK TABLE pg_catalog.pg_description"));
    assert_int_equal(PQtransactionStatus(holder), PQTRANS_INTRANS);
    CliProcess process = cli_start(&ann, "ask " QUESTION);
    wait_for_waiting(other);
    configure(&ann, "postgresql", "conninfo", other);
    PQfinish(holder);
    SupportRun run = cli_wait(&process);
    assert_int_equal(run.exit_code, 6);
    cli_shows(run.err, "the question is refused: profile shop was pointed to another database meanwhile");
    assert_string_equal(run.out, "");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM sessions"), "0");
    assert_int_equal(fake_llm_count(fake), 0);
}

/* What happens while the model thinks refuses its answer; it was paid for, so it is shown, with what it cost.
 */
static void expect_too_late(const Cli *ann, void (*meanwhile)(const Cli *ann), int exit_code, const char *why)
{
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.text = GOOD, .held = true});
    CliProcess process = cli_start(ann, "ask " QUESTION);
    fake_llm_wait(fake, 1);
    meanwhile(ann);
    fake_llm_release(fake, 1000);
    SupportRun run = cli_wait(&process);
    assert_int_equal(run.exit_code, exit_code);
    cli_shows(run.err, "the answer is refused: ");
    cli_shows(run.err, why);
    cli_shows(run.out, "It is `customer`.");
    cli_shows(run.err, "not recorded");
    cli_shows(run.err, "fake-model, 12 + 34 tokens");
    configure(ann, "sqlite", "path", "shop.db");
}

static void point_elsewhere(const Cli *ann)
{
    support_sqlite(support_file(ann->home, "other.db", ""), SHOP);
    configure(ann, "sqlite", "path", "other.db");
}

static void remove_profile(const Cli *ann)
{
    cli_configure(ann, "%s", "");
}

static void save_half(const Cli *ann)
{
    cli_configure(ann, "%s", "db_profile shop { backend = sq");
}

static void end_session(const Cli *ann)
{
    cli_ok(ann, "session end 1");
}

static void delete_session(const Cli *ann)
{
    cli_ok(ann, "session delete --yes 1");
}

static void an_answer_that_comes_too_late_is_refused(void **state)
{
    (void)state;
    Cli ann = new_ann();
    expect_too_late(&ann, point_elsewhere, 6, "was pointed to another database");
    expect_too_late(&ann, remove_profile, 6, "profile shop is gone");
    expect_too_late(&ann, save_half, 6, "amx.conf can't be read just now");
    expect_too_late(&ann, end_session, 6, "ended");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT DISTINCT role FROM session_turns"), "user");
}

static void an_answer_whose_session_was_deleted_is_shown(void **state)
{
    (void)state;
    Cli ann = new_ann();
    expect_too_late(&ann, delete_session, 2, "session 1 was deleted meanwhile");
    SupportRun run = cli_ok(&ann, "session list --json");
    assert_int_equal(cli_json_number(run.out, "items.#"), 0);
}

static void keep_here(const Cli *ann)
{
    cli_ok(ann, "session delete --yes 1");
    cli_configure(ann, "db_profile shop { backend = sqlite\n path = shop.db }\n"
                       "history_store { share_sessions = false }\n");
}

static void it_is_shown_also_where_sessions_are_not_shared(void **state)
{
    (void)state;
    Cli ann = new_ann();
    expect_too_late(&ann, keep_here, 2, "session 1 was deleted meanwhile");
}

/* Each of the three requests would have enough time if it had all of it to itself. */
static void all_that_is_asked_has_one_deadline(void **state)
{
    static const FakeLlmReply busy = {
        .kind = FAKE_LLM_BODY, .status = 429, .headers = "Retry-After: 2\r\n", .body = "{}"};
    (void)state;
    Cli ann = new_ann();
    cli_ok(&ann, "ask --model builtin customer");
    fake_llm_then(fake, busy);
    fake_llm_then(fake, (FakeLlmReply){.text = INVENTED});
    fake_llm_then(fake, busy);
    fake_llm_then(fake, (FakeLlmReply){.text = GOOD});
    SupportRun run = cli_ok(&ann, "--timeout 3 ask --json " QUESTION);
    assert_string_equal(cli_json(run.out, "model"), "builtin");
    assert_true(fake_llm_count(fake) <= 3);
}

static void add(Local *local, int64_t id, const SessionBinding *binding, const char *role,
                const char *content, int64_t answers)
{
    const SessionTurn turn = {.role = role,
                              .content = content,
                              .model = text_equal(role, "assistant") ? "llama" : NULL,
                              .answers = answers};
    Error err = {0};
    assert_true(sessions_add_turn(local, id, binding, &turn, &err));
}

/* Two ask in one session at the same moment. */
static void what_was_said_after_a_question_does_not_go_along(void **state)
{
    (void)state;
    const SessionBinding binding = {"shop", "sqlite:/shop"};
    const Identity who = {"ann", "web1", "0.1.0"};
    const LlmProfile profile = {
        .name = "local", .context_tokens = 8000, .max_tokens = 256, .sends = LLM_SENDS_COMMENTS};
    char *history = text_format("%s/history.db", support_folder());
    Local *local = NULL;
    Error err = {0};
    int64_t id = 0, asked = 0;
    AskTurn *turns = NULL;
    size_t count = 0;
    AskLlmPrompt prompt;
    assert_true(local_open(history, LOCAL_WRITE, &who, 1000, &local, &err));
    assert_true(sessions_start(local, &binding, NULL, false, &id, &err));
    add(local, id, &binding, "user", "the first question", 0);
    add(local, id, &binding, "user", "what somebody asks meanwhile", 0);
    add(local, id, &binding, "assistant", "the first answer", 1);
    add(local, id, &binding, "user", "which table?", 0);
    assert_true(sessions_last_turn(local, id, &asked, &err));
    add(local, id, &binding, "user", "what another one asks", 0);
    add(local, id, &binding, "assistant", "what another one is told", 4);
    assert_true(ask_turns_read(local, id, asked, &turns, &count, &err));
    const AskQuestion question = {.local = local,
                                  .fingerprint = binding.fingerprint,
                                  .profile = "shop",
                                  .text = "which table?",
                                  .turns = turns,
                                  .turn_count = count};
    assert_true(ask_llm_prompt_make(&profile, &question, &prompt, &err));
    char *sent = ask_llm_prompt_user(&prompt, NULL);
    cli_shows(sent,
              "\"earlier\":[{\"asked\":\"the first question\"},{\"asked\":\"what somebody asks meanwhile\"},"
              "{\"answers\":\"the first question\",\"cites\":[],\"answered\":\"the first answer\"}]");
    cli_shows(sent, "\"question\":\"which table?\"");
    cli_hides(sent, "another one");
    assert_ptr_equal(strstr(sent, "which table?"), strstr(strstr(sent, "\"question\""), "which table?"));
    free(sent);
    ask_llm_prompt_free(&prompt);
    ask_turns_free(turns, count);
    local_close(local);
    free(history);
}

#define SECRET "hunter2hunter2"

/* Somebody with a shop, who asked before. */
static Cli shopper(void)
{
    Cli ann = cli_new("ann", "%s", "");
    configure(&ann, "sqlite", "path", "shop.db");
    support_sqlite(support_file(ann.home, "shop.db", ""), "CREATE TABLE customer(id INTEGER PRIMARY KEY)");
    cli_ok(&ann, "ask --model builtin customer");
    return ann;
}

/* Asks a model that says the first event of its answer and then waits. */
static CliProcess ask_held(const Cli *cli, const char *question, const char *answer)
{
    fake_llm_then(fake, (FakeLlmReply){.text = answer, .held = true});
    CliProcess process = cli_start(cli, "ask '%s'", question);
    fake_llm_wait(fake, 1);
    return process;
}

static void what_is_redacted_meanwhile_does_not_come_back_with_the_answer(void **state)
{
    static const char repeats[] = "{\"answer\": \"" SECRET " is a `customer`.\", " CITED;
    (void)state;
    Cli ann = shopper();
    CliProcess process = ask_held(&ann, "is " SECRET " a customer?", repeats);
    cli_ok(&ann, "history redact " SECRET " --yes");
    fake_llm_release(fake, 1000);
    SupportRun run = cli_wait(&process);
    assert_int_equal(run.exit_code, 6);
    cli_shows(run.err, "the answer is refused: what was said in session 1 was redacted meanwhile");
    cli_shows(run.err, "12 + 34 tokens");
    cli_hides(run.err, SECRET);
    cli_hides(run.out, SECRET);
    assert_string_equal(support_sqlite_value(
                            ann.history, "SELECT count(*) FROM session_turns WHERE content LIKE '%hunter2%'"),
                        "0");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM session_turns"), "3");
}

/* A secret of an earlier turn may be quoted, too. */
static void nor_does_what_was_said_before_the_question(void **state)
{
    (void)state;
    Cli ann = shopper();
    cli_ok(&ann, "ask --model builtin 'customer " SECRET "'");
    CliProcess process = ask_held(&ann, "which customer?", GOOD);
    cli_ok(&ann, "history redact " SECRET " --yes");
    fake_llm_release(fake, 1000);
    SupportRun run = cli_wait(&process);
    assert_int_equal(run.exit_code, 6);
    assert_string_equal(run.out, "");
}

/* Asks while somebody else has history.db to himself as the statement says. */
static void expect_shown(const char *begin)
{
    Cli ann = shopper();
    sqlite3 *other = NULL;
    cli_configure(&ann,
                  "db_profile shop { backend = sqlite\n path = shop.db }\n"
                  "llm_profile local { base_url = \"%s\" model = llama }\n"
                  "timeouts { busy_ms = 100 }\n",
                  fake_llm_url(fake));
    fake_llm_forget(fake);
    CliProcess process = ask_held(&ann, "which table has customers?", GOOD);
    assert_int_equal(sqlite3_open(ann.history, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, begin, NULL, NULL, NULL), SQLITE_OK);
    fake_llm_release(fake, 1000);
    SupportRun run = cli_wait(&process);
    sqlite3_close(other);
    assert_int_equal(run.exit_code, 1);
    cli_shows(run.out, "It is `customer`.");
    cli_shows(run.err, "this answer is not recorded in session 1");
    cli_shows(run.err, "12 + 34 tokens");
    cli_shows(run.err, "locked");
}

/* Nor, where nobody may read meanwhile, looked up in the catalog. */
static void an_answer_that_can_not_be_kept_is_shown(void **state)
{
    (void)state;
    expect_shown("BEGIN IMMEDIATE");
    expect_shown("BEGIN EXCLUSIVE");
}

/* A server that did answer, with what is no answer, may want to be paid for it. */
static void what_an_answer_took_that_is_none_is_told(void **state)
{
    static const char thought[] = "data: {\"choices\": [{\"delta\": {\"reasoning_content\": \"Hm.\"}, "
                                  "\"finish_reason\": \"length\"}], \"usage\": {\"prompt_tokens\": 100, "
                                  "\"completion_tokens\": 20}}\n\ndata: [DONE]\n\n";
    char *large = memory_zero(LARGE + 1, 1);
    memset(large, 'a', LARGE);
    const FakeLlmReply replies[] = {
        {.kind = FAKE_LLM_CUT, .text = GOOD},
        {.kind = FAKE_LLM_BODY, .type = "text/event-stream", .body = thought},
        {.kind = FAKE_LLM_WHOLE, .text = large},
        {.text = large, .piece = 60000},
        {.kind = FAKE_LLM_BODY, .type = "text/html", .body = "<html>Welcome</html>"},
    };
    (void)state;
    Cli ann = shopper();
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        fake_llm_forget(fake);
        fake_llm_then(fake, replies[i]);
        SupportRun run = cli_ok(&ann, "ask --json 'which table has customers?'");
        cli_shows(run.err, "llama, ");
        assert_true(cli_json_number(run.out, "input_tokens") >= 100);
        assert_true(cli_json_number(run.out, "output_tokens") > 0 || replies[i].body);
        cli_hides(run.err, i == 2 || i == 3 ? "OpenAI-compatible" : "total_ms");
    }
    fake_llm_forget(fake);
    fake_llm_then(fake, replies[1]);
    SupportRun run = cli_ok(&ann, "ask --json 'which table has customers?'");
    assert_int_equal(cli_json_number(run.out, "input_tokens"), 100);
    assert_int_equal(cli_json_number(run.out, "output_tokens"), 20);
    free(large);
}

static void what_a_request_took_that_failed_is_told(void **state)
{
    (void)state;
    Cli ann = shopper();
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_CUT, .text = GOOD});
    SupportRun run = cli_ok(&ann, "ask --json 'which table has customers?'");
    cli_shows(run.err, "llama, about ");
    assert_true(cli_json_number(run.out, "input_tokens") > 100);
    assert_true(cli_json_number(run.out, "output_tokens") > 0);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    run = cli_ok(&ann, "--timeout 1 ask 'which table has customers?'");
    cli_shows(run.err, "llama, about ");
    cli_shows(run.err, "give it longer with --timeout");
    cli_hides(run.err, "total_ms");
    fake_llm_forget(fake);
    CliProcess process = ask_held(&ann, "which table has customers?", GOOD);
    assert_int_equal(kill(process.pid, SIGINT), 0);
    run = cli_wait(&process);
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "llama, about ");
}

static void a_session_that_is_not_there_or_bound_elsewhere_is_refused_for_that(void **state)
{
    (void)state;
    Cli ann = shopper();
    cli_configure(&ann, "%s",
                  "db_profile shop { backend = sqlite\n path = shop.db }\n"
                  "db_profile other { backend = sqlite\n path = other.db }\n"
                  "active_db_profile = shop\n");
    support_sqlite(support_file(ann.home, "other.db", ""), "CREATE TABLE customer(id INTEGER PRIMARY KEY)");
    cli_shows(cli_expect(&ann, 2, "--local-only ask --session 999 customer").err, "there is no session 999");
    cli_shows(cli_expect(&ann, 2, "--local-only session rename --id 999 --title t").err,
              "there is no session 999");
    SupportRun run = cli_expect(&ann, 6, "-p other --local-only ask --session 1 customer");
    cli_shows(run.err, "shop");
    cli_shows(run.err, "other");
    cli_hides(run.err, "may be shared");
    cli_shows(cli_expect(&ann, 6, "--local-only ask --session 1 customer").err, "may be shared");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_profile_that_is_pointed_elsewhere_while_the_catalog_is_read_refuses_the_question),
        TEST(an_answer_that_comes_too_late_is_refused),
        TEST(an_answer_whose_session_was_deleted_is_shown),
        TEST(it_is_shown_also_where_sessions_are_not_shared),
        TEST(all_that_is_asked_has_one_deadline),
        TEST(what_is_redacted_meanwhile_does_not_come_back_with_the_answer),
        TEST(nor_does_what_was_said_before_the_question),
        TEST(an_answer_that_can_not_be_kept_is_shown),
        TEST(what_an_answer_took_that_is_none_is_told),
        TEST(what_a_request_took_that_failed_is_told),
        TEST(a_session_that_is_not_there_or_bound_elsewhere_is_refused_for_that),
        cmocka_unit_test(what_was_said_after_a_question_does_not_go_along),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* Forks, titles and exports of sessions through the real binary, and guard 1 on every path that writes a
 * turn. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_store.h"
#include "memory.h"
#include "text.h"

/* A file that everybody of the team documents: the same database for all of them. */
static const char *shop_file(void)
{
    const char *path = support_file(support_folder(), "shop.db", "");
    support_sqlite(path,
                   "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);"
                   "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer);");
    return path;
}

static void configure(const Cli *cli, const char *shop, const CliStore *store)
{
    cli_configure(cli,
                  "db_profile shop { backend = sqlite\n path = \"%s\" }\n"
                  "db_profile other { backend = sqlite\n path = other.db }\nactive_db_profile = shop\n%s",
                  shop, store ? cli_store_conf(store) : "");
}

static Cli person(const char *name, const char *shop, const CliStore *store)
{
    Cli cli = cli_new(name, "%s", "");
    support_sqlite(support_file(cli.home, "other.db", ""), "CREATE TABLE customer (id INTEGER PRIMARY KEY)");
    support_sqlite(support_file(cli.home, "moved.db", ""), "CREATE TABLE customer (id INTEGER PRIMARY KEY)");
    configure(&cli, shop, store);
    if (store) {
        cli_ok(&cli, "db history-store enable");
    }
    return cli;
}

static const char *turns_of(const Cli *cli, int session)
{
    char *sql = text_format("SELECT count(*) FROM session_turns WHERE session_id = %d", session);
    const char *count = support_sqlite_value(cli->history, sql);
    free(sql);
    return count;
}

static void a_fork_of_a_teammates_session_says_whose_words_they_are(void **state)
{
    (void)state;
    for (int file = 0; file <= 1; file++) {
        const char *shop = shop_file();
        CliStore store = cli_store_new(file);
        Cli ann = person("ann", shop, &store), bob = person("bob", shop, &store);
        cli_ok(&bob, "ask which tables hold an email?");
        const char *origin =
            cli_store_value(&store, "SELECT origin_id FROM @sessions WHERE created_by = 'bob'");

        SupportRun fork = cli_ok(&ann, "session fork --id 1 --origin %s --json", origin);
        assert_string_equal(cli_json(fork.out, "created_by"), "ann");
        assert_string_equal(cli_json(fork.out, "active"), "true");
        char *from = text_format("%s/1", origin);
        assert_string_equal(cli_json(fork.out, "forked_from"), from);
        free(from);
        cli_shows(cli_json(fork.out, "title"), "(fork of 1 by bob@");

        SupportRun shown = cli_ok(&ann, "session show");
        cli_shows(shown.out, "bob@");
        cli_shows(shown.out, "user, copied>");
        cli_shows(shown.out, "builtin) assistant, copied>");
        cli_hides(shown.out, "ann@");
        cli_shows(shown.err, "copied from session");
        cli_ok(&ann, "ask who orders?"); /* goes into the fork, as ann's own */
        const char *turns = cli_ok(&ann, "session show --json").out;
        assert_string_equal(cli_json(turns, "items.#"), "4");
        cli_shows(cli_json(turns, "items.0.copied_from.who"), "bob@");
        assert_string_equal(cli_json(turns, "items.0.created_by"), "ann");
        assert_string_equal(cli_json(turns, "items.1.citations.0.table"), "customer");
        assert_string_equal(cli_json(turns, "items.1.model"), "builtin");
        assert_string_equal(cli_json(turns, "items.2.copied_from"), "null");
        assert_string_equal(turns_of(&bob, 1), "2");
        cli_store_same(&store, &ann);
        cli_store_same(&store, &bob);
    }
}

static void a_fork_of_a_fork_still_names_who_spoke_first(void **state)
{
    (void)state;
    const char *shop = shop_file();
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", shop, &store), bob = person("bob", shop, &store);
    cli_ok(&bob, "ask which tables hold an email?");
    const char *origin = cli_store_value(&store, "SELECT origin_id FROM @sessions WHERE created_by = 'bob'");
    cli_ok(&ann, "session fork --id 1 --origin %s", origin);
    cli_ok(&ann, "session fork");
    const char *turns = cli_ok(&ann, "session show 2 --json").out;
    cli_shows(cli_json(turns, "items.0.copied_from.who"), "bob@");
}

static void a_fork_under_another_profile_is_refused_and_recorded(void **state)
{
    (void)state;
    const char *shop = shop_file();
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", shop, &store), bob = person("bob", shop, &store);
    cli_ok(&bob, "ask which tables hold an email?");
    cli_ok(&ann, "ask who orders?");
    const char *origin = cli_store_value(&store, "SELECT origin_id FROM @sessions WHERE created_by = 'bob'");

    SupportRun refused = cli_expect(&ann, 6, "-p other session fork 1");
    cli_shows(refused.err, "shop");
    cli_shows(refused.err, "other");
    cli_shows(refused.err, "amx -p 'shop' session fork --id 1");
    refused = cli_expect(&ann, 6, "-p other session fork --id 1 --origin %s", origin);
    cli_shows(refused.err, "of bob@");
    cli_shows(refused.err, "session show --id 1 --origin");
    const char *events = cli_ok(&ann, "history events --json").out;
    assert_string_equal(cli_json(events, "items.0.kind"), "refused fork");
    assert_string_equal(cli_json(events, "items.0.detail.origin"), origin);

    configure(&ann, "moved.db", &store); /* the same name, another database */
    refused = cli_expect(&ann, 6, "session fork 1");
    cli_shows(refused.err, "moved.db");
    cli_expect(&ann, 6, "session fork --id 1 --origin %s", origin);
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM sessions"), "1");
}

static void a_session_that_is_gone_is_not_forked(void **state)
{
    (void)state;
    const char *shop = shop_file();
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", shop, &store), bob = person("bob", shop, &store);
    cli_ok(&bob, "ask which tables hold an email?");
    cli_ok(&ann, "ask who orders?");
    const char *origin = cli_store_value(&store, "SELECT origin_id FROM @sessions WHERE created_by = 'bob'");
    cli_ok(&bob, "session delete 1 --yes");
    cli_ok(&ann, "session delete 1 --yes");
    cli_shows(cli_expect(&ann, 2, "session fork --id 1 --origin %s", origin).err, "there is no session 1");
    cli_expect(&ann, 2, "session fork 1");
    cli_expect(&ann, 2, "session fork --origin %s", origin);
}

static void a_copy_of_what_is_private_is_private(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", shop_file(), &store);
    cli_ok(&ann, "--local-only ask which tables hold an email?");
    cli_ok(&ann, "session fork 1");
    cli_ok(&ann, "ask who orders?");
    cli_ok(&ann, "db history-store migrate-from-local");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @sessions"), "0");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @session_turns"), "0");
}

static void two_forks_at_once_are_two_sessions(void **state)
{
    (void)state;
    Cli ann = person("ann", shop_file(), NULL);
    cli_ok(&ann, "ask which tables hold an email?");
    CliProcess first = cli_start(&ann, "session fork 1");
    CliProcess second = cli_start(&ann, "session fork 1");
    assert_int_equal(cli_wait(&first).exit_code, 0);
    assert_int_equal(cli_wait(&second).exit_code, 0);
    assert_string_equal(turns_of(&ann, 2), "2");
    assert_string_equal(turns_of(&ann, 3), "2");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM sessions"), "3");
}

static void a_title_is_changed_here_and_for_the_team(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", shop_file(), &store);
    cli_ok(&ann, "ask which tables hold an email?");
    cli_ok(&ann, "session rename --title 'Where addresses are'");
    assert_string_equal(cli_store_value(&store, "SELECT title FROM @sessions"), "Where addresses are");
    cli_ok(&ann, "session rename 1 --title Again");
    cli_ok(&ann, "ask who orders?"); /* leaves the title alone */
    assert_string_equal(cli_store_value(&store, "SELECT title FROM @sessions"), "Again");
    cli_expect(&ann, 2, "session rename 1");
    cli_shows(cli_expect(&ann, 2, "session rename 1 Again").err, "session rename [N] --title TITLE");
    cli_shows(cli_expect(&ann, 2, "session rename 1 --title '  \t'").err, "blank");
    cli_shows(cli_expect(&ann, 2, "session rename 1 --title ''").err, "blank");
    cli_shows(cli_expect(&ann, 2, "session new --title ' '").err, "blank");
    cli_shows(cli_expect(&ann, 2, "session rename 1 --title \"$(printf 'a\\nb')\"").err, "one line");
    cli_expect(&ann, 2, "session rename 77 --title no");
}

static void an_export_is_the_same_each_time_and_reads_back(void **state)
{
    (void)state;
    const char *shop = shop_file();
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", shop, &store), bob = person("bob", shop, &store);
    cli_ok(&bob, "ask - <%s",
           support_file(bob.home, "question", "which *tables* hold <b>email</b>\xe2\x80\xae |x|\x1b[31m?"));
    const char *origin = cli_store_value(&store, "SELECT origin_id FROM @sessions WHERE created_by = 'bob'");
    const char *said =
        support_sqlite_value(bob.history, "SELECT content FROM session_turns WHERE local_id = 1");

    const char *json = cli_ok(&bob, "session export 1 --json").out;
    assert_string_equal(cli_json(json, "schema"), "amx.session-export/1");
    assert_string_equal(cli_json(json, "turns.0.content"), said);
    assert_string_equal(cli_json(json, "turns.1.model"), "builtin");
    assert_string_equal(cli_json(json, "turns.1.citations.0.table"), "customer");
    assert_string_equal(cli_json(json, "session.created_by"), "bob");
    cli_hides(json, "\x1b");
    cli_hides(json, "\xe2\x80\xae");
    assert_string_equal(cli_ok(&bob, "session export 1 --json").out, json);
    assert_string_equal(cli_ok(&ann, "session export --id 1 --origin %s --json", origin).out, json);

    const char *md = cli_ok(&ann, "session export --id 1 --origin %s --md", origin).out;
    cli_shows(md, "## 1. which \\*tables\\* hold &lt;b&gt;email&lt;/b&gt;");
    cli_shows(md, "Answered by: bob@");
    cli_shows(md, "1. `main.customer`\n");
    cli_hides(md, "\x1b");
    cli_hides(md, "\xe2\x80\xae");
    cli_ok(&ann, "session export --id 1 --origin %s --md -o %s/session.md", origin, ann.home);
    char *path = text_format("%s/session.md", ann.home);
    assert_string_equal(support_read(path), md);
    free(path);
}

static void an_export_names_its_format_and_its_session(void **state)
{
    (void)state;
    Cli ann = person("ann", shop_file(), NULL);
    cli_expect(&ann, 2, "session export 1 --md"); /* nothing was recorded yet */
    cli_ok(&ann, "ask which tables hold an email?");
    cli_shows(cli_expect(&ann, 2, "session export").err, "--md or --json");
    cli_expect(&ann, 2, "session export --md --json");
    cli_expect(&ann, 2, "session export 77 --md");
    cli_expect(&ann, 1, "session export --md -o /nowhere/at/all.md");
}

/* ---- guard 1, path by path: ask, piped standard input, fork, and other processes ---- */

static void every_path_refuses_another_databases_session(void **state)
{
    static const char *const paths[] = {"ask --session 1 who orders?", "ask --session 1 - <question",
                                        "session resume 1", "session fork 1"};
    (void)state;
    const char *shop = shop_file();
    Cli ann = person("ann", shop, NULL);
    support_file(ann.home, "question", "who orders?\n");
    cli_ok(&ann, "ask which tables hold an email?");
    const char *before =
        support_sqlite_value(ann.history, "SELECT count(*) || max(row_version) FROM session_turns");
    for (int round = 0; round < 3; round++) {
        if (round == 1) {
            configure(&ann, "moved.db", NULL); /* re-pointed */
        } else if (round == 2) {
            cli_configure(&ann, "db_profile other { backend = sqlite\n path = other.db }\n"); /* removed */
        }
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
            char *line =
                text_format("cd '%s' && \"$AMX\" %s%s", ann.home, round == 0 ? "-p other " : "", paths[i]);
            SupportRun run = support_shell(ann.env, line);
            if (run.exit_code != 6) {
                fail_msg("%s: exit %d\n%s", line, run.exit_code, run.err);
            }
            cli_shows(run.err, "session show --id 1");
            free(line);
        }
    }
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT count(*) || max(row_version) FROM session_turns"), before);
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM sessions"), "1");
}

static void a_way_out_does_not_lead_through_a_profile_that_is_gone(void **state)
{
    static const char *const lines[] = {"ask --session 1 who orders?", "ask --session 1 --show-prompt who?",
                                        "session resume 1", "session fork 1"};
    (void)state;
    Cli ann = person("ann", shop_file(), NULL);
    cli_ok(&ann, "ask which tables hold an email?");
    cli_configure(&ann, "db_profile other { backend = sqlite\n path = other.db }\n");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *err = cli_expect(&ann, 6, "%s", lines[i]).err;
        cli_shows(err, "amx.conf has no profile shop any more");
        cli_shows(err, "amx session show --id 1");
        cli_hides(err, "db use");
        cli_hides(err, "-p 'shop'");
    }
}

static void a_number_that_is_out_of_range_names_nothing(void **state)
{
    static const char *const lines[] = {
        "session show --id 99999999999999999999",  "session show 99999999999999999999",
        "ask --session 99999999999999999999 who?", "history drafts 99999999999999999999",
        "history compare 1 99999999999999999999",  "review 1 --result 1,99999999999999999999 --choose 1"};
    (void)state;
    Cli ann = person("ann", shop_file(), NULL);
    cli_ok(&ann, "run --all");
    cli_ok(&ann, "ask which tables hold an email?");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *err = cli_expect(&ann, 2, "%s", lines[i]).err;
        cli_shows(err, "99999999999999999999");
        cli_hides(err, "9223372036854775807");
    }
}

static const char *answered(const Cli *cli)
{
    return support_sqlite_value(cli->history,
                                "SELECT count(*) FROM session_turns WHERE content LIKE 'who orders%'");
}

static bool was_read(void *context)
{
    int waiting = 0;
    return ioctl(*(int *)context, FIONREAD, &waiting) == 0 && waiting == 0;
}

/* Starts a question on standard input, and comes back when amx waits for the rest of it. */
static CliProcess start_typing(const Cli *cli, const char *words, int *typing)
{
    char *path = text_format("%s/typed", cli->home);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    CliProcess process = cli_start(cli, "%s - <'%s'", words, path);
    *typing = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(*typing >= 0);
    assert_int_equal(write(*typing, "who ", 4), 4);
    assert_true(support_wait(was_read, typing));
    free(path);
    return process;
}

static SupportRun end_typing(const CliProcess *process, int typing)
{
    assert_int_equal(write(typing, "orders?\n", 8), 8);
    close(typing);
    return cli_wait(process);
}

static void a_session_that_is_ended_or_deleted_while_a_question_is_typed_takes_no_turn(void **state)
{
    (void)state;
    Cli ann = person("ann", shop_file(), NULL);
    cli_ok(&ann, "ask which tables hold an email?");
    int typing = -1;
    CliProcess process = start_typing(&ann, "ask --session 1", &typing);
    cli_ok(&ann, "session end 1");
    SupportRun run = end_typing(&process, typing);
    assert_int_equal(run.exit_code, 6);
    cli_shows(run.err, "was ended");
    cli_ok(&ann, "session resume 1");
    process = start_typing(&ann, "ask --session 1", &typing);
    cli_ok(&ann, "session delete 1 --yes");
    run = end_typing(&process, typing);
    assert_int_equal(run.exit_code, 2);
    cli_shows(run.err, "there is no session 1");
    assert_string_equal(answered(&ann), "0");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM sessions"), "0");
}

static void a_profile_repointed_while_a_question_is_typed_mixes_nothing(void **state)
{
    static const char *const paths[] = {"ask", "ask --session 1"};
    (void)state;
    const char *shop = shop_file();
    Cli ann = person("ann", shop, NULL);
    cli_ok(&ann, "ask which tables hold an email?");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int typing = -1;
        configure(&ann, shop, NULL);
        CliProcess process = start_typing(&ann, paths[i], &typing);
        configure(&ann, "moved.db", NULL);
        SupportRun run = end_typing(&process, typing);
        assert_int_equal(run.exit_code, 6);
        cli_shows(run.err, "the question is refused: profile shop was pointed to another database");
        assert_string_equal(answered(&ann), "0");
        assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM sessions"), "1");
    }
}

static void sharing_that_is_switched_off_while_a_question_is_typed_holds(void **state)
{
    (void)state;
    const char *shop = shop_file();
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", shop, &store);
    int typing = -1;
    CliProcess process = start_typing(&ann, "ask", &typing);
    char *conf = memory_string(cli_store_conf(&store));
    char *end = strrchr(conf, '}');
    assert_non_null(end);
    *end = '\0';
    cli_configure(&ann,
                  "db_profile shop { backend = sqlite\n path = \"%s\" }\n"
                  "active_db_profile = shop\n%s share_sessions = false }\n",
                  shop, conf);
    assert_int_equal(end_typing(&process, typing).exit_code, 0);
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @sessions"), "0");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @session_turns"), "0");
    free(conf);
}

static void two_who_ask_in_one_session_get_the_numbers_of_their_own_turns(void **state)
{
    (void)state;
    Cli ann = person("ann", shop_file(), NULL);
    cli_ok(&ann, "ask which tables hold an email?");
    support_sqlite(ann.history, "UPDATE session_turns SET turn_index = 7 WHERE turn_index = 2");
    SupportRun run = cli_ok(&ann, "ask who orders? --json");
    assert_string_equal(cli_json(run.out, "turn"), "9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fork_of_a_teammates_session_says_whose_words_they_are),
        cmocka_unit_test(a_fork_of_a_fork_still_names_who_spoke_first),
        cmocka_unit_test(a_fork_under_another_profile_is_refused_and_recorded),
        cmocka_unit_test(a_session_that_is_gone_is_not_forked),
        cmocka_unit_test(a_copy_of_what_is_private_is_private),
        cmocka_unit_test(two_forks_at_once_are_two_sessions),
        cmocka_unit_test(a_title_is_changed_here_and_for_the_team),
        cmocka_unit_test(an_export_is_the_same_each_time_and_reads_back),
        cmocka_unit_test(an_export_names_its_format_and_its_session),
        cmocka_unit_test(every_path_refuses_another_databases_session),
        cmocka_unit_test(a_way_out_does_not_lead_through_a_profile_that_is_gone),
        cmocka_unit_test(a_number_that_is_out_of_range_names_nothing),
        cmocka_unit_test(a_session_that_is_ended_or_deleted_while_a_question_is_typed_takes_no_turn),
        cmocka_unit_test(a_profile_repointed_while_a_question_is_typed_mixes_nothing),
        cmocka_unit_test(sharing_that_is_switched_off_while_a_question_is_typed_holds),
        cmocka_unit_test(two_who_ask_in_one_session_get_the_numbers_of_their_own_turns),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

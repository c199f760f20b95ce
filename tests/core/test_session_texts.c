/* How sessions read: their titles, which answer belongs to which question, which are private, and the
 * document that an export is. */
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "markdown.h"
#include "text.h"

static Cli person(const char *name, const CliStore *store)
{
    Cli cli = cli_new(name, "%s", "");
    support_sqlite(support_file(cli.home, "shop.db", ""),
                   "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);"
                   "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer);");
    cli_configure(&cli, "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n%s",
                  store ? cli_store_conf(store) : "");
    if (store) {
        cli_ok(&cli, "db history-store enable");
    }
    return cli;
}

static const char *title_of(const Cli *cli, int session)
{
    char *sql = text_format("SELECT title FROM sessions WHERE local_id = %d", session);
    const char *title = support_sqlite_value(cli->history, sql);
    free(sql);
    return title;
}

/* ---- titles ---- */

static void a_question_without_a_word_gives_no_title(void **state)
{
    (void)state;
    Cli ann = person("ann", NULL);
    cli_ok(&ann, "ask '?'");
    cli_shows(cli_ok(&ann, "session list").out, "untitled");
    cli_shows(cli_ok(&ann, "session export --md").out, "# untitled\n");
    cli_ok(&ann, "ask '42!'");
    assert_string_equal(title_of(&ann, 1), "");
    cli_ok(&ann, "ask 'wo ist \xd0\xb6?'");
    cli_ok(&ann, "ask who orders?");
    assert_string_equal(title_of(&ann, 1), "wo ist \xd0\xb6?");
}

static void a_fork_of_a_fork_keeps_the_first_title_and_one_mark(void **state)
{
    (void)state;
    Cli ann = person("ann", NULL);
    cli_ok(&ann, "session new --title 'Mine (fork of nothing)'");
    cli_ok(&ann, "session fork 1");
    cli_shows(title_of(&ann, 2), "Mine (fork of nothing) (fork of 1 by ann@");
    cli_ok(&ann, "session fork 2");
    cli_shows(title_of(&ann, 3), "Mine (fork of nothing) (fork of 2 by ann@");
    cli_hides(title_of(&ann, 3), "fork of 1");
    cli_ok(&ann, "session rename 3 --title Other");
    cli_ok(&ann, "session fork 3");
    cli_shows(title_of(&ann, 4), "Other (fork of 3 by ann@");
}

/* ---- what answers what ---- */

/* Two asked at once: the second question came before the answer to the first. */
static void mix_up(const Cli *cli)
{
    cli_ok(cli, "ask who orders?");
    cli_ok(cli, "ask describe customer");
    support_sqlite(
        cli->history,
        "CREATE TEMP TABLE was AS SELECT * FROM session_turns;"
        "UPDATE session_turns SET (role, content, citations, model) = (SELECT role, content, citations, "
        "model FROM was WHERE turn_index = CASE session_turns.turn_index WHEN 1 THEN 3 WHEN 2 THEN 1 "
        "WHEN 3 THEN 2 ELSE 4 END);"
        "UPDATE session_turns SET answers = CASE turn_index WHEN 3 THEN 2 WHEN 4 THEN 1 END");
}

static void an_answer_names_its_question_where_two_ask_in_one_session(void **state)
{
    (void)state;
    Cli ann = person("ann", NULL);
    cli_ok(&ann, "ask who orders?");
    const char *turns = cli_ok(&ann, "session show --json").out;
    assert_string_equal(cli_json(turns, "items.1.answers"), "1");
    assert_string_equal(cli_json(turns, "items.0.answers"), "null");
    cli_hides(cli_ok(&ann, "session show").out, "to: ");
    cli_ok(&ann, "session delete --yes");

    mix_up(&ann); /* describe, who, the answer of who, the answer of describe */
    const char *shown = cli_ok(&ann, "session show").out;
    cli_shows(shown, "    to: describe customer\n");
    cli_hides(shown, "to: who orders");
    const char *md = cli_ok(&ann, "session export --md").out;
    const char *first = strstr(md, "## 1. describe customer"), *second = strstr(md, "## 2. who orders?");
    assert_true(first && second && first < second);
    assert_true(strstr(first, "email (TEXT)") && strstr(first, "email (TEXT)") < second);

    cli_ok(&ann, "session fork"); /* is numbered anew, and says the same */
    turns = cli_ok(&ann, "session show --json").out;
    assert_string_equal(cli_json(turns, "items.2.answers"), "2");
    assert_string_equal(cli_json(turns, "items.3.answers"), "1");
    support_sqlite(ann.history, "UPDATE session_turns SET answers = NULL");
    cli_hides(cli_ok(&ann, "session show 2").out, "to: "); /* of an amx that did not say it */
}

/* ---- private ones ---- */

static void private_sessions_are_marked(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "ask who orders?");
    assert_string_equal(cli_json(cli_ok(&ann, "--local-only session new --json").out, "private"), "true");
    const char *list = cli_ok(&ann, "session list --json").out;
    assert_string_equal(cli_json(list, "items.0.private"), "true");
    assert_string_equal(cli_json(list, "items.0.state"), "*p");
    assert_string_equal(cli_json(list, "items.1.private"), "false");
    cli_shows(cli_ok(&ann, "session list").out, " 2  *p  shop");
    cli_shows(cli_ok(&ann, "session show 2").err, "private: it stays on this machine");
    cli_hides(cli_ok(&ann, "session show 1").err, "private");
    assert_string_equal(cli_json(cli_ok(&ann, "session list --team --json").out, "items.0.private"), "false");
    cli_shows(cli_ok(&ann, "session export 2 --md").out, "- Shared: no, private\n");
}

/* ---- the document ---- */

static void assert_prose(const char *text, const char *wanted)
{
    Text out = {0};
    markdown_add_prose(&out, text);
    assert_string_equal(text_string(&out), wanted);
    text_free(&out);
}

static void prose_keeps_paragraphs_lines_and_lists(void **state)
{
    (void)state;
    assert_prose("one\ntwo\r\n\n\nthree", "one\\\ntwo\n\nthree\n");
    assert_prose("two tables:\n    [1] a\n    [2] b", "two tables:\n\n- \\[1\\] a\n- \\[2\\] b\n");
    assert_prose("[1] a\n    [2] b\nend", "- \\[1\\] a\n    - \\[2\\] b\n\nend\n");
    assert_prose("1. first\n2. second", "1. first\n2. second\n");
    assert_prose("in `sales.customer` and `x y`", "in `sales.customer` and \\`x y\\`\n");
    assert_prose("", "\n");
}

static void prose_means_nothing_that_was_not_meant(void **state)
{
    (void)state;
    assert_prose("# no heading\n<b>no</b>\n> no quote",
                 "\\# no heading\\\n&lt;b&gt;no&lt;/b&gt;\\\n&gt; no quote\n");
    assert_prose("```\ncode\n```", "\\`\\`\\`\\\ncode\\\n\\`\\`\\`\n");
    assert_prose("text\n===\n+ x", "text\\\n\\===\\\n\\+ x\n");
    assert_prose("[a](http://b)", "\\[a\\](http://b)\n");
    assert_prose("- - -\n- 1. x", "- \\- -\n- 1\\. x\n");
    assert_prose("1234567890. x", "1234567890\\. x\n");
    assert_prose("\\`a`", "\\\\`a`\n");
}

static void an_export_is_a_document_to_be_read(void **state)
{
    (void)state;
    Cli ann = person("ann", NULL);
    cli_ok(&ann, "ask 'describe customer'");
    cli_ok(&ann, "ask - <%s", support_file(ann.home, "question", "who orders?\n# and <i>what</i>\n"));
    support_sqlite(ann.history,
                   "UPDATE session_turns SET created_at = '2026-11-22T21:50:43.123Z', client_version = '1.2',"
                   "hostname = 'web1', created_by = 'ann'");
    support_sqlite(
        ann.history,
        "INSERT INTO session_turns(session_id, turn_index, role, content) VALUES (1, 5, 'user', 'and?')");
    const char *md = cli_ok(&ann, "session export --md").out;
    assert_true(text_starts(md, "# describe customer\n\n- Session: 1\n- Profile: shop (sqlite:"));
    cli_shows(md, "\n- Shared: where sharing is on\n\n## 1. describe customer\n\n"
                  "Asked by: ann@web1, 2026-11-22 21:50:43 UTC, amx 1.2\n\n"
                  "Answered by: ann@web1, 2026-11-22 21:50:43 UTC, amx 1.2, model builtin\n\n"
                  "- \\[1\\] customer");
    cli_shows(md, "\nCites:\n\n1. `main.customer`\n2. `main.customer.id`\n");
    cli_shows(md, "## 2. who orders? ..\n");
    cli_shows(md, "\n> who orders?\\\n> \\# and &lt;i&gt;what&lt;/i&gt;\n");
    cli_shows(md, "## 3. and?\n");
    cli_shows(md, "\nNo answer was recorded.\n");
    cli_hides(md, "<br>");
    assert_string_equal(cli_ok(&ann, "session export --md").out, md);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_without_a_word_gives_no_title),
        cmocka_unit_test(a_fork_of_a_fork_keeps_the_first_title_and_one_mark),
        cmocka_unit_test(an_answer_names_its_question_where_two_ask_in_one_session),
        cmocka_unit_test(private_sessions_are_marked),
        cmocka_unit_test(prose_keeps_paragraphs_lines_and_lists),
        cmocka_unit_test(prose_means_nothing_that_was_not_meant),
        cmocka_unit_test(an_export_is_a_document_to_be_read),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

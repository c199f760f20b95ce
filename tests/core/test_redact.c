/* history redact: a pasted secret is gone from one's own rows, here and in the shared schema, and from nobody
 * else's. */
#include <stdlib.h>
#include <string.h>

#include "cli_team.h"
#include "redact.h"
#include "support_internal.h"
#include "synced.h"
#include "text.h"

#define SECRET "Tr0ub4dor&3"

/* ---- texts ---- */

static void assert_redacts(char *(*redact)(const char *, const char *), const char *text, const char *secret,
                           const char *wanted)
{
    char *redacted = redact(text, secret);
    if (wanted) {
        assert_non_null(redacted);
        assert_string_equal(redacted, wanted);
    } else {
        assert_null(redacted);
    }
    free(redacted);
}

static void a_text_loses_every_occurrence_and_nothing_else(void **state)
{
    (void)state;
    assert_redacts(redact_text, "a secret, secret!", "secret", "a [redacted], [redacted]!");
    assert_redacts(redact_text, "a Secret", "secret", NULL);
    assert_redacts(redact_text, "100 and 1000", "100%", NULL);
    assert_redacts(redact_text, "secre", "secret", NULL);
}

static void json_is_redacted_inside_its_strings_and_stays_json(void **state)
{
    (void)state;
    assert_redacts(redact_json_text, "{\"a\":[\"x \\\"q\\\\y\\\" z\"],\"n\":0.8}", "\"q\\y\"",
                   "{\"a\":[\"x [redacted] z\"],\"n\":0.8}");
    assert_redacts(redact_json_text, "[\"\\u0073ecret\"]", "secret", "[\"[redacted]\"]");
    assert_redacts(redact_json_text, "{\"my secret\":1}", "secret", "{\"my [redacted]\":1}");
    assert_redacts(redact_json_text, "[\"a\",\"b\"]", "a\",\"b", NULL);
    assert_redacts(redact_json_text, "[5551234567,true,null]", "5551234567", "[\"[redacted]\",true,null]");
    assert_redacts(redact_json_text, "{\"n\":5551234567.0,\"m\":5.551234567e9}", "5551234567",
                   "{\"n\":\"[redacted]\",\"m\":\"[redacted]\"}");
    assert_redacts(redact_json_text, "{\"n\":4111111111111111.0}", "4111111111111111",
                   "{\"n\":\"[redacted]\"}");
    assert_redacts(redact_json_text, "[4.111111111111111e15,2.5]", "4111111111111111",
                   "[\"[redacted]\",2.5]");
    assert_redacts(redact_json_text, "[1,41111111.11111111,0.1]", "41111111.11111111",
                   "[1,\"[redacted]\",0.1]");
    assert_redacts(redact_json_text, "[411111111.1e-1,\"-\\\"7\"]", "411111111.1e",
                   "[\"[redacted]\",\"-\\\"7\"]");
    assert_redacts(redact_json_text, "[555,0.25]", "5551234567", NULL);
    assert_redacts(redact_json_text, "no json, a secret", "secret", "no json, a [redacted]");
}

static char *echo(const char *text, const char *secret)
{
    return redact_echo(text, secret, "[{\"schema\":\"main\",\"table\":\"Customer\"}]");
}

static void an_answer_loses_the_lines_that_repeat_parts_of_it(void **state)
{
    (void)state;
    assert_redacts(echo, "[1] customer\nNothing fits: hunter, 2, xyz.", "Hunter2xYz",
                   "[1] customer\n[redacted]");
    assert_redacts(echo, "Nothing fits: ab, cd, ef.", "AbCd-Ef", "[redacted]");
    assert_redacts(echo, "Nothing fits: hunter.\n", "my-hunter-77", "[redacted]\n");
    assert_redacts(echo, "[1] customer\n[2] email", "Hunter2", NULL);
    assert_redacts(echo, "[1] customer\nnothing fits: horse", "customer horse", "[1] customer\n[redacted]");
}

static void no_piece_of_it_is_left_however_a_question_is_split_into_words(void **state)
{
    static const struct {
        const char *secret;
        const char *answer;
        const char *left; /* NULL: all of it */
    } cases[] = {
        {"customerS3cr3t", "[1] customer (table)\nNothing in profile shop fits: invoice, s3cr3t.",
         "[1] customer (table)\n[redacted]"},
        {"custmerPass9", "custmer .. pass, 9", "[redacted]"},
        {"x-Y9-z!q", "Nothing fits: x, z, y, 9.", "[redacted]"},
        {"DBPin", "Nothing fits: db, pin.", "[redacted]"},
        {"PinX7", "Nothing fits: pin, 7.", "[redacted]"},
        {"Gr\303\234n\303\204pfel", "fits: gr\303\274n, \303\244pfel", "[redacted]"},
        {"customerS3cr3t", "[1] customer (table): no description yet", NULL},
        {"thisIsNot1", "[1] customer (table): hers", NULL},
        {"x-Y9-z!q", "Nothing fits: z.", NULL},
        {"hunter2", "2 columns of hr.staff:\n    [1] id", NULL},
        {"hunter2", "2 columns of hr.staff:\nNothing fits: hunter, 2.", "2 columns of hr.staff:\n[redacted]"},
        {"hunter2secret", "[1] secret_vault (table)", NULL},
        {"hunter2secret", "[1] secret_vault (table)\nNothing fits: hunter.",
         "[1] secret_vault (table)\n[redacted]"},
        {"bobs-table-1", "1 table of bob:", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_redacts(echo, cases[i].answer, cases[i].secret, cases[i].left);
    }
}

static void the_answer_to_a_question_with_it_holds_no_piece_of_it_in_any_store(void **state)
{
    (void)state;
    for (int file = 0; file <= 1; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store);
        cli_ok(&ann, "ask 'where is the invoice? the password is customerS3cr3t'");
        cli_ok(&ann, "ask 'and the warehouse of custmerPass9?'");
        cli_ok(&ann, "history redact - --yes <%s", support_file(ann.home, "secret", "customerS3cr3t"));
        cli_ok(&ann, "history redact - --yes <%s", support_file(ann.home, "other", "custmerPass9"));
        const char *said =
            support_sqlite_value(ann.history, "SELECT lower(group_concat(content)) FROM session_turns");
        cli_hides(said, "s3cr3t");
        cli_hides(said, "custmer");
        cli_store_same(&store, &ann);
    }
}

static void an_answer_keeps_the_lines_that_do_not_hold_it(void **state)
{
    (void)state;
    Cli ann = cli_team_newcomer("ann");
    cli_configure(&ann, "db_profile shop { backend = sqlite\n path = shop.db }\n");
    cli_ok(&ann, "ask 'columns of customer hunter3'");
    const char *before =
        support_sqlite_value(ann.history, "SELECT content FROM session_turns WHERE turn_index = 2");
    cli_shows(before, "3 columns of customer:");
    cli_ok(&ann, "history redact hunter3 --yes");
    const char *after =
        support_sqlite_value(ann.history, "SELECT content FROM session_turns WHERE turn_index = 2");
    cli_shows(after, "3 columns of customer:");
    cli_hides(after, "hunter");
}

static void a_later_answer_loses_only_lines_that_quote_it(void **state)
{
    (void)state;
    assert_redacts(redact_quote, "the horse table\nfor Correct horse, \"battery\"", "correct-horse battery",
                   "the horse table\n[redacted]");
    assert_redacts(redact_quote, "the battery of a horse", "correct horse battery", NULL);
}

static void a_later_answer_that_shares_a_word_is_left_alone(void **state)
{
    (void)state;
    Cli ann = cli_team_newcomer("ann");
    cli_configure(&ann, "db_profile shop { backend = sqlite\n path = shop.db }\n");
    cli_ok(&ann, "ask 'is correct-customer-battery an email?'");
    cli_ok(&ann, "ask 'describe customer'");
    const char *later =
        support_sqlite_value(ann.history, "SELECT content FROM session_turns WHERE turn_index = 4");
    cli_ok(&ann, "history redact 'correct-customer-battery' --yes");
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT content FROM session_turns WHERE turn_index = 4"), later);
    cli_hides(support_sqlite_value(ann.history, "SELECT content FROM session_turns WHERE turn_index = 2"),
              "battery");
}

static void a_number_in_json_is_redacted_and_counted_at_teammates(void **state)
{
    (void)state;
    for (int file = 0; file <= 1; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store), bob = cli_team_person("bob", &store);
        const char *note = "INSERT INTO app_events(kind, status, detail) VALUES ('note', 'ok', "
                           "'{\"phone\":5551234567}')";
        support_sqlite(ann.history, note);
        support_sqlite(bob.history, note);
        cli_ok(&ann, "db history-store flush-pending");
        cli_ok(&bob, "db history-store flush-pending");
        SupportRun run = cli_ok(&ann, "history redact 5551234567 --yes --json");
        assert_string_equal(cli_json(run.out, "app_events"), "1");
        assert_string_equal(cli_json(run.out, "teammates"), "1");
        assert_string_equal(
            support_sqlite_value(ann.history, "SELECT detail FROM app_events WHERE kind = 'note'"),
            "{\"phone\":\"[redacted]\"}");
        cli_store_same(&store, &ann);
    }
}

static void teammates_who_show_it_in_visible_characters_are_counted(void **state)
{
    (void)state;
    for (int file = 0; file <= 1; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store), bob = cli_team_person("bob", &store);
        char *visible = text_visible("tab\tsecret\nline");
        char *sql = text_format("INSERT INTO sessions(db_profile, fingerprint, title, started, last_active) "
                                "VALUES ('p', 'f', 'not %s', '2026-01-01T00:00:00.000Z', "
                                "'2026-01-01T00:00:00.000Z'), ('p', 'f', %s || ' %s', "
                                "'2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')",
                                visible, "'tab' || char(9) || 'secret' || char(10) || 'line'", visible);
        support_sqlite(bob.history, sql);
        cli_ok(&bob, "db history-store flush-pending");
        SupportRun run = cli_ok(&ann, "history redact - --yes --json <%s",
                                support_file(ann.home, "secret", "tab\tsecret\nline"));
        assert_string_equal(cli_json(run.out, "teammates"), "2");
        free(sql);
        free(visible);
    }
}

static void a_title_that_was_cut_within_it_is_redacted_too(void **state)
{
    (void)state;
    Cli ann = cli_team_newcomer("ann");
    cli_configure(&ann, "db_profile shop { backend = sqlite\n path = shop.db }\n");
    /* of 200 characters the last six are the first of the secret */
    cli_ok(&ann, "ask \"$(printf '%%193s' '' | tr ' ' x) Tr0ub4dor-hunter and email?\"");
    cli_ok(&ann, "session fork 1");
    cli_shows(support_sqlite_value(ann.history, "SELECT title FROM sessions WHERE local_id = 2"),
              "x Tr0ub4 (fork of 1");
    cli_ok(&ann, "history redact 'Tr0ub4dor-hunter' --yes");
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT count(*) FROM sessions WHERE title LIKE '%Tr0%'"), "0");
    cli_shows(support_sqlite_value(ann.history, "SELECT title FROM sessions WHERE local_id = 2"),
              "x [redac (fork of 1");
}

static void a_question_takes_its_answers_words_along(void **state)
{
    (void)state;
    Cli ann = cli_team_newcomer("ann");
    cli_configure(&ann, "db_profile shop { backend = sqlite\n path = shop.db }\n");
    cli_ok(&ann, "ask 'is Tr0ub4dor-hunter an email?'");
    cli_shows(support_sqlite_value(ann.history, "SELECT content FROM session_turns WHERE turn_index = 2"),
              "hunter");
    SupportRun run = cli_ok(&ann, "history redact 'Tr0ub4dor-hunter' --yes --json");
    assert_string_equal(cli_json(run.out, "session_turns"), "2");
    const char *answer =
        support_sqlite_value(ann.history, "SELECT content FROM session_turns WHERE turn_index = 2");
    cli_hides(answer, "hunter");
    cli_shows(answer, "email");
}

/* ---- rows ---- */

/* Counts the rows of all synced tables in which any column holds the text, as `value` finds them. */
static int holding(const CliStore *store, const Cli *cli, const char *text)
{
    int count = 0;
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        const SyncedTable *table = &synced_tables[t];
        Text sql = {0};
        text_addf(&sql, "SELECT count(*) FROM %s%s WHERE 1 = 0", store ? "@" : "", table->name);
        for (size_t i = 0; i < table->column_count; i++) {
            text_addf(&sql, " OR replace(CAST(%s AS text), '%s', '') <> CAST(%s AS text)",
                      table->columns[i].name, text, table->columns[i].name);
        }
        count += atoi(store ? cli_store_value(store, text_string(&sql))
                            : support_sqlite_value(cli->history, text_string(&sql)));
        text_free(&sql);
    }
    return count;
}

/* The secret wherever a person can put it, and where an error would. */
static void paste_everywhere(const Cli *cli)
{
    cli_ok(cli, "ask 'is " SECRET " an email?'");
    cli_ok(cli, "session new --title 'about " SECRET "'");
    cli_ok(cli, "run --all customer");
    cli_ok(cli, "review 1 --result 1 --text 'The password is " SECRET ".'");
    cli_ok(cli, "apply 1 --yes");
    support_sqlite(cli->history,
                   "UPDATE runs SET error = 'password=" SECRET "';"
                   "UPDATE run_results SET alternatives = '[\"so " SECRET "\"]', base_text = '" SECRET "', "
                   "evidence = '[\"" SECRET "\"]', apply_error = '" SECRET "' WHERE local_id = 2;"
                   "UPDATE session_turns SET citations = '[{\"schema\":\"" SECRET "\"}]' WHERE local_id = 2;"
                   "UPDATE apply_events SET old_text = '" SECRET "', error = '" SECRET "';"
                   "INSERT INTO app_events(kind, status, detail) VALUES ('note', 'ok', '{\"of\":\"" SECRET
                   "\"}')");
    cli_ok(cli, "db history-store flush-pending");
}

/* A secret with all that JSON escapes; in a text of SQL, in JSON, and on standard input. */
#define ODD_SQL "'od\"d\\s' || char(10) || 'ecret'"
#define ODD_JSON "od\\\"d\\\\s\\necret"
#define ODD "od\"d\\s\necret"

static void redact_escaped(bool file)
{
    CliStore store = cli_store_new(file);
    Cli ann = cli_team_person("ann", &store);
    cli_ok(&ann, "ask which tables hold an email?");
    cli_ok(&ann, "run --all customer");
    support_sqlite(ann.history,
                   "UPDATE run_results SET alternatives = json_array('so ' || " ODD_SQL "), evidence = "
                   "json_array(" ODD_SQL "), base_text = 'so ' || " ODD_SQL " WHERE local_id = 2;"
                   "UPDATE session_turns SET citations = json_array(json_object('schema', " ODD_SQL ")) "
                   "WHERE local_id = 2;"
                   "UPDATE session_turns SET content = " ODD_SQL " WHERE local_id = 1;"
                   "INSERT INTO app_events(kind, status, detail) VALUES "
                   "('note', 'ok', json_object('of', " ODD_SQL ", " ODD_SQL ", 1))");
    cli_ok(&ann, "db history-store flush-pending");
    assert_int_equal(holding(&store, NULL, ODD_JSON), 3);
    assert_int_equal(holding(&store, NULL, ODD), 2);

    SupportRun run =
        cli_ok(&ann, "history redact - --yes --json <%s", support_file(ann.home, "secret", ODD "\n"));
    assert_int_equal(cli_json_number(run.out, "rows"), 4);
    assert_int_equal(cli_json_number(run.out, "delivered"), 4);
    assert_int_equal(holding(NULL, &ann, ODD_JSON) + holding(NULL, &ann, ODD), 0);
    assert_int_equal(holding(&store, NULL, ODD_JSON) + holding(&store, NULL, ODD), 0);
    assert_int_equal(holding(&store, NULL, "[redacted]"), 4);
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT alternatives FROM run_results WHERE local_id = 2"),
        "[\"so [redacted]\"]");
    cli_store_same(&store, &ann);
}

static void a_secret_that_json_escapes_is_gone_from_every_row(void **state)
{
    (void)state;
    redact_escaped(false);
    redact_escaped(true);
}

static void every_later_answer_loses_the_words_of_the_question(void **state)
{
    (void)state;
    Cli ann = cli_team_newcomer("ann");
    cli_configure(&ann, "db_profile shop { backend = sqlite\n path = shop.db }\n");
    cli_ok(&ann, "ask 'is Tr0ub4dor-hunter an email?'");
    /* another amx asked in between, and was answered first */
    support_sqlite(ann.history,
                   "INSERT INTO session_turns(session_id, turn_index, role, content) VALUES "
                   "(1, 3, 'user', 'who orders?'), (1, 4, 'assistant', 'customer');"
                   "UPDATE session_turns SET turn_index = turn_index + 10 WHERE turn_index = 2;"
                   "UPDATE session_turns SET turn_index = turn_index - 1 WHERE turn_index IN (3, 4);");
    cli_ok(&ann, "history redact 'Tr0ub4dor-hunter' --yes");
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT count(*) FROM session_turns WHERE content LIKE '%hunter%'"),
        "0");
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT content FROM session_turns WHERE turn_index = 3"),
        "customer");
}

static void redact_both(bool file)
{
    CliStore store = cli_store_new(file);
    Cli ann = cli_team_person("ann", &store);
    paste_everywhere(&ann);
    int rows = holding(NULL, &ann, SECRET);
    assert_int_equal(holding(&store, NULL, SECRET), rows);
    assert_true(rows >= 8);
    const char *attributed = "SELECT group_concat(local_id || created_by || hostname || created_at || "
                             "client_version) FROM session_turns";
    const char *before = support_sqlite_value(ann.history, attributed);
    const char *version =
        support_sqlite_value(ann.history, "SELECT row_version FROM session_turns WHERE local_id = 1");

    SupportRun run = cli_ok(&ann, "history redact '" SECRET "' --yes --json");
    assert_int_equal(cli_json_number(run.out, "rows"), rows);
    assert_int_equal(cli_json_number(run.out, "delivered"), rows);
    assert_int_equal(cli_json_number(run.out, "waiting"), 0);
    assert_int_equal(cli_json_number(run.out, "teammates"), 0);
    cli_hides(run.out, SECRET);
    cli_hides(run.err, SECRET);
    assert_int_equal(holding(NULL, &ann, SECRET), 0);
    assert_int_equal(holding(&store, NULL, SECRET), 0);
    assert_int_equal(holding(&store, NULL, "[redacted]"), rows);
    assert_string_equal(support_sqlite_value(ann.history, attributed), before);
    assert_string_not_equal(
        support_sqlite_value(ann.history, "SELECT row_version FROM session_turns WHERE local_id = 1"),
        version);
    cli_store_same(&store, &ann);
    cli_team_assert_sound(&ann);

    const char *event = cli_ok(&ann, "history events --json").out;
    assert_string_equal(cli_json(event, "items.0.kind"), "redact");
    assert_int_equal(cli_json_number(event, "items.0.detail.rows"), rows);
    run = cli_ok(&ann, "history redact '" SECRET "' --yes --json"); /* nothing is left */
    assert_int_equal(cli_json_number(run.out, "rows"), 0);
}

static void a_secret_is_gone_from_a_postgresql_store(void **state)
{
    (void)state;
    redact_both(false);
}

static void a_secret_is_gone_from_a_store_in_a_file(void **state)
{
    (void)state;
    redact_both(true);
}

static void the_file_itself_holds_nothing_of_it(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", "%s", "db_profile shop { backend = sqlite\n path = shop.db }\n");
    support_sqlite(support_file(ann.home, "shop.db", ""),
                   "CREATE TABLE \"Tr0ub4dor&3\" (id INTEGER PRIMARY KEY, word TEXT DEFAULT '" SECRET "')");
    char *typed = text_format("%s/command_lines", ann.home);
    support_file(ann.home, "command_lines", "ask is " SECRET " right?\nhistory list\n");
    cli_ok(&ann, "ask 'is " SECRET " a table?'"); /* the catalog that is kept holds it now */
    support_sqlite(ann.history, "INSERT INTO settings VALUES ('sharing.last_error', 'no " SECRET "')");
    SupportRun run =
        cli_ok(&ann, "history redact - --yes --json <%s", support_file(ann.home, "secret", SECRET "\n"));
    assert_string_equal(cli_json(run.out, "catalogs"), "1");
    assert_string_equal(cli_json(run.out, "lines"), "1");
    assert_string_equal(cli_json(run.out, "errors"), "1");
    assert_string_equal(support_read(typed), "ask is [redacted] right?\nhistory list\n");
    assert_string_equal(
        support_shell(ann.env, "cat \"$AMX_HOME\"/history.db* | grep -c -a -i 'Tr0ub4dor'").out, "0\n");
    cli_ok(&ann, "ask is there a table?"); /* the catalog is read anew */
    free(typed);
}

static void typed_lines_that_quote_it_are_dropped(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", "%s", "db_profile shop { backend = sqlite\n path = shop.db }\n");
    char *typed = text_format("%s/command_lines", ann.home);
    support_file(
        ann.home, "command_lines",
        "ask 'it'\\''sX'\nhistory list\nask \"it'sX\" now\nask it\\'sX\nask 'it\nask \"it'\"sX 'no end\n"
        "ask it s X\n");
    SupportRun run =
        cli_ok(&ann, "history redact - --yes --json <%s", support_file(ann.home, "secret", "it'sX"));
    assert_string_equal(cli_json(run.out, "lines"), "4");
    assert_string_equal(support_read(typed), "history list\nask \"[redacted]\" now\nask 'it\nask it s X\n");
    free(typed);
}

static void an_error_that_shows_it_in_visible_characters_is_redacted(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", "%s", "db_profile shop { backend = sqlite\n path = shop.db }\n");
    cli_ok(&ann, "session new");
    char *visible = text_visible("tab\tsecret\nline");
    char *sql = text_format("INSERT INTO settings VALUES ('sharing.last_error', 'no %s');"
                            "INSERT INTO outbox(store_id, tbl, local_id, position, seq, op, queued_at, "
                            "last_error) VALUES ('s', 'runs', 1, 1, 1, 'u', '', 'not %s');"
                            "UPDATE sessions SET title = 'of %s'",
                            visible, visible, visible);
    support_sqlite(ann.history, sql);
    SupportRun run = cli_ok(&ann, "history redact - --yes --json <%s",
                            support_file(ann.home, "secret", "tab\tsecret\nline"));
    assert_string_equal(cli_json(run.out, "errors"), "2");
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT value FROM settings WHERE key = 'sharing.last_error'"),
        "no [redacted]");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT last_error FROM outbox"), "not [redacted]");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT title FROM sessions"), "of [redacted]");
    free(sql);
    free(visible);
}

static void an_earlier_store_that_holds_it_is_named(void **state)
{
    (void)state;
    for (int file = 0; file <= 1; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store);
        cli_ok(&ann, "session new --title '" SECRET "'");
        cli_configure(&ann,
                      "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n"
                      "db_profile team2 { backend = sqlite\n path = team2.db }\n%s",
                      cli_store_conf(&store));
        cli_ok(&ann, "db history-store enable --profile team2");
        SupportRun run = cli_ok(&ann, "history redact '" SECRET "' --yes --json");
        assert_string_equal(cli_json(run.out, "rows"), "1");
        assert_string_equal(cli_json(run.out, "elsewhere"), "1");
        cli_shows(run.err, "holds it in 1 row");
        cli_shows(run.err, "enable --profile 'team' --schema 'amx'");
        assert_int_equal(holding(&store, NULL, SECRET), 1);
        cli_ok(&ann, "db history-store flush-pending");
        cli_ok(&ann, "db history-store enable --profile 'team' --schema 'amx'");
        cli_ok(&ann, "db history-store flush-pending");
        assert_int_equal(holding(&store, NULL, SECRET), 0);
    }
}

static void a_store_that_was_switched_off_is_named(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_ok(&ann, "session new --title '" SECRET "'");
    cli_ok(&ann, "db history-store disable");
    SupportRun run = cli_ok(&ann, "history redact '" SECRET "' --yes --json");
    assert_int_equal(holding(&store, NULL, SECRET), 1);
    assert_int_equal(cli_json_number(run.out, "here"), 0);
    cli_ok(&ann, "db history-store enable");
    cli_ok(&ann, "db history-store flush-pending");
    assert_int_equal(holding(&store, NULL, SECRET), 0);
}

static void teammates_keep_their_rows_and_are_counted(void **state)
{
    (void)state;
    for (int file = 0; file <= 1; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store), bob = cli_team_person("bob", &store);
        cli_ok(&ann, "session new --title 'my \"5%%_\\ word'");
        cli_ok(&bob, "session new --title 'my \"5%%_\\ word'");
        cli_ok(&bob, "session new --title 'my \"5xy\\ word'");
        cli_ok(&bob, "session new --title 'MY \"5%%_\\ WORD'");
        SupportRun run = cli_ok(&ann, "history redact '\"5%%_\\ word' --yes --json");
        assert_string_equal(cli_json(run.out, "rows"), "1");
        assert_string_equal(cli_json(run.out, "teammates"), "1");
        cli_shows(run.err, "1 row of teammates");
        assert_string_equal(
            cli_store_value(&store, "SELECT title FROM @sessions WHERE created_by = 'bob' AND local_id = 1"),
            "my \"5%_\\ word");
        assert_string_equal(cli_store_value(&store, "SELECT title FROM @sessions WHERE created_by = 'ann'"),
                            "my [redacted]");
        assert_int_equal(cli_queued(&bob), 0);
        cli_store_same(&store, &bob);
    }
}

static void a_store_out_of_reach_gets_it_later_and_that_is_told(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_ok(&ann, "session new --title '" SECRET "'");
    cli_team_configure(&ann, &store, "/nowhere/store.db", 30000);
    SupportRun run = cli_ok(&ann, "history redact '" SECRET "' --yes --json");
    assert_string_equal(cli_json(run.out, "waiting"), "1");
    assert_string_equal(cli_json(run.out, "teammates"), "null");
    cli_shows(run.err, "the shared store holds it until");
    assert_int_equal(holding(&store, NULL, SECRET), 1);
    cli_team_configure(&ann, &store, NULL, 30000);
    cli_ok(&ann, "db history-store flush-pending");
    assert_int_equal(holding(&store, NULL, SECRET), 0);
}

static void what_is_private_is_redacted_and_stays_private(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_ok(&ann, "--local-only session new --title '" SECRET "'");
    SupportRun run = cli_ok(&ann, "history redact '" SECRET "' --yes --json");
    assert_string_equal(cli_json(run.out, "here"), "1");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @sessions"), "0");
}

static void a_run_is_resumed_though_its_scope_holds_it(void **state)
{
    (void)state;
    Cli ann = cli_team_newcomer("ann");
    cli_configure(&ann, "db_profile shop { backend = sqlite\n path = shop.db }\n");
    cli_ok(&ann, "run customer.email --all");
    support_sqlite(ann.history, "UPDATE runs SET status = 'interrupted'");
    cli_ok(&ann, "history redact customer --yes");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT scope FROM runs"), "customer.email");
    cli_ok(&ann, "run --resume 1 --all");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT status FROM runs"), "ready");
}

static void nothing_is_redacted_by_mistake(void **state)
{
    (void)state;
    Cli ann = cli_team_newcomer("ann");
    cli_configure(&ann, "db_profile shop { backend = sqlite\n path = shop.db }\n");
    cli_ok(&ann, "session new --title '" SECRET "'");
    cli_shows(cli_expect(&ann, 2, "history redact '" SECRET "'").err, "--yes");
    cli_shows(cli_expect(&ann, 2, "history redact Tr0 --yes").err, "fewer than 4 characters");
    cli_expect(&ann, 2, "history redact '\xc3\xa4\xc3\xb6\xc3\xbc' --yes"); /* three characters */
    cli_expect(&ann, 2, "history redact redacted --yes");
    cli_expect(&ann, 2, "history redact '' --yes");
    cli_expect(&ann, 6, "--read-only history redact '" SECRET "' --yes");
    assert_int_equal(holding(NULL, &ann, SECRET), 1);
    /* names by which rows are found stay */
    cli_ok(&ann, "history redact shop --yes");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT db_profile FROM sessions"), "shop");
    cli_ok(&ann, "session resume 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_loses_every_occurrence_and_nothing_else),
        cmocka_unit_test(json_is_redacted_inside_its_strings_and_stays_json),
        cmocka_unit_test(an_answer_loses_the_lines_that_repeat_parts_of_it),
        cmocka_unit_test(no_piece_of_it_is_left_however_a_question_is_split_into_words),
        cmocka_unit_test(the_answer_to_a_question_with_it_holds_no_piece_of_it_in_any_store),
        cmocka_unit_test(an_answer_keeps_the_lines_that_do_not_hold_it),
        cmocka_unit_test(a_later_answer_loses_only_lines_that_quote_it),
        cmocka_unit_test(a_later_answer_that_shares_a_word_is_left_alone),
        cmocka_unit_test(a_number_in_json_is_redacted_and_counted_at_teammates),
        cmocka_unit_test(teammates_who_show_it_in_visible_characters_are_counted),
        cmocka_unit_test(a_title_that_was_cut_within_it_is_redacted_too),
        cmocka_unit_test(a_question_takes_its_answers_words_along),
        cmocka_unit_test(a_secret_is_gone_from_a_postgresql_store),
        cmocka_unit_test(a_secret_is_gone_from_a_store_in_a_file),
        cmocka_unit_test(a_secret_that_json_escapes_is_gone_from_every_row),
        cmocka_unit_test(every_later_answer_loses_the_words_of_the_question),
        cmocka_unit_test(typed_lines_that_quote_it_are_dropped),
        cmocka_unit_test(an_error_that_shows_it_in_visible_characters_is_redacted),
        cmocka_unit_test(an_earlier_store_that_holds_it_is_named),
        cmocka_unit_test(a_store_that_was_switched_off_is_named),
        cmocka_unit_test(the_file_itself_holds_nothing_of_it),
        cmocka_unit_test(teammates_keep_their_rows_and_are_counted),
        cmocka_unit_test(a_store_out_of_reach_gets_it_later_and_that_is_told),
        cmocka_unit_test(what_is_private_is_redacted_and_stays_private),
        cmocka_unit_test(a_run_is_resumed_though_its_scope_holds_it),
        cmocka_unit_test(nothing_is_redacted_by_mistake),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

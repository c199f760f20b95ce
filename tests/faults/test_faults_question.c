/* A question gets Yes only from somebody who has seen it: at end of input, without a terminal, and for what
 * was typed before it appeared, the answer is No and nothing is changed. */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include "cli_team.h"
#include "clock.h"
#include "text.h"

#define PATIENCE_MS 20000
#define END_OF_INPUT "\x04"

/* Commands that ask, and what says whether they did it. */
static const struct {
    const char *words;
    const char *sql; /* true when it is done */
} commands[] = {
    {"apply 1", "SELECT count(*) > 0 FROM run_results WHERE applied_at IS NOT NULL"},
    {"session delete --id 1", "SELECT count(*) = 0 FROM sessions"},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static Cli somebody(void)
{
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_ok(&ann, "session new --title first");
    cli_team_work(&ann);
    cli_ok(&ann, "review 1 --accept low");
    return ann;
}

static void assert_done(const Cli *cli, size_t command, const char *done)
{
    assert_string_equal(support_sqlite_value(cli->history, commands[command].sql), done);
}

/* ---- a terminal of its own ---- */

typedef struct Conversation {
    int terminal;
    pid_t pid;
    Text said;
    int code; /* -1: it has not ended */
} Conversation;

/* The keys are in the terminal before amx starts. */
static Conversation start(const Cli *cli, const char *words, const char *typed_ahead)
{
    Conversation talk = {.code = -1};
    int slave;
    char *script = text_format("exec \"%s\" %s", AMX_BINARY, words);
    assert_int_equal(openpty(&talk.terminal, &slave, NULL, NULL, NULL), 0);
    fcntl(talk.terminal, F_SETFD, FD_CLOEXEC);
    assert_int_equal(write(talk.terminal, typed_ahead, strlen(typed_ahead)), strlen(typed_ahead));
    talk.pid = fork();
    if (talk.pid == 0) {
        login_tty(slave);
        for (const char *const *assignment = cli->env; *assignment; assignment++) {
            putenv((char *)(uintptr_t)*assignment);
        }
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    assert_true(talk.pid > 0);
    close(slave);
    free(script);
    return talk;
}

/* Takes what is printed within a moment. */
static void hear(Conversation *talk)
{
    struct pollfd file = {.fd = talk->terminal, .events = POLLIN};
    char piece[1024];
    int status;
    if (poll(&file, 1, 20) > 0) {
        ssize_t size = read(talk->terminal, piece, sizeof piece);
        text_add_n(&talk->said, piece, size > 0 ? (size_t)size : 0);
    }
    if (waitpid(talk->pid, &status, WNOHANG) == talk->pid) {
        talk->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

static void end(Conversation *talk)
{
    if (talk->code < 0) {
        kill(talk->pid, SIGKILL);
        waitpid(talk->pid, NULL, 0);
    }
    close(talk->terminal);
    text_free(&talk->said);
}

/* Waits for the question, and answers until amx ends: what is typed while the question is only appearing does
 * not count either. Returns the exit code. */
static int answer(Conversation *talk, const char *keys)
{
    Deadline deadline = deadline_in(PATIENCE_MS);
    bool asked = false;
    while (talk->code < 0 && deadline_left(deadline) > 0) {
        hear(talk);
        asked = asked || strstr(text_string(&talk->said), "[y/N]");
        if (asked && talk->code < 0) {
            assert_int_equal(write(talk->terminal, keys, strlen(keys)), strlen(keys));
        }
    }
    int code = talk->code;
    if (!asked || code < 0) {
        char *said = text_format("%s", text_string(&talk->said));
        end(talk);
        fail_msg("asked: %d, exit code %d: %s", asked, code, said);
    }
    end(talk);
    return code;
}

static int converse(const Cli *cli, size_t command, const char *typed_ahead, const char *keys)
{
    Conversation talk = start(cli, commands[command].words, typed_ahead);
    return answer(&talk, keys);
}

/* ---- tests ---- */

static void without_a_terminal_nobody_can_say_yes(void **state)
{
    (void)state;
    Cli ann = somebody();
    for (size_t i = 0; i < COMMANDS; i++) {
        SupportRun run = cli_expect(&ann, 2, "%s", commands[i].words);
        cli_shows(run.err, "--yes");
        char *piped = text_format("yes | \"$AMX\" %s", commands[i].words);
        assert_int_equal(support_shell(ann.env, piped).exit_code, 2);
        free(piped);
        assert_done(&ann, i, "0");
    }
}

static void end_of_input_is_no(void **state)
{
    (void)state;
    Cli ann = somebody();
    for (size_t i = 0; i < COMMANDS; i++) {
        assert_int_equal(converse(&ann, i, "", END_OF_INPUT), 2);
        assert_done(&ann, i, "0");
    }
}

static void what_was_typed_before_the_question_is_no_answer(void **state)
{
    (void)state;
    Cli ann = somebody();
    for (size_t i = 0; i < COMMANDS; i++) {
        assert_int_equal(converse(&ann, i, "y\nyes\ny\n", "n\n"), 2);
        assert_done(&ann, i, "0");
        assert_int_equal(converse(&ann, i, "y", "\n"), 2); /* nor is it the beginning of one */
        assert_done(&ann, i, "0");
    }
}

static void yes_after_the_question_is_yes(void **state)
{
    (void)state;
    Cli ann = somebody();
    for (size_t i = 0; i < COMMANDS; i++) {
        assert_int_equal(converse(&ann, i, "n\n", "y\n"), 0);
        assert_done(&ann, i, "1");
    }
}

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_terminal_nobody_can_say_yes),
        cmocka_unit_test(end_of_input_is_no),
        cmocka_unit_test(what_was_typed_before_the_question_is_no_answer),
        cmocka_unit_test(yes_after_the_question_is_yes),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

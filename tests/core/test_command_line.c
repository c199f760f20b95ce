/* Command lines become commands: what every thread of the screen relies on. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "support.h"
#include "text.h"

#define THREADS 6
#define LINES 400

typedef struct Parser {
    pthread_t thread;
    int number;
    int wrong; /* lines that did not come out as they were written */
} Parser;

/* As many words and options before the ones that are looked at as the thread's number says. */
static void *parse_lines(void *context)
{
    Parser *parser = context;
    for (int i = 0; i < LINES; i++) {
        char line[200];
        Args *args = NULL;
        snprintf(line, sizeof line, "%s %s history list --who u%d-%d --limit %d",
                 parser->number % 2 ? "--timeout 7" : "", parser->number % 3 ? "-q --local-only" : "",
                 parser->number, i, parser->number * LINES + i + 1);
        char who[40];
        snprintf(who, sizeof who, "u%d-%d", parser->number, i);
        bool right = command_parse_line(line, &args, NULL) &&
                     text_equal(args->command->name, "history list") &&
                     text_equal(args_text(args, "who"), who) &&
                     args_number(args, "limit", 0) == parser->number * LINES + i + 1 &&
                     args->word_count == 0 && (args->app.timeout_ms == 7000) == (parser->number % 2 != 0) &&
                     args->app.local_only == (parser->number % 3 != 0);
        parser->wrong += !right;
        args_free(args);
    }
    return NULL;
}

static void threads_parse_lines_at_once(void **state)
{
    (void)state;
    Parser parsers[THREADS] = {0};
    for (int i = 0; i < THREADS; i++) {
        parsers[i].number = i;
        assert_int_equal(pthread_create(&parsers[i].thread, NULL, parse_lines, &parsers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(parsers[i].thread, NULL), 0);
        assert_int_equal(parsers[i].wrong, 0);
    }
}

static void assert_refused(const char *line, const char *message, const char *hint)
{
    Args *args = NULL;
    Error err = {0};
    assert_false(command_parse_line(line, &args, &err));
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, hint);
    args_free(args);
}

static void an_unknown_option_is_named(void **state)
{
    static const char behind[] = "see: amx help ask; what begins with - and is no option stands behind --: "
                                 "amx ask -- -orders";
    (void)state;
    assert_refused("ask -p shop --model builtin -orders", "there is no option -orders here", behind);
    assert_refused("ask -orders", "there is no option -orders here", behind);
    assert_refused("ask -q -orders", "there is no option -orders here", behind);
    assert_refused("ask -qo", "there is no option -qo here",
                   "see: amx help ask; what begins with - and is no option stands behind --: amx ask -- -qo");
    assert_refused("history list --nowhere", "there is no option --nowhere here",
                   "see: amx help history list");
    assert_refused("--nowhere ask", "there is no option --nowhere here", "see: amx help");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_parse_lines_at_once),
        cmocka_unit_test(an_unknown_option_is_named),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* The state of Ask without a terminal: where a question goes, what becomes of a text in the field, and what
 * is in sight of a conversation. */
#include <locale.h>
#include <string.h>

#include "ask_model.h"
#include "input_lines.h"
#include "memory.h"
#include "support_internal.h"
#include "text.h"

static AskModel new_model(const char *profile)
{
    AskModel model = {0};
    ask_model_open(&model);
    ask_model_turn_to(&model, profile);
    return model;
}

/* A report of `session show` with one question and its answer. */
static void show(AskModel *model, long long session)
{
    Report report = {.body = REPORT_LIST};
    report.items = json_pack("[{s:I, s:s, s:s}, {s:I, s:s, s:s, s:[{s:s, s:s, s:n}, {s:s, s:s, s:s}]}]",
                             "session_id", (json_int_t)session, "role", "user", "content", "which table?",
                             "session_id", (json_int_t)session, "role", "assistant", "content", "[1] and [2]",
                             "citations", "schema", "main", "table", "customer", "column", "schema", "main",
                             "table", "customer", "column", "name");
    assert_non_null(report.items);
    ask_model_take(model, &report);
    report_free(&report);
}

static void type(AskModel *model, const char *text)
{
    ask_model_touch(model);
    input_type(&model->field, text);
}

/* What is asked when Enter is pressed; NULL when nothing is. */
static const char *sent(AskModel *model)
{
    char *line = ask_model_send(model);
    return line ? support_keep(line) : NULL;
}

static void assert_field(const AskModel *model, const char *expected)
{
    assert_string_equal(support_keep(input_text(&model->field)), expected);
}

static void assert_told(const AskModel *model, const char *part)
{
    assert_non_null(model->notice.text);
    if (!strstr(model->notice.text, part)) {
        fail_msg("\"%s\" does not say \"%s\"", model->notice.text, part);
    }
}

static const char *laid_out(AskModel *model, int width, int height)
{
    Text text = {0};
    ask_model_lay_out(model, width, height);
    for (size_t i = 0; i < model->text.count; i++) {
        text_addf(&text, "%s\n", model->text.lines[i].text);
    }
    return support_keep(text_take(&text));
}

static void assert_shows(AskModel *model, const char *part)
{
    const char *text = laid_out(model, 60, 10);
    if (!strstr(text, part)) {
        fail_msg("no \"%s\" in:\n%s", part, text);
    }
}

static void assert_hides(AskModel *model, const char *part)
{
    const char *text = laid_out(model, 60, 10);
    if (strstr(text, part)) {
        fail_msg("\"%s\" in:\n%s", part, text);
    }
}

static void a_question_names_the_session_that_is_shown(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    show(&model, 42);
    type(&model, "  where is it's name?\n");
    assert_string_equal(sent(&model), "ask --session 42 -- 'where is it'\\''s name?'");
    assert_field(&model, "");
    ask_model_close(&model);
}

static void without_a_session_it_names_the_profile_that_is_shown(void **state)
{
    (void)state;
    AskModel model = new_model("my shop");
    ask_model_take_none(&model);
    type(&model, "-x");
    assert_string_equal(sent(&model), "ask -p 'my shop' -- -x");
    ask_model_close(&model);
}

static void nothing_is_asked_by_an_empty_field_and_nothing_while_an_answer_is_under_way(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    assert_null(sent(&model));
    type(&model, " \n ");
    assert_null(sent(&model));
    type(&model, "one");
    assert_non_null(sent(&model));
    type(&model, "two");
    assert_null(sent(&model));
    assert_told(&model, "still under way");
    assert_field(&model, "two");
    ask_model_close(&model);
}

static void a_text_that_was_typed_for_another_profile_is_asked_only_when_that_was_seen(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    show(&model, 42);
    type(&model, "how many?");
    assert_true(ask_model_turn_to(&model, "crm"));
    ask_model_take_none(&model);
    assert_null(sent(&model));
    assert_told(&model, "profile crm");
    assert_field(&model, "how many?");
    assert_string_equal(sent(&model), "ask -p crm -- 'how many?'");
    ask_model_close(&model);
}

static void what_is_typed_after_the_change_is_asked_at_once(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    show(&model, 42);
    assert_true(ask_model_turn_to(&model, "crm"));
    show(&model, 7);
    type(&model, "how many?");
    assert_string_equal(sent(&model), "ask --session 7 -- 'how many?'");
    ask_model_close(&model);
}

static void a_refused_question_comes_back_and_stays_bound_to_where_it_was_asked(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    Error err = {0};
    show(&model, 42);
    type(&model, "how many?");
    assert_non_null(sent(&model));
    ask_model_take_none(&model); /* the change is seen before the refusal is */
    error_set(&err, ERROR_GUARD, "session 42 is bound elsewhere");
    ask_model_failed(&model, &err);
    assert_told(&model, "session 42 is bound elsewhere");
    assert_field(&model, "how many?");
    assert_null(sent(&model));
    assert_told(&model, "another session");
    assert_non_null(sent(&model));
    ask_model_close(&model);
}

static void a_failed_question_does_not_replace_what_was_typed_since(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    Error err = {0};
    show(&model, 42);
    type(&model, "first");
    assert_non_null(sent(&model));
    type(&model, "second");
    error_set(&err, ERROR_INTERRUPTED, "interrupted");
    ask_model_failed(&model, &err);
    assert_field(&model, "second");
    assert_told(&model, "Stopped");
    ask_model_close(&model);
}

static void the_first_question_of_a_session_does_not_move_what_is_typed_meanwhile(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    ask_model_take_none(&model);
    type(&model, "first");
    assert_non_null(sent(&model));
    type(&model, "second");
    show(&model, 1);
    Report report = {0};
    report.items = json_pack("{s:i, s:s}", "session", 1, "answer", "it is there");
    ask_model_answered(&model, &report);
    report_free(&report);
    assert_string_equal(sent(&model), "ask --session 1 -- second");
    ask_model_close(&model);
}

static void a_session_that_is_begun_meanwhile_does_not_show_the_question(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    Report report = {0};
    ask_model_take_none(&model);
    free(ask_model_ask(&model, "which tables hold an email?", &(AskOptions){0}));
    ask_model_take_none(&model); /* nothing is recorded yet */
    assert_shows(&model, "which tables hold an email?");
    report_list(&report, "amx.turns/2", NULL, 0);
    report_note(&report, "session 2 of ann@lap, profile shop");
    ask_model_take(&model, &report);
    assert_hides(&model, "which tables hold an email?");
    assert_shows(&model, "An answer for profile shop is under way");
    report_free(&report);
    ask_model_close(&model);
}

static void what_is_told_of_an_answer_goes_with_its_conversation(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    ask_model_take_none(&model);
    type(&model, "first");
    assert_non_null(sent(&model));
    Report report = {.items = json_pack("{s:i, s:s}", "session", 1, "answer", "it is there")};
    report_warning(&report, "answered by the built-in rules");
    ask_model_answered(&model, &report);
    report_free(&report);
    show(&model, 1);
    assert_told(&model, "answered by the built-in rules");
    show(&model, 2);
    assert_null(model.notice.text);
    ask_model_close(&model);
}

static void an_answer_is_shown_as_it_comes_by_whole_characters(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    type(&model, "wo?");
    assert_non_null(sent(&model));
    assert_shows(&model, "answering..");
    ask_model_stream(&model, "Stra\xc3", 5, false);
    assert_shows(&model, "Stra");
    assert_hides(&model, "\xef\xbf\xbd");
    ask_model_stream(&model,
                     "\x9f"
                     "e \x1b[31m",
                     8, false);
    assert_shows(&model, "Straße \\x1b[31m");
    ask_model_stream(&model, "anew", 4, true);
    assert_hides(&model, "Stra");
    assert_shows(&model, "anew");
    ask_model_close(&model);
}

static void a_question_that_is_recorded_already_is_not_shown_twice(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    type(&model, "which?");
    assert_non_null(sent(&model));
    Report report = {.body = REPORT_LIST};
    report.items = json_pack("[{s:i, s:s, s:s}]", "session_id", 3, "role", "user", "content", "which?");
    ask_model_take(&model, &report);
    report_free(&report);
    const char *text = laid_out(&model, 60, 10);
    assert_null(strstr(strstr(text, "which?") + 1, "which?"));
    ask_model_close(&model);
}

static void an_answer_is_shown_only_in_the_conversation_that_was_asked(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    Report report = {0};
    ask_model_take_none(&model);
    type(&model, "which?");
    assert_non_null(sent(&model));
    ask_model_stream(&model, "of the shop", 11, false);
    assert_shows(&model, "of the shop");
    assert_true(ask_model_turn_to(&model, "crm"));
    assert_hides(&model, "of the shop");
    ask_model_take_none(&model);
    ask_model_stream(&model, " only", 5, false);
    assert_hides(&model, "which?");
    assert_hides(&model, "of the shop");
    assert_shows(&model, "An answer for profile shop is under way");
    report.items = json_pack("{s:i, s:s}", "session", 9, "answer", "of the shop only");
    ask_model_answered(&model, &report);
    report_free(&report);
    assert_hides(&model, "under way");
    assert_hides(&model, "of the shop");
    assert_told(&model, "asked under profile shop");
    type(&model, "and here?");
    assert_string_equal(sent(&model), "ask -p crm -- 'and here?'");
    ask_model_close(&model);
}

static void a_question_typed_while_another_profile_is_answered_waits_for_its_own_session(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    Report report = {0};
    ask_model_take_none(&model);
    type(&model, "first");
    assert_non_null(sent(&model));
    assert_true(ask_model_turn_to(&model, "crm"));
    ask_model_take_none(&model);
    type(&model, "second");
    show(&model, 7); /* another amx began it under crm */
    report.items = json_pack("{s:i, s:s}", "session", 9, "answer", "it is there");
    ask_model_answered(&model, &report);
    report_free(&report);
    assert_null(sent(&model));
    assert_told(&model, "another session");
    assert_string_equal(sent(&model), "ask --session 7 -- second");
    ask_model_close(&model);
}

static void the_end_is_followed_unless_somebody_has_scrolled(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    show(&model, 1);
    type(&model, "more");
    assert_non_null(sent(&model));
    ask_model_lay_out(&model, 60, 4);
    size_t end = model.scroll.top;
    assert_int_equal(end + 4, model.text.count);
    ask_model_stream(&model, "one\ntwo\nthree", 13, false);
    ask_model_lay_out(&model, 60, 4);
    assert_true(model.scroll.top > end);
    ask_model_scroll(&model, -3);
    size_t kept = model.scroll.top;
    ask_model_stream(&model, "\nfour\nfive", 10, false);
    ask_model_lay_out(&model, 60, 4);
    assert_int_equal(model.scroll.top, kept);
    ask_model_scroll(&model, 100);
    ask_model_stream(&model, "\nsix", 4, false);
    ask_model_lay_out(&model, 60, 4);
    assert_int_equal(model.scroll.top + 4, model.text.count);
    ask_model_close(&model);
}

static void citations_are_gone_through_from_the_first_of_the_newest_answer(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    show(&model, 1);
    ask_model_lay_out(&model, 60, 10);
    assert_null(ask_model_cite(&model));
    assert_true(ask_model_step(&model, true));
    const SessionCite *cite = ask_model_cite(&model);
    assert_true(json_is_null(json_object_get(cite->cited, "column")));
    assert_string_equal(model.text.lines[cite->line].text + cite->column,
                        "[1] main.customer  [2] main.customer.name");
    assert_true(ask_model_step(&model, true));
    cite = ask_model_cite(&model);
    assert_string_equal(model.text.lines[cite->line].text + cite->column, "[2] main.customer.name");
    assert_false(ask_model_step(&model, true));
    assert_true(ask_model_step(&model, false));
    assert_false(ask_model_step(&model, false));
    ask_model_type(&model);
    assert_null(ask_model_cite(&model));
    ask_model_close(&model);
}

static void citations_are_there_while_an_answer_comes(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    show(&model, 1);
    ask_model_lay_out(&model, 60, 10);
    type(&model, "next");
    assert_non_null(sent(&model));
    ask_model_stream(&model, "it is", 5, false);
    assert_true(ask_model_step(&model, true)); /* a key that comes before it is drawn */
    show(&model, 1);
    assert_non_null(ask_model_cite(&model));
    ask_model_close(&model);
}

static void questions_of_the_session_come_back_and_so_does_what_was_typed(void **state)
{
    (void)state;
    AskModel model = new_model("shop");
    show(&model, 1);
    type(&model, "draft");
    ask_model_recall(&model, 1);
    assert_field(&model, "which table?");
    ask_model_recall(&model, 1);
    assert_field(&model, "which table?");
    ask_model_recall(&model, -1);
    assert_field(&model, "draft");
    ask_model_recall(&model, -1);
    assert_field(&model, "draft");
    ask_model_close(&model);
}

static void a_field_of_several_lines_wraps_and_keeps_its_cursor_in_sight(void **state)
{
    (void)state;
    Input input = {.lines = true};
    input_set(&input, "größe 表表\nb");
    InputLines lines = input_lines_open(&input, 8);
    assert_int_equal(lines.count, 3);
    assert_string_equal(lines.lines[0], "größe ");
    assert_string_equal(lines.lines[1], "表表");
    assert_string_equal(lines.lines[2], "b");
    assert_int_equal(lines.row, 2);
    assert_int_equal(lines.column, 1);
    assert_string_equal(lines.under, " ");
    input_lines_free(&lines);
    input_move(&input, -3);
    lines = input_lines_open(&input, 8);
    assert_int_equal(lines.row, 1);
    assert_int_equal(lines.column, 2);
    assert_string_equal(lines.under, "表");
    input_lines_free(&lines);
    input_free(&input);
}

static void a_line_takes_no_newline_and_a_text_of_lines_has_an_end(void **state)
{
    (void)state;
    Input line = {0};
    input_set(&line, "a\nb");
    assert_string_equal(support_keep(input_text(&line)), "ab");
    Input text = {.lines = true};
    for (int i = 0; i < INPUT_LINES_BYTES / 2 + 10; i++) {
        input_type(&text, "ß\x1b");
    }
    assert_false(input_has_room(&text, L'x'));
    assert_int_equal(strlen(support_keep(input_text(&text))), INPUT_LINES_BYTES);
    input_erase(&text);
    assert_true(input_has_room(&text, L'ß'));
    assert_false(input_has_room(&text, L'表'));
    input_free(&text);
    input_free(&line);
}

static void paste_text(AskModel *model, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        ask_model_paste(model, L'x', i == 0);
    }
}

static void a_paste_is_taken_as_a_whole_or_not_at_all(void **state)
{
    (void)state;
    AskModel model = {0};
    ask_model_open(&model);
    input_set(&model.field, "ab");
    input_move(&model.field, -1);
    paste_text(&model, INPUT_LINES_BYTES - 2);
    assert_null(model.notice.text);
    assert_int_equal(model.field.length, INPUT_LINES_BYTES);
    input_set(&model.field, "ab");
    input_move(&model.field, -1);
    paste_text(&model, INPUT_LINES_BYTES - 1);
    assert_non_null(strstr(model.notice.text, "none of it was taken"));
    assert_string_equal(support_keep(input_text(&model.field)), "ab");
    paste_text(&model, 3); /* the next one is another one */
    assert_null(model.notice.text);
    assert_string_equal(support_keep(input_text(&model.field)), "axxxb");
    char *text = support_keep(memory_zero(INPUT_LINES_BYTES + 2, 1));
    memset(text, 'y', INPUT_LINES_BYTES + 1);
    ask_model_take_text(&model, text);
    assert_non_null(strstr(model.notice.text, "the field is as it was"));
    assert_string_equal(support_keep(input_text(&model.field)), "axxxb");
    ask_model_close(&model);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_names_the_session_that_is_shown),
        cmocka_unit_test(without_a_session_it_names_the_profile_that_is_shown),
        cmocka_unit_test(nothing_is_asked_by_an_empty_field_and_nothing_while_an_answer_is_under_way),
        cmocka_unit_test(a_text_that_was_typed_for_another_profile_is_asked_only_when_that_was_seen),
        cmocka_unit_test(what_is_typed_after_the_change_is_asked_at_once),
        cmocka_unit_test(a_refused_question_comes_back_and_stays_bound_to_where_it_was_asked),
        cmocka_unit_test(a_failed_question_does_not_replace_what_was_typed_since),
        cmocka_unit_test(the_first_question_of_a_session_does_not_move_what_is_typed_meanwhile),
        cmocka_unit_test(a_session_that_is_begun_meanwhile_does_not_show_the_question),
        cmocka_unit_test(what_is_told_of_an_answer_goes_with_its_conversation),
        cmocka_unit_test(an_answer_is_shown_as_it_comes_by_whole_characters),
        cmocka_unit_test(a_question_that_is_recorded_already_is_not_shown_twice),
        cmocka_unit_test(an_answer_is_shown_only_in_the_conversation_that_was_asked),
        cmocka_unit_test(a_question_typed_while_another_profile_is_answered_waits_for_its_own_session),
        cmocka_unit_test(the_end_is_followed_unless_somebody_has_scrolled),
        cmocka_unit_test(citations_are_gone_through_from_the_first_of_the_newest_answer),
        cmocka_unit_test(citations_are_there_while_an_answer_comes),
        cmocka_unit_test(questions_of_the_session_come_back_and_so_does_what_was_typed),
        cmocka_unit_test(a_field_of_several_lines_wraps_and_keeps_its_cursor_in_sight),
        cmocka_unit_test(a_line_takes_no_newline_and_a_text_of_lines_has_an_end),
        cmocka_unit_test(a_paste_is_taken_as_a_whole_or_not_at_all),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

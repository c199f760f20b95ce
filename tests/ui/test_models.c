/* The models behind the views, without a terminal. */
#include <locale.h>
#include <string.h>

#include "input.h"
#include "keys.h"
#include "list_model.h"
#include "memory.h"
#include "picker_model.h"
#include "status.h"
#include "support.h"

static void selection_stays_in_sight(void **state)
{
    (void)state;
    Select select = {0};
    select_resize(&select, 100, 10);
    select_move(&select, 25);
    assert_int_equal(select.selected, 25);
    assert_in_range(select.selected, select.top, select.top + 9);
    select_move(&select, 1000);
    assert_int_equal(select.selected, 99);
    select_resize(&select, 5, 10);
    assert_int_equal(select.selected, 4);
    assert_int_equal(select.top, 0);
    select_move(&select, -1000);
    assert_int_equal(select.selected, 0);
    select_resize(&select, 0, 10);
    select_move(&select, 1);
    assert_int_equal(select.selected, 0);
}

static void a_smaller_screen_keeps_the_selected_row_in_sight(void **state)
{
    (void)state;
    Select select = {0};
    select_resize(&select, 20, 20);
    select_to(&select, 15);
    select_resize(&select, 20, 5);
    assert_int_equal(select.selected, 15);
    assert_in_range(15, select.top, select.top + 4);
}

static void the_picker_stands_on_status_after_every_switch(void **state)
{
    (void)state;
    PickerModel model;
    picker_model_open(&model);
    assert_string_equal(picker_model_selected(&model)->label, "Status");
    picker_model_update(&model, TRI_YES);
    assert_int_equal(model.select.count, 7);
    select_move(&model.select, 3);
    picker_model_update(&model, TRI_YES); /* nothing switched: nothing moves */
    assert_int_equal(model.select.selected, 3);
    picker_model_update(&model, TRI_NO);
    assert_string_equal(picker_model_selected(&model)->label, "Status");
    assert_int_equal(model.select.count, 4);
}

static void nothing_that_changes_is_offered_before_the_state_is_known(void **state)
{
    (void)state;
    PickerModel model;
    picker_model_open(&model);
    for (size_t i = 0; i < model.select.count; i++) {
        assert_null(model.entries[i]->line);
    }
}

static void letters_walk_through_entries(void **state)
{
    (void)state;
    PickerModel model;
    picker_model_open(&model);
    picker_model_update(&model, TRI_YES);
    assert_true(picker_model_letter(&model, 'd'));
    assert_string_equal(picker_model_selected(&model)->label, "Dump DDL");
    assert_true(picker_model_letter(&model, 'd'));
    assert_string_equal(picker_model_selected(&model)->label, "Disable");
    assert_true(picker_model_letter(&model, 'd'));
    assert_string_equal(picker_model_selected(&model)->label, "Dump DDL");
    assert_false(picker_model_letter(&model, 'e')); /* Enable is not offered while sharing is on */
    assert_string_equal(picker_model_selected(&model)->label, "Dump DDL");
}

static const ReportColumn columns[] = {{"local_id", "ID", REPORT_NUMBER}, {"title", "Title", REPORT_WIDE}};

static Report sessions(int first, int count)
{
    Report report = {0};
    report_list(&report, "amx.sessions/1", columns, 2);
    for (int i = 0; i < count; i++) {
        char title[32];
        snprintf(title, sizeof title, "Straße %d", first + i);
        json_t *row = report_row(&report);
        row_int(row, "local_id", first + i);
        row_text(row, "title", title);
    }
    return report;
}

static long long selected_id(const ListModel *model)
{
    return (long long)json_integer_value(json_object_get(list_model_selected(model), "local_id"));
}

static void a_reload_keeps_the_selected_session(void **state)
{
    (void)state;
    ListModel model = {0};
    Report first = sessions(10, 5);
    Report second = sessions(8, 7);
    list_model_take(&model, &first);
    select_move(&model.select, 2);
    assert_int_equal(selected_id(&model), 12);
    list_model_take(&model, &second);
    assert_int_equal(selected_id(&model), 12);
    list_model_free(&model);
}

static void a_filter_finds_any_case_and_keeps_the_selection(void **state)
{
    (void)state;
    ListModel model = {0};
    Report report = sessions(1, 20);
    list_model_take(&model, &report);
    select_to(&model.select, 11);
    list_model_filter(&model, "STRASSE 12");
    assert_int_equal(model.select.count, 1);
    assert_int_equal(selected_id(&model), 12);
    list_model_filter(&model, "no such thing");
    assert_int_equal(model.select.count, 0);
    assert_null(list_model_selected(&model));
    list_model_filter(&model, "");
    assert_int_equal(model.select.count, 20);
    list_model_free(&model);
}

static void assert_input(const Input *input, const char *expected)
{
    char *text = input_text(input);
    assert_string_equal(text, expected);
    free(text);
}

static void a_line_is_edited_and_takes_nothing_hostile(void **state)
{
    (void)state;
    Input input = {0};
    input_set(&input, "größe name");
    input_erase_word(&input);
    assert_input(&input, "größe ");
    input_move(&input, -3); /* before the ß */
    input_erase(&input);
    assert_input(&input, "grße ");
    input_insert(&input, 0x1b);
    input_insert(&input, 0x202e);
    input_insert(&input, L'\n');
    assert_input(&input, "grße ");
    input_move(&input, -100);
    input_delete(&input);
    input_insert(&input, L'G');
    assert_input(&input, "Grße ");
    input_free(&input);
}

static void status_tells_what_it_knows_and_no_more(void **state)
{
    (void)state;
    Status status = {0};
    char *panel = status_panel(&status, 80, 24);
    assert_non_null(strstr(panel, "checking.."));
    free(panel);

    Report report = {0};
    report_object(&report, "amx.store/1", columns, 0);
    json_t *row = report_row(&report);
    row_bool(row, "enabled", true);
    row_text(row, "profile", "team");
    row_text(row, "store_schema", "amx");
    row_text(row, "reachable", NULL);
    row_int(row, "pending", 3);
    status_update(&status, &report, true);
    assert_int_equal(status_enabled(&status), TRI_YES);
    assert_int_equal(status_exists(&status), TRI_UNKNOWN);
    panel = status_panel(&status, 80, 24);
    assert_non_null(strstr(panel, "reach         checking.."));
    free(panel);

    status_update(&status, &report, false); /* asked, and nobody can tell */
    panel = status_panel(&status, 80, 24);
    assert_null(strstr(panel, "checking.."));
    free(panel);
    char *title = status_title(&status, 80);
    assert_string_equal(title, "team.amx | shared ON | pending 3");
    free(title);
    report_free(&report);
    status_free(&status);
}

static void every_global_key_is_in_the_help(void **state)
{
    (void)state;
    char *help = keys_help((Bindings){0}, "");
    for (size_t i = 0; i < keys_global.count; i++) {
        assert_non_null(strstr(help, keys_global.items[i].note));
    }
    free(help);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selection_stays_in_sight),
        cmocka_unit_test(a_smaller_screen_keeps_the_selected_row_in_sight),
        cmocka_unit_test(the_picker_stands_on_status_after_every_switch),
        cmocka_unit_test(nothing_that_changes_is_offered_before_the_state_is_known),
        cmocka_unit_test(letters_walk_through_entries),
        cmocka_unit_test(a_reload_keeps_the_selected_session),
        cmocka_unit_test(a_filter_finds_any_case_and_keeps_the_selection),
        cmocka_unit_test(a_line_is_edited_and_takes_nothing_hostile),
        cmocka_unit_test(status_tells_what_it_knows_and_no_more),
        cmocka_unit_test(every_global_key_is_in_the_help),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* The screen where there is little room: what gives way, and what stays in sight. */
#include <locale.h>
#include <string.h>

#include "facts.h"
#include "memory.h"
#include "scene.h"
#include "support.h"
#include "support_internal.h"
#include "table.h"
#include "text.h"

#define narrow_test(function) cmocka_unit_test_teardown(function, stage_teardown)
#define PICKER "db history-store"
#define NAME "warehouse.customer_address"

static Stage *play(const Scene *scene, int columns, int lines)
{
    return stage_play(scene, STAGE_SANITIZED, columns, lines);
}

static const char *shown(const Stage *stage)
{
    return terminal_screen(stage_terminal(stage));
}

static void assert_shows(const Stage *stage, const char *text)
{
    if (!strstr(shown(stage), text)) {
        fail_msg("\"%s\" is not on the screen:\n%s", text, shown(stage));
    }
}

static void assert_hides(const Stage *stage, const char *text)
{
    if (strstr(shown(stage), text)) {
        fail_msg("\"%s\" is on the screen:\n%s", text, shown(stage));
    }
}

static void done(Stage *stage)
{
    stage_leave(stage);
    stage_close(stage);
}

/* --- columns --- */

static const ReportColumn columns[] = {
    {"table", "Table", REPORT_WIDE},        {"who", "Who@host", REPORT_TEXT},
    {"client_version", "Ver", REPORT_TEXT}, {"last", "Last", REPORT_AGE},
    {"results", "Drafted", REPORT_NUMBER},  {"accepted", "Accepted", REPORT_NUMBER},
    {"applied", "Applied", REPORT_NUMBER},  {"text", "Text", REPORT_WIDE},
    {"fingerprint", NULL, REPORT_TEXT},
};

static Table make_table(Report *report)
{
    *report = (Report){0};
    report_list(report, "amx.activity.table/1", columns, sizeof columns / sizeof *columns);
    json_t *row = report_row(report);
    row_text(row, "table", NAME);
    row_text(row, "who", "ann@web1");
    row_text(row, "client_version", "0.3.0");
    row_int(row, "results", 123456);
    row_int(row, "accepted", 12345678);
    row_int(row, "applied", 7);
    row_text(row, "text", "One row per customer, and then some more about it.");
    Table table;
    table_open(&table, report);
    return table;
}

static void assert_line(const Table *table, const char *heading, const char *line)
{
    char *is_heading = table_heading(table);
    char *is_line = table_line(table, 0);
    assert_string_equal(is_heading, heading);
    assert_string_equal(is_line, line);
    free(is_heading);
    free(is_line);
}

static void columns_give_way_by_what_they_are_worth(void **state)
{
    (void)state;
    Report report;
    Table table = make_table(&report);
    table_layout(&table, 91); /* long text is cut first */
    assert_line(
        &table, "Table                       Who@host  Ver    Last  Drafted  Accepted  Applied  Text",
        "warehouse.customer_address  ann@web1  0.3.0         123456  12345678        7  One row per…");
    table_layout(&table, 80); /* then what repeats goes */
    assert_line(&table, "Table                     Who@host  Last  Drafted  Accepted  Applied  Text",
                "warehouse.customer_addr…  ann@web1         123456  12345678        7  One row p…");
    table_layout(&table, 70);
    assert_line(&table, "Table                       Who@host  Last  Applied  Text",
                "warehouse.customer_address  ann@web1              7  One row per cust…");
    table_layout(&table, 60);
    assert_line(&table, "Table                       Who@host  Last  Text",
                "warehouse.customer_address  ann@web1        One row per cus…");
    table_close(&table);
    report_free(&report);
}

static void numbers_stay_whole_however_little_room_there_is(void **state)
{
    (void)state;
    static const ReportColumn counts[] = {{"object", "Object", REPORT_TEXT}, {"rows", "Rows", REPORT_NUMBER}};
    Report report = {0};
    report_list(&report, "amx.counts/1", counts, 2);
    json_t *row = report_row(&report);
    row_text(row, "object", NAME);
    row_int(row, "rows", 1234567890123);
    Table table;
    table_open(&table, &report);
    table_layout(&table, 20);
    assert_line(&table, "Obje…           Rows", "ware…  1234567890123");
    table_close(&table);
    report_free(&report);
}

static void what_is_left_out_comes_back_where_others_are_scrolled_away(void **state)
{
    (void)state;
    Report report;
    Table table = make_table(&report);
    assert_true(table_scroll(&table, 0, 60));
    assert_false(table_shows(&table, 6));
    assert_true(table_scroll(&table, 3, 60));
    assert_true(table_shows(&table, 0));
    assert_false(table_shows(&table, 3));
    assert_true(table_shows(&table, 6));
    table_layout(&table, 0);
    assert_true(table_shows(&table, 2));
    table_close(&table);
    report_free(&report);
}

static void a_place_in_the_heading_belongs_to_the_column_drawn_there(void **state)
{
    (void)state;
    Report report;
    Table table = make_table(&report);
    size_t column = 99;
    table_layout(&table, 60);
    assert_true(table_column_at(&table, 0, &column));
    assert_int_equal(column, 0);
    assert_false(table_column_at(&table, 26, &column)); /* between two */
    assert_true(table_column_at(&table, 38, &column));  /* Ver is left out: Last comes after Who@host */
    assert_int_equal(column, 3);
    assert_false(table_column_at(&table, -1, &column));
    assert_false(table_column_at(&table, 500, &column));
    table_close(&table);
    report_free(&report);
}

static const Scene team = {"narrow-team",
                           "team",
                           PICKER,
                           "reach         yes",
                           {{"everywhere", "T", "by engineer"}, {"team", "b", "main.customer_address"}},
                           NULL,
                           NULL};

static void the_tables_of_a_team_keep_their_names_at_sixty_columns(void **state)
{
    (void)state;
    Stage *stage = play(&team, 60, 15);
    assert_shows(stage, " main.customer_address ");
    assert_shows(stage, "ann@web1");
    assert_hides(stage, "  Ver  ");
    done(stage);
}

static const Scene results = {
    "narrow-results",
    "team",
    PICKER,
    "reach         yes",
    {{"everywhere", ":", "\n:"}, {NULL, "\"history results 2", NULL}, {NULL, "Enter", "Object"}},
    NULL,
    NULL};

static void results_keep_their_objects_at_seventy_columns(void **state)
{
    (void)state;
    Stage *stage = play(&results, 70, 24);
    assert_shows(stage, " main.customer.newsletter_");
    assert_hides(stage, "INTEGER");
    done(stage);
}

/* --- the picker --- */

static void long_facts_hang_under_their_beginning_and_are_cut_where_there_is_no_room(void **state)
{
    (void)state;
    static const char *const order[] = {"you", "last error", NULL};
    Facts facts = {0};
    facts_add(&facts, "mode", "shared ON");
    facts_add(&facts, "last error", "connection refused by the server");
    facts_add(&facts, "you", "ann@\x1bweb1");
    facts_add(&facts, "local store", "of somebody else");
    char *text = facts_text(&facts, order, 32, 10);
    assert_string_equal(text, "mode          shared ON\n"
                              "last error    connection refused\n"
                              "              by the server\n"
                              "you           ann@\\x1bweb1\n"
                              "local store   of somebody else\n");
    free(text);
    text = facts_text(&facts, order, 32, 3);
    assert_string_equal(text, "mode          shared ON\n"
                              "last error    connection refuse…\n"
                              "you           ann@\\x1bweb1\n");
    free(text);
    text = facts_text(&facts, order, 32, 1);
    assert_string_equal(text, "you           ann@\\x1bweb1\n");
    free(text);
    text = facts_text(&facts, order, 32, 0);
    assert_string_equal(text, "");
    free(text);
    facts_free(&facts);
}

static const Scene picker = {"narrow-picker", "unreached", PICKER, "reach         NO", {{0}}, NULL, NULL};

static void the_picker_says_who_one_is_in_an_ordinary_terminal(void **state)
{
    (void)state;
    Stage *stage = play(&picker, 80, 24);
    assert_shows(stage, "last error    can't connect");
    assert_shows(stage, "origin        ");
    assert_shows(stage, "you           ann@web1");
    assert_shows(stage, "version       ");
    done(stage);
}

static void the_picker_says_what_matters_in_the_smallest_terminal(void **state)
{
    (void)state;
    Stage *stage = play(&picker, 60, 15);
    assert_shows(stage, "last error    can't connect");
    assert_shows(stage, "…");
    assert_shows(stage, "you           ann@web1");
    assert_shows(stage, "version       ");
    assert_hides(stage, "target        ");
    done(stage);
}

/* --- reviews --- */

#define BOB "!AMX_HOME=$FOLDER/bob LOGNAME=bob $AMX "
#define CHANGE                                                                                               \
    "!sqlite3 $FOLDER/shop.db \"UPDATE amx_comments SET comment = 'By hand.' WHERE comment LIKE 'People "    \
    "and%'\""

static const Scene review = {
    "narrow-review",
    "team",
    PICKER,
    "reach         yes",
    {{NULL, BOB "run --all customer", NULL},
     {NULL, BOB "review 2 --result 13 --text 'Who buys, and never mind what was said before about it.'",
      NULL},
     {NULL, CHANGE, NULL},
     {"everywhere", ":", "\n:"},
     {NULL, "\"review 2", NULL},
     {NULL, "Enter", "changed since the draft"}},
    NULL,
    NULL};

static void warnings_of_a_review_are_in_sight_in_the_smallest_terminal(void **state)
{
    (void)state;
    Stage *stage = play(&review, 60, 15);
    terminal_expect(stage_terminal(stage), "chose other text");
    assert_shows(stage, "! the database's text changed");
    assert_shows(stage, "DB now        By hand.");
    stage_resize(stage, 80, 24);
    terminal_expect(stage_terminal(stage), "before about it.");
    assert_shows(stage, " undecided 10 conflict 1 doc. 50% "); /* whole */
    done(stage);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_give_way_by_what_they_are_worth),
        cmocka_unit_test(numbers_stay_whole_however_little_room_there_is),
        cmocka_unit_test(what_is_left_out_comes_back_where_others_are_scrolled_away),
        cmocka_unit_test(a_place_in_the_heading_belongs_to_the_column_drawn_there),
        cmocka_unit_test(long_facts_hang_under_their_beginning_and_are_cut_where_there_is_no_room),
        narrow_test(the_tables_of_a_team_keep_their_names_at_sixty_columns),
        narrow_test(results_keep_their_objects_at_seventy_columns),
        narrow_test(the_picker_says_who_one_is_in_an_ordinary_terminal),
        narrow_test(the_picker_says_what_matters_in_the_smallest_terminal),
        narrow_test(warnings_of_a_review_are_in_sight_in_the_smallest_terminal),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

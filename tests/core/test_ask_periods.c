/* ask: who described what, and in which time. */
#include <time.h>

#include "asked.h"
#include "support_internal.h"
#include "support_store.h"
#include "text.h"

static const char hosts_sql[] = "CREATE TABLE customers(id INTEGER PRIMARY KEY, phone TEXT);"
                                "CREATE TABLE hosts(id INTEGER PRIMARY KEY);";

static Asked open_decided(void)
{
    Asked hosts = asked_open(hosts_sql);
    asked_decide(&hosts, "customers", NULL, "Who bought.");
    asked_decide(&hosts, "customers", "phone", "Where to call.");
    asked_decide(&hosts, "hosts", NULL, "Machines.");
    support_local_sql(hosts.local, "UPDATE run_results SET evaluated_at = '2019-06-03T10:00:00.000Z' WHERE "
                                   "table_name = 'hosts'");
    support_local_sql(hosts.local, "UPDATE run_results SET evaluated_at = '2020-01-01T10:00:00.000Z' WHERE "
                                   "table_name = 'customers'");
    return hosts;
}

static void a_period_is_a_day_month_or_year(void **state)
{
    (void)state;
    Asked hosts = open_decided();
    asked_says(&hosts, "what was accepted on 2020-01-01",
               "2 tables or columns were accepted since 2020-01-01");
    asked_says(&hosts, "what was accepted in 2019",
               "1 table or column was accepted since 2019-01-01, before 2020-01-01 (UTC)");
    asked_says(&hosts, "what was accepted in 2019-06", "since 2019-06-01, before 2019-07-01 (UTC)");
    asked_says(&hosts, "what was accepted before 2020",
               "1 table or column was accepted before 2020-01-01 (UTC)");
    asked_says(&hosts, "what was accepted after 2019",
               "2 tables or columns were accepted since 2020-01-01 (UTC)");
    asked_says(&hosts, "what was accepted 2 weeks ago", "0 tables or columns were accepted since 20");
    asked_says(&hosts, "what was accepted since monday", "0 tables or columns were accepted since 20");
    asked_close(&hosts);
}

/* The first of a month, of the last one of that name which began by now: "2026-06-01". */
static const char *last_month(int month)
{
    time_t now = time(NULL);
    struct tm day = *gmtime(&now);
    int year = day.tm_year + 1900 - (month > day.tm_mon + 1);
    return support_keep(text_format("%04d-%02d-01", year, month));
}

static void a_month_has_a_name(void **state)
{
    (void)state;
    Asked hosts = open_decided();
    asked_says(&hosts, "what was accepted in june 2019",
               "1 table or column was accepted since 2019-06-01, before 2019-07-01 (UTC)");
    asked_says(&hosts, "what was accepted in Jun 2019?", "since 2019-06-01, before 2019-07-01 (UTC)");
    asked_says(&hosts, "what was accepted on 3 june 2019", "since 2019-06-03, before 2019-06-04 (UTC)");
    asked_says(&hosts, "what was accepted on january 1st 2020",
               "2 tables or columns were accepted since 2020-01-01, before 2020-01-02 (UTC)");
    asked_says(
        &hosts, "what was accepted in june",
        support_keep(text_format("0 tables or columns were accepted since %s, before ", last_month(6))));
    asked_says(&hosts, "what was accepted since may",
               support_keep(text_format("accepted since %s (UTC)", last_month(5))));
    asked_says(&hosts, "what did june describe", "0 tables or columns were described by june, as");
    asked_says(&hosts, "what was accepted in december 2019", "since 2019-12-01, before 2020-01-01 (UTC)");
    asked_says(&hosts, "what was accepted last year", "accepted since 20");
    asked_says(&hosts, "what was accepted this year", "accepted since 20");
    asked_says(&hosts, "what was accepted last month", "accepted since 20");
    asked_says(&hosts, "what was accepted last march", "accepted since 20");
    asked_close(&hosts);
}

static void a_period_that_is_not_understood_is_said(void **state)
{
    (void)state;
    Asked hosts = open_decided();
    asked_says(&hosts, "what was accepted since easter", "I do not understand the period 'since easter'.");
    asked_says(&hosts, "who accepted anything since the launch",
               "I do not understand the period 'since the launch'.");
    asked_says(&hosts, "who was the last to describe hosts", "1 table or column was described in hosts");
    asked_says(&hosts, "what was accepted in the spring", "I do not understand the period 'in the spring'.");
    asked_says(&hosts, "what was accepted in q2", "I do not understand the period 'in q2'.");
    asked_says(&hosts, "what was accepted in the first quarter", "the period 'in the first quarter'.");
    asked_says(&hosts, "what was accepted on 31 june", "I do not understand the period 'on 31 june'.");
    asked_says(&hosts, "what was accepted on 2020-02-31", "I do not understand the period 'on 2020-02-31'.");
    asked_close(&hosts);
}

static void a_period_has_two_ends(void **state)
{
    static const char june[] = "accepted since 2019-06-01, before 2019-06-04 (UTC)";
    (void)state;
    Asked hosts = open_decided();
    asked_says(&hosts, "what was accepted between 2019-06-01 and 2019-06-03?", june);
    asked_says(&hosts, "what was accepted between 2019-06-03 and 2019-06-01?", june);
    asked_says(&hosts, "what was accepted from 2019-06-01 to 2019-06-03", june);
    asked_says(&hosts, "what was accepted 2019-06-01 - 2019-06-03", june);
    asked_says(&hosts, "what was accepted 2019-06-01 until 2019-06-03", june);
    asked_says(&hosts, "what was accepted since 2019-06-01 until 2019-06-03", june);
    asked_says(&hosts, "what was accepted after may 2019 and before 2019-06-04", june);
    asked_says(&hosts, "what was accepted between may 2019 and june 2019",
               "accepted since 2019-05-01, before 2019-07-01 (UTC)");
    asked_says(&hosts, "what was accepted between april 2019 and june",
               "accepted since 2019-04-01, before 20");
    asked_says(&hosts, "what was accepted from 1 june 2019 through 3 june 2019", june);
    asked_says(&hosts, "what was accepted between easter and 2019-06-03",
               "I do not understand the period 'between easter and 2019-06-03'.");
    asked_says(&hosts, "what was accepted between 2019-06-01 and easter",
               "I do not understand the period 'between 2019-06-01 and easter'.");
    asked_says(&hosts, "what was accepted from 1 to 3 june 2019",
               "I do not understand the period 'from 1 to");
    asked_says(&hosts, "what was accepted on 2019-06-03 and 2020-01-01",
               "I do not understand the period '2019-06-03 and 2020-01-01'.");
    asked_close(&hosts);
}

/* Today is also a day of this name: tomorrow's name is that of a day six days ago. */
static void days_of_a_week_stand_in_their_order(void **state)
{
    enum { DAY = 24 * 60 * 60 };
    char first[16], second[16], since[16], before[16];
    time_t now = time(NULL), times[] = {now, now + DAY, now - 7 * DAY, now - 5 * DAY};
    (void)state;
    strftime(first, sizeof first, "%A", gmtime(&times[0]));
    strftime(second, sizeof second, "%A", gmtime(&times[1]));
    strftime(since, sizeof since, "%Y-%m-%d", gmtime(&times[2]));
    strftime(before, sizeof before, "%Y-%m-%d", gmtime(&times[3]));
    Asked hosts = open_decided();
    asked_says(&hosts, support_keep(text_format("what was accepted between %s and %s?", first, second)),
               support_keep(text_format("accepted since %s, before %s (UTC)", since, before)));
    asked_close(&hosts);
}

static void who_described_a_column_is_told(void **state)
{
    (void)state;
    Asked hosts = open_decided();
    asked_says(&hosts, "who described customers.phone", "1 table or column was described in customers.phone");
    asked_says(&hosts, "who described customers.phone", "as this machine's history knows:");
    asked_says(
        &hosts, "who described customers.phone",
        "[1] customers.phone, accepted by ada at 2020-01-01T10:00Z, drafted by builtin: Where to call.");
    asked_says(&hosts, "who described customers", "2 tables or columns were described in customers");
    asked_says(&hosts, "who wrote the description of hosts", "1 table or column was described in hosts");
    asked_says(&hosts, "who added the comment on hosts", "0 tables or columns were applied in hosts");
    asked_says(&hosts, "what was rejected today", "0 tables or columns were skipped since ");
    asked_close(&hosts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_period_is_a_day_month_or_year),
        cmocka_unit_test(a_month_has_a_name),
        cmocka_unit_test(a_period_that_is_not_understood_is_said),
        cmocka_unit_test(a_period_has_two_ends),
        cmocka_unit_test(days_of_a_week_stand_in_their_order),
        cmocka_unit_test(who_described_a_column_is_told),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

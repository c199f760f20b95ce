/* What the built-in drafter says of columns, rule by rule: when it speaks, and when it must stay silent. */
#include "support.h"

#include "drafted.h"
#include "words.h"

static void glued_names_are_told_apart_where_a_table_proves_it(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *image = built_table(b, "cdimages");
    CatalogTable *job = built_table(b, "job");
    CatalogTable *medium = built_table(b, "media");
    built_key(b, image, "mediaid")->type = built_text(b, "integer");
    built_key(b, medium, "mediaid")->type = built_text(b, "integer");
    CatalogColumn *reference = built_column(b, job, "mediaid", "integer");
    CatalogColumn *paid = built_column(b, job, "prepaid", "integer");
    assert_drafted(b, job, reference, "Probably refers to media.mediaid; no foreign key is declared.", "low",
                   "named like the primary key of media");
    assert_drafted(b, job, paid, "Prepaid.", "low", "the text only repeats the name");
    built_free(b);
}

static void a_role_before_the_name_of_a_key_is_told(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *customer = built_table(b, "customers");
    CatalogTable *order = built_table(b, "orders");
    built_key(b, customer, "customer_id");
    built_column(b, customer, "parent_customer_id", "bigint");
    CatalogColumn *billing = built_column(b, order, "billing_customer_id", "bigint");
    CatalogColumn *external = built_column(b, order, "external_customer_id", "bigint");
    CatalogColumn *text = built_column(b, order, "shipping_customer_id", "text");
    assert_drafted(
        b, order, billing,
        "Billing: probably refers to the customer (customers.customer_id); no foreign key is declared.",
        "low", "named like the primary key of customers");
    assert_drafted(
        b, customer, &customer->columns[1],
        "Parent: probably refers to the customer (customers.customer_id); no foreign key is declared.", "low",
        NULL);
    assert_drafted(b, order, external, "External customer ID.", "low", NULL);
    assert_drafted(b, order, text, "Shipping customer ID.", "low", NULL);
    assert_drafted(b, order, built_column(b, order, "ha_customer_id", "bigint"), "Ha customer ID.", "low",
                   NULL);
    billing->unique = true;
    assert_drafted(b, order, billing, "Billing customer ID; unique among the rows that have one.", "medium",
                   "unique");
    built_free(b);
}

static void columns_of_views_tell_where_they_come_from(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *customer = built_table(b, "customer");
    CatalogTable *view = built_table(b, "v_customer");
    view->kind = CATALOG_VIEW;
    built_key(b, customer, "id")->identity = true;
    CatalogColumn *name = built_column(b, customer, "name", "text");
    CatalogColumn *born = built_column(b, customer, "created_at", "timestamp");
    born->default_value = built_text(b, "now()");
    name->unique = name->not_null = true;
    static const char *const shown[] = {"id", "name", "created_at", "gone"};
    CatalogSource sources[4];
    for (size_t i = 0; i < 4; i++) {
        sources[i] = (CatalogSource){
            .schema = customer->schema, .table = customer->name, .column = built_text(b, shown[i])};
        built_column(b, view, shown[i], "text")->source = &sources[i];
    }
    CatalogColumn *computed = built_column(b, view, "created_on", "timestamp");
    assert_drafted(b, view, &view->columns[0], "From customer.id: identifier of the customer.", "high",
                   "view column of customer.id");
    assert_drafted(b, view, &view->columns[1], "Name; taken from customer.name.", "medium", NULL);
    assert_never_drafted(b, view, &view->columns[1], "unique");
    assert_drafted(
        b, view, &view->columns[2],
        "From customer.created_at: time at which the row of customer was created; set by the database "
        "unless given.",
        "high", NULL);
    assert_drafted(b, view, &view->columns[3], "Gone; taken from customer.gone.", "medium", NULL);
    assert_never_drafted(b, view, computed, "the row was created");
    view->columns[3].name = built_text(b, "x");
    assert_drafted(b, view, &view->columns[3], "Taken from customer.gone.", "high", NULL);
    name->comment = built_text(b, "Legal name of the company");
    assert_drafted(b, view, &view->columns[1], "Legal name of the company.", "high",
                   "the text is the comment of customer.name");
    built_free(b);
}

static void a_guess_about_the_source_stays_a_guess_in_the_view(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *job = built_table(b, "job");
    CatalogTable *run = built_table(b, "run");
    CatalogTable *view = built_table(b, "v_runs");
    view->kind = CATALOG_VIEW;
    built_key(b, job, "jobid");
    built_column(b, run, "jobid", "bigint");
    CatalogSource source = {.schema = run->schema, .table = run->name, .column = built_text(b, "jobid")};
    CatalogColumn *shown = built_column(b, view, "of_job", "bigint");
    shown->source = &source;
    Draft d = drafted(b, view, shown);
    assert_string_equal(draft_confidence_name(d.confidence), "low");
    assert_true(drafted_says(&d, "From run.jobid: probably refers to the job"));
    assert_true(drafted_on(&d, "there: named like the primary key of job"));
    draft_free(&d);
    built_free(b);
}

static void flags_of_deletion_and_versions_need_their_types(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *t = built_table(b, "item");
    CatalogColumn *deleted = built_column(b, t, "del", "smallint");
    assert_drafted(b, t, deleted, "Del.", "low", "the text only repeats the name");
    deleted->default_value = built_text(b, "0");
    assert_drafted(b, t, deleted, "Flag that marks the row as deleted; 0 while it is not.", "medium",
                   "default 0");
    assert_drafted(b, t, built_column(b, t, "lock_version", "integer"),
                   "Version of the row, by which concurrent changes are noticed.", "medium", NULL);
    assert_drafted(b, t, built_column(b, t, "lock_version", "text"), "Lock version.", "low", NULL);
    assert_drafted(b, t, built_column(b, t, "version", "integer"), "Version.", "low", NULL);
    built_free(b);
}

static void times_are_told_by_names_that_say_so(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *type;
        const char *text;
        const char *confidence;
    } cases[] = {
        {"expires", "timestamp", "Time when it expires.", "medium"},
        {"expires", "integer", "Expires.", "low"},
        {"last_login", "timestamp", "Time of the last login.", "medium"},
        {"last_seen", "date", "Date when last seen.", "medium"},
        {"last_time_up", "timestamp", "Last time up.", "low"},
        {"last_name", "text", "Last name.", "low"},
        {"is_dst", "boolean", "True if dst.", "medium"},
        {"free_bytes", "bigint", "Free bytes.", "low"},
        {"disk_size_mb", "integer", "Disk size in megabytes.", "medium"},
        {"archived_count", "bigint", "Archived count.", "low"},
        {"relispopulated", "boolean", "Flag: relispopulated.", "low"},
        {"enabled", "boolean", "True if enabled.", "medium"},
        {"ip", "text", "IP address.", "low"},
        {"ip_address", "text", "IP address.", "low"},
        {"strCustName", "text", "Customer name.", "low"},
        {"intCount", "integer", "Count.", "low"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Built *b = built_new();
        CatalogTable *t = built_table(b, "t");
        CatalogColumn *column = built_column(b, t, cases[i].name, cases[i].type);
        assert_drafted(b, t, column, cases[i].text, cases[i].confidence, NULL);
        built_free(b);
    }
}

static void domains_lend_their_checks_and_comments(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *t = built_table(b, "stock");
    CatalogColumn *share = built_column(b, t, "share", "percentage");
    CatalogCheck check = {.name = built_text(b, "p"),
                          .expression = built_text(b, "((VALUE >= 0) AND (VALUE <= 100))")};
    CatalogDomain domain = {
        .name = share->type, .base_type = built_text(b, "integer"), .checks = &check, .check_count = 1};
    share->domain = &domain;
    assert_drafted(b, t, share, "Share; from 0 to 100.", "medium", "domain percentage, check p");
    domain.check_count = 0;
    assert_drafted(b, t, share, "Share.", "low", NULL);
    domain.comment = built_text(b, "part of a hundred");
    assert_drafted(b, t, share, "Share; part of a hundred.", "medium", "comment of the domain percentage");
    built_free(b);
}

static void statistics_are_evidence_that_holds_no_value(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *t = built_table(b, "staff_member");
    CatalogColumn *pay = built_column(b, t, "salary", "integer");
    pay->has_statistics = pay->has_range = true;
    pay->low = 1873;
    pay->high = 94321;
    pay->distinct = -0.25;
    Draft d = drafted(b, t, pay);
    assert_true(drafted_on(&d, "sampled values lie between 1000 and 100000"));
    assert_true(drafted_on(&d, "about one distinct value for every 4.0 rows"));
    assert_false(drafted_on(&d, "1873"));
    assert_false(drafted_on(&d, "94321"));
    draft_free(&d);
    CatalogColumn *phone = built_column(b, t, "contact", "text");
    phone->format = "phone";
    assert_drafted(b, t, phone, "Contact; holds phone numbers, going by sampled values.", "medium", NULL);
    built_free(b);
}

static void the_teams_own_words_win(void **state)
{
    (void)state;
    static const WordAbbreviation own[] = {{"kna", "customer master", WORD_ANYWHERE},
                                           {"amt", "office", WORD_ANYWHERE}};
    Built *b = built_new();
    CatalogTable *t = built_table(b, "kna_rows");
    CatalogColumn *column = built_column(b, t, "kna_amt", "text");
    assert_drafted(b, t, column, "Kna amount.", "low", NULL);
    words_set_own(own, 2);
    assert_drafted(b, t, column, "Customer master office.", "low", "the text only writes the name out");
    words_set_own(NULL, 0);
    assert_drafted(b, t, column, "Kna amount.", "low", NULL);
    built_free(b);
}

static void words_of_a_name_never_gain_by_what_is_proven_beside_them(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *t = built_table(b, "stock");
    CatalogColumn *named = built_column(b, t, "qty", "integer");
    CatalogColumn *mute = built_column(b, t, "x", "integer");
    CatalogColumn *length = built_column(b, t, "len", "text");
    built_check(b, t, "(qty >= 0)");
    assert_drafted(b, t, named, "Quantity; at least 0.", "medium", "check chk");
    built_check(b, t, "(x >= 0)");
    assert_drafted(b, t, mute, "At least 0.", "high", "check chk");
    built_check(b, t, "(length(len) <= 5)");
    assert_drafted(b, t, length, "Length at most 5.", "medium", "check chk");
    CatalogTable *to = built_table(b, "thing");
    built_key(b, to, "id");
    CatalogColumn *role = built_column(b, t, "bill_addr_id", "bigint");
    built_foreign_key(b, t, "bill_addr_id", to, "id");
    assert_drafted(b, t, role, "Bill address: optional reference to the thing (thing.id).", "medium", NULL);
    built_free(b);
}

static void views_say_of_the_table_what_holds_only_there(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *media = built_table(b, "media");
    CatalogTable *view = built_table(b, "vw");
    view->kind = CATALOG_VIEW;
    built_key(b, media, "id");
    built_column(b, media, "parent_id", "bigint");
    built_foreign_key(b, media, "parent_id", media, "id");
    CatalogSource sources[2];
    for (size_t i = 0; i < 2; i++) {
        sources[i] = (CatalogSource){media->schema, media->name, media->columns[i].name};
        built_column(b, view, media->columns[i].name, "bigint")->source = &sources[i];
    }
    assert_drafted(b, view, &view->columns[0], "From media.id: identifier of the row of media.", "high",
                   NULL);
    assert_drafted(b, view, &view->columns[1],
                   "From media.parent_id: parent: optional reference to a row of media (media.id).", "high",
                   NULL);
    assert_never_drafted(b, view, &view->columns[1], "same table");
    built_free(b);
}

static void arrays_of_an_enum_hold_any_number_of_its_labels(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *t = built_table(b, "t");
    CatalogColumn *x = built_column(b, t, "x", "mood[]");
    x->type_class = CATALOG_TYPE_ARRAY;
    x->enum_labels = built_names(b, "sad,it's\nlate,a\\b");
    assert_drafted(b, t, x, "Any number of 'sad', E'it''s\\nlate', 'a\\b'.", "high", "enum type mood[]");
    x->type = built_text(b, "moods");
    x->type_class = CATALOG_TYPE_DOMAIN;
    CatalogDomain domain = {.name = x->type, .base_type = built_text(b, "mood[]")};
    x->domain = &domain;
    assert_drafted(b, t, x, "Any number of 'sad', E'it''s\\nlate', 'a\\b'.", "high", NULL);
    x->domain = NULL;
    x->type_class = CATALOG_TYPE_ENUM;
    x->enum_labels = NULL;
    built_check(b, t, "(x = ANY (ARRAY['a\nb'::text, E'c\\\\d\n'::text]))");
    assert_drafted(b, t, x, "One of E'a\\nb', E'c\\\\d\\n'.", "high", NULL);
    built_free(b);
}

static void units_need_something_that_is_measured(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *t = built_table(b, "t");
    assert_drafted(b, t, built_column(b, t, "weight_kg", "integer"), "Weight in kilograms.", "medium", NULL);
    assert_drafted(b, t, built_column(b, t, "cities_kg", "integer"), "Cities, probably in kilograms.", "low",
                   NULL);
    built_free(b);
}

static void a_column_without_a_type_is_told_so(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *t = built_table(b, "t");
    assert_drafted(b, t, built_column(b, t, "x", ""),
                   "Column without a declared type; its name does not say what it holds.", "low",
                   "column without a declared type");
    built_free(b);
}

static void what_is_said_of_an_id_is_no_word_on_another(void **state)
{
    (void)state;
    Built *b = built_new();
    CatalogTable *part = built_table(b, "part");
    CatalogTable *user = built_table(b, "user");
    built_column(b, part, "id", "bigint")->comment = built_text(b, "Parent column.");
    built_column(b, part, "price_group", "bigint")->comment = built_text(b, "As sold.");
    CatalogColumn *id = built_key(b, user, "id");
    CatalogColumn *group = built_column(b, user, "price_group", "bigint");
    built_column(b, user, "part_id", "bigint");
    assert_never_drafted(b, user, id, "Parent column");
    Draft d = drafted(b, user, group);
    assert_true(drafted_says(&d, "As sold."));
    draft_free(&d);
    built_foreign_key(b, user, "part_id", part, "id");
    d = drafted(b, user, id);
    assert_true(drafted_says(&d, "Parent column."));
    draft_free(&d);
    built_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glued_names_are_told_apart_where_a_table_proves_it),
        cmocka_unit_test(a_role_before_the_name_of_a_key_is_told),
        cmocka_unit_test(columns_of_views_tell_where_they_come_from),
        cmocka_unit_test(a_guess_about_the_source_stays_a_guess_in_the_view),
        cmocka_unit_test(flags_of_deletion_and_versions_need_their_types),
        cmocka_unit_test(times_are_told_by_names_that_say_so),
        cmocka_unit_test(domains_lend_their_checks_and_comments),
        cmocka_unit_test(statistics_are_evidence_that_holds_no_value),
        cmocka_unit_test(the_teams_own_words_win),
        cmocka_unit_test(words_of_a_name_never_gain_by_what_is_proven_beside_them),
        cmocka_unit_test(views_say_of_the_table_what_holds_only_there),
        cmocka_unit_test(arrays_of_an_enum_hold_any_number_of_its_labels),
        cmocka_unit_test(units_need_something_that_is_measured),
        cmocka_unit_test(a_column_without_a_type_is_told_so),
        cmocka_unit_test(what_is_said_of_an_id_is_no_word_on_another),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

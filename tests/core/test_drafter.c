/* The built-in drafter: what it says, how sure it is, and what that rests on. */
#include "support.h"

#include <string.h>

#include "drafter.h"
#include "memory.h"
#include "text.h"

/* ---- a catalog, built by hand ---- */

enum { TABLES = 12, COLUMNS = 12, KEYS = 16 };

typedef struct Built {
    Catalog catalog;
    CatalogTable tables[TABLES];
    CatalogForeignKey keys[KEYS];
    void *blocks[512]; /* everything to be freed */
    size_t block_count;
} Built;

static void *keep(Built *b, void *block)
{
    assert_true(b->block_count < sizeof b->blocks / sizeof *b->blocks);
    b->blocks[b->block_count++] = block;
    return block;
}

static char *copy(Built *b, const char *text)
{
    return keep(b, memory_string(text));
}

static Built *build(void)
{
    Built *b = memory_zero(1, sizeof *b);
    b->catalog.tables = b->tables;
    b->catalog.foreign_keys = b->keys;
    return b;
}

static void built_free(Built *b)
{
    for (size_t i = 0; i < b->block_count; i++) {
        free(b->blocks[i]);
    }
    free(b);
}

/* Tables must be added in byte order of their names. */
static CatalogTable *add_table(Built *b, const char *name)
{
    assert_true(b->catalog.table_count < TABLES);
    CatalogTable *table = &b->tables[b->catalog.table_count++];
    *table = (CatalogTable){.schema = copy(b, "public"), .name = copy(b, name), .rows = -1};
    table->columns = keep(b, memory_zero(COLUMNS, sizeof *table->columns));
    return table;
}

static CatalogColumn *add_column(Built *b, CatalogTable *table, const char *name, const char *type)
{
    assert_true(table->column_count < COLUMNS);
    CatalogColumn *column = &table->columns[table->column_count++];
    *column = (CatalogColumn){.name = copy(b, name), .type = copy(b, type)};
    return column;
}

static CatalogColumn *add_key(Built *b, CatalogTable *table, const char *name)
{
    CatalogColumn *column = add_column(b, table, name, "bigint");
    column->primary_key = column->not_null = true;
    return column;
}

/* "a,b" as a NULL-ended list. */
static char **names(Built *b, const char *list)
{
    char **result = keep(b, memory_zero(8, sizeof *result));
    char *rest = copy(b, list);
    for (size_t i = 0; rest && i < 7; i++) {
        result[i] = strsep(&rest, ",");
    }
    return result;
}

static void add_foreign_key(Built *b, const CatalogTable *from, const char *columns, const CatalogTable *to,
                            const char *to_columns)
{
    assert_true(b->catalog.foreign_key_count < KEYS);
    CatalogForeignKey *key = &b->keys[b->catalog.foreign_key_count++];
    *key = (CatalogForeignKey){.table = (size_t)(from - b->tables),
                               .columns = names(b, columns),
                               .to_schema = to->schema,
                               .to_table = to->name,
                               .to_columns = names(b, to_columns),
                               .target = to - b->tables};
    char *name = text_format("%s_%s_fkey", from->name, key->columns[0]);
    key->name = keep(b, name);
}

static void add_check(Built *b, CatalogTable *table, const char *expression)
{
    table->checks = keep(b, memory_zero(1, sizeof *table->checks));
    table->checks[0] = (CatalogCheck){copy(b, "chk"), copy(b, expression)};
    table->check_count = 1;
}

static void add_unique(Built *b, CatalogTable *table, const char *columns)
{
    table->uniques = keep(b, memory_zero(1, sizeof *table->uniques));
    table->uniques[0] = (CatalogUnique){copy(b, "uq"), names(b, columns)};
    table->unique_count = 1;
}

/* ---- drafting and looking at it ---- */

static Draft draft(const Built *b, const CatalogTable *table, const CatalogColumn *column)
{
    Draft out = {0};
    Error err = {0};
    Drafter *drafter = drafter_builtin.open(&b->catalog);
    assert_true(drafter_builtin.draft(drafter, table, column, &out, &err));
    drafter_builtin.close(drafter);
    for (size_t i = 0; i < out.alternative_count; i++) {
        const char *text = out.alternatives[i];
        char *visible = text_visible(text);
        assert_true(strlen(text) > 1 && strlen(text) < 500);
        assert_true(text_is_utf8(text, strlen(text)));
        assert_string_equal(text, visible);
        assert_int_equal(text[strlen(text) - 1], '.');
        assert_true(text[0] != ' ' && (text[0] < 'a' || text[0] > 'z'));
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(text, out.alternatives[j]);
        }
        free(visible);
    }
    return out;
}

static bool has_evidence(const Draft *d, const char *part)
{
    for (size_t i = 0; i < d->evidence_count; i++) {
        if (strstr(d->evidence[i], part)) {
            return true;
        }
    }
    return false;
}

static void assert_draft(const Built *b, const CatalogTable *table, const CatalogColumn *column,
                         const char *text, const char *confidence, const char *evidence)
{
    Draft d = draft(b, table, column);
    assert_true(d.alternative_count > 0);
    assert_string_equal(d.alternatives[0], text);
    assert_string_equal(draft_confidence_name(d.confidence), confidence);
    if (evidence && !has_evidence(&d, evidence)) {
        fail_msg("no evidence holds \"%s\"", evidence);
    }
    draft_free(&d);
}

/* A shop: customer <- orders <- order_line -> product */
typedef struct Shop {
    Built *b;
    CatalogTable *customer, *order_line, *orders, *product;
} Shop;

static Shop shop(void)
{
    Built *b = build();
    Shop s = {.b = b};
    s.customer = add_table(b, "customer");
    s.order_line = add_table(b, "order_line");
    s.orders = add_table(b, "orders");
    s.product = add_table(b, "product");
    add_key(b, s.customer, "id")->identity = true;
    add_key(b, s.orders, "id")->identity = true;
    add_column(b, s.orders, "customer_id", "bigint")->not_null = true;
    add_column(b, s.orders, "billing_customer_id", "bigint");
    add_key(b, s.order_line, "order_id");
    add_key(b, s.order_line, "product_id");
    add_column(b, s.order_line, "qty", "integer")->not_null = true;
    add_key(b, s.product, "sku")->type = copy(b, "text");
    add_foreign_key(b, s.order_line, "order_id", s.orders, "id");
    add_foreign_key(b, s.order_line, "product_id", s.product, "sku");
    add_foreign_key(b, s.orders, "billing_customer_id", s.customer, "id");
    add_foreign_key(b, s.orders, "customer_id", s.customer, "id");
    return s;
}

static void test_foreign_keys_are_told_with_role_and_target(void **state)
{
    (void)state;
    Shop s = shop();
    assert_draft(s.b, s.orders, &s.orders->columns[1], "Reference to the customer (customer.id).", "high",
                 "foreign key orders_customer_id_fkey -> customer.id");
    assert_draft(s.b, s.orders, &s.orders->columns[2],
                 "Billing customer: optional reference to the customer (customer.id).", "high",
                 "foreign key orders_billing_customer_id_fkey");
    built_free(s.b);
}

static void test_primary_keys(void **state)
{
    (void)state;
    Shop s = shop();
    assert_draft(s.b, s.customer, &s.customer->columns[0],
                 "Identifier of the customer; generated by the database.", "high", "primary key");
    assert_draft(s.b, s.product, &s.product->columns[0], "SKU; identifies the product (primary key).", "high",
                 "primary key");
    built_free(s.b);
}

static void test_link_table_is_many_to_many(void **state)
{
    (void)state;
    Shop s = shop();
    assert_draft(s.b, s.order_line, NULL, "Links orders and product, many to many: at most one row per pair.",
                 "high", "together are a key");
    /* without the key over both, nothing proves it */
    s.order_line->columns[1].primary_key = false;
    Draft d = draft(s.b, s.order_line, NULL);
    assert_null(strstr(d.alternatives[0], "many to many"));
    draft_free(&d);
    built_free(s.b);
}

static void test_table_tells_both_directions(void **state)
{
    (void)state;
    Shop s = shop();
    assert_draft(s.b, s.orders, NULL, "One row per order; refers to customer; referenced by order_line.",
                 "medium", "foreign keys that point here: 1");
    built_free(s.b);
}

static void test_one_to_one_extension(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *host = add_table(b, "host");
    CatalogTable *inventory = add_table(b, "host_inventory");
    add_key(b, host, "hostid");
    add_key(b, inventory, "hostid");
    add_foreign_key(b, inventory, "hostid", host, "hostid");
    assert_draft(b, inventory, NULL, "Extends host: at most one row for each host (hostid).", "high",
                 "the foreign key is the primary key");
    assert_draft(b, inventory, &inventory->columns[0],
                 "Reference to the host (host.hostid); also the primary key, so at most one row for each.",
                 "high", "foreign key");
    assert_draft(b, host, &host->columns[0], "Identifier of the host (primary key).", "high", "primary key");
    built_free(b);
}

static void test_self_reference_and_cycle(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *category = add_table(b, "category");
    CatalogTable *shelf = add_table(b, "shelf");
    add_key(b, category, "id");
    add_column(b, category, "parent_id", "bigint");
    add_column(b, category, "shelf_id", "bigint");
    add_key(b, shelf, "id");
    add_column(b, shelf, "category_id", "bigint");
    add_foreign_key(b, category, "parent_id", category, "id");
    add_foreign_key(b, category, "shelf_id", shelf, "id");
    add_foreign_key(b, shelf, "category_id", category, "id");
    assert_draft(b, category, &category->columns[1],
                 "Parent: optional reference to a row of the same table (category.id).", "high",
                 "foreign key");
    assert_draft(b, category, NULL,
                 "One row per category; refers to shelf and to rows of its own; referenced by shelf.",
                 "medium", NULL);
    assert_draft(b, shelf, NULL, "One row per shelf; refers to category; referenced by category.", "medium",
                 NULL);
    built_free(b);
}

static void test_composite_keys(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *line = add_table(b, "line");
    CatalogTable *shipment = add_table(b, "shipment");
    add_key(b, line, "order_no");
    add_key(b, line, "line_no");
    add_key(b, shipment, "id");
    add_column(b, shipment, "order_no", "bigint");
    add_column(b, shipment, "line_no", "bigint");
    add_foreign_key(b, shipment, "order_no,line_no", line, "order_no,line_no");
    assert_draft(b, shipment, &shipment->columns[2],
                 "Part of the reference (order_no, line_no) to line (order_no, line_no).", "high",
                 "foreign key");
    assert_draft(b, line, &line->columns[1], "Line number; part of the primary key together with order_no.",
                 "high", "part of the primary key");
    assert_draft(b, line, NULL, "One row per order_no and line_no; referenced by shipment.", "high",
                 "primary key: order_no and line_no");
    built_free(b);
}

static void test_what_the_database_declares_of_values(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *t = add_table(b, "invoice");
    CatalogColumn *status = add_column(b, t, "status", "invoice_status");
    status->enum_labels = names(b, "draft,sent,paid");
    assert_draft(b, t, status, "Status; one of 'draft', 'sent', 'paid'.", "high", "enum type invoice_status");
    CatalogColumn *total = add_column(b, t, "tot_amt", "numeric(10,2)");
    total->generated = true;
    total->default_value = copy(b, "(net + tax)");
    assert_draft(b, t, total, "Total amount; computed by the database as (net + tax).", "high",
                 "generated column");
    CatalogColumn *email = add_column(b, t, "email", "text");
    email->unique = email->not_null = true;
    assert_draft(b, t, email, "Email; unique.", "medium", "unique");
    CatalogColumn *contact = add_column(b, t, "contact", "text");
    contact->has_statistics = true;
    contact->null_fraction = 0.25;
    contact->format = "email";
    assert_draft(b, t, contact, "Contact; holds email addresses, going by sampled values.", "medium",
                 "25% of the sampled rows are null");
    built_free(b);
}

static void test_checks_are_spelled_out_or_quoted(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"(qty > 0)", "Quantity; greater than 0."},
        {"CHECK ((qty >= (0)::numeric))", "Quantity; at least 0."},
        {"((qty >= 1) AND (qty <= 100))", "Quantity; from 1 to 100."},
        {"qty BETWEEN 1 AND 5", "Quantity; from 1 to 5."},
        {"((qty)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
         "Quantity; one of 'a', 'b'."},
        {"\"qty\" IN ('Y', 'N')", "Quantity; one of 'Y', 'N'."},
        {"(qty >= '-1'::integer)", "Quantity; at least -1."},
        {"(length(qty) <= 10)", "Quantity; length at most 10."},
        {"(qty <> ''::text)", "Quantity; not empty."},
        {"((qty > 0) OR (qty IS NULL))", "Quantity; restricted by the check ((qty > 0) OR (qty IS NULL))."},
        {"(NOT (qty > 0))", "Quantity; restricted by the check (NOT (qty > 0))."},
        {"(qty % 2 = 0)", "Quantity; restricted by the check (qty % 2 = 0)."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Built *b = build();
        CatalogTable *t = add_table(b, "stock");
        CatalogColumn *qty = add_column(b, t, "qty", "integer");
        add_check(b, t, cases[i][0]);
        assert_draft(b, t, qty, cases[i][1], "high", "check chk");
        built_free(b);
    }
    /* a check over two columns is evidence, not a sentence; a name inside a string is no mention */
    Built *b = build();
    CatalogTable *t = add_table(b, "stock");
    CatalogColumn *low = add_column(b, t, "low", "integer");
    CatalogColumn *high = add_column(b, t, "high", "text");
    add_check(b, t, "(low < length(high))");
    assert_draft(b, t, low, "Low.", "low", "check chk");
    add_check(b, t, "(low <> 'high')");
    Draft d = draft(b, t, high);
    assert_false(has_evidence(&d, "check"));
    draft_free(&d);
    built_free(b);
}

static void test_audit_columns_need_the_fitting_type(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *t = add_table(b, "item");
    assert_draft(b, t, add_column(b, t, "created_at", "timestamp with time zone"),
                 "Time at which the row was created.", "medium", "type timestamp with time zone");
    CatalogColumn *set = add_column(b, t, "CreatedOn", "timestamp without time zone");
    set->default_value = copy(b, "now()");
    assert_draft(b, t, set, "Time at which the row was created; set by the database unless given.", "high",
                 "default now()");
    assert_draft(b, t, add_column(b, t, "last_update", "date"), "Date on which the row was last changed.",
                 "medium", NULL);
    assert_draft(b, t, add_column(b, t, "deleted_at", "timestamp"),
                 "Time at which the row was marked as deleted; empty while it is not.", "medium", NULL);
    assert_draft(b, t, add_column(b, t, "created_by", "text"), "Who created the row.", "medium", NULL);
    assert_draft(b, t, add_column(b, t, "created_at", "jsonb"), "Created at.", "low", NULL);
    assert_draft(b, t, add_column(b, t, "password_changed_at", "timestamp"), "Time when password changed.",
                 "medium", NULL);
    assert_draft(b, t, add_column(b, t, "expires_at", "timestamp"), "Time when it expires.", "medium", NULL);
    built_free(b);
}

static void test_flags_and_units(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *t = add_table(b, "item");
    assert_draft(b, t, add_column(b, t, "is_active", "boolean"), "True if active.", "medium", NULL);
    assert_draft(b, t, add_column(b, t, "has_children", "boolean"), "True if it has children.", "medium",
                 NULL);
    assert_draft(b, t, add_column(b, t, "email_verified", "boolean"), "True if email verified.", "medium",
                 NULL);
    assert_draft(b, t, add_column(b, t, "newsletter", "boolean"), "Flag: newsletter.", "low", NULL);
    assert_draft(b, t, add_column(b, t, "is_active", "text"), "Is active.", "low", NULL);
    assert_draft(b, t, add_column(b, t, "timeout_ms", "integer"), "Timeout in milliseconds.", "medium", NULL);
    assert_draft(b, t, add_column(b, t, "working_days", "integer"), "Working days.", "low", NULL);
    assert_draft(b, t, add_column(b, t, "login_cnt", "integer"), "Number of logins.", "low", NULL);
    built_free(b);
}

static void test_text_that_only_repeats_the_name_is_low(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *t = add_table(b, "gadgets");
    assert_draft(b, t, add_column(b, t, "shoe_size", "integer"), "Shoe size.", "low", "name shoe_size");
    assert_draft(b, t, add_column(b, t, "cust_addr", "text"), "Customer address.", "low", NULL);
    assert_draft(b, t, NULL, "One row per gadget.", "low", "name gadgets");
    built_free(b);
}

static void test_name_alone_makes_a_likely_reference_low(void **state)
{
    (void)state;
    Shop s = shop();
    s.b->catalog.foreign_key_count = 0;
    assert_draft(s.b, s.orders, &s.orders->columns[1],
                 "Probably refers to the customer (customer.id); no foreign key is declared.", "low",
                 "no foreign key declared");
    built_free(s.b);
}

static void test_neighbours_comment_is_offered_but_never_first(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *a = add_table(b, "a_table");
    CatalogTable *z = add_table(b, "z_table");
    add_column(b, a, "tier", "integer")->comment = copy(b, "  loyalty tier, \x1b[1m1 is best ");
    CatalogColumn *tier = add_column(b, z, "tier", "integer");
    CatalogColumn *other = add_column(b, z, "tier", "text");
    Draft d = draft(b, z, tier);
    assert_string_equal(d.alternatives[0], "Tier.");
    assert_string_equal(d.alternatives[1], "Loyalty tier, \\x1b[1m1 is best.");
    assert_true(has_evidence(&d, "alternative 2: comment of a_table.tier"));
    assert_string_equal(draft_confidence_name(d.confidence), "low");
    draft_free(&d);
    d = draft(b, z, other);
    assert_int_equal(d.alternative_count, 1);
    draft_free(&d);
    built_free(b);
}

static void test_views_name_their_sources_only_where_certain(void **state)
{
    (void)state;
    static const struct {
        const char *definition;
        const char *text;
        const char *confidence;
    } cases[] = {
        {" SELECT a.x,\n    b.y\n   FROM (alpha a\n     JOIN public.beta b ON ((a.id = b.id)));",
         "View over alpha and beta.", "high"},
        {"CREATE VIEW v AS SELECT x FROM alpha, beta WHERE x IN (SELECT y FROM alpha)",
         "View over alpha and beta.", "high"},
        {"SELECT EXTRACT(year FROM d) AS y, s IS DISTINCT FROM t FROM alpha -- , beta\n", "View over alpha.",
         "high"},
        {"WITH q AS (SELECT 1) SELECT * FROM q", "Vwx sales (view).", "low"},
        {"SELECT * FROM generate_series(1, 3) g", "Vwx sales (view).", "low"},
        {"SELECT * FROM alpha JOIN elsewhere.gamma ON true", "Vwx sales (view).", "low"},
        {"SELECT 1", "Vwx sales (view).", "low"},
        {"SELECT * FROM ((((", "Vwx sales (view).", "low"},
        {"SELECT * FROM 'alpha", "Vwx sales (view).", "low"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Built *b = build();
        add_table(b, "alpha");
        add_table(b, "beta");
        CatalogTable *view = add_table(b, "vwx_sales");
        view->kind = CATALOG_VIEW;
        view->definition = copy(b, cases[i].definition);
        Draft d = draft(b, view, NULL);
        assert_string_equal(draft_confidence_name(d.confidence), cases[i].confidence);
        assert_string_equal(d.alternatives[0], cases[i].text);
        draft_free(&d);
        built_free(b);
    }
}

static void test_hostile_names_and_texts_come_out_harmless(void **state)
{
    (void)state;
    static const char *const hostile[] = {"\x1b]0;gotcha\x07",
                                          "\u202egnp.exe",
                                          "a\nb\tc",
                                          "\xff\xfe\x80",
                                          "%s%n%d",
                                          "' OR 1=1 --",
                                          "\"",
                                          " ",
                                          "_",
                                          "💥",
                                          "x.y",
                                          "..",
                                          "\\",
                                          "\u00df"};
    char long_name[2000];
    memset(long_name, 'q', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    for (size_t i = 0; i <= sizeof hostile / sizeof *hostile; i++) {
        const char *name = i < sizeof hostile / sizeof *hostile ? hostile[i] : long_name;
        Built *b = build();
        CatalogTable *t = add_table(b, name);
        CatalogColumn *key = add_key(b, t, name);
        CatalogColumn *other = add_column(b, t, name, name);
        other->default_value = copy(b, name);
        other->enum_labels = names(b, name);
        other->comment = copy(b, name);
        add_check(b, t, name);
        add_foreign_key(b, t, name, t, name);
        add_unique(b, t, name);
        const CatalogColumn *columns[] = {NULL, key, other};
        for (size_t j = 0; j < 3; j++) {
            Draft d = draft(b, t, columns[j]); /* looks at every alternative */
            for (size_t k = 0; k < d.evidence_count; k++) {
                char *visible = text_visible(d.evidence[k]);
                assert_string_equal(d.evidence[k], visible);
                free(visible);
            }
            draft_free(&d);
        }
        t->kind = CATALOG_VIEW;
        t->definition = copy(b, name);
        Draft d = draft(b, t, NULL);
        draft_free(&d);
        built_free(b);
    }
}

/* One alternative, low, that says only that nothing is known. */
static void assert_unknown(const Draft *d)
{
    assert_int_equal(d->alternative_count, 1);
    assert_non_null(strstr(d->alternatives[0], "its name does not say what it holds."));
    assert_string_equal(draft_confidence_name(d->confidence), "low");
    assert_true(d->evidence_count > 0);
}

static void test_nothing_known_says_so(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *t = add_table(b, "t");
    Draft d = draft(b, t, add_column(b, t, "??", "integer"));
    assert_unknown(&d);
    draft_free(&d);
    draft_free(&d); /* twice does no harm */
    built_free(b);
}

static void test_a_name_that_says_nothing_is_not_repeated(void **state)
{
    (void)state;
    static const char *const nothing[] = {"a", "X", "x1", "a_b", "id", "where", "WITH"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        Built *b = build();
        CatalogTable *t = add_table(b, nothing[i]);
        const CatalogColumn *columns[] = {add_column(b, t, nothing[i], "text"),
                                          add_column(b, t, nothing[i], "boolean"), NULL};
        for (size_t j = 0; j < 3; j++) {
            Draft d = draft(b, t, columns[j]);
            assert_unknown(&d);
            draft_free(&d);
        }
        t->kind = CATALOG_VIEW;
        Draft d = draft(b, t, NULL);
        assert_unknown(&d);
        draft_free(&d);
        built_free(b);
    }
    /* what is known besides the name is still told, and a short name that stands for a word is expanded */
    Built *b = build();
    CatalogTable *t = add_table(b, "stock");
    CatalogColumn *x = add_column(b, t, "x", "text");
    x->unique = x->not_null = true;
    assert_draft(b, t, x, "Unique.", "medium", "unique");
    assert_draft(b, t, add_column(b, t, "db", "text"), "Database.", "low", NULL);
    assert_draft(b, t, add_column(b, t, "\u540d", "text"), "\u540d.", "low", NULL);
    built_free(b);
}

static void test_a_table_without_columns_has_no_rows_to_tell_of(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *t = add_table(b, "nocol");
    Draft d = draft(b, t, NULL);
    assert_unknown(&d);
    draft_free(&d);
    add_column(b, t, "colour", "text");
    assert_draft(b, t, NULL, "One row per nocol.", "low", "name nocol");
    built_free(b);
}

static void test_names_are_quoted_as_sql_does(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable *odd = add_table(b, "a\"b");
    CatalogTable *stock = add_table(b, "stock");
    add_key(b, odd, "x\"y");
    add_column(b, stock, "Odd", "bigint")->not_null = true;
    add_foreign_key(b, stock, "Odd", odd, "x\"y");
    assert_draft(b, stock, &stock->columns[0], "Odd: reference to \"a\"\"b\".\"x\"\"y\".", "high",
                 "name \"Odd\"");
    built_free(b);
}

static void test_a_long_name_keeps_its_closing_quote(void **state)
{
    (void)state;
    char name[101];
    memset(name, 'O', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    Built *b = build();
    CatalogTable *stock = add_table(b, "stock");
    add_column(b, stock, name, "bigint");
    Draft d = draft(b, stock, &stock->columns[0]);
    assert_true(d.evidence_count > 0);
    const char *fact = d.evidence[0];
    assert_true(text_starts(fact, "name \"OOO"));
    assert_string_equal(fact + strlen(fact) - 3, "..\"");
    draft_free(&d);
    built_free(b);
}

static void test_empty_catalog_and_strange_table(void **state)
{
    (void)state;
    Built *b = build();
    CatalogTable stranger = {.schema = (char *)"s", .name = (char *)"t"};
    Draft d = {0};
    Error err = {0};
    Drafter *drafter = drafter_builtin.open(&b->catalog);
    assert_false(drafter_builtin.draft(drafter, &stranger, NULL, &d, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    drafter_builtin.close(drafter);
    drafter_builtin.close(NULL);
    built_free(b);
}

static void test_same_catalog_gives_the_same_drafts(void **state)
{
    (void)state;
    Shop s = shop();
    for (size_t i = 0; i < s.b->catalog.table_count; i++) {
        const CatalogTable *t = &s.b->tables[i];
        for (size_t j = 0; j <= t->column_count; j++) {
            const CatalogColumn *column = j < t->column_count ? &t->columns[j] : NULL;
            Draft first = draft(s.b, t, column);
            Draft second = draft(s.b, t, column);
            assert_int_equal(first.alternative_count, second.alternative_count);
            assert_int_equal(first.evidence_count, second.evidence_count);
            assert_true(first.confidence == second.confidence);
            for (size_t k = 0; k < first.alternative_count; k++) {
                assert_string_equal(first.alternatives[k], second.alternatives[k]);
            }
            for (size_t k = 0; k < first.evidence_count; k++) {
                assert_string_equal(first.evidence[k], second.evidence[k]);
            }
            draft_free(&first);
            draft_free(&second);
        }
    }
    built_free(s.b);
}

static void test_drafters_are_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(drafter_find("builtin"), &drafter_builtin);
    assert_null(drafter_find("oracle"));
    assert_null(drafter_find(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign_keys_are_told_with_role_and_target),
        cmocka_unit_test(test_primary_keys),
        cmocka_unit_test(test_link_table_is_many_to_many),
        cmocka_unit_test(test_table_tells_both_directions),
        cmocka_unit_test(test_one_to_one_extension),
        cmocka_unit_test(test_self_reference_and_cycle),
        cmocka_unit_test(test_composite_keys),
        cmocka_unit_test(test_what_the_database_declares_of_values),
        cmocka_unit_test(test_checks_are_spelled_out_or_quoted),
        cmocka_unit_test(test_audit_columns_need_the_fitting_type),
        cmocka_unit_test(test_flags_and_units),
        cmocka_unit_test(test_text_that_only_repeats_the_name_is_low),
        cmocka_unit_test(test_name_alone_makes_a_likely_reference_low),
        cmocka_unit_test(test_neighbours_comment_is_offered_but_never_first),
        cmocka_unit_test(test_views_name_their_sources_only_where_certain),
        cmocka_unit_test(test_hostile_names_and_texts_come_out_harmless),
        cmocka_unit_test(test_nothing_known_says_so),
        cmocka_unit_test(test_a_name_that_says_nothing_is_not_repeated),
        cmocka_unit_test(test_a_table_without_columns_has_no_rows_to_tell_of),
        cmocka_unit_test(test_names_are_quoted_as_sql_does),
        cmocka_unit_test(test_a_long_name_keeps_its_closing_quote),
        cmocka_unit_test(test_empty_catalog_and_strange_table),
        cmocka_unit_test(test_same_catalog_gives_the_same_drafts),
        cmocka_unit_test(test_drafters_are_found_by_name),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

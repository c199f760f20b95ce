/* The rules for columns: foreign keys and primary keys first, then what the database declares of the values,
 * then what name and type mean, then what people wrote about columns of the same name. */
#include "drafter_rules.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "drafter_sql.h"
#include "memory.h"
#include "text.h"

enum { QUOTE_LIMIT = 160, LABELS_LIMIT = 240, NEIGHBOURS_SEEN = 64, COMMENT_LIMIT = 400 };

typedef struct Case {
    const Drafter *drafter;
    size_t table_index;
    const CatalogTable *table;
    const CatalogColumn *column;
    char *name;      /* of the column, to be shown */
    Meaning meaning; /* of name and type */
    size_t key_size; /* columns in the primary key */
    bool referring;  /* has a foreign key */
    bool shown; /* drafted for a view's column that shows this one: keys and defaults do not hold there */
    SqlDefault default_kind;
    char *literal; /* the default, when it is one */
    Draft *out;
} Case;

static char *after_semicolon(const Case *c, const char *addition)
{
    return *c->meaning.text ? text_format("%s; %s", c->meaning.text, addition) : memory_string(addition);
}

/* Structure carries the sentence only as far as the words beside it do not guess. */
static double with_structure(const Case *c)
{
    return c->meaning.confidence < DRAFT_MEDIUM || c->meaning.confidence >= DRAFT_HIGH
               ? DRAFT_HIGH
               : c->meaning.confidence;
}

static bool is_generated_value(const Case *c)
{
    return c->column->identity || c->default_kind == SQL_DEFAULT_NEXT || c->default_kind == SQL_DEFAULT_UUID;
}

/* --- foreign keys --- */

static void split_part(const char *text, size_t length, Words *out)
{
    char *part = memory_string_n(text, length);
    words_split(part, out);
    free(part);
}

/* Takes off what only says that this is a key: "customer id", "templateid". */
static void drop_key_ending(Words *words)
{
    static const char *const endings[] = {"id", "fk", "key", "ref", "no", "nr", "code", "uuid", NULL};
    char *last = words->count ? words->items[words->count - 1] : NULL;
    for (size_t i = 0; last && endings[i]; i++) {
        if (strcmp(last, endings[i]) == 0) {
            words_remove(words, words->count - 1);
            return;
        }
    }
    size_t length = last ? strlen(last) : 0;
    if (length > 4 && strcmp(last + length - 2, "id") == 0) {
        last[length - 2] = '\0';
    }
}

/* "customers" says the same as the noun "customer", "group" the same as "host group". */
static bool says_the_same(const char *phrase, const char *noun)
{
    char *singular = words_singular(phrase);
    size_t length = strlen(singular);
    size_t size = strlen(noun);
    bool same = size >= length && strcmp(noun + size - length, singular) == 0 &&
                (size == length || noun[size - length - 1] == ' ');
    free(singular);
    return same;
}

/* The part of a referencing column's name that says in which role: "billing address" of billing_address_id,
 * "proxy" of proxy_hostid that refers to hosts.hostid. NULL when it says no more than the target does, ""
 * when it says something that is no word. */
static char *key_role(const Case *c, const CatalogForeignKey *key)
{
    const char *column = c->column->name;
    const char *target = key->to_columns[0];
    size_t length = strlen(column);
    size_t size = strlen(target);
    if (strcasecmp(column, target) == 0) {
        return NULL;
    }
    Words words = {0};
    bool around = size > 2 && length > size + 1;
    if (around && strcasecmp(column + length - size, target) == 0 && column[length - size - 1] == '_') {
        split_part(column, length - size - 1, &words);
    } else if (around && strncasecmp(column, target, size) == 0 && column[size] == '_') {
        split_part(column + size, length - size, &words); /* triggerid_up */
    } else {
        words_split(column, &words);
        drop_key_ending(&words);
    }
    words_strip_prefix(&words, NULL);
    words_expand(&words);
    char *phrase = words_join(&words, 0, words.count);
    char *noun = rules_noun(c->drafter, key->to_schema, key->to_table);
    char *role = NULL;
    bool same = noun && says_the_same(phrase, noun);
    if (*phrase && !same) {
        role = strlen(phrase) < 2 ? memory_string("") : rules_quote(phrase, QUOTE_LIMIT);
    }
    free(noun);
    free(phrase);
    words_free(&words);
    return role;
}

static bool is_self_reference(const Case *c, const CatalogForeignKey *key)
{
    return key->target == (long)c->table_index;
}

static char *key_target(const Case *c, const CatalogForeignKey *key)
{
    char *table = rules_table_name(key->to_schema, key->to_table, c->table);
    bool single = rules_count(key->to_columns) == 1;
    char *columns = single ? rules_name(key->to_columns[0]) : rules_key_list(key->to_columns);
    char *target = text_format("%s%s%s", table, single ? "." : " ", columns);
    free(table);
    free(columns);
    return target;
}

static const char *key_suffix(const Case *c)
{
    return c->shown ? ""
           : c->column->primary_key && c->key_size == 1
               ? "; also the primary key, so at most one row for each"
           : c->column->primary_key ? "; part of the primary key"
           : c->column->unique      ? "; at most one row for each"
                                    : "";
}

static void evidence_of_key(const Case *c, const CatalogForeignKey *key)
{
    char *name = rules_name(key->name ? key->name : "");
    char *target = key_target(c, key);
    draft_evidence(c->out, "foreign key %s -> %s", name, target);
    free(name);
    free(target);
}

static void offer_single_key(const Case *c, const CatalogForeignKey *key)
{
    char *target = key_target(c, key);
    char *role = key_role(c, key);
    char *noun = rules_row_noun(rules_noun(c->drafter, key->to_schema, key->to_table));
    char *own_noun = rules_row_noun(rules_noun(c->drafter, c->table->schema, c->table->name));
    const char *reference = c->column->not_null || c->shown ? "reference" : "optional reference";
    const char *suffix = key_suffix(c);
    char *to = is_self_reference(c, key) ? text_format("a row of the same table (%s)", target)
               : noun                    ? text_format("the %s (%s)", noun, target)
                                         : memory_string(target);
    bool who = strncmp(c->meaning.text, "who ", 4) == 0;
    char *lead = who ? memory_string(c->meaning.text) : role && *role ? memory_string(role) : NULL;
    draft_offer(c->out, 0.9,
                lead ? text_format("%s: %s to %s%s", lead, reference, to, suffix)
                     : text_format("%s to %s%s", reference, to, suffix));
    if (!role && noun && own_noun && !strstr(own_noun, noun) && !c->column->primary_key &&
        !is_self_reference(c, key)) {
        draft_offer(c->out, 0.9, text_format("%s of the %s; references %s", noun, own_noun, target));
    } else if (lead || noun) {
        draft_offer(c->out, 0.9, text_format("references %s", target));
    }
    free(to);
    free(lead);
    free(own_noun);
    free(noun);
    free(role);
    free(target);
}

static void offer_composite_key(const Case *c, const CatalogForeignKey *key)
{
    char *target = key_target(c, key);
    char *columns = rules_key_list(key->columns);
    draft_offer(c->out, 0.85,
                text_format("part of the reference %s to %s%s", columns, target,
                            c->column->primary_key ? "; part of the primary key" : ""));
    free(columns);
    free(target);
}

static void foreign_key_rules(const Case *c)
{
    const CatalogForeignKey *key;
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; (key = drafter_outgoing(c->drafter, c->table_index, i)); i++) {
            bool single = rules_count(key->columns) == 1;
            if (!rules_key_has(key, c->column->name) || single != (pass == 0) ||
                !rules_count(key->to_columns)) {
                continue;
            }
            evidence_of_key(c, key);
            if (single) {
                offer_single_key(c, key);
            } else {
                offer_composite_key(c, key);
            }
        }
    }
}

/* --- primary keys --- */

static char *other_key_columns(const Case *c)
{
    char **others = memory_zero(c->table->column_count + 1, sizeof *others);
    size_t count = 0;
    for (size_t i = 0; i < c->table->column_count; i++) {
        const CatalogColumn *column = &c->table->columns[i];
        if (column->primary_key && column != c->column) {
            others[count++] = column->name;
        }
    }
    char *list = rules_name_list(others);
    free(others);
    return list;
}

static void primary_key_rules(const Case *c)
{
    if (!c->column->primary_key || (c->shown && c->key_size > 1)) {
        return;
    }
    if (c->key_size > 1) {
        char *others = other_key_columns(c);
        draft_evidence(c->out, "part of the primary key");
        char *part = text_format("part of the primary key together with %s", others);
        draft_offer(c->out, with_structure(c), after_semicolon(c, part));
        free(part);
        free(others);
        return;
    }
    draft_evidence(c->out, "primary key");
    char *noun = rules_noun(c->drafter, c->table->schema, c->table->name);
    bool generated = is_generated_value(c);
    bool identifier = generated || rules_is_identifier(c->column->name, noun);
    const char *how = c->shown ? ""
                      : c->default_kind == SQL_DEFAULT_UUID
                          ? "; a UUID generated by the database unless given"
                      : generated ? "; generated by the database"
                                  : "";
    noun = rules_row_noun(noun);
    const char *what = noun ? noun : "row";
    if (identifier) {
        draft_offer(
            c->out, 0.9,
            text_format("identifier of the %s%s", what, generated || c->shown ? how : " (primary key)"));
    } else if (!c->shown) {
        /* what the key names is the row; whether that is what the table is named after, nothing proves */
        draft_offer(c->out, 0.85, after_semicolon(c, "identifies the row (primary key)"));
    }
    if (identifier && !c->shown) {
        draft_offer(c->out, 0.9, text_format("primary key%s", how));
    }
    free(noun);
}

/* --- what the database declares of the values --- */

static void generated_rule(const Case *c)
{
    if (c->column->generated) {
        draft_evidence(c->out, "generated column");
        if (text_is_empty(c->column->default_value)) {
            draft_offer(c->out, DRAFT_HIGH, after_semicolon(c, "computed by the database"));
            return;
        }
        char *expression = rules_quote(c->column->default_value, QUOTE_LIMIT);
        char *how = text_format("computed by the database as %s", expression);
        draft_offer(c->out, with_structure(c), after_semicolon(c, how));
        free(how);
        free(expression);
    } else if (c->column->identity && !c->column->primary_key && !c->shown) {
        draft_evidence(c->out, "generated by identity or sequence");
        draft_offer(c->out, with_structure(c), after_semicolon(c, "a number generated by the database"));
    }
}

static void enum_rule(const Case *c)
{
    size_t count = rules_count(c->column->enum_labels);
    if (count == 0) {
        return;
    }
    Text list = {0};
    for (size_t i = 0; i < count; i++) {
        char *label = rules_quote(c->column->enum_labels[i], 64);
        if (list.length + strlen(label) > LABELS_LIMIT) {
            text_addf(&list, " and %zu more", count - i);
            free(label);
            break;
        }
        text_addf(&list, "%s'%s'", i ? ", " : "", label);
        free(label);
    }
    char *type = rules_quote(c->column->type, QUOTE_LIMIT);
    draft_evidence(c->out, "enum type %s with %zu label%s", type, count, text_plural((long long)count));
    char *labels = text_format("one of %s", text_string(&list));
    draft_offer(c->out, with_structure(c), after_semicolon(c, labels));
    free(labels);
    free(type);
    text_free(&list);
}

/* How many columns of the table does a check name? */
static size_t columns_in_check(const CatalogTable *table, const char *expression)
{
    size_t count = 0;
    for (size_t i = 0; i < table->column_count && count < 2; i++) {
        count += sql_mentions(expression, table->columns[i].name);
    }
    return count;
}

/* A check that names the column `name` and, with `alone`, no other. */
static void check_rule(const Case *c, const CatalogCheck *check, const char *name, bool alone, const char *of)
{
    if (text_is_empty(check->expression) || !sql_mentions(check->expression, name)) {
        return;
    }
    char *shown = rules_quote(check->expression, LABELS_LIMIT);
    char *check_name = rules_name(check->name ? check->name : "");
    draft_evidence(c->out, "%scheck %s: %s", of, check_name, shown);
    char *rule = sql_check_rule(check->expression, name);
    if (rule) {
        char *harmless = rules_quote(rule, LABELS_LIMIT);
        draft_offer(c->out, with_structure(c), after_semicolon(c, harmless));
        free(harmless);
    } else if (alone) {
        char *quoted = text_format("restricted by the check %s", shown);
        draft_offer(c->out, with_structure(c), after_semicolon(c, quoted));
        free(quoted);
    }
    free(rule);
    free(check_name);
    free(shown);
}

static void check_rules(const Case *c)
{
    for (size_t i = 0; i < c->table->check_count; i++) {
        const CatalogCheck *check = &c->table->checks[i];
        bool alone = !text_is_empty(check->expression) && columns_in_check(c->table, check->expression) == 1;
        check_rule(c, check, c->column->name, alone, "");
    }
}

/* What the domain of a column says holds of the column: its checks, and the words a person put on it. */
static void domain_rules(const Case *c)
{
    const CatalogDomain *domain = c->column->domain;
    if (!domain) {
        return;
    }
    char *name = rules_quote(domain->name, QUOTE_LIMIT);
    char *of = text_format("domain %s, ", name);
    for (size_t i = 0; i < domain->check_count; i++) {
        check_rule(c, &domain->checks[i], "value", false, of);
    }
    if (!text_is_empty(domain->comment)) {
        char *comment = rules_quote(domain->comment, QUOTE_LIMIT);
        draft_evidence(c->out, "comment of the domain %s: %s", name, comment);
        draft_offer(c->out, with_structure(c), after_semicolon(c, comment));
        free(comment);
    }
    free(of);
    free(name);
}

static void unique_rules(const Case *c)
{
    if (c->shown) {
        return;
    }
    double confidence = c->meaning.confidence > 0.6 ? c->meaning.confidence : 0.6;
    if (c->column->unique && !c->column->primary_key) {
        draft_evidence(c->out, "unique");
        draft_offer(
            c->out, confidence,
            after_semicolon(c, c->column->not_null ? "unique" : "unique among the rows that have one"));
    }
    for (size_t i = 0; i < c->table->unique_count; i++) {
        const CatalogUnique *unique = &c->table->uniques[i];
        size_t count = rules_count(unique->columns);
        char **others = memory_zero(count + 1, sizeof *others);
        size_t other_count = 0;
        for (size_t j = 0; j < count; j++) {
            if (strcmp(unique->columns[j], c->column->name) != 0) {
                others[other_count++] = unique->columns[j];
            }
        }
        if (count > 1 && other_count + 1 == count) {
            char *list = rules_name_list(others);
            char *together = text_format("unique together with %s", list);
            char *name = rules_name(unique->name ? unique->name : "");
            draft_evidence(c->out, "unique key %s (with %s)", name, list);
            draft_offer(c->out, 0.55, after_semicolon(c, together));
            free(name);
            free(together);
            free(list);
        }
        free(others);
    }
}

/* --- weaker evidence --- */

static void format_rule(const Case *c)
{
    static const char *const formats[][2] = {
        {"email", "email addresses"},
        {"url", "URLs"},
        {"uuid", "UUIDs"},
        {"iso date", "ISO dates"},
        {"json", "JSON"},
        {"ipv4", "IPv4 addresses"},
        {"phone", "phone numbers"},
        {"currency code", "currency codes of ISO 4217"},
    };
    for (size_t i = 0; c->column->format && i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(c->column->format, formats[i][0]) == 0) {
            draft_evidence(c->out, "sampled values are %s", formats[i][1]);
            char *holds = text_format("holds %s, going by sampled values", formats[i][1]);
            double confidence = c->meaning.confidence > 0.55 ? c->meaning.confidence : 0.55;
            draft_offer(c->out, confidence, after_semicolon(c, holds));
            free(holds);
        }
    }
}

/* jobid of job is; mediaid of cd_images is named after another table. */
static bool is_named_after(const Case *c, const CatalogTable *table, const CatalogColumn *key)
{
    char *noun = rules_noun(c->drafter, table->schema, table->name);
    bool named = noun && rules_is_identifier(key->name, noun);
    free(noun);
    return named;
}

/* The one table whose key this column is named after, though no foreign key says so. */
static void likely_reference_rule(const Case *c)
{
    if (rules_is_view(c->table)) {
        return; /* could not declare one */
    }
    if (c->referring || c->column->generated || (c->column->primary_key && c->key_size == 1)) {
        return;
    }
    char *phrase = words_phrase(c->column->name, NULL);
    char *wanted = column_index_key(c->table->schema, phrase);
    size_t count;
    const ColumnEntry *entries = column_index_find(&c->drafter->keys, wanted, &count);
    const CatalogTable *found = NULL;
    const CatalogColumn *target = NULL;
    bool ambiguous = false;
    for (size_t i = 0; i < count; i++) {
        const CatalogTable *table = &c->drafter->catalog->tables[entries[i].table];
        const CatalogColumn *key = &table->columns[entries[i].column];
        if (table == c->table || !is_named_after(c, table, key)) {
            continue;
        }
        ambiguous = ambiguous || found;
        found = table;
        target = key;
    }
    if (found && !ambiguous && rules_column_type(target) == rules_column_type(c->column)) {
        char *table = rules_name(found->name);
        char *column = rules_name(target->name);
        draft_evidence(c->out, "named like the primary key of %s; no foreign key declared", table);
        char *noun = rules_row_noun(rules_noun(c->drafter, found->schema, found->name));
        draft_offer(c->out, 0.45,
                    noun
                        ? text_format("probably refers to the %s (%s.%s); no foreign key is declared", noun,
                                      table, column)
                        : text_format("probably refers to %s.%s; no foreign key is declared", table, column));
        free(noun);
        free(column);
        free(table);
    }
    free(wanted);
    free(phrase);
}

/* A key's own sentences say more than its name does. */
static void meaning_rule(const Case *c)
{
    if (c->out->alternative_count > 0 && (c->referring || (c->column->primary_key && c->key_size == 1))) {
        return;
    }
    if (*c->meaning.text) {
        if (c->out->alternative_count == 0 && c->meaning.confidence <= EXPANDS_NAME) {
            draft_evidence(c->out, c->meaning.confidence < EXPANDS_NAME
                                       ? "the text only repeats the name"
                                       : "the text only writes the name out");
        }
        draft_offer(c->out, c->meaning.confidence, memory_string(c->meaning.text));
    }
    bool worth_telling = c->literal && !c->shown && strcmp(c->literal, "''") != 0 && !c->column->generated;
    if (worth_telling && *c->meaning.text) {
        char *shown = rules_quote(c->literal, QUOTE_LIMIT);
        draft_offer(c->out, c->meaning.confidence,
                    text_format("%s; %s unless given", c->meaning.text, shown));
        free(shown);
    }
}

static bool is_compatible(const CatalogColumn *a, const CatalogColumn *b)
{
    TypeClass class = rules_column_type(a);
    return class == TYPE_OTHER ? text_equal(a->type, b->type) : class == rules_column_type(b);
}

/* Text that a person wrote about a column of the same name and a compatible type elsewhere: never
 * first. */
static void neighbour_rule(const Case *c)
{
    size_t count;
    const ColumnEntry *entries = column_index_find(&c->drafter->commented, c->column->name, &count);
    for (size_t i = 0; i < count && i < NEIGHBOURS_SEEN; i++) {
        const CatalogTable *table = &c->drafter->catalog->tables[entries[i].table];
        const CatalogColumn *column = &table->columns[entries[i].column];
        if (table == c->table || strlen(column->comment) > COMMENT_LIMIT ||
            !is_compatible(column, c->column)) {
            continue;
        }
        /* room for it even where the rules had much to say */
        while (c->out->alternative_count >= DRAFT_ALTERNATIVES) {
            free(c->out->alternatives[--c->out->alternative_count]);
        }
        size_t before = c->out->alternative_count;
        if (before == 0) {
            return;
        }
        draft_offer(c->out, 0, text_visible(column->comment));
        if (c->out->alternative_count > before) {
            char *name = rules_table_name(table->schema, table->name, c->table);
            draft_evidence(c->out, "alternative %zu: comment of %s.%s", c->out->alternative_count, name,
                           c->name);
            free(name);
        }
        return;
    }
}

/* --- plain facts --- */

static void declared_facts(const Case *c)
{
    char *type = rules_quote(c->column->type ? c->column->type : "", QUOTE_LIMIT);
    draft_evidence(c->out, "name %s", c->name);
    if (*type) {
        draft_evidence(c->out, "type %s%s", type, c->column->not_null ? ", not null" : "");
    }
    if (!text_is_empty(c->column->default_value) && !c->column->generated) {
        char *shown = rules_quote(c->column->default_value, QUOTE_LIMIT);
        draft_evidence(c->out, "default %s", shown);
        free(shown);
    }
    free(type);
}

/* The next power of ten outwards, so that no value is kept: 873 is below 1000. */
static double rounded_outwards(double bound, bool up)
{
    double size = fabs(bound);
    if (size == 0 || !isfinite(bound)) {
        return bound;
    }
    bool away_from_zero = up == (bound > 0);
    double exponent = log10(size);
    double power = pow(10, away_from_zero ? ceil(exponent) : floor(exponent));
    return bound > 0 ? power : -power;
}

static void range_fact(const Case *c)
{
    if (c->column->has_range) {
        draft_evidence(c->out, "sampled values lie between %g and %g",
                       rounded_outwards(c->column->low, false), rounded_outwards(c->column->high, true));
    }
}

static void statistics_facts(const Case *c)
{
    const CatalogColumn *column = c->column;
    if (!column->has_statistics) {
        return;
    }
    if (column->null_fraction > 0) {
        draft_evidence(c->out, "%.0f%% of the sampled rows are null", column->null_fraction * 100);
    }
    if (column->distinct >= 1) {
        draft_evidence(c->out, "about %.0f distinct value%s", column->distinct,
                       column->distinct < 1.5 ? "" : "s");
    } else if (column->distinct < 0 && column->distinct > -1) {
        draft_evidence(c->out, "about one distinct value for every %.1f rows", -1 / column->distinct);
    } else if (column->distinct <= -1) {
        draft_evidence(c->out, "every sampled value is different");
    }
    range_fact(c);
}

/* "Jobid" is the ID of a job where a table says so by its name and its key. */
static void name_the_identifier(Case *c)
{
    if (c->meaning.confidence > EXPANDS_NAME) {
        return;
    }
    char *phrase = words_phrase(c->column->name, NULL);
    char *wanted = column_index_key(c->table->schema, phrase);
    size_t count;
    const ColumnEntry *entries = column_index_find(&c->drafter->keys, wanted, &count);
    for (size_t i = 0; i < count; i++) {
        const CatalogTable *table = &c->drafter->catalog->tables[entries[i].table];
        if (is_named_after(c, table, &table->columns[entries[i].column])) {
            char *noun = rules_noun(c->drafter, table->schema, table->name);
            free(c->meaning.text);
            c->meaning = (Meaning){text_format("%s ID", noun), EXPANDS_NAME};
            free(noun);
            break;
        }
    }
    free(wanted);
    free(phrase);
}

static void draft_by_rules(const Drafter *drafter, size_t table, const CatalogColumn *column, bool shown,
                           Draft *out)
{
    Case c = {.drafter = drafter, .table_index = table, .column = column, .shown = shown, .out = out};
    c.table = &drafter->catalog->tables[table];
    c.name = rules_name(column->name);
    c.meaning = rules_meaning(column, rules_is_view(c.table));
    name_the_identifier(&c);
    c.default_kind = sql_default(column->default_value, &c.literal);
    for (size_t i = 0; i < c.table->column_count; i++) {
        c.key_size += c.table->columns[i].primary_key;
    }
    const CatalogForeignKey *key;
    for (size_t i = 0; (key = drafter_outgoing(drafter, table, i)) && !c.referring; i++) {
        c.referring = rules_key_has(key, column->name);
    }
    foreign_key_rules(&c);
    primary_key_rules(&c);
    generated_rule(&c);
    enum_rule(&c);
    check_rules(&c);
    domain_rules(&c);
    likely_reference_rule(&c);
    unique_rules(&c);
    format_rule(&c);
    meaning_rule(&c);
    if (!shown) {
        neighbour_rule(&c);
        declared_facts(&c);
    }
    statistics_facts(&c);
    free(c.name);
    free(c.meaning.text);
    free(c.literal);
}

/* --- columns of views --- */

/* What is known of the column that a view's column shows: what a person wrote of it, else its draft. */
static void draft_source(const Drafter *drafter, const CatalogTable *view, const CatalogSource *source,
                         Draft *out)
{
    char *table = rules_table_name(source->schema, source->table, view);
    char *column = rules_name(source->column);
    long found = drafter_find_table(drafter, source->schema, source->table);
    const CatalogColumn *shown =
        found >= 0 ? catalog_find_column(&drafter->catalog->tables[found], source->column) : NULL;
    draft_evidence(out, "view column of %s.%s", table, column);
    if (shown && !text_is_empty(shown->comment) && strlen(shown->comment) <= COMMENT_LIMIT) {
        draft_evidence(out, "the text is the comment of %s.%s", table, column);
        draft_offer(out, DRAFT_HIGH, text_visible(shown->comment));
    }
    Draft drafted = {0};
    if (shown) {
        draft_by_rules(drafter, (size_t)found, shown, true, &drafted);
    }
    const char *text = drafted.alternative_count ? drafted.alternatives[0] : "";
    size_t length = strlen(text);
    length -= length > 0 && text[length - 1] == '.';
    bool proven = drafted.confidence < DRAFT_MEDIUM || drafted.confidence >= DRAFT_HIGH;
    draft_offer(out, proven ? DRAFT_HIGH : drafted.confidence,
                *text ? text_format("%.*s; taken from %s.%s", (int)length, text, table, column)
                      : text_format("taken from %s.%s", table, column));
    for (size_t i = 0; i < drafted.evidence_count; i++) {
        draft_evidence(out, "there: %s", drafted.evidence[i]);
    }
    draft_free(&drafted);
    free(column);
    free(table);
}

void rules_draft_column(const Drafter *drafter, size_t table, const CatalogColumn *column, Draft *out)
{
    if (column->source) {
        draft_source(drafter, &drafter->catalog->tables[table], column->source, out);
    }
    draft_by_rules(drafter, table, column, false, out);
}

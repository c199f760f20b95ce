/* The rules for tables and views: link tables and one-to-one extensions first, then what a row is and what it
 * refers to. */
#include "drafter_rules.h"

#include <string.h>

#include "drafter_sql.h"
#include "memory.h"
#include "text.h"

enum { NAMES_SHOWN = 4 };

typedef struct Case {
    const Drafter *drafter;
    size_t index;
    const CatalogTable *table;
    char *name; /* to be shown */
    char *noun; /* what one row is, or NULL */
    char **key; /* names of the primary key's columns, NULL-ended */
    Draft *out;
} Case;

static bool same_columns(char *const *a, char *const *b)
{
    size_t count = rules_count(a);
    if (count != rules_count(b)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < count && !found; j++) {
            found = strcmp(a[i], b[j]) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

/* Is this set of columns the primary key or a unique key of the table? */
static bool is_key(const Case *c, char *const *columns)
{
    if (rules_count(columns) > 0 && same_columns(c->key, columns)) {
        return true;
    }
    for (size_t i = 0; i < c->table->unique_count; i++) {
        if (same_columns(c->table->uniques[i].columns, columns)) {
            return true;
        }
    }
    if (rules_count(columns) == 1) {
        const CatalogColumn *column = NULL;
        for (size_t i = 0; i < c->table->column_count && !column; i++) {
            column = strcmp(c->table->columns[i].name, columns[0]) == 0 ? &c->table->columns[i] : NULL;
        }
        return column && column->unique;
    }
    return false;
}

static char *target_name(const Case *c, const CatalogForeignKey *key)
{
    return rules_table_name(key->to_schema, key->to_table, c->table);
}

static void evidence_of_key(const Case *c, const CatalogForeignKey *key)
{
    char *name = rules_name(key->name ? key->name : "");
    char *columns = rules_key_list(key->columns);
    char *target = target_name(c, key);
    draft_evidence(c->out, "foreign key %s %s -> %s", name, columns, target);
    free(name);
    free(columns);
    free(target);
}

/* --- links and extensions --- */

/* Do two foreign keys together make up a key of the table, and neither alone? Then it links many to many. */
static bool is_link(const Case *c, const CatalogForeignKey *a, const CatalogForeignKey *b)
{
    size_t first = rules_count(a->columns);
    size_t second = rules_count(b->columns);
    char **both = memory_zero(first + second + 1, sizeof *both);
    bool apart = first > 0 && second > 0;
    for (size_t i = 0; i < first; i++) {
        both[i] = a->columns[i];
        apart = apart && !rules_key_has(b, a->columns[i]);
    }
    for (size_t i = 0; i < second; i++) {
        both[first + i] = b->columns[i];
    }
    bool link = apart && is_key(c, both) && !is_key(c, a->columns) && !is_key(c, b->columns);
    free(both);
    return link;
}

static bool link_rule(const Case *c)
{
    const CatalogForeignKey *a = drafter_outgoing(c->drafter, c->index, 0);
    const CatalogForeignKey *b = drafter_outgoing(c->drafter, c->index, 1);
    if (!a || !b || drafter_outgoing(c->drafter, c->index, 2) || !is_link(c, a, b)) {
        return false;
    }
    char *first = target_name(c, a);
    char *second = target_name(c, b);
    char *first_columns = rules_name_list(a->columns);
    char *second_columns = rules_name_list(b->columns);
    evidence_of_key(c, a);
    evidence_of_key(c, b);
    draft_evidence(c->out, "%s and %s together are a key", first_columns, second_columns);
    if (strcmp(first, second) == 0) {
        draft_offer(
            c->out, 0.9,
            text_format("links rows of %s with one another, many to many: at most one row per pair of %s "
                        "and %s",
                        first, first_columns, second_columns));
    } else {
        draft_offer(c->out, 0.9,
                    text_format("links %s and %s, many to many: at most one row per pair", first, second));
        draft_offer(c->out, 0.9, text_format("which rows of %s go with which rows of %s", second, first));
    }
    free(first);
    free(second);
    free(first_columns);
    free(second_columns);
    return true;
}

/* The primary key is itself a reference: one row at most for each row over there. */
static bool extension_rule(const Case *c)
{
    const CatalogForeignKey *key;
    for (size_t i = 0; (key = drafter_outgoing(c->drafter, c->index, i)); i++) {
        if (rules_count(c->key) == 0 || !same_columns(c->key, key->columns) ||
            key->target == (long)c->index) {
            continue;
        }
        char *target = target_name(c, key);
        char *columns = rules_key_list(key->columns);
        char *noun = rules_noun(key->to_table);
        evidence_of_key(c, key);
        draft_evidence(c->out, "the foreign key is the primary key");
        draft_offer(
            c->out, 0.85,
            noun ? text_format("extends %s: at most one row for each %s %s", target, noun, columns)
                 : text_format("extends %s: at most one row for each of its rows %s", target, columns));
        free(noun);
        free(columns);
        free(target);
        return true;
    }
    return false;
}

/* --- what a row is, and what it goes with --- */

/* Collects a table name once. */
static void add_once(Words *names, char *name)
{
    bool known = false;
    for (size_t i = 0; i < names->count && !known; i++) {
        known = strcmp(names->items[i], name) == 0;
    }
    if (!known) {
        words_add(names, name);
    }
    free(name);
}

static char *list_tables(const Words *names)
{
    return rules_list((const char *const *)names->items, names->count, NAMES_SHOWN);
}

/* "refers to a and b; referenced by c": NULL when it stands alone. */
static char *relations(const Case *c)
{
    enum { LOOK_AT = 50 }; /* a hub may be referenced by thousands */
    const CatalogForeignKey *key;
    Words to = {0};
    Words from = {0};
    bool itself = false;
    for (size_t i = 0; i < LOOK_AT && (key = drafter_outgoing(c->drafter, c->index, i)); i++) {
        if (key->target == (long)c->index) {
            itself = true;
        } else {
            add_once(&to, target_name(c, key));
        }
        if (i < NAMES_SHOWN) {
            evidence_of_key(c, key);
        }
    }
    size_t total = 0;
    for (; (key = drafter_incoming(c->drafter, c->index, total)); total++) {
        const CatalogTable *other = &c->drafter->catalog->tables[key->table];
        if (total < LOOK_AT && key->table != c->index) {
            add_once(&from, rules_table_name(other->schema, other->name, c->table));
        }
    }
    if (from.count > 0) {
        draft_evidence(c->out, "foreign keys that point here: %zu", total);
    }
    Text text = {0};
    char *targets = list_tables(&to);
    char *sources = list_tables(&from);
    if (to.count > 0) {
        text_addf(&text, "refers to %s", targets);
    }
    if (itself) {
        text_add(&text, to.count ? " and to rows of its own" : "refers to rows of its own");
    }
    if (from.count > 0) {
        const char *joint = text.length ? "; " : "";
        if (total > LOOK_AT) {
            text_addf(&text, "%sreferenced by %zu foreign keys", joint, total);
        } else {
            text_addf(&text, "%sreferenced by %s", joint, sources);
        }
    }
    free(targets);
    free(sources);
    words_free(&to);
    words_free(&from);
    return text.length ? text_take(&text) : NULL;
}

/* What tells rows apart, where it is not a mere number: the columns of the primary key, or of a unique key.
 */
static char *identity(const Case *c)
{
    if (rules_count(c->key) > 1) {
        return rules_name_list(c->key);
    }
    for (size_t i = 0; i < c->table->unique_count; i++) {
        char **columns = c->table->uniques[i].columns;
        bool all_set = rules_count(columns) > 0;
        for (size_t j = 0; columns && columns[j]; j++) {
            const CatalogColumn *column = NULL;
            for (size_t k = 0; k < c->table->column_count && !column; k++) {
                column = strcmp(c->table->columns[k].name, columns[j]) == 0 ? &c->table->columns[k] : NULL;
            }
            all_set = all_set && column && column->not_null;
        }
        if (all_set) {
            return rules_name_list(columns);
        }
    }
    return NULL;
}

static void entity_rules(const Case *c)
{
    char *related = relations(c);
    char *keys = identity(c);
    bool composite = rules_count(c->key) > 1;
    if (composite) {
        draft_evidence(c->out, "primary key: %s", keys);
        draft_offer(c->out, DRAFT_HIGH,
                    related ? text_format("one row per %s; %s", keys, related)
                            : text_format("one row per %s", keys));
    } else if (keys) {
        draft_evidence(c->out, "unique key: %s", keys);
    }
    if (c->noun && c->table->column_count > 0) { /* without columns there is nothing that a row could be */
        Text text = {0};
        text_addf(&text, "one row per %s", c->noun);
        if (keys && !composite) {
            text_addf(&text, ", unique by %s", keys);
        }
        if (related) {
            text_addf(&text, "; %s", related);
        }
        draft_offer(c->out, related ? 0.6 : keys ? DRAFT_MEDIUM : 0.3, text_take(&text));
        char *plural = words_plural(c->noun);
        draft_offer(c->out, 0.3, related ? text_format("%s; %s", plural, related) : memory_string(plural));
        free(plural);
    } else if (related) {
        draft_offer(c->out, 0.6, memory_string(related));
    } else if (keys && !composite) {
        draft_offer(c->out, DRAFT_MEDIUM, text_format("rows are unique by %s", keys));
    }
    free(keys);
    free(related);
}

/* --- views --- */

/* The table that a view's definition means by a name, or -1: only what one table alone can be. */
static long resolve(const Case *c, const SqlName *name)
{
    const Catalog *catalog = c->drafter->catalog;
    const char *schema = name->schema ? name->schema : c->table->schema;
    size_t low = 0;
    size_t high = catalog->table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const CatalogTable *table = &catalog->tables[middle];
        int order = strcmp(table->schema, schema);
        order = order ? order : strcmp(table->name, name->name);
        if (order == 0) {
            return middle == c->index ? -1 : (long)middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}

static bool view_sources(const Case *c, Words *names)
{
    SqlName *sources = NULL;
    size_t count = 0;
    if (text_is_empty(c->table->definition) || !sql_view_sources(c->table->definition, &sources, &count)) {
        return false;
    }
    bool certain = true;
    for (size_t i = 0; i < count && certain; i++) {
        long found = resolve(c, &sources[i]);
        certain = found >= 0;
        if (certain) {
            const CatalogTable *table = &c->drafter->catalog->tables[found];
            add_once(names, rules_table_name(table->schema, table->name, c->table));
        }
    }
    sql_names_free(sources, count);
    return certain;
}

/* The words of a view's name, without the "v" that many begin with; "" when they say nothing. */
static char *view_phrase(const char *name)
{
    Words words = {0};
    words_split(name, &words);
    words_strip_prefix(&words, NULL);
    if (words.count > 1 && strcmp(words.items[0], "v") == 0) {
        words_remove(&words, 0);
    }
    words_expand(&words);
    char *phrase = words_join(&words, 0, words.count);
    words_free(&words);
    if (rules_says_nothing(phrase)) {
        *phrase = '\0';
    }
    return phrase;
}

static void view_rules(const Case *c)
{
    const char *kind = c->table->kind == CATALOG_MATERIALIZED_VIEW ? "materialized view" : "view";
    char *phrase = view_phrase(c->table->name);
    char *meaning = rules_quote(phrase, 200);
    Words names = {0};
    if (view_sources(c, &names)) {
        char *list = list_tables(&names);
        draft_evidence(c->out, "the view's definition reads %s", list);
        draft_offer(c->out, DRAFT_HIGH, text_format("%s over %s", kind, list));
        if (*meaning) {
            draft_offer(c->out, DRAFT_HIGH, text_format("%s: a %s over %s", meaning, kind, list));
        }
        free(list);
    } else if (*meaning) {
        draft_offer(c->out, 0.3, text_format("%s (%s)", meaning, kind));
    }
    words_free(&names);
    free(meaning);
    free(phrase);
}

/* --- all together --- */

static char **primary_key(const CatalogTable *table)
{
    char **columns = memory_zero(table->column_count + 1, sizeof *columns);
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].primary_key) {
            columns[count++] = table->columns[i].name;
        }
    }
    return columns;
}

static void plain_facts(const Case *c)
{
    draft_evidence(c->out, "name %s", c->name);
    if (c->table->kind == CATALOG_PARTITIONED) {
        draft_evidence(c->out, "partitioned table");
    } else if (c->table->kind == CATALOG_FOREIGN_TABLE) {
        draft_evidence(c->out, "foreign table: its rows live in another server");
    }
    if (c->table->rows >= 0) {
        draft_evidence(c->out, "about %.0f rows, by the planner's estimate", c->table->rows);
    }
}

void rules_draft_table(const Drafter *drafter, size_t table, Draft *out)
{
    Case c = {.drafter = drafter, .index = table, .out = out};
    c.table = &drafter->catalog->tables[table];
    c.name = rules_name(c.table->name);
    c.noun = rules_noun(c.table->name);
    c.key = primary_key(c.table);
    if (c.table->kind == CATALOG_VIEW || c.table->kind == CATALOG_MATERIALIZED_VIEW) {
        view_rules(&c);
    } else if (!link_rule(&c)) {
        extension_rule(&c);
        entity_rules(&c);
    }
    plain_facts(&c);
    free(c.name);
    free(c.noun);
    free(c.key);
}

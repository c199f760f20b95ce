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
    char *name;      /* to be shown */
    char *noun;      /* what one row is, or NULL */
    char *bare_noun; /* the table's name as a noun, or NULL */
    char **key;      /* names of the primary key's columns, NULL-ended; none when it identifies no row */
    Draft *out;
} Case;

static char *target_name(const Case *c, const CatalogForeignKey *key)
{
    return rules_table_name(key->to_schema, key->to_table, c->table);
}

static void evidence_of_key(const Case *c, const CatalogForeignKey *key)
{
    char *name = rules_name(key->name ? key->name : "");
    char *columns = rules_key_list(key->columns);
    char *target = target_name(c, key);
    draft_evidence(c->out, "foreign key %s %s -> %s%s", name, columns, target,
                   key->unproven ? ", not checked for older rows" : "");
    free(name);
    free(columns);
    free(target);
}

/* --- links and extensions --- */

static bool link_rule(const Case *c)
{
    const CatalogForeignKey *keys[2];
    if (!rules_link(c->drafter, c->index, keys)) {
        return false;
    }
    const CatalogForeignKey *a = keys[0];
    const CatalogForeignKey *b = keys[1];
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
        if (rules_count(c->key) == 0 || !rules_same_columns(c->key, key->columns) ||
            key->target == (long)c->index || key->unproven || c->table->has_children) {
            continue;
        }
        char *target = target_name(c, key);
        char *columns = rules_key_list(key->columns);
        char *noun = rules_row_noun(c->drafter, key->to_schema, key->to_table);
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

/* What a table goes with. */
typedef struct Relations {
    Words owners;  /* tables that the primary key leads to: a row is nothing without one of theirs */
    Words targets; /* tables that other foreign keys lead to */
    Words meant;   /* those of keys that older rows need not obey */
    Words links;   /* "users through dashboard_user" */
    Words sources; /* tables whose foreign keys lead here */
    bool itself;
} Relations;

enum { LOOK_AT = 50 }; /* a hub may be referenced by thousands */

static bool is_part_of_key(const Case *c, const CatalogForeignKey *key)
{
    size_t count = rules_count(key->columns);
    bool part = count > 0 && count < rules_count(c->key) && !c->table->has_children;
    for (size_t i = 0; i < count && part; i++) {
        const CatalogColumn *column = catalog_find_column(c->table, key->columns[i]);
        part = column && column->primary_key;
    }
    return part;
}

static void look_outwards(const Case *c, Relations *r)
{
    const CatalogForeignKey *key;
    for (size_t i = 0; i < LOOK_AT && (key = drafter_outgoing(c->drafter, c->index, i)); i++) {
        if (key->unproven) {
            add_once(&r->meant, target_name(c, key));
        } else if (key->target == (long)c->index) {
            r->itself = true;
        } else {
            add_once(is_part_of_key(c, key) ? &r->owners : &r->targets, target_name(c, key));
        }
        if (i < NAMES_SHOWN) {
            evidence_of_key(c, key);
        }
    }
}

/* Does this table link rows of ours with others, many to many? Then it says with which, and by what. */
static bool add_link(const Case *c, size_t table, Relations *r)
{
    const CatalogForeignKey *keys[2];
    if (!rules_link(c->drafter, table, keys)) {
        return false;
    }
    const CatalogTable *link = &c->drafter->catalog->tables[table];
    bool own = keys[0]->target == keys[1]->target;
    const CatalogForeignKey *other = keys[0]->target == (long)c->index ? keys[1] : keys[0];
    char *name = rules_table_name(link->schema, link->name, c->table);
    char *target = own ? memory_string("rows of its own") : target_name(c, other);
    add_once(&r->links, text_format("%s through %s", target, name));
    free(target);
    free(name);
    return true;
}

static void look_inwards(const Case *c, Relations *r)
{
    const CatalogForeignKey *key;
    size_t total = 0;
    for (; (key = drafter_incoming(c->drafter, c->index, total)); total++) {
        const CatalogTable *other = &c->drafter->catalog->tables[key->table];
        if (total < LOOK_AT && key->table != c->index && !key->unproven && !add_link(c, key->table, r)) {
            add_once(&r->sources, rules_table_name(other->schema, other->name, c->table));
        }
    }
    if (r->sources.count > 0 || r->links.count > 0) {
        draft_evidence(c->out, "foreign keys that point here: %zu", total);
    }
    if (total > LOOK_AT) {
        words_free(&r->sources);
        words_free(&r->links);
        char *many = text_format("%zu foreign keys", total);
        words_add(&r->sources, many);
        free(many);
    }
}

static void add_relation(Text *text, const char *verb, const Words *names)
{
    if (names->count > 0) {
        char *list = list_tables(names);
        text_addf(text, "%s%s %s", text->length ? "; " : "", verb, list);
        free(list);
    }
}

/* "belongs to orders; refers to product; many to many with tag through line_tag; referenced by claim": NULL
 * when it stands alone. */
static char *relations(const Case *c)
{
    Relations r = {0};
    look_outwards(c, &r);
    look_inwards(c, &r);
    Text text = {0};
    add_relation(&text, "belongs to", &r.owners);
    const char *refers = c->table->has_children ? "refers, in rows of this table itself, to" : "refers to";
    add_relation(&text, refers, &r.targets);
    if (r.itself && r.targets.count) {
        text_add(&text, " and to rows of its own");
    } else if (r.itself) {
        text_addf(&text, "%s%s rows of its own", text.length ? "; " : "", refers);
    }
    add_relation(&text, "meant to refer to", &r.meant);
    add_relation(&text, "many to many with", &r.links);
    add_relation(&text, "referenced by", &r.sources);
    words_free(&r.owners);
    words_free(&r.targets);
    words_free(&r.meant);
    words_free(&r.links);
    words_free(&r.sources);
    return text.length ? text_take(&text) : NULL;
}

/* The columns of a unique key that every row has, or NULL. */
static char *const *unique_columns(const Case *c)
{
    for (size_t i = 0; i < c->table->unique_count && !c->table->has_children; i++) {
        char **columns = c->table->uniques[i].columns;
        bool all_set = rules_count(columns) > 0;
        for (size_t j = 0; columns && columns[j]; j++) {
            const CatalogColumn *column = catalog_find_column(c->table, columns[j]);
            all_set = all_set && column && column->not_null;
        }
        if (all_set) {
            return columns;
        }
    }
    return NULL;
}

/* Does the primary key itself say what a row is? Several columns do, and one that is more than a number. */
static bool key_tells(const Case *c)
{
    if (rules_count(c->key) != 1) {
        return rules_count(c->key) > 1;
    }
    const CatalogColumn *column = catalog_find_column(c->table, c->key[0]);
    SqlDefault kind = sql_default(column->default_value, NULL);
    return !column->identity && kind != SQL_DEFAULT_NEXT && kind != SQL_DEFAULT_UUID &&
           !rules_is_identifier(column->name, c->bare_noun);
}

static char *with_relations(char *sentence, const char *related)
{
    if (!related) {
        return sentence;
    }
    char *whole = text_format("%s; %s", sentence, related);
    free(sentence);
    return whole;
}

static void offer_key(const Case *c, const char *related)
{
    char *columns = rules_name_list(c->key);
    draft_evidence(c->out, "primary key: %s", columns);
    draft_offer(c->out, DRAFT_HIGH,
                with_relations(text_format("one row per %s%s", columns,
                                           c->table->has_children ? " in this table itself" : ""),
                               related));
    free(columns);
}

static void offer_noun(const Case *c, const char *related)
{
    char *const *unique = unique_columns(c);
    char *columns = unique ? rules_name_list(unique) : NULL;
    if (columns) {
        draft_evidence(c->out, "unique key: %s", columns);
    }
    if (c->noun && c->table->column_count > 0) { /* without columns there is nothing that a row could be */
        char *sentence = columns ? text_format("one row per %s, unique by %s", c->noun, columns)
                                 : text_format("one row per %s", c->noun);
        draft_offer(c->out, related ? 0.6 : columns ? DRAFT_MEDIUM : 0.3, with_relations(sentence, related));
        if (related && strcmp(c->noun, c->bare_noun) == 0) { /* nobody says "log entries" for a log */
            char *plural = words_plural(c->noun);
            draft_offer(c->out, REPEATS_NAME, with_relations(plural, related));
        }
        if (!related && !columns) {
            draft_evidence(c->out, "the text only repeats the name");
        }
    } else if (columns) {
        draft_offer(c->out, DRAFT_HIGH,
                    with_relations(text_format("rows are unique by %s", columns), related));
    } else if (related) {
        draft_offer(c->out, DRAFT_HIGH, memory_string(related));
    } else if (c->bare_noun && c->table->column_count > 0) {
        draft_evidence(c->out, "the text only repeats the name");
        draft_offer(c->out, REPEATS_NAME, memory_string(c->bare_noun));
    }
    free(columns);
}

static void entity_rules(const Case *c)
{
    char *related = relations(c);
    if (key_tells(c)) {
        offer_key(c, related);
    } else {
        offer_noun(c, related);
    }
    free(related);
}

/* --- views --- */

/* The table that a view's definition means by a name, or -1: only what one table alone can be. */
static long resolve(const Case *c, const SqlName *name)
{
    long found = drafter_find_table(c->drafter, name->schema ? name->schema : c->table->schema, name->name);
    return found == (long)c->index ? -1 : found;
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
static char *view_phrase(const Case *c)
{
    const char *prefix = drafter_prefix(c->drafter, c->table->schema);
    Words words = {0};
    words_split(c->table->name, &words);
    if (prefix && words.count > 1 && strcmp(words.items[0], prefix) == 0) {
        words_remove(&words, 0);
    }
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
    char *phrase = view_phrase(c);
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
        draft_evidence(c->out, "the text only repeats the name");
    }
    words_free(&names);
    free(meaning);
    free(phrase);
}

/* --- all together --- */

static void plain_facts(const Case *c)
{
    draft_evidence(c->out, "name %s", c->name);
    if (c->table->has_children) {
        draft_evidence(c->out, "other tables inherit from it, and their rows are not bound by its keys");
    }
    if (c->table->kind == CATALOG_PARTITIONED) {
        draft_evidence(c->out, "partitioned table");
    } else if (c->table->kind == CATALOG_FOREIGN_TABLE) {
        draft_evidence(c->out, "foreign table: its rows live in another server");
    }
    const char *prefix = drafter_prefix(c->drafter, c->table->schema);
    if (prefix) {
        char *shown = rules_name(prefix);
        draft_evidence(c->out, "every table of the schema begins with %s", shown);
        free(shown);
    }
    if (c->table->rows >= 0) {
        draft_evidence(c->out, "about %.0f rows, by the planner's estimate", c->table->rows);
    }
}

/* Is there a key beside which rows may be that it does not bind? */
static bool is_doubted(const Case *c)
{
    const CatalogForeignKey *key;
    bool doubted = c->table->has_children;
    for (size_t i = 0; !doubted && (key = drafter_outgoing(c->drafter, c->index, i)); i++) {
        doubted = key->unproven;
    }
    return doubted;
}

static void draft_the_unknown(const CatalogTable *table, Draft *out)
{
    const char *plural = text_plural((long long)table->column_count);
    draft_offer(out, SAYS_UNKNOWN,
                text_format("%s of %zu column%s; its name does not say what it holds",
                            catalog_kind_name(table->kind), table->column_count, plural));
    draft_evidence(out, "%zu column%s", table->column_count, plural);
}

void rules_draft_table(const Drafter *drafter, size_t table, Draft *out)
{
    Case c = {.drafter = drafter, .index = table, .out = out};
    c.table = &drafter->catalog->tables[table];
    c.name = rules_name(c.table->name);
    c.bare_noun = rules_noun(drafter, c.table->schema, c.table->name);
    c.noun = rules_row_noun(drafter, c.table->schema, c.table->name);
    c.key = rules_key_identifies(c.table) ? rules_primary_key(c.table) : memory_zero(1, sizeof *c.key);
    if (rules_is_view(c.table)) {
        view_rules(&c);
    } else if (!link_rule(&c)) {
        extension_rule(&c);
        entity_rules(&c);
        if (is_doubted(&c) && out->confidence > DOUBTED) {
            out->confidence = DOUBTED;
        }
    }
    plain_facts(&c);
    if (out->alternative_count == 0) {
        draft_the_unknown(c.table, out);
    }
    free(c.name);
    free(c.bare_noun);
    free(c.noun);
    free(c.key);
}

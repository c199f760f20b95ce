/* What keys say of a column: foreign keys, the primary key, unique keys. */
#include "drafter_column.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "text.h"

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
 * when it says something that is no word. *spelled becomes true when it writes an abbreviation out. */
static char *key_role(const ColumnCase *c, const CatalogForeignKey *key, bool *spelled)
{
    const char *column = c->column->name;
    const char *target = key->to_columns[0];
    size_t length = strlen(column);
    size_t size = strlen(target);
    *spelled = false;
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
    char *written = words_join(&words, 0, words.count);
    words_expand(&words);
    char *phrase = words_join(&words, 0, words.count);
    *spelled = strcasecmp(written, phrase) != 0;
    free(written);
    char *noun = rules_noun(c->drafter, key->to_schema, key->to_table);
    char *role = NULL;
    bool same = noun && says_the_same(phrase, noun);
    if (*phrase && !same) {
        role = strlen(phrase) < 2 ? memory_string("") : rules_quote(phrase, COLUMN_QUOTE_LIMIT);
    }
    free(noun);
    free(phrase);
    words_free(&words);
    return role;
}

static bool is_self_reference(const ColumnCase *c, const CatalogForeignKey *key)
{
    return key->target == (long)c->table_index;
}

static char *key_target(const ColumnCase *c, const CatalogForeignKey *key)
{
    char *table = rules_table_name(key->to_schema, key->to_table, c->table);
    bool single = rules_count(key->to_columns) == 1;
    char *columns = single ? rules_name(key->to_columns[0]) : rules_key_list(key->to_columns);
    char *target = text_format("%s%s%s", table, single ? "." : " ", columns);
    free(table);
    free(columns);
    return target;
}

static const char *key_suffix(const ColumnCase *c, const CatalogForeignKey *key)
{
    return c->shown        ? ""
           : key->unproven ? "; not checked for older rows"
           : c->column->primary_key && c->key_size == 1
               ? "; also the primary key, so at most one row for each"
           : c->column->primary_key ? "; part of the primary key"
           : c->column->unique      ? "; at most one row for each"
                                    : "";
}

static void evidence_of_key(const ColumnCase *c, const CatalogForeignKey *key)
{
    char *name = rules_name(key->name ? key->name : "");
    char *target = key_target(c, key);
    draft_evidence(c->out, "foreign key %s -> %s%s", name, target,
                   key->unproven ? ", not checked for older rows" : "");
    free(name);
    free(target);
}

static char *same_table(const ColumnCase *c, const char *target)
{
    char *table = rules_name(c->table->name);
    char *to = c->shown ? text_format("a row of %s (%s)", table, target)
                        : text_format("a row of the same table (%s)", target);
    free(table);
    return to;
}

/* The role is the column's own word for it; a word that only an abbreviation may stand for, or that tells who
 * did something, is a guess beside what the key proves. */
static double key_confidence(const ColumnCase *c, const CatalogForeignKey *key, bool who, bool spelled)
{
    double confidence = key->unproven ? DOUBTED : 0.9;
    confidence = spelled ? fmin(confidence, DOUBTED) : confidence;
    return who ? fmin(confidence, c->meaning.confidence) : confidence;
}

static void offer_single_key(const ColumnCase *c, const CatalogForeignKey *key)
{
    char *target = key_target(c, key);
    bool spelled;
    char *role = key_role(c, key, &spelled);
    char *noun = rules_row_noun(c->drafter, key->to_schema, key->to_table);
    char *own_noun = rules_row_noun(c->drafter, c->table->schema, c->table->name);
    const char *meant = !key->unproven ? "" : c->column->not_null ? "meant as a " : "meant as an ";
    const char *reference = c->column->not_null ? "reference" : "optional reference";
    const char *suffix = key_suffix(c, key);
    char *to = is_self_reference(c, key) ? same_table(c, target)
               : noun                    ? text_format("the %s (%s)", noun, target)
                                         : memory_string(target);
    bool who = strncmp(c->meaning.text, "who ", 4) == 0;
    char *lead = who ? memory_string(c->meaning.text) : role && *role ? memory_string(role) : NULL;
    column_offer_own(
        c, key_confidence(c, key, who, spelled && lead),
        text_format("%s%s%s%s to %s%s", lead ? lead : "", lead ? ": " : "", meant, reference, to, suffix));
    if (key->unproven) {
        draft_offer(c->out, DOUBTED, text_format("meant to reference %s%s", target, suffix));
    } else if (!role && noun && own_noun && !strstr(own_noun, noun) && !c->column->primary_key &&
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

static void offer_composite_key(const ColumnCase *c, const CatalogForeignKey *key)
{
    char *target = key_target(c, key);
    char *columns = rules_key_list(key->columns);
    column_offer_own(c, key->unproven ? DOUBTED : 0.85,
                     text_format("%spart of the reference %s to %s%s%s", key->unproven ? "meant as " : "",
                                 columns, target, key->unproven ? "; not checked for older rows" : "",
                                 c->column->primary_key && !c->shown ? "; part of the primary key" : ""));
    free(columns);
    free(target);
}

void column_foreign_key_rules(const ColumnCase *c)
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

static char *other_key_columns(const ColumnCase *c)
{
    char **others = rules_primary_key(c->table);
    size_t count = 0;
    for (size_t i = 0; others[i]; i++) {
        if (strcmp(others[i], c->column->name) != 0) {
            others[count++] = others[i];
        }
    }
    others[count] = NULL;
    char *list = rules_name_list(others);
    free(others);
    return list;
}

void column_primary_key_rules(const ColumnCase *c)
{
    if (!c->column->primary_key || (c->shown && c->key_size > 1)) {
        return;
    }
    if (c->key_size > 1) {
        char *others = other_key_columns(c);
        draft_evidence(c->out, "part of the primary key");
        char *part = text_format("part of the primary key together with %s", others);
        column_offer_own(c, column_confidence(c), column_sentence(c, part));
        free(part);
        free(others);
        return;
    }
    if (!c->identified) {
        draft_evidence(c->out, "primary key that may be NULL");
        if (!c->shown) {
            column_offer_own(c, column_confidence(c),
                             column_sentence(c, "primary key, but may be empty in any number of rows"));
        }
        return;
    }
    draft_evidence(c->out, "primary key");
    char *noun = rules_noun(c->drafter, c->table->schema, c->table->name);
    bool generated = column_is_generated(c);
    bool identifier = generated || rules_is_identifier(c->column->name, noun);
    const char *how = c->shown ? ""
                      : c->default_kind == SQL_DEFAULT_UUID
                          ? "; a UUID generated by the database unless given"
                      : generated ? "; generated by the database"
                                  : "";
    free(noun);
    noun = rules_row_noun(c->drafter, c->table->schema, c->table->name);
    char *table = rules_name(c->table->name);
    char *what = noun       ? memory_string(noun)
                 : c->shown ? text_format("row of %s", table)
                            : memory_string("row");
    if (identifier) {
        column_offer_own(
            c, 0.9,
            text_format("identifier of the %s%s", what, generated || c->shown ? how : " (primary key)"));
    } else if (!c->shown) {
        /* what the key names is the row; whether that is what the table is named after, nothing proves */
        column_offer_own(c, column_confidence(c), column_sentence(c, "identifies the row (primary key)"));
    }
    if (identifier && !c->shown) {
        column_offer_own(c, 0.9, text_format("primary key%s", how));
    }
    free(what);
    free(table);
    free(noun);
}

/* --- unique keys --- */

/* What unique means of rows that have no value. */
static const char *uniqueness(const ColumnCase *c)
{
    for (size_t i = 0; i < c->table->unique_count; i++) {
        const CatalogUnique *unique = &c->table->uniques[i];
        if (unique->one_null && rules_count(unique->columns) == 1 &&
            strcmp(unique->columns[0], c->column->name) == 0) {
            return "unique, also in that at most one row has none";
        }
    }
    return "unique among the rows that have one";
}

void column_unique_rules(const ColumnCase *c)
{
    if (c->shown) {
        return;
    }
    double confidence = c->meaning.confidence > 0.6 ? c->meaning.confidence : 0.6;
    if (c->column->unique && !c->column->primary_key) {
        draft_evidence(c->out, "unique");
        column_offer_own(c, confidence, column_sentence(c, c->column->not_null ? "unique" : uniqueness(c)));
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
            column_offer_own(c, 0.55, column_sentence(c, together));
            free(name);
            free(together);
            free(list);
        }
        free(others);
    }
}

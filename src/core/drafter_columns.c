/* The rules for columns: foreign keys and primary keys first, then what the database declares of the values,
 * then what name and type mean, then what people wrote about columns of the same name. */
#include "drafter_column.h"

#include <ctype.h>
#include <string.h>

#include "memory.h"
#include "text.h"

enum { NEIGHBOURS_SEEN = 64, COMMENT_LIMIT = 400, PHRASE_LIMIT = 160 };

/* --- weaker evidence --- */

/* jobid of job is; mediaid of cd_images is named after another table. */
static bool is_named_after(const ColumnCase *c, const CatalogTable *table, const CatalogColumn *key)
{
    char *noun = rules_noun(c->drafter, table->schema, table->name);
    bool named = noun && rules_is_identifier(key->name, noun);
    free(noun);
    return named;
}

/* A table and its key. */
typedef struct Target {
    const CatalogTable *table;
    const CatalogColumn *key;
} Target;

/* The one table whose key goes by this phrase and has this column's type; without a table when there is none,
 * or more than one. */
static Target find_target(const ColumnCase *c, const char *phrase, bool itself_too)
{
    Target found = {0};
    size_t count;
    size_t fitting = 0;
    char *wanted = column_index_key(c->table->schema, phrase);
    const ColumnEntry *entries = column_index_find(&c->drafter->keys, wanted, &count);
    for (size_t i = 0; i < count; i++) {
        const CatalogTable *table = &c->drafter->catalog->tables[entries[i].table];
        const CatalogColumn *key = &table->columns[entries[i].column];
        if ((table != c->table || itself_too) && is_named_after(c, table, key) &&
            rules_column_type(key) == rules_column_type(c->column)) {
            found = (Target){.table = table, .key = key};
            fitting++;
        }
    }
    free(wanted);
    return fitting == 1 ? found : (Target){0};
}

/* May what stands before a key's name tell in which role it is meant? */
static bool is_role(const char *words)
{
    static const char *const others[] = {/* these tell that another key is meant */
                                         "alternate", "ext",      "external", "foreign",  "internal",
                                         "legacy",    "national", "old",      "original", "other",
                                         "remote",    "tax",      NULL};
    Words split = {0};
    words_split(words, &split);
    bool role =
        split.count > 0 && !words_is_one_of(split.items[0], others) && !rules_says_nothing(split.items[0]);
    words_free(&split);
    return role;
}

/* The one table whose key this column is named after, though no foreign key says so; also with a role before
 * it: billing_customer_id. */
static void likely_reference_rule(const ColumnCase *c)
{
    if (rules_is_view(c->table)) {
        return; /* could not declare one */
    }
    if (c->referring || c->column->generated || (c->column->primary_key && c->key_size == 1)) {
        return;
    }
    char *phrase = words_phrase(c->column->name, NULL);
    const char *named = phrase; /* the part of the phrase that is looked for */
    Target target = find_target(c, named, false);
    while (!target.table && (named = strchr(named, ' ')) && is_role(phrase)) {
        target = find_target(c, ++named, true);
    }
    if (target.table) {
        char *table = rules_name(target.table->name);
        char *column = rules_name(target.key->name);
        char *noun = rules_row_noun(c->drafter, target.table->schema, target.table->name);
        char *role = rules_quote(phrase, PHRASE_LIMIT);
        role[named > phrase && strlen(role) >= (size_t)(named - phrase) ? named - phrase - 1 : 0] = '\0';
        char *to =
            noun ? text_format("the %s (%s.%s)", noun, table, column) : text_format("%s.%s", table, column);
        draft_evidence(c->out, "named like the primary key of %s; no foreign key declared", table);
        draft_offer(c->out, *role ? 0.42 : 0.45,
                    text_format("%s%sprobably refers to %s; no foreign key is declared", role,
                                *role ? ": " : "", to));
        free(to);
        free(role);
        free(noun);
        free(column);
        free(table);
    }
    free(phrase);
}

/* A key's own sentences say more than its name does. */
static void meaning_rule(const ColumnCase *c)
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
    bool worth_telling = c->literal && !c->shown && !strchr(c->meaning.text, ';') &&
                         strcmp(c->literal, "''") != 0 && !c->column->generated;
    if (worth_telling && *c->meaning.text) {
        char *shown = rules_quote(c->literal, COLUMN_QUOTE_LIMIT);
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

/* Is it a name that columns of unrelated tables share by chance: "id", "TYPE"? */
static bool is_generic(const char *name)
{
    static const char *const words[] = {
        "active",  "amount",      "code",    "comment", "content", "count",   "created", "data",   "date",
        "deleted", "description", "enabled", "flag",    "id",      "info",    "key",     "kind",   "label",
        "level",   "name",        "no",      "note",    "notes",   "nr",      "num",     "number", "order",
        "parent",  "position",    "result",  "size",    "sort",    "state",   "status",  "text",   "time",
        "title",   "type",        "updated", "uuid",    "value",   "version", NULL};
    Words split = {0};
    words_split(name, &split);
    bool generic = split.count == 1 && words_is_one_of(split.items[0], words);
    words_free(&split);
    return generic;
}

/* Does one of the two tables refer to the other? */
static bool is_related(const ColumnCase *c, size_t table)
{
    const CatalogForeignKey *key;
    for (size_t i = 0; (key = drafter_outgoing(c->drafter, c->table_index, i)); i++) {
        if (key->target == (long)table) {
            return true;
        }
    }
    for (size_t i = 0; (key = drafter_outgoing(c->drafter, table, i)); i++) {
        if (key->target == (long)c->table_index) {
            return true;
        }
    }
    return false;
}

static void draft_column(const Drafter *drafter, size_t table, const CatalogColumn *column, bool alone,
                         Draft *out);

/* Did a person write the comment of this entry of `commented`? A draft that was accepted as it was says what
 * holds of its own column. */
static bool is_written(const Drafter *drafter, const ColumnEntry *entry)
{
    CommentOrigin *origin = &drafter->origins[entry - drafter->commented.entries];
    if (*origin == COMMENT_NOT_LOOKED_AT) {
        const CatalogColumn *column = &drafter->catalog->tables[entry->table].columns[entry->column];
        Draft own = {0};
        draft_column(drafter, entry->table, column, true, &own);
        *origin = COMMENT_WRITTEN;
        for (size_t i = 0; i < own.alternative_count; i++) {
            if (strcmp(own.alternatives[i], column->comment) == 0) {
                *origin = COMMENT_DRAFTED;
            }
        }
        draft_free(&own);
    }
    return *origin == COMMENT_WRITTEN;
}

/* Text that a person wrote about a column of the same name and a compatible type elsewhere: never
 * first. */
static void neighbour_rule(const ColumnCase *c)
{
    size_t count;
    bool generic = is_generic(c->column->name);
    const ColumnEntry *entries = column_index_find(&c->drafter->commented, c->column->name, &count);
    for (size_t i = 0; i < count && i < NEIGHBOURS_SEEN; i++) {
        const CatalogTable *table = &c->drafter->catalog->tables[entries[i].table];
        const CatalogColumn *column = &table->columns[entries[i].column];
        if (table == c->table || strlen(column->comment) > COMMENT_LIMIT ||
            !is_compatible(column, c->column) || (generic && !is_related(c, entries[i].table)) ||
            !is_written(c->drafter, &entries[i])) {
            continue;
        }
        /* room for it even where the rules had much to say */
        while (c->out->alternative_count >= DRAFT_OF_RULES) {
            free(c->out->alternatives[--c->out->alternative_count]);
        }
        size_t before = c->out->alternative_count;
        if (before == 0) {
            return;
        }
        draft_offer(c->out, 0, rules_line(column->comment));
        if (c->out->alternative_count > before) {
            char *name = rules_table_name(table->schema, table->name, c->table);
            draft_evidence(c->out, "alternative %zu: comment of %s.%s", c->out->alternative_count, name,
                           c->name);
            free(name);
        }
        return;
    }
}

/* "Jobid" is the ID of a job where a table says so by its name and its key. */
static void name_the_identifier(ColumnCase *c)
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

/* What a view's column shows is told of the table's row, not of the view's. */
static void name_the_row(ColumnCase *c)
{
    static const char row[] = "the row";
    char *at = strstr(c->meaning.text, row);
    if (at) {
        const char *rest = at + strlen(row);
        char *table = rules_name(c->table->name);
        char *text = text_format("%.*s of %s%s", (int)(rest - c->meaning.text), c->meaning.text, table, rest);
        free(table);
        free(c->meaning.text);
        c->meaning.text = text;
    }
}

/* For whom a column is drafted. */
typedef enum DraftedFor {
    FOR_ITSELF,
    FOR_A_VIEW,    /* whose column shows this one */
    FOR_COMPARISON /* alone, without what others say */
} DraftedFor;

static void draft_by_rules(const Drafter *drafter, size_t table, const CatalogColumn *column, DraftedFor whom,
                           Draft *out)
{
    bool shown = whom == FOR_A_VIEW;
    ColumnCase c = {.drafter = drafter, .table_index = table, .column = column, .shown = shown, .out = out};
    c.table = &drafter->catalog->tables[table];
    c.name = rules_name(column->name);
    c.meaning = rules_meaning(column, rules_is_view(c.table));
    name_the_identifier(&c);
    if (shown) {
        name_the_row(&c);
    }
    c.identified = rules_key_identifies(c.table);
    if (c.table->has_children) {
        draft_evidence(out, "other tables inherit from it, and their rows are not bound by its keys");
    }
    c.default_kind = sql_default(column->default_value, &c.literal);
    for (size_t i = 0; i < c.table->column_count; i++) {
        c.key_size += c.table->columns[i].primary_key;
    }
    const CatalogForeignKey *key;
    for (size_t i = 0; (key = drafter_outgoing(drafter, table, i)) && !c.referring; i++) {
        c.referring = rules_key_has(key, column->name);
    }
    column_foreign_key_rules(&c);
    column_primary_key_rules(&c);
    column_generated_rule(&c);
    column_enum_rule(&c);
    column_check_rules(&c);
    column_domain_rules(&c);
    column_unique_rules(&c);
    column_format_rule(&c);
    likely_reference_rule(&c); /* facts come before a guess */
    meaning_rule(&c);
    if (whom == FOR_ITSELF) {
        neighbour_rule(&c);
    }
    if (!shown) {
        column_declared_facts(&c);
    }
    column_statistics_facts(&c);
    free(c.name);
    free(c.meaning.text);
    free(c.literal);
}

/* --- columns of views --- */

/* Of a partition whose comment is that of its table there is no entry. */
static bool is_drafted(const Drafter *drafter, size_t table, const CatalogColumn *column)
{
    size_t count;
    const ColumnEntry *entries = column_index_find(&drafter->commented, column->name, &count);
    for (size_t i = 0; i < count; i++) {
        if (entries[i].table == table &&
            &drafter->catalog->tables[table].columns[entries[i].column] == column) {
            return !is_written(drafter, &entries[i]);
        }
    }
    return false;
}

static void offer_comment(const Drafter *drafter, size_t table, const CatalogColumn *shown, const char *from,
                          Draft *out)
{
    if (!text_is_empty(shown->comment) && strlen(shown->comment) <= COMMENT_LIMIT &&
        !is_drafted(drafter, table, shown)) {
        draft_evidence(out, "the text is the comment of %s", from);
        draft_offer(out, DRAFT_HIGH, rules_line(shown->comment));
    }
}

/* A sentence behind a colon begins with a small letter, but "SKU" and "\"Odd\"" stay as they are. */
static char *continued(const char *sentence)
{
    char *text = memory_string(sentence);
    size_t length = strlen(text);
    if (isupper((unsigned char)text[0]) && islower((unsigned char)text[1])) {
        text[0] = (char)tolower((unsigned char)text[0]);
    }
    text[length - (length > 0 && text[length - 1] == '.')] = '\0';
    return text;
}

/* Where the column comes from is proven. What it means is said of the source, as surely as it is known there;
 * that an outer join leaves it empty, or shows a row more than once, makes no such sentence wrong. Where
 * nothing but a name is known, the view's own name speaks. */
static void offer_origin(const CatalogColumn *column, const Draft *source, const char *from, Draft *out)
{
    Meaning own = rules_meaning(column, true);
    bool known = source->alternative_count > 0 && source->confidence > EXPANDS_NAME;
    if (known) {
        char *text = continued(source->alternatives[0]);
        draft_offer(out, source->confidence, text_format("from %s: %s", from, text));
        free(text);
    } else if (*own.text) {
        draft_offer(out, own.confidence < DRAFT_MEDIUM ? DRAFT_MEDIUM : own.confidence,
                    text_format("%s; taken from %s", own.text, from));
    }
    draft_offer(out, DRAFT_HIGH, text_format("taken from %s", from));
    for (size_t i = 0; i < source->evidence_count && known; i++) {
        draft_evidence(out, "there: %s", source->evidence[i]);
    }
    free(own.text);
}

/* What is known of the column that a view's column shows: what a person wrote of it, else its draft. */
static void source_rule(const Drafter *drafter, const CatalogTable *view, const CatalogColumn *column,
                        Draft *out)
{
    const CatalogSource *source = column->source;
    char *table_name = rules_table_name(source->schema, source->table, view);
    char *column_name = rules_name(source->column);
    char *from = text_format("%s.%s", table_name, column_name);
    long table = drafter_find_table(drafter, source->schema, source->table);
    const CatalogColumn *shown =
        table >= 0 ? catalog_find_column(&drafter->catalog->tables[table], source->column) : NULL;
    Draft drafted = {0};
    draft_evidence(out, "view column of %s", from);
    if (shown) {
        offer_comment(drafter, (size_t)table, shown, from, out);
        draft_by_rules(drafter, (size_t)table, shown, FOR_A_VIEW, &drafted);
    }
    offer_origin(column, &drafted, from, out);
    draft_free(&drafted);
    free(from);
    free(column_name);
    free(table_name);
}

static void draft_the_unknown(const CatalogColumn *column, Draft *out)
{
    char *type = rules_line(column->type ? column->type : "");
    char *of = *type ? text_format("of type %s", type) : memory_string("without a declared type");
    draft_offer(out, SAYS_UNKNOWN, text_format("column %s; its name does not say what it holds", of));
    if (!*type) { /* else it is among the evidence */
        draft_evidence(out, "column %s", of);
    }
    free(of);
    free(type);
}

static void draft_column(const Drafter *drafter, size_t table, const CatalogColumn *column, bool alone,
                         Draft *out)
{
    if (column->source) {
        source_rule(drafter, &drafter->catalog->tables[table], column, out);
    }
    draft_by_rules(drafter, table, column, alone ? FOR_COMPARISON : FOR_ITSELF, out);
    if (out->alternative_count == 0) {
        draft_the_unknown(column, out);
    }
}

void rules_draft_column(const Drafter *drafter, size_t table, const CatalogColumn *column, Draft *out)
{
    draft_column(drafter, table, column, false, out);
}

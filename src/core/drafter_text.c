/* What the built-in drafter's sentences are made of. */
#include "drafter_rules.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unicase.h>
#include <unistr.h>

#include "memory.h"
#include "object_name.h"
#include "text.h"

enum { SENTENCE_LIMIT = 480, NAME_LIMIT = 72, PHRASE_LIMIT = 160, LIST_LIMIT = 6 };

/* Cuts at a character and says so; takes over and returns `text`. */
static char *shorten(char *text, size_t limit)
{
    if (strlen(text) <= limit) {
        return text;
    }
    char *buffer = memory_alloc(limit + 1);
    text_copy(buffer, limit - 1, text);
    char *cut = text_format("%s..", buffer);
    free(buffer);
    free(text);
    return cut;
}

/* Upper-case first letter, no blanks at the ends, a full stop. */
static char *sentence_finish(char *sentence)
{
    const uint8_t *start = (const uint8_t *)sentence + strspn(sentence, " ");
    size_t length = strlen((const char *)start);
    while (length > 0 && strchr(" .;:,", start[length - 1])) {
        length--;
    }
    Text out = {0};
    ucs4_t first = 0;
    int used = length ? u8_mbtoucr(&first, start, length) : 0;
    if (used > 0) {
        uint8_t upper[6];
        int size = u8_uctomb(upper, uc_toupper(first), sizeof upper);
        text_add_n(&out, (const char *)upper, size > 0 ? (size_t)size : 0);
        text_add_n(&out, (const char *)start + used, length - (size_t)used);
        if (!strchr("!?", start[length - 1])) {
            text_add_char(&out, '.');
        }
    }
    free(sentence);
    return text_take(&out);
}

/* Takes the sentence over; false when it is empty or said already, or when there are `most`. */
static bool add_alternative(Draft *draft, char *sentence, size_t most)
{
    sentence = sentence_finish(shorten(sentence, SENTENCE_LIMIT));
    bool dropped = draft->alternative_count >= most || !*sentence;
    for (size_t i = 0; i < draft->alternative_count && !dropped; i++) {
        dropped = strcasecmp(draft->alternatives[i], sentence) == 0;
    }
    if (dropped) {
        free(sentence);
        return false;
    }
    draft->alternatives[draft->alternative_count++] = sentence;
    return true;
}

void draft_offer(Draft *draft, double confidence, char *sentence)
{
    bool first = draft->alternative_count == 0;
    if (add_alternative(draft, sentence, DRAFT_OF_RULES) && first) {
        draft->confidence = confidence;
    }
}

bool draft_offer_last(Draft *draft, char *sentence)
{
    return add_alternative(draft, sentence, draft->alternative_count > 0 ? DRAFT_ALTERNATIVES : 0);
}

void draft_evidence(Draft *draft, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *fact = text_vformat(format, args);
    va_end(args);
    fact = shorten(fact, SENTENCE_LIMIT);
    for (size_t i = 0; i < draft->evidence_count; i++) {
        if (strcmp(draft->evidence[i], fact) == 0) {
            free(fact);
            return;
        }
    }
    memory_grow((void **)&draft->evidence, draft->evidence_count, &draft->evidence_capacity,
                sizeof *draft->evidence);
    draft->evidence[draft->evidence_count++] = fact;
}

static bool is_space(ucs4_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static void add_blanks(Text *line, size_t count, bool broken)
{
    for (size_t i = 0; i < (broken ? 1 : count); i++) {
        text_add_char(line, ' ');
    }
}

char *rules_line(const char *text)
{
    Text line = {0};
    char *valid = text_to_utf8(text, strlen(text));
    size_t blanks = 0;
    bool broken = false; /* are there others among the blanks? */
    const uint8_t *at = (const uint8_t *)valid;
    ucs4_t c;
    for (const uint8_t *next; (next = u8_next(&c, at)); at = next) {
        if (is_space(c)) {
            blanks++;
            broken = broken || c != ' ';
            continue;
        }
        add_blanks(&line, blanks, broken);
        blanks = 0;
        broken = false;
        if (!text_is_hostile(c)) {
            text_add_n(&line, (const char *)at, (size_t)(next - at));
        }
    }
    add_blanks(&line, blanks, broken);
    free(valid);
    return text_take(&line);
}

char *rules_quote(const char *sql, size_t limit)
{
    return shorten(rules_line(sql), limit);
}

char *rules_name(const char *name)
{
    char *visible = rules_quote(name, NAME_LIMIT); /* first, so that the closing quote is never cut off */
    char *quoted = object_name(NULL, NULL, visible);
    free(visible);
    return quoted;
}

char *rules_table_name(const char *schema, const char *name, const CatalogTable *near)
{
    if (!near || text_is_empty(schema) || text_equal(schema, near->schema)) {
        return rules_name(name);
    }
    char *in = rules_name(schema);
    char *table = rules_name(name);
    char *whole = text_format("%s.%s", in, table);
    free(in);
    free(table);
    return whole;
}

static char *join_names(const char *const *names, size_t count, size_t limit, const char *last_joint)
{
    Text list = {0};
    size_t shown = count > limit ? limit : count;
    for (size_t i = 0; i < shown; i++) {
        text_add(&list, i == 0 ? "" : i + 1 == count ? last_joint : ", ");
        text_add(&list, names[i]);
    }
    if (shown < count) {
        text_addf(&list, " and %zu more", count - shown);
    }
    return text_take(&list);
}

char *rules_list(const char *const *names, size_t count, size_t limit)
{
    return join_names(names, count, limit, " and ");
}

static char *show_names(char *const *names, const char *last_joint)
{
    size_t count = rules_count(names);
    char **shown = memory_zero(count, sizeof *shown);
    for (size_t i = 0; i < count; i++) {
        shown[i] = rules_name(names[i]);
    }
    char *list = join_names((const char *const *)shown, count, LIST_LIMIT, last_joint);
    for (size_t i = 0; i < count; i++) {
        free(shown[i]);
    }
    free(shown);
    return list;
}

char *rules_name_list(char *const *names)
{
    return show_names(names, " and ");
}

char *rules_key_list(char *const *names)
{
    char *list = show_names(names, ", ");
    char *key = text_format("(%s)", list);
    free(list);
    return key;
}

/* Does it read like words? Not when five consonants stand in a row ("hstgrp"), and not when there is hardly a
 * letter. */
static bool reads_like_words(const char *phrase)
{
    size_t row = 0;
    size_t letters = 0;
    for (const char *c = phrase; *c; c++) {
        if ((unsigned char)*c >= 0x80) {
            return true;
        }
        bool consonant = islower((unsigned char)*c) && !strchr("aeiouy", *c);
        row = consonant ? row + 1 : 0;
        letters += isalpha((unsigned char)*c) != 0;
        if (row >= 5) {
            return false;
        }
    }
    return letters >= 3;
}

bool rules_says_nothing(const char *phrase)
{
    /* words that only join others; each is a keyword of SQL as well */
    static const char *const joints[] = {
        "all",    "and",  "any",  "are",  "between", "but",   "case", "else",   "for",  "from",
        "having", "into", "like", "not",  "null",    "off",   "only", "select", "some", "than",
        "that",   "the",  "then", "this", "union",   "using", "when", "where",  "with", NULL};
    for (size_t i = 0; joints[i]; i++) {
        if (strcmp(phrase, joints[i]) == 0) {
            return true;
        }
    }
    size_t letters = 0;
    for (const char *c = phrase; *c; c++) {
        if ((unsigned char)*c >= 0x80) {
            return false; /* in some scripts two letters are a word */
        }
        letters += isalpha((unsigned char)*c) != 0;
    }
    return letters <= 2;
}

char *rules_noun(const Drafter *drafter, const char *schema, const char *table_name)
{
    const char *prefix = drafter_prefix(drafter, schema);
    Words words = {0};
    words_split(table_name, &words);
    if (prefix && words.count > 1 && strcmp(words.items[0], prefix) == 0) {
        words_remove(&words, 0);
    }
    words_strip_prefix(&words, NULL);
    words_expand(&words);
    for (size_t i = 0; i < words.count; i++) {
        char *singular = words_singular(words.items[i]);
        free(words.items[i]);
        words.items[i] = singular;
    }
    char *noun = shorten(words_join(&words, 0, words.count), PHRASE_LIMIT);
    words_free(&words);
    if (!reads_like_words(noun) || rules_says_nothing(noun)) {
        free(noun);
        return NULL;
    }
    return noun;
}

/* Does the phrase end with one of these words, alone or at the end of a compound ("auditlog")? */
static bool ends_with_one_of(const char *phrase, const char *const *endings)
{
    size_t length = strlen(phrase);
    for (; *endings; endings++) {
        size_t size = strlen(*endings);
        if (length >= size && strcmp(phrase + length - size, *endings) == 0) {
            return true;
        }
    }
    return false;
}

/* A row of a link table is none of what its name says: users_groups holds no user groups. */
static bool is_link_table(const Drafter *drafter, const char *schema, const char *table_name)
{
    const CatalogForeignKey *keys[2];
    long table = drafter_find_table(drafter, schema, table_name);
    return table >= 0 && rules_link(drafter, (size_t)table, keys);
}

char *rules_row_noun(const Drafter *drafter, const char *schema, const char *table_name)
{
    static const char *const containers[] = {"archive", "cache", "filestore", "history",
                                             "journal", "log",   "queue",     NULL};
    static const char *const whole_words[] = {"blog", "catalog", "dialog", NULL}; /* they only end like one */
    static const char *const uncountable[] = {"data",  "equipment", "information", "inventory",
                                              "media", "metadata",  "news",        "sales",
                                              "staff", "statistic", "statistics",  NULL};
    char *noun = rules_noun(drafter, schema, table_name);
    if (noun && (ends_with_one_of(noun, uncountable) || is_link_table(drafter, schema, table_name))) {
        free(noun);
        return NULL;
    }
    if (noun && ends_with_one_of(noun, containers) && !ends_with_one_of(noun, whole_words)) {
        char *entry = text_format("%s entry", noun);
        free(noun);
        return entry;
    }
    return noun;
}

static void remove_blanks(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from != ' ') {
            *to++ = *from;
        }
    }
    *to = '\0';
}

bool rules_is_identifier(const char *column_name, const char *noun)
{
    static const char *const identifiers[] = {"guid", "id", "oid", "pk", "rowid", "uuid", NULL};
    Words words = {0};
    words_split(column_name, &words);
    words_strip_prefix(&words, NULL);
    char *last = words.count ? words.items[words.count - 1] : NULL;
    size_t length = last ? strlen(last) : 0;
    bool id = last && words_is_one_of(last, identifiers);
    bool glued = !id && length > 4 && strcmp(last + length - 2, "id") == 0;
    if (glued) {
        last[length - 2] = '\0';
    } else if (id) {
        words_remove(&words, words.count - 1);
    }
    words_expand(&words);
    char *rest = words_join(&words, 0, words.count);
    char *whole = memory_string(noun ? noun : rest);
    remove_blanks(rest);
    remove_blanks(whole); /* hosttagid of host_tag */
    bool same = !*rest || strcmp(rest, whole) == 0;
    free(whole);
    free(rest);
    words_free(&words);
    return (id || glued) && same;
}

bool rules_is_view(const CatalogTable *table)
{
    return table->kind == CATALOG_VIEW || table->kind == CATALOG_MATERIALIZED_VIEW;
}

TypeClass rules_type(const char *type)
{
    /* the first that fits; both databases' spellings, in lower case */
    static const struct {
        const char *start;
        TypeClass class;
    } starts[] = {
        {"bool", TYPE_BOOLEAN},        {"interval", TYPE_OTHER},     {"int", TYPE_INTEGER},
        {"bigint", TYPE_INTEGER},      {"smallint", TYPE_INTEGER},   {"tinyint", TYPE_INTEGER},
        {"mediumint", TYPE_INTEGER},   {"numeric", TYPE_NUMBER},     {"decimal", TYPE_NUMBER},
        {"real", TYPE_NUMBER},         {"double", TYPE_NUMBER},      {"float", TYPE_NUMBER},
        {"number", TYPE_NUMBER},       {"datetime", TYPE_TIMESTAMP}, {"date", TYPE_DATE},
        {"timestamp", TYPE_TIMESTAMP}, {"time", TYPE_TIME},          {"uuid", TYPE_UUID},
        {"char", TYPE_TEXT},           {"varchar", TYPE_TEXT},       {"text", TYPE_TEXT},
        {"clob", TYPE_TEXT},           {"nvarchar", TYPE_TEXT},      {"citext", TYPE_TEXT},
        {"name", TYPE_TEXT},
    };
    if (text_is_empty(type) || strchr(type, '[') || strstr(type, "range")) {
        return TYPE_OTHER;
    }
    int first = tolower((unsigned char)*type);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (first == *starts[i].start && strncasecmp(type, starts[i].start, strlen(starts[i].start)) == 0) {
            return starts[i].class;
        }
    }
    return TYPE_OTHER;
}

TypeClass rules_column_type(const CatalogColumn *column)
{
    return rules_type(column->domain && column->domain->base_type ? column->domain->base_type : column->type);
}

/* Primary keys, and foreign keys from and to a table. */
#include "ask_kind.h"

#include <stdlib.h>
#include <string.h>

#include "ask_joins.h"
#include "ask_name.h"
#include "ask_types.h"
#include "memory.h"

enum { LINKS_LIMIT = 20 };

/* The tables the question is about; what it says otherwise is taken for one when nothing is named. */
static bool find_tables(AskWork *work, AskSubjects *out, Error *err)
{
    const AskSubjects *subjects = ask_subjects(work);
    for (size_t i = 0; i < subjects->count; i++) {
        ask_subject_add(out, subjects->items[i].schema, subjects->items[i].table, NULL);
    }
    if (out->count > 0) {
        return true;
    }
    char *content = ask_content(work);
    bool ok = *content == '\0' || ask_types_of(content) || ask_subject_guess(work, content, out, err);
    free(content);
    return ok;
}

/* "primary key of nosuch"; false: it names nothing, or says more. */
static bool say_nothing_called(AskWork *work)
{
    char *content = ask_content(work), *visible = text_visible(content);
    bool names = *content != '\0' && !strchr(content, ' ') && !ask_types_of(content) && !work->schema &&
                 !work->points_back;
    if (names) {
        text_addf(&work->text, "I do not know: nothing in profile %s is called %s.\n",
                  work->question->profile, visible);
    }
    free(visible);
    free(content);
    return names;
}

/* --- primary keys --- */

static void add_column(void *context, const char *column, int64_t position)
{
    (void)position;
    words_add(context, column);
}

static bool say_key(AskWork *work, const AskSubject *subject, Error *err)
{
    Words columns = {0};
    char *name = ask_name(subject->schema, subject->table, NULL);
    bool ok = catalog_cache_key(work->question->local, work->question->fingerprint, subject->schema,
                                subject->table, add_column, &columns, err);
    ask_cite(work, subject->schema, subject->table, NULL);
    text_addf(&work->text, columns.count ? "The primary key of %s is " : "%s has no primary key", name);
    for (size_t i = 0; i < columns.count; i++) {
        char *column = ask_name(NULL, NULL, columns.items[i]);
        text_add(&work->text, i ? ", " : "");
        ask_cite(work, subject->schema, subject->table, columns.items[i]);
        text_add(&work->text, column);
        free(column);
    }
    text_add(&work->text, ".\n");
    work->out->known = true;
    free(name);
    words_free(&columns);
    return ok;
}

bool ask_keys(AskWork *work, bool *taken, Error *err)
{
    static const char *const phrases[] = {"primary key", "primary keys", "key of", "keys of", NULL},
                             *const foreign[] = {"foreign key", "foreign keys", NULL},
                             *const primary[] = {"primary key", "primary keys", NULL};
    AskSubjects tables = {0};
    if (!ask_says(work, phrases) || ask_says(work, foreign)) {
        return true;
    }
    bool ok = find_tables(work, &tables, err);
    *taken = ok && (tables.count > 0 || (ask_says(work, primary) && say_nothing_called(work)));
    size_t told = 0;
    for (; ok && told < tables.count && ask_has_room(work, told); told++) {
        ok = say_key(work, &tables.items[told], err);
    }
    ask_say_more(work, (int64_t)tables.count, (int64_t)told, "table");
    ask_subjects_free(&tables);
    return ok;
}

/* --- foreign keys --- */

static void say_links(AskWork *work, const AskLinks *links, const AskSubject *table, bool outgoing)
{
    size_t told = 0, total = 0;
    for (size_t i = 0; i < links->count; i++) {
        const AskLink *link = &links->items[i];
        const char *end_schema = outgoing ? link->from_schema : link->to_schema;
        const char *end = outgoing ? link->from_table : link->to_table;
        if (!text_equal(end, table->table) || !text_equal(end_schema, table->schema) ||
            ++total > LINKS_LIMIT) {
            continue;
        }
        char *condition = ask_link_condition(link);
        text_add(&work->text, "    ");
        ask_cite(work, link->from_schema, link->from_table, link->from_columns.items[0]);
        ask_cite(work, link->to_schema, link->to_table, link->to_columns.items[0]);
        text_addf(&work->text, "%s\n", condition);
        free(condition);
        told++;
    }
    ask_say_more(work, (int64_t)total, (int64_t)told, "foreign key");
}

static size_t count_links(const AskLinks *links, const AskSubject *table, bool outgoing)
{
    size_t count = 0;
    for (size_t i = 0; i < links->count; i++) {
        const AskLink *link = &links->items[i];
        count += text_equal(outgoing ? link->from_table : link->to_table, table->table) &&
                 text_equal(outgoing ? link->from_schema : link->to_schema, table->schema);
    }
    return count;
}

static bool say_references(AskWork *work, const AskSubject *table, bool incoming, bool outgoing, Error *err)
{
    AskLinks links = {0};
    char *name = ask_name(table->schema, table->table, NULL);
    bool ok = ask_links_read(work->question->local, work->question->fingerprint,
                             (AskPlace){table->schema, table->table}, &links, err);
    ask_cite(work, table->schema, table->table, NULL);
    text_addf(&work->text, "%s: ", name);
    size_t in = count_links(&links, table, false), out = count_links(&links, table, true);
    if (incoming) {
        text_addf(&work->text, "%zu foreign key%s point%s to it%s", in, text_plural((long long)in),
                  in == 1 ? "s" : "", outgoing ? ", " : "");
    }
    if (outgoing) {
        text_addf(&work->text, "it has %zu foreign key%s", out, text_plural((long long)out));
    }
    text_add(&work->text, ".\n");
    if (incoming) {
        say_links(work, &links, table, false);
    }
    if (outgoing) {
        say_links(work, &links, table, true);
    }
    work->out->known = true;
    free(name);
    ask_links_free(&links);
    return ok;
}

/* --- does one refer to the other? --- */

static bool is_link(const AskLink *link, const AskSubject *from, const AskSubject *to)
{
    return text_equal(link->from_table, from->table) && text_equal(link->from_schema, from->schema) &&
           text_equal(link->to_table, to->table) && text_equal(link->to_schema, to->schema);
}

/* Those that lead from one to the other; borrowed from all of them, but the array is the caller's. */
static AskLinks links_between(const AskLinks *all, const AskSubject *from, const AskSubject *to)
{
    AskLinks between = {.items = memory_zero(all->count + 1, sizeof *between.items)};
    for (size_t i = 0; i < all->count; i++) {
        if (is_link(&all->items[i], from, to)) {
            between.items[between.count++] = all->items[i];
        }
    }
    return between;
}

/* "orders has 1 foreign key to customer:" and each. */
static void say_between(AskWork *work, const AskLinks *links, const AskSubject *from, const AskSubject *to)
{
    char *name = ask_name(from->schema, from->table, NULL), *other = ask_name(to->schema, to->table, NULL);
    ask_cite(work, from->schema, from->table, NULL);
    if (links->count > 0) {
        text_addf(&work->text, "%s has %zu foreign key%s to ", name, links->count,
                  text_plural((long long)links->count));
    } else {
        text_addf(&work->text, "%s has no foreign key to ", name);
    }
    if (from != to) {
        ask_cite(work, to->schema, to->table, NULL);
    }
    text_addf(&work->text, "%s%s\n", from == to ? "itself" : other, links->count ? ":" : ".");
    say_links(work, links, from, true);
    free(other);
    free(name);
}

/* "Yes: ..", or "No: ..", and what there is the other way round; `either` way is as good. */
static bool say_pair(AskWork *work, const AskSubject *from, const AskSubject *to, bool either, Error *err)
{
    AskLinks links = {0};
    bool ok = ask_links_read(work->question->local, work->question->fingerprint,
                             (AskPlace){from->schema, from->table}, &links, err);
    AskLinks there = links_between(&links, from, to), back = links_between(&links, to, from);
    bool other_way = from != to && back.count > 0;
    text_add(&work->text, there.count > 0 || (either && other_way) ? "Yes: " : "No: ");
    if (there.count > 0 || !(either && other_way)) {
        say_between(work, &there, from, to);
    }
    if (other_way) {
        say_between(work, &back, to, from);
    }
    work->out->known = true;
    free(there.items);
    free(back.items);
    ask_links_free(&links);
    return ok;
}

/* Two tables of a question, which may name several of either name. */
typedef struct Pair {
    const AskSubject *from;
    const AskSubject *to;
    int fit; /* how well they fit a question about a foreign key from one to the other */
} Pair;

/* Takes these two when they fit better. */
static bool try_pair(AskWork *work, const AskSubject *from, const AskSubject *to, Pair *pair, Error *err)
{
    AskLinks links = {0};
    bool ok = ask_links_read(work->question->local, work->question->fingerprint,
                             (AskPlace){from->schema, from->table}, &links, err);
    int fit = text_equal(from->schema, to->schema) ? 2 : 1;
    for (size_t i = 0; i < links.count; i++) {
        int linked = is_link(&links.items[i], from, to) ? 4 : is_link(&links.items[i], to, from) ? 3 : 0;
        fit = linked > fit ? linked : fit;
    }
    if (fit > pair->fit) {
        *pair = (Pair){from, to, fit};
    }
    ask_links_free(&links);
    return ok;
}

/* Of the tables called as the first one and those called otherwise, which must all have one other name; none
 * of them in *out: it is about more. */
static bool find_pair(AskWork *work, const AskSubjects *tables, bool by, Pair *out, Error *err)
{
    const char *name = tables->items[0].table, *other = NULL;
    bool ok = true;
    for (size_t i = 1; i < tables->count; i++) {
        const char *here = tables->items[i].table;
        if (!text_equal(here, name) && other && !text_equal(here, other)) {
            return true;
        }
        other = text_equal(here, name) ? other : here;
    }
    for (size_t i = 0; ok && i < tables->count; i++) {
        for (size_t j = 0; ok && j < tables->count; j++) {
            const AskSubject *first = &tables->items[i], *second = &tables->items[j];
            if (text_equal(first->table, name) && text_equal(second->table, other)) {
                ok = try_pair(work, by ? second : first, by ? first : second, out, err);
            }
        }
    }
    return ok;
}

/* A question for yes or no about two tables, or about one and itself. */
static bool answer_pair(AskWork *work, const AskSubjects *tables, bool by, bool *taken, Error *err)
{
    static const char *const asks[] = {"does", "do", "is", "are", "has", "have", "can", NULL},
                             *const self[] = {"itself", "themselves", "themself", NULL},
                             *const between[] = {"between", "and", NULL};
    Pair pair = {0};
    bool ok = true;
    if (tables->count == 0 || work->words.count == 0 || !words_is_one_of(work->words.items[0], asks)) {
        return true;
    }
    if (tables->count == 1 && ask_word_at(work, self) >= 0) {
        pair.from = pair.to = &tables->items[0];
    } else {
        ok = find_pair(work, tables, by, &pair, err);
    }
    *taken = pair.from != NULL;
    return ok && (!*taken || say_pair(work, pair.from, pair.to, ask_word_at(work, between) >= 0, err));
}

bool ask_references(AskWork *work, bool *taken, Error *err)
{
    static const char *const incoming[] = {"points to",  "point to",    "pointing to", "refers to",
                                           "refer to",   "references",  "reference",   "referencing",
                                           "referenced", "referred to", NULL},
                             *const outgoing[] = {"foreign key", "foreign keys", "does it reference",
                                                  "fk of",       "fks of",       NULL},
                             *const to[] = {"foreign key to",
                                            "foreign keys to",
                                            "foreign key pointing to",
                                            "foreign keys pointing to",
                                            "foreign key that points to",
                                            "foreign keys that point to",
                                            NULL},
                             *const keys[] = {"foreign key", "foreign keys", NULL},
                             *const by_it[] = {"referenced by", "referred to by", "pointed to by", NULL},
                             *const by_any[] = {"by anything", "by any",   "by other", "by another",
                                                "by what",     "by which", "by whom",  NULL},
                             *const what[] = {"what does", "which tables does", "where does", NULL};
    AskSubjects tables = {0};
    bool in = ask_says(work, incoming), out = ask_says(work, outgoing);
    if (!in && !out) {
        return true;
    }
    if (ask_says(work, to)) {
        in = true;
        out = false;
    }
    bool by = ask_says(work, by_it) && !ask_says(work, by_any);
    if (in &&
        (by || ask_says(work, what))) { /* "what does orders reference", "what is referenced by orders" */
        in = false;
        out = true;
    }
    bool ok = find_tables(work, &tables, err), paired = false;
    ok = ok && answer_pair(work, &tables, by, &paired, err);
    *taken = ok && (tables.count > 0 || (ask_says(work, keys) && say_nothing_called(work)));
    size_t told = 0;
    for (; ok && !paired && told < tables.count && ask_has_room(work, told); told++) {
        ok = say_references(work, &tables.items[told], in, out, err);
    }
    ask_say_more(work, (int64_t)tables.count, paired ? (int64_t)tables.count : (int64_t)told, "table");
    ask_subjects_free(&tables);
    return ok;
}

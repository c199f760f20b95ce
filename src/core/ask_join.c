/* How tables join. */
#include "ask_kind.h"

#include <stdlib.h>
#include <string.h>

#include "ask_fold.h"
#include "ask_joins.h"
#include "ask_name.h"
#include "memory.h"

enum { PATHS_TOLD = 5, ENDS_LIMIT = 16, NAMESAKES_TOLD = 5 };

/* What stands between two tables in a question. */
static const char *const between[] = {"to", "with", "and", "from", "into", "onto", "between", "via", NULL};
static const char *const verbs[] = {"join",    "joins",    "joined", "connect",      "connected",
                                    "combine", "related",  "relate", "relationship", "path",
                                    "reach",   "connects", NULL};
static const char *const phrases[] = {"get from", "linked to", NULL};

static void cite_table(AskWork *work, const char *schema, const char *table)
{
    char *name = ask_name(schema, table, NULL);
    ask_cite(work, schema, table, NULL);
    text_add(&work->text, name);
    free(name);
}

static void say_hop(AskWork *work, const AskLink *link)
{
    char *condition = ask_link_condition(link);
    text_add(&work->text, "    ");
    for (size_t i = 0; i < link->from_columns.count; i++) {
        ask_cite(work, link->from_schema, link->from_table, link->from_columns.items[i]);
        ask_cite(work, link->to_schema, link->to_table, link->to_columns.items[i]);
    }
    text_addf(&work->text, "%s\n", condition);
    free(condition);
}

/* "over hosts_groups, which only links" */
static void say_between(AskWork *work, const AskPath *path)
{
    const AskLink *before = &path->links.items[0];
    for (size_t i = 1; i < path->links.count; i++) {
        const AskLink *link = &path->links.items[i];
        bool from = (text_equal(link->from_table, before->from_table) &&
                     text_equal(link->from_schema, before->from_schema)) ||
                    (text_equal(link->from_table, before->to_table) &&
                     text_equal(link->from_schema, before->to_schema));
        char *name = ask_name(from ? link->from_schema : link->to_schema,
                              from ? link->from_table : link->to_table, NULL);
        text_addf(&work->text, "%s%s", i > 1 ? ", " : "  over ", name);
        free(name);
        before = link;
    }
    text_addf(&work->text, "%s:\n", path->cost == 0 ? ", which only links" : "");
}

static void say_paths(AskWork *work, const AskPaths *paths)
{
    size_t hops = paths->items[0].links.count;
    bool several = paths->count > 1;
    if (hops == 1 && several) {
        text_addf(&work->text, " over any of %zu foreign keys:\n", paths->count);
    } else {
        text_addf(&work->text, " over %zu foreign key%s", hops, text_plural((long long)hops));
        if (several) {
            text_addf(&work->text, ", in %zu ways", paths->count);
        }
        text_add(&work->text, ":\n");
    }
    for (size_t i = 0; i < paths->count && i < PATHS_TOLD; i++) {
        const AskPath *path = &paths->items[i];
        if (several && hops > 1) {
            say_between(work, path);
        }
        for (size_t l = 0; l < path->links.count; l++) {
            say_hop(work, &path->links.items[l]);
        }
    }
    ask_say_more(work, (int64_t)paths->count, PATHS_TOLD, "way");
}

/* --- all tables of one name --- */

/* As places to look for ways between; the array is owned by the caller, its strings are not. */
static AskPlace *places_of(const AskSubjects *tables)
{
    AskPlace *places = memory_zero(tables->count, sizeof *places);
    for (size_t i = 0; i < tables->count; i++) {
        places[i] = (AskPlace){tables->items[i].schema, tables->items[i].table};
    }
    return places;
}

static bool holds(const AskSubjects *subjects, const AskSubject *table)
{
    for (size_t i = 0; i < subjects->count; i++) {
        if (text_equal(subjects->items[i].table, table->table) &&
            text_equal(subjects->items[i].schema, table->schema)) {
            return true;
        }
    }
    return false;
}

static void add_table(AskSubjects *out, const AskSubject *table)
{
    ask_subject_add(out, table->schema, table->table, NULL);
}

static AskSubjects without(const AskSubjects *subjects, const AskSubjects *others)
{
    AskSubjects left = {0};
    for (size_t i = 0; i < subjects->count; i++) {
        if (!holds(others, &subjects->items[i])) {
            add_table(&left, &subjects->items[i]);
        }
    }
    return left;
}

static AskSubjects first_of(const AskSubjects *subjects)
{
    AskSubjects first = {0};
    if (subjects->count > 0) {
        add_table(&first, &subjects->items[0]);
    }
    return first;
}

static void cite_tables(AskWork *work, const AskSubjects *tables)
{
    size_t i = 0;
    for (; i < tables->count && i < NAMESAKES_TOLD; i++) {
        text_add(&work->text, i ? ", " : "");
        cite_table(work, tables->items[i].schema, tables->items[i].table);
    }
    if (tables->count > i) {
        text_addf(&work->text, ", and %zu more of the name", tables->count - i);
    }
}

static void replace(AskSubjects *subjects, AskSubjects by)
{
    ask_subjects_free(subjects);
    *subjects = by;
}

/* Leaves of an end the table that was taken; what else is called so goes into `others`. */
static void keep_one(AskSubjects *end, size_t taken, AskSubjects *others)
{
    AskSubjects one = {0};
    for (size_t i = 0; i < end->count; i++) {
        add_table(i == taken ? &one : others, &end->items[i]);
    }
    replace(end, one);
}

/* Leaves the best path and those between the same two tables. */
static void keep_nearest(AskPaths *paths, AskSubjects *from, AskSubjects *to, AskSubjects *others)
{
    size_t start = paths->items[0].from, stop = paths->items[0].to, kept = 0;
    for (size_t i = 0; i < paths->count; i++) {
        if (paths->items[i].from == start && paths->items[i].to == stop) {
            paths->items[kept++] = paths->items[i];
        } else {
            ask_links_free(&paths->items[i].links);
        }
    }
    paths->count = kept;
    keep_one(from, start, others);
    keep_one(to, stop, others);
}

static bool say_way(AskWork *work, AskSubjects *from, AskSubjects *to, Error *err)
{
    AskPaths paths = {0};
    AskSubjects others = {0};
    AskPlace *starts = places_of(from), *stops = places_of(to);
    bool ok = ask_paths_find(work->question->local, work->question->fingerprint,
                             (AskPlaces){starts, from->count}, (AskPlaces){stops, to->count}, &paths, err);
    free(starts);
    free(stops);
    if (ok && paths.count) {
        keep_nearest(&paths, from, to, &others);
    }
    if (ok) {
        cite_tables(work, from);
        text_add(&work->text, paths.count ? " joins " : " and ");
        cite_tables(work, to);
        if (paths.count) {
            say_paths(work, &paths);
        } else {
            text_add(&work->text, ": no foreign key leads from one to the other, not over other tables "
                                  "either.\n");
        }
    }
    if (ok && others.count > 0) {
        text_add(&work->text, "Called the same, but not taken: ");
        cite_tables(work, &others);
        text_add(&work->text, ". The nearest are; name the schema to ask for another.\n");
    }
    work->out->known = true;
    ask_subjects_free(&others);
    ask_paths_free(&paths);
    return ok;
}

static bool is_own(const AskLink *link)
{
    return text_equal(link->from_table, link->to_table) && text_equal(link->from_schema, link->to_schema);
}

/* "employees to employees" */
static bool say_self(AskWork *work, const AskSubject *table, Error *err)
{
    AskLinks links = {0};
    size_t told = 0;
    bool ok = ask_links_read(work->question->local, work->question->fingerprint,
                             (AskPlace){table->schema, table->table}, &links, err);
    if (ok) {
        cite_table(work, table->schema, table->table);
    }
    for (size_t i = 0; ok && i < links.count; i++) {
        const AskLink *link = &links.items[i];
        if (is_own(link)) {
            text_add(&work->text, told++ ? "" : " refers to itself; join it a second time under an alias:\n");
            say_hop(work, link);
        }
    }
    text_add(&work->text, told || !ok ? "" : ": no foreign key of it refers to itself.\n");
    work->out->known = true;
    ask_links_free(&links);
    return ok;
}

static bool refers_to_itself(AskWork *work, const AskSubject *table, bool *out, Error *err)
{
    AskLinks links = {0};
    bool ok = ask_links_read(work->question->local, work->question->fingerprint,
                             (AskPlace){table->schema, table->table}, &links, err);
    *out = false;
    for (size_t i = 0; i < links.count; i++) {
        *out = *out || is_own(&links.items[i]);
    }
    ask_links_free(&links);
    return ok;
}

/* "customers to customers": the first that refers to itself, else the first to the others of the name. */
static bool say_same(AskWork *work, AskSubjects *from, AskSubjects *to, Error *err)
{
    bool own = from->count == 1;
    for (size_t i = 0; i < from->count; i++) {
        const AskSubject *table = &from->items[i];
        if (!own && !refers_to_itself(work, table, &own, err)) {
            return false;
        }
        if (own) {
            return say_self(work, table, err);
        }
    }
    replace(from, first_of(from));
    replace(to, without(to, from));
    return say_way(work, from, to, err);
}

/* What is one end can't be the other one: "hr.customers to customers" is about another of the name. */
static bool say_ends(AskWork *work, AskSubjects *from, AskSubjects *to, Error *err)
{
    AskSubjects left = without(to, from);
    if (left.count > 0) {
        replace(to, left);
        return say_way(work, from, to, err);
    }
    AskSubjects rest = without(from, to);
    if (rest.count > 0) {
        replace(from, rest);
        return say_way(work, from, to, err);
    }
    return say_same(work, from, to, err);
}

/* What the question joins, in its order; the same table may stand there twice. */
typedef struct Ends {
    AskSubjects items[ENDS_LIMIT]; /* each of one name */
    size_t count;
    Words unknown; /* what no table is called and nothing fits */
} Ends;

/* The first of them, and those of its name. */
static void add_end(Ends *ends, const AskSubjects *subjects)
{
    if (ends->count < ENDS_LIMIT) {
        AskSubjects *tables = &ends->items[ends->count++];
        for (size_t i = 0; i < subjects->count; i++) {
            if (ask_same_name(subjects->items[i].table, subjects->items[0].table)) {
                add_table(tables, &subjects->items[i]);
            }
        }
    }
}

static void ends_free(Ends *ends)
{
    for (size_t i = 0; i < ends->count; i++) {
        ask_subjects_free(&ends->items[i]);
    }
    words_free(&ends->unknown);
    *ends = (Ends){0};
}

static void take_table(void *context, const CatalogObject *object)
{
    ask_subject_add(context, object->schema, object->table, NULL);
}

/* The tables that words together are the name of, in the singular or plural: also where one of them is a word
 * of every question, as in "media types". */
static bool find_joined(const AskWork *part, AskSubjects *out, Error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && out->count == 0 && i + 1 < part->words.count; i++) {
        char *name = text_format("%s_%s", part->words.items[i], part->words.items[i + 1]);
        char *singular = words_singular(name);
        const char *const forms[] = {name, singular};
        for (size_t f = 0; ok && out->count == 0 && f < sizeof forms / sizeof *forms; f++) {
            ok = catalog_cache_named(part->question->local, part->question->fingerprint, NULL, forms[f], NULL,
                                     take_table, out, err);
        }
        free(singular);
        free(name);
    }
    return ok;
}

/* The words that are about something, without those that ask for a join. Owned by the caller. */
static char *content_of(const AskWork *part)
{
    Text content = {0};
    for (size_t i = 0; i < part->words.count; i++) {
        const char *word = part->words.items[i];
        if (!ask_is_filler(word) && !words_is_one_of(word, verbs)) {
            text_addf(&content, "%s%s", content.length ? " " : "", part->raw.items[i]);
        }
    }
    return text_take(&content);
}

/* The first table of these words, and all of its name: one that is named, else the one they fit best. */
static bool add_segment(AskWork *work, const char *words, Ends *ends, Error *err)
{
    AskQuestion part = *work->question;
    part.text = words;
    AskWork inner = {.question = &part, .out = work->out};
    AskSubjects found = {0};
    ask_words_read(&inner);
    bool ok = find_joined(&inner, &found, err) && (found.count > 0 || ask_subjects_find(&inner, err));
    const AskSubjects *named = ask_subjects(&inner);
    char *content = content_of(&inner);
    if (ok && found.count == 0 && named->count > 0) {
        add_end(ends, named);
    } else if (ok && found.count == 0 && *content) {
        ok = ask_subject_guess(work, content, &found, err);
        if (ok && found.count == 0) {
            words_add(&ends->unknown, content);
        } else if (ok) {
            ok = catalog_cache_named(work->question->local, work->question->fingerprint, NULL,
                                     found.items[0].table, NULL, take_table, &found, err);
        }
    }
    if (ok && found.count > 0) {
        add_end(ends, &found);
    }
    free(content);
    ask_subjects_free(&found);
    ask_work_free(&inner);
    return ok;
}

/* Looks at what stands before, between and behind the words that hold tables apart. */
static bool find_ends(AskWork *work, Ends *ends, Error *err)
{
    Text segment = {0};
    bool ok = true;
    for (size_t i = 0; ok && i <= work->words.count; i++) {
        bool stops = i == work->words.count || words_is_one_of(work->words.items[i], between);
        if (!stops) {
            text_addf(&segment, "%s%s", segment.length ? " " : "", work->raw.items[i]);
        } else if (segment.length > 0) {
            ok = add_segment(work, text_string(&segment), ends, err);
            text_clear(&segment);
        }
    }
    text_free(&segment);
    return ok;
}

/* "how do I join ..": nothing else can be meant. */
static bool is_certain(const AskWork *work)
{
    static const char *const openings[] = {"how do",  "how can", "how to", "how does",
                                           "how are", "how is",  "join",   NULL};
    for (size_t i = 0; openings[i]; i++) {
        char *padded = text_format(" %s ", openings[i]);
        bool begins = text_starts(work->sentence, padded);
        free(padded);
        if (begins) {
            return true;
        }
    }
    return false;
}

static void say_unknown(AskWork *work, const Ends *ends)
{
    cite_tables(work, &ends->items[0]);
    for (size_t i = 0; i < ends->unknown.count; i++) {
        char *word = text_visible(ends->unknown.items[i]);
        text_addf(&work->text, "%s%s", i ? ", " : " is there, but I do not know: no table is called ", word);
        free(word);
    }
    text_add(&work->text, ".\n");
}

/* One end for each name. */
static void add_named(const AskSubjects *named, Ends *ends)
{
    for (size_t i = 0; i < named->count; i++) {
        bool known = false;
        for (size_t e = 0; e < ends->count; e++) {
            known = known || holds(&ends->items[e], &named->items[i]);
        }
        if (!known) {
            add_end(ends, &(AskSubjects){.items = &named->items[i], .count = named->count - i});
        }
    }
}

bool ask_join(AskWork *work, bool *taken, Error *err)
{
    Ends ends = {0};
    if (ask_word_at(work, verbs) < 0 && !ask_says(work, phrases)) {
        return true;
    }
    size_t before = work->text.length;
    bool ok = find_ends(work, &ends, err);
    if (ok && ends.count < 2 && ends.unknown.count == 0 && work->named.count > 1) {
        ends_free(&ends);
        add_named(&work->named, &ends);
    }
    bool unknown = ends.count == 1 && ends.unknown.count > 0 && is_certain(work);
    *taken = ok && (ends.count > 1 || unknown);
    for (size_t i = 0; ok && *taken && i + 1 < ends.count; i++) {
        ok = say_ends(work, &ends.items[i], &ends.items[i + 1], err);
    }
    if (ok && unknown) {
        say_unknown(work, &ends);
    }
    if (!*taken && work->text.data) {
        work->text.data[work->text.length = before] = '\0';
    }
    ends_free(&ends);
    return ok;
}

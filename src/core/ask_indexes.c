/* Indexes: of a table, over a column, and where there is none. */
#include "ask_kind.h"

#include <stdlib.h>

#include "ask_name.h"

enum { INDEXES_LIMIT = 20 };

static const char *const index_words[] = {"index", "indexes", "indices", "indexed", "unindexed", NULL};

/* "unique " where only these are asked for, else "". */
static const char *kind_of(const AskWork *work)
{
    static const char *const unique[] = {"unique", NULL};
    return ask_word_at(work, unique) >= 0 ? "unique " : "";
}

/* Indexes as they are told. */
typedef struct Listing {
    AskWork *work;
    bool with_table;
    bool unique; /* only these */
    int64_t total;
    int64_t told;
} Listing;

/* "i_placed (placed), unique, where active" */
static void say_index(void *context, const CatalogKeptIndex *index)
{
    Listing *listing = context;
    AskWork *work = listing->work;
    if (listing->unique && !index->unique) {
        return;
    }
    listing->total++;
    if (listing->told >= ask_list_limit(work, INDEXES_LIMIT)) {
        return;
    }
    char *name = text_visible(index->name), *keys = text_visible(index->keys);
    text_add(&work->text, "    ");
    if (listing->with_table) {
        char *table = ask_name(index->schema, index->table, NULL);
        ask_cite(work, index->schema, index->table, NULL);
        text_addf(&work->text, "%s: ", table);
        free(table);
    }
    text_addf(&work->text, *keys ? "%s (%s)" : "%s%s", name, keys);
    text_add(&work->text, index->unique ? ", unique" : "");
    if (index->predicate) {
        char *predicate = text_visible(index->predicate);
        text_addf(&work->text, *predicate ? ", where %s" : ", of some rows%s", predicate);
        free(predicate);
    }
    text_add(&work->text, "\n");
    listing->told++;
    free(keys);
    free(name);
}

/* The indexes of these names behind their head, which has their number; *total is that. */
static bool read_indexes(AskWork *work, const char *schema, const char *table, const char *column,
                         Text *listed, int64_t *total, Error *err)
{
    Listing listing = {.work = work, .with_table = !table, .unique = *kind_of(work) != '\0'};
    Text head = work->text;
    work->text = (Text){0};
    bool ok = catalog_cache_indexes(work->question->local, work->question->fingerprint, schema, table, column,
                                    say_index, &listing, err);
    ask_say_more(work, listing.total, listing.told, "index");
    *listed = work->text;
    *total = listing.total;
    work->text = head;
    return ok;
}

static void take_any(void *context, const char *column, int64_t position)
{
    (void)column;
    (void)position;
    *(bool *)context = true;
}

typedef struct First {
    const char *column;
    bool is;
} First;

static void take_key(void *context, const char *column, int64_t position)
{
    First *first = context;
    first->is = first->is || (position == 1 && text_equal(column, first->column));
}

/* "Yes: 1 index of orders begins with orders.placed:" */
static bool say_column(AskWork *work, const AskSubject *subject, Error *err)
{
    Text listed = {0};
    int64_t total = 0;
    First key = {.column = subject->column};
    bool ok = read_indexes(work, subject->schema, subject->table, subject->column, &listed, &total, err) &&
              catalog_cache_key(work->question->local, work->question->fingerprint, subject->schema,
                                subject->table, take_key, &key, err);
    char *name = ask_name(subject->schema, subject->table, subject->column);
    text_add(&work->text, total > 0 || key.is ? "Yes: " : "No: ");
    ask_cite(work, subject->schema, subject->table, subject->column);
    if (total == 0 && key.is) {
        text_addf(&work->text, "%s is the primary key.\n", name);
    } else if (total == 0) {
        text_addf(&work->text, "no index over all rows begins with %s.\n", name);
    } else {
        text_addf(&work->text, "%lld index%s with %s:\n", (long long)total,
                  total == 1 ? " begins" : "es begin", name);
    }
    text_add(&work->text, text_string(&listed));
    text_free(&listed);
    free(name);
    return ok;
}

/* "orders has 2 indexes:" */
static bool say_table(AskWork *work, const AskSubject *subject, Error *err)
{
    Text listed = {0};
    int64_t total = 0;
    bool key = false;
    bool ok = read_indexes(work, subject->schema, subject->table, NULL, &listed, &total, err) &&
              catalog_cache_key(work->question->local, work->question->fingerprint, subject->schema,
                                subject->table, take_any, &key, err);
    char *name = ask_name(subject->schema, subject->table, NULL);
    ask_cite(work, subject->schema, subject->table, NULL);
    text_addf(&work->text, "%s has %lld %sindex%s%s%s\n", name, (long long)total, kind_of(work),
              total == 1 ? "" : "es", total == 0 && key ? " beside its primary key" : "", total ? ":" : ".");
    text_add(&work->text, text_string(&listed));
    text_free(&listed);
    free(name);
    return ok;
}

static bool say_subjects(AskWork *work, const AskSubjects *subjects, Error *err)
{
    bool ok = true;
    size_t told = 0;
    for (; ok && told < subjects->count && ask_has_room(work, told); told++) {
        const AskSubject *subject = &subjects->items[told];
        ok = subject->column ? say_column(work, subject, err) : say_table(work, subject, err);
    }
    ask_say_more(work, (int64_t)subjects->count, (int64_t)told, "table");
    return ok;
}

/* --- where there is none --- */

static void say_reference(void *context, const CatalogReference *reference)
{
    AskWork *work = context;
    char *from = ask_name(reference->schema, reference->table, reference->column);
    char *to = ask_name(reference->to_schema, reference->to_table, reference->to_column);
    text_add(&work->text, "    ");
    ask_cite(work, reference->schema, reference->table, reference->column);
    text_addf(&work->text, "%s, refers to %s\n", from, to);
    free(to);
    free(from);
}

/* Deleting what such a key points to reads all of its table. */
static bool say_unindexed_keys(AskWork *work, Error *err)
{
    Text head = work->text;
    int64_t total = 0, limit = ask_list_limit(work, INDEXES_LIMIT);
    work->text = (Text){0};
    bool ok = catalog_cache_unindexed(work->question->local, work->question->fingerprint, work->schema,
                                      (int)limit, say_reference, work, &total, err);
    Text listed = work->text;
    work->text = head;
    text_addf(&work->text, "%lld foreign key%s whose first column no index begins with%s\n", (long long)total,
              text_plural(total), total ? ":" : ".");
    text_add(&work->text, text_string(&listed));
    ask_say_more(work, total, total < limit ? total : limit, "foreign key");
    text_free(&listed);
    return ok;
}

static bool say_all(AskWork *work, Error *err)
{
    Text listed = {0};
    int64_t total = 0;
    char *schema = text_visible(work->schema);
    bool ok = read_indexes(work, work->schema, NULL, NULL, &listed, &total, err);
    text_addf(&work->text, "%lld %sindex%s%s%s%s\n", (long long)total, kind_of(work), total == 1 ? "" : "es",
              *schema ? " in schema " : "", schema, total ? ":" : ".");
    text_add(&work->text, text_string(&listed));
    text_free(&listed);
    free(schema);
    return ok;
}

static bool say_tables(AskWork *work, bool without, Error *err)
{
    const CatalogFilter filter = {.tables = true,
                                  .kind = "table",
                                  .schema = work->schema,
                                  .indexed = without ? CATALOG_HAS_NOT : CATALOG_HAS};
    return ask_list_say(work, &filter, without ? " without an index" : " with an index", err);
}

bool ask_indexes(AskWork *work, bool *taken, Error *err)
{
    static const char *const
        denials[] = {"not",    "without", "no",   "unindexed", "missing",
                     "aren't", "isn't",   "lack", "lacks",     NULL},
        *const known[] = {"index", "indexes", "indices",  "indexed", "unindexed",  "foreign",
                          "key",   "keys",    "not",      "without", "missing",    "aren't",
                          "isn't", "lack",    "lacks",    "unique",  "constraint", "constraints",
                          "cover", "covers",  "covering", "uses",    NULL},
        *const unique[] = {"unique key", "unique keys", "unique constraint", "unique constraints", NULL},
        *const foreign[] = {"foreign keys", "foreign key", NULL}, *const tables[] = {"table", "tables", NULL};
    const AskSubjects *subjects = ask_subjects(work);
    long at = ask_word_at(work, index_words);
    bool own = false; /* "which table holds indexes", where one does */
    bool of_unique = subjects->count > 0 && ask_says(work, unique);
    if ((at < 0 && !of_unique) || !ask_says_only(work, known)) {
        return true;
    }
    const Words one = {.items = at < 0 ? NULL : &work->words.items[at], .count = subjects->count == 0};
    if (!ask_are_own_words(work, &one, "name", &own, err)) {
        return false;
    }
    if (own) {
        return true;
    }
    *taken = true;
    work->out->known = true;
    bool without = ask_word_at(work, denials) >= 0;
    return ask_says(work, foreign) && without ? say_unindexed_keys(work, err)
           : subjects->count > 0              ? say_subjects(work, subjects, err)
           : ask_word_at(work, tables) >= 0   ? say_tables(work, without, err)
                                              : say_all(work, err);
}

/* Tables by numbers that the cached catalog knows, and conditions that it does not know. */
#include "ask_kind.h"

#include <stdlib.h>
#include <string.h>

#include "ask_bounds.h"
#include "ask_condition.h"
#include "ask_name.h"
#include "ask_period.h"
#include "search.h"

enum { RANKS = 10, RANKS_LIMIT = 100, BOUNDED_LIMIT = 20 };

static const char *const relations[] = {"table", "tables", "relation", "relations", "view", "views", NULL};
static const char *const column_words[] = {"column", "columns", "field", "fields", NULL};

/* --- the most and the fewest --- */

#define PHRASES(...) ((const char *const[]){__VA_ARGS__, NULL})

typedef struct Superlative {
    const char *const *phrases;
    CatalogMeasure measure;
    bool least;
    const char *head; /* behind "the tables" */
} Superlative;

static const char *const most_rows[] = {"most rows", "most data", "most records", "largest", "biggest", NULL},
                         *const fewest_rows[] = {"fewest rows", "least rows", "fewest records", "smallest",
                                                 NULL},
                         *const most_columns[] = {"most columns", "most fields", "widest", NULL},
                         *const fewest_columns[] = {"fewest columns", "least columns", "fewest fields",
                                                    "narrowest", NULL},
                         *const most_keys[] = {"most foreign keys", "most references", NULL},
                         *const fewest_keys[] = {"fewest foreign keys", "least foreign keys", NULL},
                         *const least_referenced[] = {"least referenced", "referenced least", NULL},
                         *const most_referenced[] = {"most referenced", "most often referenced",
                                                     "referenced most", "referenced the most", NULL};

static const Superlative superlatives[] = {
    {most_rows, CATALOG_ROWS, false, " with the most rows, as the database estimates them"},
    {fewest_rows, CATALOG_ROWS, true, " with the fewest rows, as the database estimates them"},
    {most_columns, CATALOG_COLUMNS, false, " with the most columns"},
    {fewest_columns, CATALOG_COLUMNS, true, " with the fewest columns"},
    {most_keys, CATALOG_FOREIGN_KEYS, false, " with the most foreign keys"},
    {fewest_keys, CATALOG_FOREIGN_KEYS, true, " with the fewest foreign keys"},
    {least_referenced, CATALOG_REFERENCES, true, " to which the fewest foreign keys point"},
    {most_referenced, CATALOG_REFERENCES, false, " to which the most foreign keys point"},
};

typedef struct Ranking {
    AskWork *work;
    CatalogMeasure by;
    int64_t told;
} Ranking;

static void say_number(Text *text, CatalogMeasure by, double number)
{
    static const char *const units[] = {[CATALOG_COLUMNS] = "column",
                                        [CATALOG_ROWS] = "row",
                                        [CATALOG_FOREIGN_KEYS] = "foreign key",
                                        [CATALOG_REFERENCES] = "reference"};
    text_addf(text, "%s%.0f %s%s", by == CATALOG_ROWS ? "about " : "", number, units[by],
              text_plural((long long)number));
}

static void say_rank(void *context, const CatalogObject *object, double number)
{
    Ranking *ranking = context;
    AskWork *work = ranking->work;
    char *name = ask_name(object->schema, object->table, NULL);
    text_add(&work->text, "    ");
    ask_cite(work, object->schema, object->table, NULL);
    text_addf(&work->text, "%s: ", name);
    say_number(&work->text, ranking->by, number);
    text_add(&work->text, "\n");
    ranking->told++;
    free(name);
}

/* "top 5", "the 20 largest" */
static int ranks_of(const AskWork *work)
{
    for (size_t i = 0; i < work->words.count; i++) {
        char *end = NULL;
        long number = strtol(work->words.items[i], &end, 10);
        if (end > work->words.items[i] && !*end && number > 0 && number <= RANKS_LIMIT) {
            return (int)number;
        }
    }
    return RANKS;
}

/* Words that are left of the question: what nobody understood must not be dropped. */
static Words left_over(const AskCondition *condition)
{
    static const char *const ignored[] = {"top",   "and",     "have",   "schema", "number", "sorted", "sort",
                                          "order", "ordered", "ranked", "rank",   "count",  NULL};
    Words left = {0};
    const char *at = condition->rest.data;
    for (char *word; (word = ask_condition_word(&at));) {
        if (!words_is_one_of(word, ignored) && (*word < '0' || *word > '9')) {
            words_add(&left, word);
        }
        free(word);
    }
    return left;
}

static void say_no_estimates(AskWork *work)
{
    text_addf(&work->text,
              "I do not know: no table of profile %s that fits has an estimate of its rows. ANALYZE in the "
              "database makes "
              "them; amx reads them with its catalog.\n",
              work->question->profile);
}

/* " with the most rows, as the database estimates them (10 of 36 in schema sales):" and these. */
static bool say_ranking(AskWork *work, const Superlative *superlative, const AskCondition *condition,
                        const CatalogFilter *filter, Error *err)
{
    Ranking ranking = {.work = work, .by = superlative->measure};
    Text head = work->text;
    int64_t total = 0;
    work->text = (Text){0};
    bool ok =
        catalog_cache_rank(work->question->local, work->question->fingerprint, filter, superlative->measure,
                           superlative->least, ranks_of(work), say_rank, &ranking, &total, err);
    Text listed = work->text;
    work->text = head;
    if (total == 0 && superlative->measure == CATALOG_ROWS) {
        say_no_estimates(work);
    } else {
        char *schema = text_visible(filter->schema);
        const char *kind = filter->kind ? filter->kind : "tables and view";
        text_addf(&work->text, "The %ss%s (%lld of %lld%s%s%s%s):\n", kind, superlative->head,
                  (long long)ranking.told, (long long)total, condition->what.length ? " " : "",
                  text_string(&condition->what), *schema ? " in schema " : "", schema);
        free(schema);
        work->out->known = total > 0;
    }
    text_add(&work->text, text_string(&listed));
    text_free(&listed);
    return ok;
}

/* --- under conditions that need no list of columns --- */

static bool count_estimates(AskWork *work, int64_t *out, Error *err)
{
    const CatalogFilter all = {.tables = true};
    return catalog_cache_rank(work->question->local, work->question->fingerprint, &all, CATALOG_ROWS, false,
                              0, say_rank, NULL, out, err);
}

static bool say_under(AskWork *work, const AskCondition *condition, CatalogFilter *filter, Error *err)
{
    int64_t estimates = 0;
    bool of_rows = filter->rows != CATALOG_HAS_ANY;
    if (of_rows && !count_estimates(work, &estimates, err)) {
        return false;
    }
    if (of_rows && estimates == 0) {
        say_no_estimates(work);
        return true;
    }
    filter->kind = filter->kind ? filter->kind : "table";
    char *what = text_format(" %s", text_string(&condition->what));
    bool ok = ask_list_say(work, filter, what, err);
    work->out->known = true;
    free(what);
    return ok;
}

/* --- how many rows one has --- */

static bool say_rows(AskWork *work, const AskSubject *subject, Error *err)
{
    const CatalogFilter one = {.schema = subject->schema, .table = subject->table, .tables = true};
    Ranking ranking = {.work = work, .by = CATALOG_ROWS};
    int64_t total = 0;
    bool ok = catalog_cache_rank(work->question->local, work->question->fingerprint, &one, CATALOG_ROWS,
                                 false, 1, say_rank, &ranking, &total, err);
    if (ok && total == 0) {
        char *name = ask_name(subject->schema, subject->table, NULL);
        text_add(&work->text, "    ");
        ask_cite(work, subject->schema, subject->table, NULL);
        text_addf(&work->text, "%s: the database has no estimate; ANALYZE makes one\n", name);
        free(name);
    }
    work->out->known = true;
    return ok;
}

static bool say_all_rows(AskWork *work, Error *err)
{
    const AskSubjects *subjects = ask_subjects(work);
    bool ok = true;
    size_t told = 0;
    text_add(&work->text, "Rows, as the database estimates them:\n");
    for (; ok && told < subjects->count && ask_has_room(work, told); told++) {
        ok = say_rows(work, &subjects->items[told], err);
    }
    ask_say_more(work, (int64_t)subjects->count, (int64_t)told, "table");
    return ok;
}

/* The other end of the same measure, NULL when there is none. */
static const Superlative *least_of(const Superlative *most)
{
    for (size_t i = 0; i < sizeof superlatives / sizeof *superlatives; i++) {
        if (superlatives[i].measure == most->measure && superlatives[i].least) {
            return &superlatives[i];
        }
    }
    return NULL;
}

/* What stands behind "by": "the smallest table by columns". */
static const Superlative *find_measure(AskCondition *condition)
{
    static const struct {
        const char *const phrases[5];
        const char *const *most;
    } measures[] = {
        {{"by number of rows", "by row count", "by rows", "by size", NULL}, most_rows},
        {{"by number of columns", "by column count", "by columns", NULL}, most_columns},
        {{"by number of foreign keys", "by foreign keys", NULL}, most_keys},
        {{"by number of references", "by references", NULL}, most_referenced},
    };
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        if (ask_condition_take(condition, measures[i].phrases)) {
            for (size_t s = 0; s < sizeof superlatives / sizeof *superlatives; s++) {
                if (superlatives[s].phrases == measures[i].most) {
                    return &superlatives[s];
                }
            }
        }
    }
    return NULL;
}

/* Also "bottom 5 tables by columns". */
static const Superlative *find_superlative(AskCondition *condition)
{
    static const char *const sizes[] = {"largest", "biggest", "most", NULL};
    const Superlative *by = find_measure(condition);
    if (by) {
        const Superlative *fewest = least_of(by);
        bool least =
            ask_condition_take(condition, PHRASES("smallest", "fewest", "least", "bottom", "ascending"));
        ask_condition_take(condition, sizes);
        return least && fewest ? fewest : by;
    }
    for (size_t i = 0; i < sizeof superlatives / sizeof *superlatives; i++) {
        if (ask_condition_take(condition, superlatives[i].phrases)) {
            const Superlative *least = least_of(&superlatives[i]);
            return least && ask_condition_take(condition, PHRASES("bottom", "ascending")) ? least
                                                                                          : &superlatives[i];
        }
    }
    return NULL;
}

/* --- so many of something --- */

/* "2 tables with more than 30 columns:" and these, those with the most first. */
static bool say_bounded(AskWork *work, const AskCondition *condition, const CatalogFilter *filter, Error *err)
{
    Ranking ranking = {.work = work, .by = filter->bounds->by};
    Text head = work->text;
    int64_t total = 0, estimates = 1;
    work->text = (Text){0};
    bool ok =
        catalog_cache_rank(work->question->local, work->question->fingerprint, filter, ranking.by, false,
                           ask_list_limit(work, BOUNDED_LIMIT), say_rank, &ranking, &total, err) &&
        (ranking.by != CATALOG_ROWS || count_estimates(work, &estimates, err));
    Text listed = work->text;
    char *schema = text_visible(filter->schema);
    work->text = head;
    if (estimates == 0) {
        say_no_estimates(work);
    } else {
        text_addf(&work->text, "%lld %s%s%s%s %s%s\n", (long long)total, filter->kind, text_plural(total),
                  *schema ? " in schema " : "", schema, text_string(&condition->what), total ? ":" : ".");
        work->out->known = true;
    }
    text_add(&work->text, text_string(&listed));
    ask_say_more(work, total, ranking.told, filter->kind);
    free(schema);
    text_free(&listed);
    return ok;
}

/* Does it say of tables what no list of another kind answers? */
static bool has_condition(const AskWork *work, const CatalogFilter *filter)
{
    int conditions = filter->undescribed + filter->described + (filter->primary_key != CATALOG_HAS_ANY) +
                     (filter->foreign_key != CATALOG_HAS_ANY);
    return conditions > 1 || filter->self_reference != CATALOG_HAS_ANY ||
           filter->referenced != CATALOG_HAS_ANY || filter->rows != CATALOG_HAS_ANY ||
           (filter->foreign_key == CATALOG_HAS_NOT &&
            !ask_says(work, PHRASES("foreign keys", "foreign key")));
}

static bool compare_tables(AskWork *work, bool *taken, Error *err)
{
    bool of_tables = ask_word_at(work, relations) >= 0;
    AskCondition condition = ask_condition_of(work);
    CatalogFilter filter = {.tables = true};
    CatalogBounds bounds;
    filter.bounds = ask_bounds_take(work, &condition, &bounds) ? &bounds : NULL;
    const Superlative *superlative = find_superlative(&condition);
    ask_condition_tables(&condition, &filter);
    bool about = false, ok = ask_condition_schema(work, &condition, &filter.schema, err);
    Words left = left_over(&condition);
    bool asks =
        superlative || filter.bounds || (has_condition(work, &filter) && ask_word_at(work, column_words) < 0);
    ok = ok && (!asks || ask_are_own_words(work, &left, "name columns", &about, err));
    *taken = ok && asks && !about && (of_tables || left.count == 0);
    work->denies = *taken ? ask_denies(text_string(&condition.rest)) : work->denies;
    if (*taken && filter.bounds && !superlative) {
        filter.kind = filter.kind ? filter.kind : "table";
        ok = say_bounded(work, &condition, &filter, err);
    } else if (*taken && superlative) {
        bool stored = superlative->measure == CATALOG_ROWS && !filter.kind;
        filter.kind = stored ? "table" : filter.kind;
        ok = say_ranking(work, superlative, &condition, &filter, err);
    } else if (*taken) {
        ok = say_under(work, &condition, &filter, err);
    }
    if (*taken) {
        ask_say_left(work, &left);
    }
    words_free(&left);
    ask_condition_free(&condition);
    return ok;
}

bool ask_measure(AskWork *work, bool *taken, Error *err)
{
    static const char *const rows[] = {
        "how many rows", "how many records", "number of rows", "row count", "how big", "how large", NULL};
    if (ask_says(work, rows) && ask_subjects(work)->count > 0) {
        *taken = true;
        return say_all_rows(work, err);
    }
    return work->named.count > 0 || work->points_back || compare_tables(work, taken, err);
}

/* --- what the cached catalog does not hold --- */

static const struct {
    const char *const words[8];
    const char *what;
} unknowns[] = {
    {{"trigger", "triggers", NULL}, "triggers"},
    {{"created", "changed", "altered", "modified", "newest", "oldest", NULL},
     "when a table was created or changed"},
    {{"bytes", "mb", "gb", "megabytes", "gigabytes", "disk", NULL}, "how much room a table takes"},
    {{"constraint", "constraints", NULL}, "constraints other than keys"},
    {{"owner", "owners", "owns", "own", "owned", "grants", "granted", NULL},
     "who owns a table or may read it"},
};

static const char *unknown_of(const char *word)
{
    for (size_t i = 0; i < sizeof unknowns / sizeof *unknowns; i++) {
        if (words_is_one_of(word, unknowns[i].words)) {
            return unknowns[i].what;
        }
    }
    return NULL;
}

/* Tables or columns under a condition that nothing is known of, and nothing else: "tables without an index
 * that were created yesterday", but not what a table about indexes would answer. */
bool ask_unknown(AskWork *work, bool *taken, Error *err)
{
    static const char *const may[] = {"may", "might", "allow", "allows", NULL};
    AskPeriod period;
    bool timed = ask_period(work, 0, &period) != ASK_PERIOD_NONE;
    const char *unknown = NULL;
    if (ask_word_at(work, relations) < 0 && ask_word_at(work, column_words) < 0 && work->named.count == 0) {
        return true;
    }
    for (size_t i = 0; i < work->words.count; i++) {
        const char *word = work->words.items[i], *what = unknown_of(word);
        bool own = false, named = false;
        const Words one = {.items = &work->words.items[i], .count = what != NULL};
        if (!ask_are_own_words(work, &one, "name", &own, err)) {
            return false;
        }
        for (size_t s = 0; s < work->named.count; s++) {
            named = named || ask_names_table(word, &work->named.items[s]);
        }
        bool known = what || timed || named || ask_is_filler(word) || words_is_one_of(word, may);
        if (own || !known) {
            return true;
        }
        unknown = unknown ? unknown : what;
    }
    if (unknown) {
        *taken = true;
        text_addf(&work->text,
                  "I do not know about %s: the catalog that amx keeps does not tell it, so nothing was "
                  "listed. It knows "
                  "names, types, descriptions, keys, references, indexes, defaults and estimates of rows.\n",
                  unknown);
    }
    return true;
}

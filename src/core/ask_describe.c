/* What a table or column is, and questions that only point back to what was cited. */
#include "ask_kind.h"

#include "ask_fold.h"
#include "ask_name.h"

enum { COLUMNS_LIMIT = 12, SUBJECTS_LIMIT = 8 };

/* One table, and of its columns one or all. */
typedef struct Telling {
    AskWork *work;
    const char *column; /* NULL: the table with its first columns */
    int64_t columns;
    int64_t told;
} Telling;

static void tell(void *context, const CatalogObject *object)
{
    Telling *telling = context;
    if (telling->column) {
        if (object->column && ask_same_name(object->column, telling->column)) {
            ask_say_object(telling->work, "", object);
        }
    } else if (!object->column) {
        ask_say_object(telling->work, "", object);
    } else if (++telling->columns <= COLUMNS_LIMIT) {
        ask_say_object(telling->work, "    ", object);
        telling->told++;
    }
}

static bool say_subject(AskWork *work, const AskSubject *subject, const char *column, Error *err)
{
    Telling telling = {.work = work, .column = column};
    bool ok = catalog_cache_list(work->question->local, work->question->fingerprint, subject->schema,
                                 subject->table, tell, &telling, err);
    ask_say_more(work, telling.columns, telling.told, "column");
    return ok;
}

typedef struct ColumnSearch {
    const AskWork *work;
    char *found;
} ColumnSearch;

static void look_for(void *context, const CatalogObject *object)
{
    ColumnSearch *search = context;
    for (size_t i = 0; object->column && !search->found && i < search->work->words.count; i++) {
        char *word = ask_unquoted(search->work->words.items[i]);
        if (!ask_is_filler(word) && ask_same_name(object->column, word)) {
            search->found = text_format("%s", object->column);
        }
        free(word);
    }
}

/* "status of users": a word of the question that is a column of the table. */
static bool find_column(const AskWork *work, const AskSubject *subject, char **out, Error *err)
{
    ColumnSearch search = {.work = work};
    bool ok = catalog_cache_list(work->question->local, work->question->fingerprint, subject->schema,
                                 subject->table, look_for, &search, err);
    *out = search.found;
    return ok;
}

static bool say_subjects(AskWork *work, const AskSubjects *subjects, Error *err)
{
    bool ok = true;
    size_t told = 0;
    for (size_t i = 0; ok && i < subjects->count && i < SUBJECTS_LIMIT; i++) {
        const AskSubject *subject = &subjects->items[i];
        char *column = NULL;
        ok = subject->column || find_column(work, subject, &column, err);
        ok = ok && say_subject(work, subject, subject->column ? subject->column : column, err);
        free(column);
        told++;
    }
    ask_say_more(work, (int64_t)subjects->count, (int64_t)told, "of this name");
    work->out->known = json_array_size(work->out->citations) > 0;
    return ok;
}

/* A question of nothing but a name is one for what it is. */
static bool is_only_a_name(const AskWork *work)
{
    char *content = ask_content(work);
    bool only = work->named.count > 0 && work->words.count == 1 && *content;
    free(content);
    return only;
}

bool ask_describe(AskWork *work, bool *taken, Error *err)
{
    static const char *const phrases[] = {"what type",     "which type",    "what is", "what are",   "what's",
                                          "describe",      "explain",       "mean",    "meaning of", "define",
                                          "definition of", "tell me about", NULL};
    const AskSubjects *subjects = ask_subjects(work);
    if (subjects->count == 0 || !(ask_says(work, phrases) || is_only_a_name(work))) {
        return true;
    }
    *taken = true;
    return say_subjects(work, subjects, err);
}

/* Is the question about something, or does it only point back, too? */
static bool has_content(const AskQuestion *question)
{
    AskWork work = {.question = question};
    ask_words_read(&work);
    char *content = ask_content(&work);
    bool has = *content != '\0';
    free(content);
    ask_work_free(&work);
    return has;
}

/* The last question that was about something; NULL when there is none. */
static const char *question_before(const AskQuestion *question)
{
    for (size_t i = question->turn_count; i-- > 0;) {
        const AskTurn *turn = &question->turns[i];
        if (text_equal(turn->role, "user") && has_content(&(AskQuestion){.text = turn->content})) {
            return turn->content;
        }
    }
    return NULL;
}

/* "only those?": whatever else fits the question before. */
static bool say_only_those(AskWork *work, Error *err)
{
    text_addf(&work->text, "The question before is about %zu table%s:\n", work->before.count,
              text_plural((long long)work->before.count));
    size_t told = 0;
    for (; told < work->before.count && ask_has_room(work, told); told++) {
        const AskSubject *subject = &work->before.items[told];
        char *name = ask_name(subject->schema, subject->table, NULL);
        text_add(&work->text, "    ");
        ask_cite(work, subject->schema, subject->table, NULL);
        text_addf(&work->text, "%s\n", name);
        free(name);
    }
    ask_say_more(work, (int64_t)work->before.count, (int64_t)told, "table");
    const char *before = question_before(work->question);
    bool ok = !before || ask_find_others(work, before, &work->before, err);
    work->out->known = true;
    return ok;
}

bool ask_back(AskWork *work, bool *taken, Error *err)
{
    static const char *const only[] = {"only those",    "only these",  "only them",     "only that",
                                       "only this",     "is that all", "are those all", "any others",
                                       "anything else", NULL};
    if (!work->points_back || work->named.count > 0 || has_content(work->question)) {
        return true;
    }
    *taken = true;
    if (work->before.count == 0) {
        text_add(&work->text,
                 work->question->turn_count
                     ? "I do not know what this points back to: the answer before cites no such "
                       "table. Name a table or what it is about.\n"
                     : "I do not know what this points back to: nothing was asked before in this "
                       "session. Name a table or what it is about.\n");
        return true;
    }
    return ask_says(work, only) ? say_only_those(work, err) : say_subjects(work, &work->before, err);
}

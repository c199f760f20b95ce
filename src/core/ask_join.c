/* How tables join. */
#include "ask_kind.h"

#include <string.h>

#include "ask_joins.h"
#include "ask_name.h"

/* What stands between two tables in a question. */
static const char *const between[] = {"to", "with", "and", "from", "into", "onto", "between", "via", NULL};

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

static bool say_path(AskWork *work, const AskSubject *from, const AskSubject *to, Error *err)
{
    AskLinks path = {0};
    bool ok =
        ask_path_find(work->question->local, work->question->fingerprint,
                      (AskPlace){from->schema, from->table}, (AskPlace){to->schema, to->table}, &path, err);
    if (ok) {
        cite_table(work, from->schema, from->table);
        text_add(&work->text, path.count ? " joins " : " and ");
        cite_table(work, to->schema, to->table);
        if (path.count) {
            text_addf(&work->text, " over %zu foreign key%s:\n", path.count,
                      text_plural((long long)path.count));
        } else {
            text_add(&work->text, ": no foreign key leads from one to the other, not over other tables "
                                  "either.\n");
        }
    }
    for (size_t i = 0; ok && i < path.count; i++) {
        say_hop(work, &path.items[i]);
    }
    work->out->known = true;
    ask_links_free(&path);
    return ok;
}

/* The first table of these words: one that is named, else the one they fit best. */
static bool add_segment(AskWork *work, const char *words, AskSubjects *out, Error *err)
{
    AskQuestion part = *work->question;
    part.text = words;
    AskWork inner = {.question = &part, .out = work->out};
    ask_words_read(&inner);
    bool ok = ask_subjects_find(&inner, err);
    const AskSubjects *found = ask_subjects(&inner);
    if (ok && found->count > 0) {
        ask_subject_add(out, found->items[0].schema, found->items[0].table, NULL);
    } else if (ok && *words) {
        char *content = ask_content(&inner);
        ok = *content == '\0' || ask_subject_guess(work, content, out, err);
        free(content);
    }
    ask_work_free(&inner);
    return ok;
}

/* Looks at what stands before, between and behind the words that hold tables apart. */
static bool find_ends(AskWork *work, AskSubjects *out, Error *err)
{
    Text segment = {0};
    bool ok = true;
    for (size_t i = 0; ok && i <= work->words.count; i++) {
        bool ends = i == work->words.count || words_is_one_of(work->words.items[i], between);
        if (!ends) {
            text_addf(&segment, "%s%s", segment.length ? " " : "", work->raw.items[i]);
        } else if (segment.length > 0) {
            ok = add_segment(work, text_string(&segment), out, err);
            text_clear(&segment);
        }
    }
    text_free(&segment);
    return ok;
}

bool ask_join(AskWork *work, bool *taken, Error *err)
{
    static const char *const verbs[] = {"join",     "joins",     "joined", "connect",      "connected",
                                        "combine",  "related",   "relate", "relationship", "path",
                                        "get from", "linked to", "reach",  "connects",     NULL};
    AskSubjects ends = {0};
    if (!ask_says(work, verbs)) {
        return true;
    }
    bool ok = true;
    size_t before = work->text.length;
    for (size_t i = 0; i < work->named.count; i++) {
        ask_subject_add(&ends, work->named.items[i].schema, work->named.items[i].table, NULL);
    }
    if (ends.count < 2 || work->before.count > 0) {
        ask_subjects_free(&ends);
        ok = find_ends(work, &ends, err);
    }
    *taken = ok && ends.count > 1;
    for (size_t i = 0; ok && *taken && i + 1 < ends.count; i++) {
        ok = say_path(work, &ends.items[i], &ends.items[i + 1], err);
    }
    if (!*taken && work->text.data) {
        work->text.data[work->text.length = before] = '\0';
    }
    ask_subjects_free(&ends);
    return ok;
}

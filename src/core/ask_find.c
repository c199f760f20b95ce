/* Which tables hold it: the best tables and columns for the words of a question. */
#include "ask_kind.h"

#include <string.h>

#include "ask_joins.h"
#include "ask_match.h"
#include "ask_near.h"
#include "ask_name.h"

enum { TABLES_LIMIT = 5, OTHERS_LIMIT = 12, UNKNOWN_WORDS_LIMIT = 8 };

static void say_table(AskWork *work, const AskTable *table)
{
    const CatalogObject object = {.schema = table->schema,
                                  .table = table->name,
                                  .kind = table->kind,
                                  .description = table->description,
                                  .accepted = table->accepted};
    ask_say_object(work, "", &object);
    for (size_t i = 0; i < table->column_count; i++) {
        const AskColumn *column = &table->columns[i];
        char *name = ask_name(NULL, NULL, column->name);
        char *type = text_visible(column->type);
        text_add(&work->text, "    ");
        ask_cite(work, table->schema, table->name, column->name);
        text_addf(&work->text, *type ? "%s (%s)" : "%s%s", name, type);
        if (column->refers_to) {
            char *target = text_visible(column->refers_to);
            text_addf(&work->text, ", refers to %s", target);
            free(target);
        }
        ask_say_description(work, column->description, column->accepted, NULL);
        free(type);
        free(name);
    }
}

/* "nothing is called custmer; customer is near it" */
static void say_corrections(AskWork *work, const AskMatch *match)
{
    for (size_t i = 0; i < match->term_count; i++) {
        if (match->terms[i].corrected) {
            char *word = text_visible(match->terms[i].word);
            text_addf(&work->text, "Nothing is called %s; %s is near it.\n", word, match->terms[i].corrected);
            free(word);
        }
    }
}

static bool say_unknown(AskWork *work, const AskMatch *match, Error *err)
{
    Words words = {0};
    Text listed = {0};
    for (size_t i = 0; i < match->term_count; i++) {
        if (!match->terms[i].found) {
            words_add(&words, match->terms[i].word);
            if (words.count <= UNKNOWN_WORDS_LIMIT) {
                char *word = text_visible(match->terms[i].word);
                text_addf(&listed, "%s%s", words.count > 1 ? ", " : "", word);
                free(word);
            }
        }
    }
    bool ok = true;
    if (words.count > 0) {
        char *near = NULL;
        text_addf(&work->text,
                  match->table_count ? "Nothing in profile %s fits: %s%s.\n"
                                     : "I do not know: nothing in profile %s fits: %s%s.\n",
                  work->question->profile, text_string(&listed),
                  words.count > UNKNOWN_WORDS_LIMIT ? ", .." : "");
        ok = ask_near_names(work->question->local, work->question->fingerprint, &words, &near, err);
        if (ok && *near) {
            text_addf(&work->text, "The nearest names: %s.\n", near);
        }
        free(near);
    }
    text_free(&listed);
    words_free(&words);
    return ok;
}

static bool say_joins(AskWork *work, const AskMatch *match, Error *err)
{
    Text joins = {0};
    bool ok = ask_joins_add(work->question->local, work->question->fingerprint, match, true, &joins, err);
    if (joins.length > 0) {
        text_addf(&work->text, "They join by:\n%s", text_string(&joins));
    }
    text_free(&joins);
    return ok;
}

static bool is_told(const AskSubjects *told, const AskTable *table)
{
    for (size_t i = 0; i < told->count; i++) {
        if (text_equal(told->items[i].table, table->name) &&
            text_equal(told->items[i].schema, table->schema)) {
            return true;
        }
    }
    return false;
}

bool ask_find_others(AskWork *work, const char *words, const AskSubjects *told, Error *err)
{
    AskMatch match = {0};
    size_t others = 0;
    bool ok =
        ask_match_find(work->question->local, work->question->fingerprint, words, OTHERS_LIMIT, &match, err);
    for (size_t i = 0; ok && i < match.table_count; i++) {
        if (!is_told(told, &match.tables[i])) {
            text_add(&work->text, others++ ? "" : "These fit the question as well, but less:\n");
            say_table(work, &match.tables[i]);
        }
    }
    text_add(&work->text, ok && !others ? "Nothing else fits the question before.\n" : "");
    ask_match_free(&match);
    return ok;
}

/* "which of them hold an address?": only what was cited before. */
static bool is_narrow(const AskWork *work)
{
    static const char *const phrases[] = {"of them",    "of those",    "of these",
                                          "among them", "among those", NULL};
    return work->before.count > 0 && work->named.count == 0 && ask_says(work, phrases);
}

static bool find_among(AskWork *work, Error *err)
{
    AskMatch match = {0};
    bool ok = ask_match_find(work->question->local, work->question->fingerprint, work->question->text,
                             ASK_MATCH_ALL, &match, err);
    for (size_t i = 0; ok && i < match.table_count; i++) {
        if (is_told(&work->before, &match.tables[i])) {
            say_table(work, &match.tables[i]);
            work->out->known = true;
        }
    }
    if (!work->out->known) {
        text_add(&work->text, "I do not know: none of the tables cited before fits.\n");
    }
    ask_match_free(&match);
    return ok;
}

/* A name in quotes may be of signs or single letters: no word to look for, but named all the same. */
static void say_no_word(AskWork *work)
{
    char *content = ask_content(work), *named = text_visible(content);
    if (strchr(named, '"')) {
        text_addf(&work->text, "I do not know: nothing in profile %s is called %s.\n",
                  work->question->profile, named);
    } else {
        text_add(&work->text, "I do not know: the question holds no word to look for. Ask for what a "
                              "table or column is about.\n");
    }
    free(named);
    free(content);
}

static bool find_anywhere(AskWork *work, Error *err)
{
    const AskQuestion *question = work->question;
    AskMatch match = {0};
    bool ok =
        ask_match_find(question->local, question->fingerprint, question->text, TABLES_LIMIT, &match, err);
    if (ok) {
        say_corrections(work, &match);
        for (size_t i = 0; i < match.table_count; i++) {
            say_table(work, &match.tables[i]);
        }
        work->out->known = match.table_count > 0;
        ok = say_joins(work, &match, err) && say_unknown(work, &match, err);
        if (match.term_count == 0) {
            say_no_word(work);
        } else if (work->text.length == 0) {
            text_addf(&work->text,
                      "I do not know: no table in profile %s fits all of the question. Ask with fewer words, "
                      "or name a table.\n",
                      question->profile);
        }
    }
    ask_match_free(&match);
    return ok;
}

bool ask_find(AskWork *work, bool *taken, Error *err)
{
    *taken = true;
    return is_narrow(work) ? find_among(work, err) : find_anywhere(work, err);
}

#include "ask.h"

#include <stdlib.h>
#include <string.h>

#include "ask_joins.h"
#include "ask_match.h"
#include "ask_nearest.h"
#include "catalog_cache.h"
#include "report.h"
#include "text.h"

enum { DESCRIPTION_SIZE = 600, UNKNOWN_WORDS_LIMIT = 8 };

/* Adds a citation and its mark. */
static void cite(Answer *answer, Text *text, const char *schema, const char *table, const char *column)
{
    json_t *citation = json_object();
    row_text(citation, "schema", schema);
    row_text(citation, "table", table);
    row_text(citation, "column", column);
    json_array_append_new(answer->citations, citation);
    text_addf(text, "[%zu] ", json_array_size(answer->citations));
}

/* ": text" and the end of the line. */
static void add_description(Text *text, const char *description, bool accepted)
{
    char cut[DESCRIPTION_SIZE];
    text_copy(cut, sizeof cut, description);
    char *visible = text_visible(cut);
    text_addf(text, ": %s%s%s\n", visible, strlen(description) < sizeof cut ? "" : " ..",
              accepted ? " (accepted in review)" : "");
    free(visible);
}

static void add_column(Answer *answer, Text *text, const AskTable *table, const AskColumn *column)
{
    char *name = text_visible(column->name);
    char *type = text_visible(column->type);
    text_add(text, "    ");
    cite(answer, text, table->schema, table->name, column->name);
    text_add(text, name);
    if (*type) {
        text_addf(text, " (%s)", type);
    }
    if (column->refers_to) {
        char *target = text_visible(column->refers_to);
        text_addf(text, ", refers to %s", target);
        free(target);
    }
    if (column->description) {
        add_description(text, column->description, column->accepted);
    } else {
        text_add(text, "\n");
    }
    free(name);
    free(type);
}

static void add_table(Answer *answer, Text *text, const AskTable *table)
{
    char *name = ask_name(table->schema, table->name, NULL);
    cite(answer, text, table->schema, table->name, NULL);
    text_addf(text, "%s (%s)", name, table->kind);
    add_description(text, table->description ? table->description : "no description yet", table->accepted);
    for (size_t i = 0; i < table->column_count; i++) {
        add_column(answer, text, table, &table->columns[i]);
    }
    free(name);
}

/* The words that nothing fits, "colour, favourite"; "" when there are none. */
static char *unknown_words(const AskMatch *match)
{
    Text words = {0};
    size_t count = 0;
    for (size_t i = 0; i < match->term_count; i++) {
        if (match->terms[i].found) {
            continue;
        }
        if (++count <= UNKNOWN_WORDS_LIMIT) {
            text_addf(&words, "%s%s", count > 1 ? ", " : "", match->terms[i].word);
        }
    }
    if (count > UNKNOWN_WORDS_LIMIT) {
        text_add(&words, ", ..");
    }
    return text_take(&words);
}

/* Says what of the question nothing fits, and what comes near. */
static bool add_unknown(Local *local, const char *fingerprint, const char *profile, const AskMatch *match,
                        Text *text, Error *err)
{
    char *words = unknown_words(match);
    char *near = NULL;
    bool ok = true;
    if (match->term_count == 0) {
        text_add(text,
                 "I do not know: the question holds no word to look for. Ask for what a table or column "
                 "is about.\n");
    } else if (*words) {
        text_addf(text,
                  match->table_count ? "Nothing in profile %s fits: %s.\n"
                                     : "I do not know: nothing in profile %s fits: %s.\n",
                  profile, words);
        ok = ask_nearest(local, fingerprint, match, &near, err);
        if (ok && *near) {
            text_addf(text, "The nearest names: %s.\n", near);
        }
    }
    free(near);
    free(words);
    return ok;
}

static bool add_joins(Local *local, const char *fingerprint, const AskMatch *match, Text *text, Error *err)
{
    Text joins = {0};
    bool ok = ask_joins_add(local, fingerprint, match, &joins, err);
    if (joins.length > 0) {
        text_addf(text, "They join by:\n%s", text_string(&joins));
    }
    text_free(&joins);
    return ok;
}

bool ask_answer(const AskQuestion *question, Answer *out, Error *err)
{
    Local *local = question->local;
    const char *fingerprint = question->fingerprint;
    AskMatch match = {0};
    Text text = {0};
    *out = (Answer){.citations = json_array()};
    bool ok = catalog_cache_describe(local, fingerprint, err) &&
              ask_match_find(local, fingerprint, question->text, &match, err);
    for (size_t i = 0; ok && i < match.table_count; i++) {
        add_table(out, &text, &match.tables[i]);
    }
    ok = ok && add_joins(local, fingerprint, &match, &text, err) &&
         add_unknown(local, fingerprint, question->profile, &match, &text, err);
    out->known = match.table_count > 0;
    out->text = text_take(&text);
    size_t length = strlen(out->text);
    if (length > 0) {
        out->text[length - 1] = '\0'; /* the last line's end */
    }
    ask_match_free(&match);
    return ok;
}

void answer_free(Answer *answer)
{
    json_decref(answer->citations);
    free(answer->text);
    *answer = (Answer){0};
}

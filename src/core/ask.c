#include "ask.h"

#include <stdlib.h>
#include <string.h>

#include "ask_kind.h"
#include "ask_near.h"
#include "object_name.h"

static const char english_only[] = "Only English is understood.";

/* The session need not be told twice. */
static bool told_before(const AskQuestion *question)
{
    for (size_t i = 0; i < question->turn_count; i++) {
        if (strstr(question->turns[i].content, english_only)) {
            return true;
        }
    }
    return false;
}

/* No question is left without an answer, whatever kind it was taken for. */
static bool say_nothing_fits(AskWork *work, Error *err)
{
    char *content = ask_content(work), *near = NULL;
    Words words = {0};
    words_split(content, &words);
    bool ok = ask_near_names(work->question->local, work->question->fingerprint, &words, &near, err);
    text_addf(&work->text, "I do not know: nothing in profile %s fits the question.\n",
              work->question->profile);
    if (ok && *near) {
        text_addf(&work->text, "The nearest names: %s.\n", near);
    }
    work->out->known = false;
    free(near);
    words_free(&words);
    free(content);
    return ok;
}

static bool complete(AskWork *work, Error *err)
{
    bool ok = work->text.length > 0 || say_nothing_fits(work, err);
    if (!work->out->known && !ask_is_english(work) && !told_before(work->question)) {
        text_addf(&work->text, "%s\n", english_only);
    }
    return ok;
}

/* In one transaction, so that all that is cited is there at the same moment. */
bool ask_answer(const AskQuestion *question, Answer *out, Error *err)
{
    AskWork work = {.question = question, .out = out};
    *out = (Answer){.citations = json_array()};
    bool ok = local_begin(question->local, err);
    if (ok) {
        ok = catalog_cache_describe(question->local, question->fingerprint, err) &&
             ask_kind_read(&work, err) && complete(&work, err);
        ok = local_end(question->local, ok, err);
    }
    out->text = text_take(&work.text);
    size_t length = strlen(out->text);
    if (length > 0) {
        out->text[length - 1] = '\0'; /* the last line's end */
    }
    ask_work_free(&work);
    return ok;
}

void answer_free(Answer *answer)
{
    json_decref(answer->citations);
    free(answer->text);
    *answer = (Answer){0};
}

char *ask_cited_name(const json_t *cited)
{
    return object_name(json_string_value(json_object_get(cited, "schema")),
                       json_string_value(json_object_get(cited, "table")),
                       json_string_value(json_object_get(cited, "column")));
}

char *ask_cites(const json_t *citations)
{
    Text line = {0};
    size_t index;
    const json_t *cited;
    json_array_foreach(citations, index, cited)
    {
        char *name = ask_cited_name(cited);
        text_addf(&line, "%s[%zu] %s", index ? "  " : "cites ", index + 1, name);
        free(name);
    }
    return index > 0 ? text_take(&line) : NULL;
}

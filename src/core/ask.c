#include "ask.h"

#include <stdlib.h>
#include <string.h>

#include "ask_kind.h"
#include "object_name.h"

/* In one transaction, so that all that is cited is there at the same moment. */
bool ask_answer(const AskQuestion *question, Answer *out, Error *err)
{
    AskWork work = {.question = question, .out = out};
    *out = (Answer){.citations = json_array()};
    bool ok = local_begin(question->local, err);
    if (ok) {
        ok = catalog_cache_describe(question->local, question->fingerprint, err) && ask_kind_read(&work, err);
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

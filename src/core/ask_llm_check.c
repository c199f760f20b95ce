#include "ask_llm_check.h"

#include <string.h>

#include "ask_llm_names.h"
#include "catalog_cache.h"
#include "json_text.h"
#include "llm_names.h"
#include "llm_object.h"
#include "memory.h"
#include "object_name.h"
#include "text.h"

enum { CITATIONS_LIMIT = 100 };

static const char blanks[] = " \t\r\n";
static const char form[] =
    "it is not {\"answer\": text, \"citations\": [{\"schema\", \"table\", \"column\"}], "
    "\"known\": true or false} as JSON";

static bool is_hostile(const char *text)
{
    char *visible = text_visible_lines(text);
    bool hostile = !text_equal(visible, text);
    free(visible);
    return hostile;
}

static char *check_form(const json_t *root)
{
    const char *text = json_string_value(json_object_get(root, "answer"));
    const json_t *citations = json_object_get(root, "citations");
    bool listed = !citations || json_is_null(citations) || json_is_array(citations);
    if (!text || !listed || !json_is_boolean(json_object_get(root, "known"))) {
        return memory_string(form);
    }
    if (!text[strspn(text, blanks)]) {
        return memory_string("its answer is empty");
    }
    if (strlen(text) > ASK_LLM_ANSWER_BYTES) {
        return text_format("its answer is longer than %zu KiB", ASK_LLM_ANSWER_BYTES / 1024);
    }
    if (is_hostile(text)) {
        return memory_string("its answer holds control characters");
    }
    if (json_array_size(citations) > CITATIONS_LIMIT) {
        return text_format("it cites more than %d tables and columns", CITATIONS_LIMIT);
    }
    return NULL;
}

static bool is_cited(const json_t *citations, const json_t *cited)
{
    size_t index;
    const json_t *there;
    json_array_foreach(citations, index, there)
    {
        if (json_equal(there, cited)) {
            return true;
        }
    }
    return false;
}

static void add_citation(json_t *citations, const char *schema, const char *table, const char *column)
{
    json_t *cited = json_pack("{s:s, s:s, s:s?}", "schema", schema, "table", table, "column", column);
    if (!cited) {
        memory_exhausted();
    }
    if (!is_cited(citations, cited)) {
        json_array_append(citations, cited);
    }
    json_decref(cited);
}

/* What a citation means, as the catalog spells it. */
typedef struct Cited {
    const char *schema, *table, *column; /* as it was written */
    json_t *exact, *alike;               /* [schema, table, column], or NULL */
    size_t count;
} Cited;

static void take_cited(void *context, const CatalogObject *object)
{
    Cited *cited = context;
    json_t *found = json_pack("[s, s, s?]", object->schema, object->table, object->column);
    bool exact = text_equal(object->schema, cited->schema) && text_equal(object->table, cited->table) &&
                 text_equal(object->column, cited->column);
    json_t **place = exact ? &cited->exact : &cited->alike;
    json_decref(*place);
    *place = found;
    cited->count++;
}

/* In any case, where only one is meant. False in *found: there is none. */
static bool cite(const AskQuestion *question, Cited *cited, json_t *out, bool *found, Error *err)
{
    bool ok = catalog_cache_named(question->local, question->fingerprint, cited->schema, cited->table,
                                  cited->column, take_cited, cited, err);
    const json_t *meant = cited->exact ? cited->exact : cited->count == 1 ? cited->alike : NULL;
    *found = ok && meant;
    if (*found) {
        add_citation(out, json_string_value(json_array_get(meant, 0)),
                     json_string_value(json_array_get(meant, 1)),
                     json_string_value(json_array_get(meant, 2)));
    }
    json_decref(cited->exact);
    json_decref(cited->alike);
    return ok;
}

/* The existing ones go to `out`, the others' names to `unknown`. */
static bool check_citations(const AskQuestion *question, const json_t *citations, json_t *out, Words *unknown,
                            char **wrong, Error *err)
{
    size_t index;
    const json_t *cited;
    json_array_foreach(citations, index, cited)
    {
        const char *schema = json_text(cited, "schema", NULL), *table = json_text(cited, "table", NULL);
        const json_t *column = json_object_get(cited, "column");
        bool found = false;
        if (!schema || !table || (column && !json_is_null(column) && !json_is_string(column))) {
            *wrong = memory_string(form);
            return true;
        }
        Cited meant = {.schema = schema, .table = table, .column = json_string_value(column)};
        if (!cite(question, &meant, out, &found, err)) {
            return false;
        }
        if (!found) {
            char *name = object_name(schema, table, json_string_value(column));
            words_add(unknown, name);
            free(name);
        }
    }
    return true;
}

static bool check_content(const AskQuestion *question, const AskContext *context, const json_t *root,
                          Answer *out, char **wrong, Error *err)
{
    Words unknown = {0};
    const char *text = json_text(root, "answer", NULL);
    bool ok =
        check_citations(question, json_object_get(root, "citations"), out->citations, &unknown, wrong, err) &&
        (*wrong || ask_llm_names_check(question, context, out->citations, text, &unknown, err));
    if (ok && !*wrong && unknown.count > 0) {
        *wrong = llm_names_tell(&unknown);
    } else if (ok && !*wrong && out->known && json_array_size(out->citations) == 0) {
        *wrong = memory_string("it says that it knows, and cites no table or column");
    }
    words_free(&unknown);
    return ok;
}

/* In one transaction, so that all that is cited is there at the same moment. */
bool ask_llm_check(const AskQuestion *question, const AskContext *context, const char *said, Answer *out,
                   char **wrong, Error *err)
{
    static const char *const members[] = {"answer", NULL};
    json_t *root = llm_object_find(said, members);
    *out = (Answer){.citations = json_array(), .known = json_is_true(json_object_get(root, "known"))};
    *wrong = root ? check_form(root) : memory_string(form);
    bool ok = *wrong || local_begin_reading(question->local, err);
    if (ok && !*wrong) {
        ok = check_content(question, context, root, out, wrong, err);
        local_end_reading(question->local);
    }
    if (!*wrong) {
        Text text = {0};
        text_add(&text, json_text(root, "answer", NULL));
        text_trim(&text);
        out->text = text_take(&text);
    }
    if (!ok) {
        json_array_clear(out->citations);
        out->known = false;
    }
    json_decref(root);
    return ok;
}

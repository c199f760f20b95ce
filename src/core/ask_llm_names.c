#include "ask_llm_names.h"

#include "ask_work.h"
#include "clock.h"
#include "json_text.h"
#include "llm_names.h"
#include "memory.h"

static void know_context(const LlmNames *names, const AskContext *context)
{
    size_t index, at;
    const json_t *table, *column;
    json_array_foreach(context->tables, index, table)
    {
        llm_names_know(names->known, json_text(table, "schema", NULL));
        llm_names_know_words(names->told, json_text(table, "description", NULL), false);
        json_array_foreach(json_object_get(table, "columns"), at, column)
        {
            llm_names_know(names->known, json_text(column, "name", NULL));
            llm_names_know(names->known, json_text(column, "type", NULL));
            llm_names_know_words(names->told, json_text(column, "description", NULL), false);
        }
    }
}

static void know_column(void *context, const CatalogObject *object)
{
    if (object->column) {
        llm_names_know(context, object->column);
        llm_names_know(context, object->type);
    }
}

static bool know_cited(const LlmNames *names, const AskQuestion *question, const json_t *citations,
                       Error *err)
{
    json_t *read = json_object();
    size_t index;
    const json_t *cited;
    bool ok = true;
    json_array_foreach(citations, index, cited)
    {
        const char *schema = json_text(cited, "schema", NULL), *table = json_text(cited, "table", NULL);
        char *name = text_format("%s\n%s", schema, table);
        if (ok && !llm_names_knows(read, name)) {
            llm_names_know(names->known, schema);
            ok = catalog_cache_list(question->local, question->fingerprint, schema, table, know_column,
                                    names->known, err);
            llm_names_know(read, name);
        }
        free(name);
    }
    json_decref(read);
    return ok;
}

static void count(void *context, const CatalogObject *object)
{
    (void)object;
    ++*(size_t *)context;
}

static bool exists(void *context, const char *schema, const char *table, const char *column, bool *out,
                   Error *err)
{
    const AskQuestion *question = context;
    const CatalogFilter filter = {.column = column, .columns = true};
    size_t found = 0;
    int64_t total = 0;
    if (interrupt_requested()) {
        return error_set(err, ERROR_INTERRUPTED, "interrupted while the answer was checked");
    }
    bool ok = table ? catalog_cache_named(question->local, question->fingerprint, schema, table, column,
                                          count, &found, err)
                    : catalog_cache_select(question->local, question->fingerprint, &filter, 0, count, &found,
                                           &total, err);
    *out = found > 0 || total > 0;
    return ok;
}

bool ask_llm_names_check(const AskQuestion *question, const AskContext *context, const json_t *citations,
                         const char *text, Words *unknown, Error *err)
{
    LlmNames names;
    llm_names_open(&names, exists, (void *)question);
    names.may_echo = json_array_size(citations) == 0;
    know_context(&names, context);
    llm_names_know_words(names.asked, question->text, true);
    bool ok = know_cited(&names, question, citations, err) && llm_names_check(&names, text, unknown, err);
    llm_names_close(&names);
    return ok;
}

#include "ask_work.h"

#include <string.h>

#include "ask_name.h"
#include "report.h"

enum { DESCRIPTION_SIZE = 600, TABLES_LIMIT = 20, CITATIONS_LIMIT = 100, WHOLE_LIMIT = 10000 };

void ask_cite(AskWork *work, const char *schema, const char *table, const char *column)
{
    json_t *citation = json_object();
    row_text(citation, "schema", schema);
    row_text(citation, "table", table);
    row_text(citation, "column", column);
    json_array_append_new(work->out->citations, citation);
    text_addf(&work->text, "[%zu] ", json_array_size(work->out->citations));
}

void ask_say_description(AskWork *work, const char *description, bool accepted, const char *otherwise)
{
    if (!description) {
        text_addf(&work->text, "%s%s\n", otherwise ? ": " : "", otherwise ? otherwise : "");
        return;
    }
    char cut[DESCRIPTION_SIZE];
    text_copy(cut, sizeof cut, description);
    char *visible = text_visible(cut);
    text_addf(&work->text, ": %s%s%s\n", visible, strlen(description) < sizeof cut ? "" : " ..",
              accepted ? " (accepted in review)" : "");
    free(visible);
}

void ask_say_object(AskWork *work, const char *lead, const CatalogObject *object)
{
    char *name = ask_name(object->schema, object->table, object->column);
    text_add(&work->text, lead);
    ask_cite(work, object->schema, object->table, object->column);
    char *type = text_visible(object->column ? object->type : object->kind);
    text_add(&work->text, name);
    text_addf(&work->text, *type ? " (%s)" : "%s", type);
    if (object->refers_to) {
        char *target = text_visible(object->refers_to);
        text_addf(&work->text, ", refers to %s", target);
        free(target);
    }
    ask_say_description(work, object->description, object->accepted, "no description yet");
    free(type);
    free(name);
}

void ask_say_left(AskWork *work, const Words *left)
{
    for (size_t i = 0; i < left->count; i++) {
        char *visible = text_visible(left->items[i]);
        text_addf(&work->text, "%s%s", i ? ", " : "Not understood, and not taken into account: ", visible);
        free(visible);
    }
    text_add(&work->text, left->count ? ".\n" : "");
}

int ask_list_limit(const AskWork *work, int usual)
{
    if (work->whole) {
        return WHOLE_LIMIT;
    }
    size_t cited = json_array_size(work->out->citations);
    int room = cited < CITATIONS_LIMIT ? CITATIONS_LIMIT - (int)cited : 0;
    return usual < room ? usual : room;
}

bool ask_has_room(const AskWork *work, size_t told)
{
    return work->whole || (told < TABLES_LIMIT && json_array_size(work->out->citations) < CITATIONS_LIMIT);
}

void ask_say_more(AskWork *work, int64_t total, int64_t told, const char *what)
{
    if (total > told) {
        text_addf(&work->text, "    .. and %lld more %s%s\n", (long long)(total - told), what,
                  text_plural(total - told));
    }
}

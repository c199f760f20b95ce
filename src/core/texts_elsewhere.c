#include "texts_elsewhere.h"

#include <stdlib.h>
#include <string.h>

#include "descriptions.h"
#include "memory.h"
#include "object_name.h"
#include "text.h"

enum { DAY = 10 }; /* bytes of the date that begins a time */

static void take_text(void *context, const DescriptionElsewhere *elsewhere)
{
    TextsElsewhere *texts = context;
    const DescriptionRow *row = &elsewhere->row;
    char *object = object_name(row->schema, row->table, row->column);
    memory_grow((void **)&texts->items, texts->count, &texts->capacity, sizeof *texts->items);
    texts->items[texts->count] = (TextElsewhere){
        .name = memory_string(row->column ? row->column : row->table),
        .is_column = row->column != NULL,
        .place = texts->count,
        .type = memory_string(elsewhere->data_type),
        .text = memory_string(row->text),
        .source = text_format("%s %s by %s@%s on %.*s", elsewhere->db_profile, object, row->created_by,
                              row->hostname, DAY, row->at ? row->at : ""),
    };
    texts->count++;
    free(object);
}

static int compare_names(const char *name, bool is_column, const TextElsewhere *text)
{
    int order = strcmp(name, text->name);
    return order ? order : is_column - text->is_column;
}

static int compare_texts(const void *left, const void *right)
{
    const TextElsewhere *a = left;
    const TextElsewhere *b = right;
    int order = compare_names(a->name, a->is_column, b);
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

bool texts_elsewhere_read(Local *local, const char *fingerprint, TextsElsewhere *out, Error *err)
{
    *out = (TextsElsewhere){0};
    if (local && !descriptions_elsewhere(local, fingerprint, take_text, out, err)) {
        return false;
    }
    if (out->count > 1) {
        qsort(out->items, out->count, sizeof *out->items, compare_texts);
    }
    return true;
}

void texts_elsewhere_free(TextsElsewhere *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        free(texts->items[i].name);
        free(texts->items[i].type);
        free(texts->items[i].text);
        free(texts->items[i].source);
    }
    free(texts->items);
    *texts = (TextsElsewhere){0};
}

const TextElsewhere *texts_elsewhere_find(const TextsElsewhere *texts, const char *name, bool is_column,
                                          size_t *count)
{
    size_t low = 0;
    size_t high = texts ? texts->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_names(name, is_column, &texts->items[middle]) > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *count = 0;
    while (texts && low + *count < texts->count &&
           compare_names(name, is_column, &texts->items[low + *count]) == 0) {
        ++*count;
    }
    return *count > 0 ? &texts->items[low] : NULL;
}

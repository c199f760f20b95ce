#include "ask_narrow_keys.h"

#include "ask_joins.h"

static bool is_as_wanted(CatalogHas wanted, bool has)
{
    return wanted == CATALOG_HAS_ANY || (wanted == CATALOG_HAS) == has;
}

static bool holds_word(const Words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++) {
        if (text_equal(words->items[i], word)) {
            return true;
        }
    }
    return false;
}

static bool is_at(const AskSubject *subject, const char *schema, const char *table)
{
    return text_equal(subject->table, table) && text_equal(subject->schema, schema);
}

static bool leads_to(const AskLink *link, const AskSubjects *to)
{
    bool leads = !to;
    for (size_t i = 0; to && !leads && i < to->count; i++) {
        leads = is_at(&to->items[i], link->to_schema, link->to_table);
    }
    return leads;
}

static void add_key(void *context, const char *column, int64_t position)
{
    (void)position;
    words_add(context, column);
}

static bool fits_key(const AskQuestion *question, CatalogHas wanted, const AskSubject *column, bool *fits,
                     Error *err)
{
    Words key = {0};
    bool ok =
        wanted == CATALOG_HAS_ANY || catalog_cache_key(question->local, question->fingerprint, column->schema,
                                                       column->table, add_key, &key, err);
    *fits = is_as_wanted(wanted, holds_word(&key, column->column));
    words_free(&key);
    return ok;
}

static bool fits_links(const AskQuestion *question, const CatalogFilter *filter, const AskSubjects *to,
                       const AskSubject *subject, bool *fits, Error *err)
{
    AskLinks links = {0};
    bool refers = false, own = false, referenced = false;
    bool ok = ask_links_read(question->local, question->fingerprint,
                             (AskPlace){subject->schema, subject->table}, &links, err);
    for (size_t i = 0; ok && i < links.count; i++) {
        const AskLink *link = &links.items[i];
        bool from = is_at(subject, link->from_schema, link->from_table);
        bool back = is_at(subject, link->to_schema, link->to_table);
        bool part = from && (!subject->column || holds_word(&link->from_columns, subject->column));
        refers = refers || (part && leads_to(link, to));
        own = own || (part && back);
        referenced = referenced || (back && !from && holds_word(&link->to_columns, subject->column));
    }
    *fits = subject->column
                ? is_as_wanted(filter->foreign_key, refers) && is_as_wanted(filter->self_reference, own) &&
                      is_as_wanted(filter->referenced, referenced)
                : refers;
    ask_links_free(&links);
    return ok;
}

bool ask_narrow_keys(const AskQuestion *question, const CatalogFilter *filter, const AskSubjects *to,
                     const AskSubject *subject, bool *fits, Error *err)
{
    bool links = filter->foreign_key != CATALOG_HAS_ANY || filter->self_reference != CATALOG_HAS_ANY ||
                 filter->referenced != CATALOG_HAS_ANY;
    *fits = true;
    if (subject->column && !fits_key(question, filter->primary_key, subject, fits, err)) {
        return false;
    }
    bool asks = *fits && (subject->column ? links : to != NULL);
    return !asks || fits_links(question, filter, to, subject, fits, err);
}

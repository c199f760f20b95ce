/* The rule for what people wrote in other databases about tables and columns of the same name. */
#include "drafter_rules.h"

#include <string.h>

#include "memory.h"
#include "text.h"

enum { TEXT_LIMIT = 400, SOURCE_LIMIT = 300 };

static bool is_about_the_like(const TextElsewhere *found, const CatalogColumn *column)
{
    if (!column) {
        return true;
    }
    TypeClass class = rules_type(found->type);
    return class == TYPE_OTHER ? text_equal(found->type, column->type) : class == rules_column_type(column);
}

void rules_offer_elsewhere(const Drafter *drafter, const CatalogTable *table, const CatalogColumn *column,
                           Draft *out)
{
    size_t count;
    const char *name = column ? column->name : table->name;
    const TextElsewhere *found = texts_elsewhere_find(drafter->elsewhere, name, column != NULL, &count);
    for (size_t i = 0; i < count; i++) {
        if (strlen(found[i].text) > TEXT_LIMIT || !is_about_the_like(&found[i], column)) {
            continue;
        }
        if (draft_offer_last(out, rules_line(found[i].text))) {
            char *source = rules_quote(found[i].source, SOURCE_LIMIT);
            draft_evidence(out, "alternative %zu: accepted for %s", out->alternative_count, source);
            free(source);
            return;
        }
    }
}

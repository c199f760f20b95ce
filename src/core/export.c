#include "export.h"

#include <string.h>

#include "text.h"

const ExportFormat *const export_formats[] = {&export_md,   &export_json, &export_csv, &export_dbt,
                                              &export_tbls, &export_sql,  NULL};

char *export_format_names(void)
{
    Text names = {0};
    for (size_t i = 0; export_formats[i]; i++) {
        text_addf(&names, "%s--%s",
                  i == 0                  ? ""
                  : export_formats[i + 1] ? ", "
                                          : " or ",
                  export_formats[i]->name);
    }
    return text_take(&names);
}

const char *export_state_name(DescriptionState state)
{
    static const char *const names[] = {
        [DESCRIPTION_MISSING] = "missing",
        [DESCRIPTION_PRESENT] = "present",
        [DESCRIPTION_INHERITED] = "inherited",
        [DESCRIPTION_ACCEPTED] = "accepted",
    };
    return names[state];
}

/* The first of the keys, which are sorted by table, that is not before this one. */
static size_t first_key(const Catalog *catalog, size_t table)
{
    size_t low = 0, high = catalog->foreign_key_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (catalog->foreign_keys[middle].table < table) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const CatalogForeignKey *export_foreign_key(const Documentation *documentation, const CatalogTable *table,
                                            const char *column, size_t *place)
{
    const Catalog *catalog = documentation->catalog;
    long index = catalog_find_table(catalog, table->schema, table->name);
    for (size_t i = first_key(catalog, (size_t)index);
         i < catalog->foreign_key_count && catalog->foreign_keys[i].table == (size_t)index; i++) {
        const CatalogForeignKey *key = &catalog->foreign_keys[i];
        for (size_t c = 0; key->columns[c]; c++) {
            if (strcmp(key->columns[c], column) == 0 && key->to_columns[c]) {
                *place = c;
                return key;
            }
        }
    }
    return NULL;
}

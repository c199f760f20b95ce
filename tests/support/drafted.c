#include "drafted.h"

#include <string.h>

#include "memory.h"
#include "support.h"
#include "text.h"

Draft drafted(const Built *b, const CatalogTable *table, const CatalogColumn *column)
{
    Draft out = {0};
    Error err = {0};
    Drafter *drafter = drafter_builtin.open(&(DrafterSources){.catalog = &b->catalog});
    assert_true(drafter_builtin.draft(drafter, table, column, &out, &err));
    drafter_builtin.close(drafter);
    for (size_t i = 0; i < out.alternative_count; i++) {
        const char *text = out.alternatives[i];
        char *visible = text_visible(text);
        assert_true(strlen(text) > 1 && strlen(text) < 500);
        assert_true(text_is_utf8(text, strlen(text)));
        assert_string_equal(text, visible);
        assert_int_equal(text[strlen(text) - 1], '.');
        assert_true(text[0] != ' ' && (text[0] < 'a' || text[0] > 'z'));
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(text, out.alternatives[j]);
        }
        free(visible);
    }
    return out;
}

bool drafted_says(const Draft *d, const char *part)
{
    for (size_t i = 0; i < d->alternative_count; i++) {
        if (strstr(d->alternatives[i], part)) {
            return true;
        }
    }
    return false;
}

bool drafted_on(const Draft *d, const char *part)
{
    for (size_t i = 0; i < d->evidence_count; i++) {
        if (strstr(d->evidence[i], part)) {
            return true;
        }
    }
    return false;
}

void assert_drafted(const Built *b, const CatalogTable *table, const CatalogColumn *column, const char *text,
                    const char *confidence, const char *evidence)
{
    Draft d = drafted(b, table, column);
    assert_true(d.alternative_count > 0);
    assert_string_equal(d.alternatives[0], text);
    assert_string_equal(draft_confidence_name(d.confidence), confidence);
    if (evidence && !drafted_on(&d, evidence)) {
        fail_msg("no evidence holds \"%s\"", evidence);
    }
    draft_free(&d);
}

void assert_never_drafted(const Built *b, const CatalogTable *table, const CatalogColumn *column,
                          const char *part)
{
    Draft d = drafted(b, table, column);
    if (drafted_says(&d, part)) {
        fail_msg("a draft says \"%s\"", part);
    }
    draft_free(&d);
}

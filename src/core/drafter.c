#include "drafter.h"

#include "memory.h"

const char *draft_confidence_name(double confidence)
{
    return confidence >= DRAFT_HIGH ? "high" : confidence >= DRAFT_MEDIUM ? "medium" : "low";
}

void draft_free(Draft *draft)
{
    for (size_t i = 0; i < draft->alternative_count; i++) {
        free(draft->alternatives[i]);
    }
    for (size_t i = 0; i < draft->evidence_count; i++) {
        free(draft->evidence[i]);
    }
    free(draft->evidence);
    *draft = (Draft){0};
}

#include "coverage.h"

#include "text.h"

void coverage_add(Coverage *coverage, const char *comment, const char *accepted)
{
    coverage->objects++;
    coverage->described += !text_is_empty(comment) || !text_is_empty(accepted);
    coverage->accepted += !text_is_empty(accepted);
}

long long coverage_percent(const Coverage *coverage)
{
    return coverage->objects == 0 ? 100 : (long long)(coverage->described * 100 / coverage->objects);
}

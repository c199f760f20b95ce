#include "coverage.h"

#include "text.h"

void coverage_add(Coverage *coverage, const char *comment, const char *accepted)
{
    coverage->objects++;
    coverage->present += !text_is_empty(comment);
    coverage->described += !text_is_empty(comment) || !text_is_empty(accepted);
    coverage->accepted += !text_is_empty(accepted);
}

static long long percent(size_t part, size_t of)
{
    return of == 0 ? 100 : (long long)(part * 100 / of);
}

long long coverage_percent(const Coverage *coverage)
{
    return percent(coverage->described, coverage->objects);
}

long long coverage_present_percent(const Coverage *coverage)
{
    return percent(coverage->present, coverage->objects);
}

void coverage_add_all(Coverage *sum, const Coverage *part)
{
    sum->objects += part->objects;
    sum->present += part->present;
    sum->accepted += part->accepted;
    sum->described += part->described;
}

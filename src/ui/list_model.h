/* The rows of a list that has one page: those that a filter lets through, in some order, and which one is
 * selected. Knows no terminal. */
#ifndef AMX_UI_LIST_MODEL_H
#define AMX_UI_LIST_MODEL_H

#include <stdbool.h>

#include "report.h"
#include "select.h"
#include "table.h"

typedef struct ListModel {
    Report report;
    Table table;
    char *filter;     /* "" lets everything through */
    const char *sort; /* key of the column the rows are sorted by; NULL: as they came. Borrowed */
    bool descending;
    size_t *rows;  /* rows of the table that are shown, in order */
    Select select; /* over the shown rows */
    /* Does the filter, folded, let a row of the report through? NULL: when some cell holds it. */
    bool (*applies)(const json_t *row, const char *folded);
} ListModel;

/* Takes the report over and keeps the filter, and the selection by the row's identity (local_id and origin,
 * or key; else its place). The model starts zeroed. */
void list_model_take(ListModel *model, Report *report);
/* Shows the rows in which some cell holds `filter`, in any case, or those that `applies` lets through. */
void list_model_filter(ListModel *model, const char *filter);
/* Sorts by a column of the report (numbers by value, text in any case, what is missing last); NULL: as the
 * rows came. The selected row stays selected. */
void list_model_sort(ListModel *model, const char *key, bool descending);
/* The selected row, borrowed; NULL when none is shown. */
json_t *list_model_selected(const ListModel *model);
void list_model_free(ListModel *model);

#endif

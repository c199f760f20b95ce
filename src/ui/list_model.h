/* The rows of a list that a filter lets through, and which one is selected. Knows no terminal. */
#ifndef AMX_UI_LIST_MODEL_H
#define AMX_UI_LIST_MODEL_H

#include <stdbool.h>

#include "report.h"
#include "select.h"
#include "table.h"

typedef struct ListModel {
    Report report;
    Table table;
    char *filter;  /* "" lets everything through */
    size_t *rows;  /* rows of the table that are shown */
    Select select; /* over the shown rows */
} ListModel;

/* Takes the report over and keeps the filter, and the selection by the row's identity (local_id and origin,
 * or key; else its place). The model starts zeroed. */
void list_model_take(ListModel *model, Report *report);
/* Shows the rows in which some cell holds `filter`, in any case. */
void list_model_filter(ListModel *model, const char *filter);
/* The selected row, borrowed; NULL when none is shown. */
json_t *list_model_selected(const ListModel *model);
void list_model_free(ListModel *model);

#endif

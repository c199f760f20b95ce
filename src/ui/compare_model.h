/* Two runs side by side: pairs of texts, those that differ first, laid out in two columns. Knows no terminal.
 */
#ifndef AMX_UI_COMPARE_MODEL_H
#define AMX_UI_COMPARE_MODEL_H

#include <stdbool.h>

#include "report.h"
#include "select.h"

/* A line as it is shown: the head of a pair, or a line of its two texts. */
typedef struct CompareLine {
    size_t pair; /* place among the pairs, as shown */
    bool head;
    char *left;  /* of a head: the whole line */
    char *right; /* NULL in a head */
} CompareLine;

typedef struct CompareModel {
    Report report;
    json_t **pairs;   /* rows of the report as they are shown, borrowed from it */
    size_t count;     /* of all pairs .. */
    size_t different; /* .. of which the first differ */
    bool only;        /* no others are shown */
    Select select;    /* over the pairs that are shown; top and height are not used */
    CompareLine *lines;
    size_t line_count;
    size_t line_capacity;
    bool laid_out;
    int width;  /* what the lines are laid out for */
    size_t top; /* first line shown */
} CompareModel;

/* Takes over a report of `history compare`; the selection stays with the object it is about. The model starts
 * zeroed. */
void compare_model_take(CompareModel *model, Report *report);
/* Shows only what differs, or everything again. */
void compare_model_only(CompareModel *model, bool only);
/* Selects the next pair that differs, or the one before; false when there is none. */
bool compare_model_step(CompareModel *model, bool forward);
/* Lays the pairs out in two columns of `width` cells each, texts wrapped. */
void compare_model_layout(CompareModel *model, int width);
/* Scrolls so that `height` lines show the selected pair, from its head on. */
void compare_model_scroll(CompareModel *model, size_t height);
/* Moves the selection by about as many pairs as `lines` lines hold. */
void compare_model_page(CompareModel *model, long lines);
/* The selected pair, borrowed; NULL when there is none. */
json_t *compare_model_selected(const CompareModel *model);
void compare_model_free(CompareModel *model);

#endif

/* The options that every listing of rows has: --filter, --sort, --reverse, --after, --before, --last,
 * --limit; and the keys with which a listing names its neighbours. */
#ifndef AMX_CORE_RECORD_PAGE_H
#define AMX_CORE_RECORD_PAGE_H

#include "command.h"
#include "ids.h"
#include "record.h"
#include "report.h"
#include "text.h"

/* One page of a listing. The caller sets the first members, and what else the filter asks for. */
typedef struct RecordPage {
    const SyncedTable *table;
    bool team; /* read from the shared store */
    int limit; /* rows when --limit says nothing else */
    RecordFilter filter;
    const char *order; /* "-created_at": without --sort; NULL: as the table comes */

    bool beside; /* --after or --before was given */
    char *sort;  /* the rest is freed by record_page_free */
    char *key;   /* what --after or --before says, decoded */
    char *first; /* keys of the page's first and last row, in the order they were read */
    char *last;
    int count;
    bool overflow; /* there was a row more than the page takes */
} RecordPage;

/* Takes the options that the command declares into the page's filter. `report` is a list whose columns may be
 * sorted by. ERROR_USAGE: a key that no page gave, or gave for another order; a column that is not in the
 * list. Call record_page_free, whatever it returns. */
bool record_page_begin(RecordPage *page, const Args *args, const Report *report, Error *err);
/* Counts a row that was read; false: it is one too many, and belongs to the next page. */
bool record_page_take(RecordPage *page, const Value *values);
/* Sets the report's next and previous, and its rows into their order when they were read from the end. */
void record_page_end(RecordPage *page, Report *report);
/* Sets the report's total, or that there are more (least), where a short look at an index tells it: on a
 * first or last page of one's own rows that nothing but their parent or their profile narrows. No more than
 * RECORD_PAGE_COUNTED are counted. `local` NULL: there is no history yet. */
#define RECORD_PAGE_COUNTED 20000
bool record_page_total(const RecordPage *page, Local *local, Report *report, Error *err);
void record_page_free(RecordPage *page);

#endif

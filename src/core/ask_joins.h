/* How tables join: along the foreign keys of the cached catalog. */
#ifndef AMX_CORE_ASK_JOINS_H
#define AMX_CORE_ASK_JOINS_H

#include "ask_match.h"
#include "text.h"

/* Appends a line to `out` for each way in which each of the tables joins the nearest better one: every
 * foreign key between the two, else one path over a table between them, and with `others` a line that says
 * how many more there are. Nothing when no foreign key leads there. ERROR_LOCAL. */
bool ask_joins_add(Local *local, const char *fingerprint, const AskMatch *match, bool others, Text *out,
                   Error *err);

typedef struct AskPlace {
    const char *schema;
    const char *table;
} AskPlace;

/* A foreign key. */
typedef struct AskLink {
    int64_t key;
    char *from_schema;
    char *from_table;
    Words from_columns;
    char *to_schema;
    char *to_table;
    Words to_columns;
} AskLink;

typedef struct AskLinks {
    AskLink *items;
    size_t count;
    size_t capacity;
} AskLinks;

/* "sales_order.customer_id = customer.customer_id", several columns with "and" between. Owned by the caller.
 */
char *ask_link_condition(const AskLink *link);
/* Appends the foreign keys that the table has and that point to it, those that are there already apart.
 * ERROR_LOCAL. */
bool ask_links_read(Local *local, const char *fingerprint, AskPlace place, AskLinks *links, Error *err);
void ask_links_free(AskLinks *links);
void ask_link_free(AskLink *link);

typedef struct AskPlaces {
    const AskPlace *items;
    size_t count;
} AskPlaces;

/* A way from one table to another: its links in order. */
typedef struct AskPath {
    AskLinks links;
    size_t from; /* which of the places it leads from, and to */
    size_t to;
    long cost;  /* 0: the tables between do nothing but link */
    bool apart; /* its ends are in two schemas */
    size_t order;
} AskPath;

typedef struct AskPaths {
    AskPath *items;
    size_t count;
    size_t capacity;
} AskPaths;

/* The shortest ways along foreign keys, followed in both directions, from any of some tables to any of
 * others, each of them once and on one side: over tables that do nothing but link first, over those that both
 * ends merely point to last, and of equals those within one schema first. None when no foreign key leads
 * there; of several hundred some are left out. *paths is owned by the caller (ask_paths_free), also after an
 * error. ERROR_LOCAL, ERROR_INTERRUPTED. */
bool ask_paths_find(Local *local, const char *fingerprint, AskPlaces from, AskPlaces to, AskPaths *paths,
                    Error *err);
void ask_paths_free(AskPaths *paths);

#endif

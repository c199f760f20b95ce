/* Inside the built-in drafter: the index over a catalog, what rules build drafts with, and the two rule
 * books. Only drafter_*.c includes this. */
#ifndef AMX_CORE_DRAFTER_RULES_H
#define AMX_CORE_DRAFTER_RULES_H

#include "drafter.h"
#include "words.h"

/* A column that is found by a name. */
typedef struct ColumnEntry {
    const char *key; /* what it is found by */
    char *owned_key; /* the same, when the entry owns it */
    size_t rank;     /* the table's place among the sorted ones */
    size_t table;
    size_t column;
} ColumnEntry;

typedef struct ColumnIndex {
    ColumnEntry *entries; /* sorted by key, table's name, column */
    size_t count;
    size_t capacity;
} ColumnIndex;

/* Who wrote a comment: a person; or it is a draft of these rules, word for word, that was accepted as it was.
 */
typedef enum CommentOrigin { COMMENT_NOT_LOOKED_AT, COMMENT_WRITTEN, COMMENT_DRAFTED } CommentOrigin;

/* A word that begins the name of every table of a schema and so says nothing of any: icinga_hosts. */
typedef struct TablePrefix {
    const char *schema;
    char *word;
} TablePrefix;

struct Drafter {
    const Catalog *catalog;
    const TextsElsewhere *elsewhere; /* or NULL */
    size_t *sorted; /* indexes of the tables by schema and name, whatever their order in the catalog */
    size_t *rank;   /* [table]: its place in `sorted` */
    TablePrefix *prefixes;
    size_t prefix_count;
    size_t prefix_capacity;
    size_t *outgoing;       /* indexes of foreign keys, by referencing table */
    size_t *outgoing_start; /* [table]: where its run in `outgoing` starts; one more at the end */
    size_t *incoming;       /* by referenced table */
    size_t *incoming_start;
    ColumnIndex commented;  /* columns with a comment, by name */
    CommentOrigin *origins; /* [entry of `commented`] */
    ColumnIndex
        keys; /* single-column primary keys, by column_index_key of the names that references usually have */
};

/* One foreign key per step: `for (size_t i = 0; (key = drafter_outgoing(d, table, i)); i++)`; NULL at the
 * end. */
const CatalogForeignKey *drafter_outgoing(const Drafter *drafter, size_t table, size_t i);
const CatalogForeignKey *drafter_incoming(const Drafter *drafter, size_t table, size_t i);
/* The run of entries under a key: returns the first and sets *count (0 and NULL when there are none). */
const ColumnEntry *column_index_find(const ColumnIndex *index, const char *key, size_t *count);

/* The index of a table, -1 when there is none. */
long drafter_find_table(const Drafter *drafter, const char *schema, const char *name);
/* The word that every table's name in this schema begins with, or NULL. */
const char *drafter_prefix(const Drafter *drafter, const char *schema);

/* The key in Drafter.keys of the words of a column's name ("order ID") in a schema; owned by the caller. */
char *column_index_key(const char *schema, const char *phrase);

/* Offers a sentence, which it takes over and makes presentable: upper-case first letter, one full stop,
 * short. The first one offered is the best and sets the confidence; repeats and what exceeds
 * DRAFT_OF_RULES are dropped. */
#define DRAFT_OF_RULES (DRAFT_ALTERNATIVES - 1)
void draft_offer(Draft *draft, double confidence, char *sentence);
/* The same behind all that the rules offered, for which there is always room. False: something says it
 * already, or there is nothing that it could stand behind. */
bool draft_offer_last(Draft *draft, char *sentence);
void draft_evidence(Draft *draft, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A name of the database for use in a sentence: harmless, short, quoted as SQL does (object_name). Owned by
 * the caller, as all of these. */
char *rules_name(const char *name);
/* "orders", or "sales.orders" when it is not in the same schema as `near` (may be NULL). */
char *rules_table_name(const char *schema, const char *name, const CatalogTable *near);
/* "a", "a and b", "a, b and c", "a, b, c and 7 more"; at most `limit` names. */
char *rules_list(const char *const *names, size_t count, size_t limit);
/* Names of columns in the same way, in a sentence; and as "(a, b)" for a key. */
char *rules_name_list(char *const *names);
char *rules_key_list(char *const *names);
/* Is repeating this name of one's own no description: one or two letters, or a word like "where"? */
bool rules_says_nothing(const char *phrase);
/* The name of a table as a noun in the singular: "order line" of "tbl_order_lines"; NULL when it does not
 * read like words. */
char *rules_noun(const Drafter *drafter, const char *schema, const char *table_name);
/* What one row of it is: "order line", but "log entry" of "log"; NULL where the noun names what cannot be
 * counted ("data"), and of a table that links others. */
char *rules_row_noun(const Drafter *drafter, const char *schema, const char *table_name);
/* Is the column's name no more than "the identifier" of a table with this noun (may be NULL): id, order_id or
 * orderid of orders? */
bool rules_is_identifier(const char *column_name, const char *noun);
/* A text out of the database on one line, to be stored in a sentence: white space that is more than blanks is
 * one blank, what can't be seen is left out, an invalid byte is U+FFFD. How it is escaped where it is shown
 * is no part of it. */
char *rules_line(const char *text);
/* The same of a default, a check and the like, cut at `limit` bytes. */
char *rules_quote(const char *sql, size_t limit);

typedef enum TypeClass {
    TYPE_TEXT,
    TYPE_INTEGER,
    TYPE_NUMBER,
    TYPE_BOOLEAN,
    TYPE_DATE,
    TYPE_TIMESTAMP,
    TYPE_TIME,
    TYPE_UUID,
    TYPE_OTHER
} TypeClass;
TypeClass rules_type(const char *type);
/* The same of a column; of a domain, what it rests on. */
TypeClass rules_column_type(const CatalogColumn *column);

/* How sure a text is that says what the name says, and one that writes its abbreviations out. */
#define REPEATS_NAME 0.3
#define EXPANDS_NAME 0.4

/* How sure a sentence can be at most that the database did not hold against every row it is about. */
#define DOUBTED 0.7

/* What a column means, as far as its name and type go together. */
typedef struct Meaning {
    char *text;        /* no capital, no full stop; "" when the name says nothing by itself */
    double confidence; /* below DRAFT_MEDIUM when it only repeats the name */
} Meaning;
/* In a view no row was created or changed: what a name tells of that holds only in a table. */
Meaning rules_meaning(const CatalogColumn *column, bool in_view);
bool rules_is_view(const CatalogTable *table);

/* Does a foreign key consist of this column, alone or with others? */
bool rules_key_has(const CatalogForeignKey *key, const char *column);
size_t rules_count(char *const *names);
bool rules_same_columns(char *const *a, char *const *b); /* in any order */
/* The names of its columns in the order of the key, NULL-ended; free the list, not the names. */
char **rules_primary_key(const CatalogTable *table);
/* Is there one, and none of its columns ever NULL? SQLite lets them be, in any number of rows. */
bool rules_key_identifies(const CatalogTable *table);
/* Does the table link many to many, and is that proven? It has these two foreign keys, which all its rows
 * obey, and no others, every row has both, together they make up a key, and neither does alone. */
bool rules_link(const Drafter *drafter, size_t table, const CatalogForeignKey *keys[2]);

/* Offers, last, the newest text that a person wrote in another database for a table, or a column of a like
 * type, with this name, and says where. */
void rules_offer_elsewhere(const Drafter *drafter, const CatalogTable *table, const CatalogColumn *column,
                           Draft *out);
/* How sure a draft is that says that nothing is known: where names and structure say nothing, it may say just
 * that, and a person who reviews sees that nobody knows yet. */
#define SAYS_UNKNOWN 0.05

void rules_draft_table(const Drafter *drafter, size_t table, Draft *out);
void rules_draft_column(const Drafter *drafter, size_t table, const CatalogColumn *column, Draft *out);

#endif

/* Inside the rules for columns: what is known of the column at hand, and the rules by what they look at.
 * Only drafter_column*.c includes this. */
#ifndef AMX_CORE_DRAFTER_COLUMN_H
#define AMX_CORE_DRAFTER_COLUMN_H

#include "drafter_rules.h"
#include "drafter_sql.h"

enum { COLUMN_QUOTE_LIMIT = 160 };

typedef struct ColumnCase {
    const Drafter *drafter;
    size_t table_index;
    const CatalogTable *table;
    const CatalogColumn *column;
    char *name;      /* of the column, to be shown */
    Meaning meaning; /* of name and type */
    size_t key_size; /* columns in the primary key */
    bool identified; /* by its primary key, each row */
    bool referring;  /* has a foreign key */
    bool shown; /* drafted for a view's column that shows this one: keys and defaults do not hold there */
    SqlDefault default_kind;
    char *literal; /* the default, when it is one */
    Draft *out;
} ColumnCase;

/* "customer name; unique": what the column means, when its name tells, and what is to be added. */
char *column_sentence(const ColumnCase *c, const char *addition);
/* Of such a sentence: high only without words that a name gave; with them, no more than medium where the name
 * is all they rest on. */
double column_confidence(const ColumnCase *c);
/* Offers what a key or a check proves of the rows of its own table: where others inherit from it, the
 * sentence says so and is not high. */
void column_offer_own(const ColumnCase *c, double confidence, char *sentence);
bool column_is_generated(const ColumnCase *c); /* numbered by the database, or a UUID made by it */

/* Each offers what it can prove, best first, and leaves its evidence. */
void column_foreign_key_rules(const ColumnCase *c);
void column_primary_key_rules(const ColumnCase *c);
void column_unique_rules(const ColumnCase *c);
void column_generated_rule(const ColumnCase *c);
void column_enum_rule(const ColumnCase *c);
void column_check_rules(const ColumnCase *c);
void column_domain_rules(const ColumnCase *c);
void column_format_rule(const ColumnCase *c);

/* Evidence without a sentence: type and default; what the planner's sample shows. */
void column_declared_facts(const ColumnCase *c);
void column_statistics_facts(const ColumnCase *c);

#endif

/* The indexes of tables, as SQL declares them: of history.db, and of the copy that a reader makes. */
#ifndef AMX_STORE_CATALOG_TOPIC_H
#define AMX_STORE_CATALOG_TOPIC_H

#define CATALOG_TOPIC_INDEX                                                                                  \
    "fts5(\n" /* of the table with this id */                                                                \
    "  name, columns, description, details, tokenize='unicode61 remove_diacritics 2')"
#define CATALOG_WORD_INDEX "fts5vocab(catalog_topic, 'row')"
/* Tables by their names. */
#define CATALOG_NAMED_INDEX "catalog_object(fingerprint, table_name COLLATE NOCASE) WHERE column_name = ''"

#endif

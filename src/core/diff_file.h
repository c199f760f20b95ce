/* What a file says about tables and columns: a dbt properties file (its sources), a .tbls.yml (its comments),
 * or what `export --json` or `export --csv` wrote. */
#ifndef AMX_CORE_DIFF_FILE_H
#define AMX_CORE_DIFF_FILE_H

#include "catalog.h"
#include "database.h"
#include "yml.h"

typedef struct FileText {
    char *schema;
    char *table;
    char *column; /* NULL: the table itself */
    char *text;   /* NULL: none */
    bool unknown; /* there is one, but Jinja makes it */
    bool met;     /* for the caller's own use */
    size_t place; /* in the file */
} FileText;

/* By schema, table and column in byte order, tables before their columns; then as they stand in the file. */
typedef struct DiffFile {
    FileText *items;
    size_t count;
    size_t capacity;
    bool csv; /* texts and names stand there as CSV has them: diff_file_form */
} DiffFile;

/* Reads the file, whose format is told by its name (.json, .csv, else YAML) and by what is in it; what it
 * says of another database than `target` is left out. The catalog is that of the target: it tells where a
 * name with dots has its schema. Fills *out, which diff_file_free releases, also after a failure.
 * ERROR_SYSTEM: can't be read, or says nothing that amx understands. */
bool diff_file_read(const char *path, const DatabaseTarget *target, const Catalog *catalog, DiffFile *out,
                    Error *err);
void diff_file_free(DiffFile *file);

/* The first of the entries for an object; `*count` of them follow each other, 0 when there is none. */
FileText *diff_file_find(const DiffFile *file, const char *schema, const char *table, const char *column,
                         size_t *count);

/* A text of the database as this kind of file holds it. NULL and "" give NULL. Owned by the caller. */
char *diff_file_form(const DiffFile *file, const char *text);

/* What the readers of formats use. */
FileText *diff_file_add(DiffFile *file, const char *schema, const char *table, const char *column,
                        const char *text);
bool diff_file_read_json(const char *path, const char *text, DiffFile *out, Error *err);
bool diff_file_read_csv(const char *path, const char *text, DiffFile *out, Error *err);

#endif

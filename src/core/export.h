/* Exports of a documentation: an ops struct per format, one file each. What they write is the same for the
 * same documentation, byte by byte: nothing in it tells when it was exported, so a diff in git is a real
 * diff. And it is harmless: no control character but tab and newline (and the CR of CSV), nothing hidden, as
 * text_is_hostile has it; what the format knows an escape for comes back whole when it is read. */
#ifndef AMX_CORE_EXPORT_H
#define AMX_CORE_EXPORT_H

#include "documentation.h"

typedef struct ExportJob {
    const Documentation *documentation;
    Database *database; /* open, for what only it can quote */
    Backend backend;
    const char *database_name; /* database_name of the profile; or NULL */
    const char *path;          /* of the file to be written, for messages; NULL: standard output */
    const char *existing; /* what the file to be written holds now, for formats that merge; NULL: no file */
    Report *report;       /* for warnings about what could not be written, or was left in the file */
} ExportJob;

typedef struct ExportFormat {
    const char *name;   /* of the option, without dashes */
    const char *schema; /* of the report's document: "amx.export-md/1" */
    bool merges;        /* wants `existing` */
    bool names_writers; /* says who wrote the texts */
    /* Appends the document. False: `err` says why, and nothing must be written. */
    bool (*write)(const ExportJob *job, Text *out, Error *err);
} ExportFormat;

extern const ExportFormat export_md;
extern const ExportFormat export_json;
extern const ExportFormat export_csv;
extern const ExportFormat export_dbt;
extern const ExportFormat export_tbls;
extern const ExportFormat export_sql;

/* All of them, in the order of the help; NULL-ended. */
extern const ExportFormat *const export_formats[];
/* "--md, --json or --csv" for messages; owned by the caller. */
char *export_format_names(void);

/* A text as the CSV holds it: visible, and no formula. NULL gives "". Owned by the caller. */
char *export_csv_text(const char *value);
/* Appends a field, in quotes where it needs them. The text is harmless already. */
void export_csv_add(Text *out, const char *text);

/* "missing", "present", "inherited", "accepted". */
const char *export_state_name(DescriptionState state);

/* The first foreign key, by name, that the column is part of, and its place there; NULL when there is none.
 */
const CatalogForeignKey *export_foreign_key(const Documentation *documentation, const CatalogTable *table,
                                            const char *column, size_t *place);

#endif

#include "documentation.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_reading.h"
#include "delivery.h"
#include "descriptions.h"
#include "memory.h"
#include "sharing.h"
#include "text.h"

/* --- where the strings live --- */

#define BLOCK_SIZE 65536

typedef struct TextBlock {
    struct TextBlock *next;
    size_t used;
    size_t size;
    char bytes[];
} TextBlock;

/* Strings that are freed together. Who, where and with what is the same for most of them: the last one given
 * to a member is used again. */
typedef struct DocumentationTexts {
    TextBlock *blocks;
    const char *created_by;
    const char *hostname;
    const char *client_version;
    CatalogTable *narrowed; /* the tables of a scope that names a column, with that column alone */
} DocumentationTexts;

static const char *keep(DocumentationTexts *texts, const char *text)
{
    if (!text) {
        return NULL;
    }
    size_t size = strlen(text) + 1;
    TextBlock *block = texts->blocks;
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        block = memory_alloc(sizeof *block + room);
        *block = (TextBlock){.next = texts->blocks, .size = room};
        texts->blocks = block;
    }
    char *kept = block->bytes + block->used;
    memcpy(kept, text, size);
    block->used += size;
    return kept;
}

static const char *keep_again(DocumentationTexts *texts, const char *text, const char **last)
{
    if (!text_equal(text, *last)) {
        *last = keep(texts, text);
    }
    return *last;
}

void documentation_free(Documentation *documentation)
{
    for (size_t i = 0; i < documentation->table_count; i++) {
        free(documentation->tables[i].columns);
    }
    free(documentation->tables);
    if (documentation->texts) {
        for (TextBlock *block = documentation->texts->blocks; block;) {
            TextBlock *next = block->next;
            free(block);
            block = next;
        }
        free(documentation->texts->narrowed);
        free(documentation->texts);
    }
    catalog_free(documentation->catalog);
    object_scope_free(&documentation->scope);
    *documentation = (Documentation){0};
}

/* --- what the database says --- */

static Description described(const char *comment, bool inherited)
{
    if (text_is_empty(comment)) {
        return (Description){.state = DESCRIPTION_MISSING};
    }
    return (Description){.state = inherited ? DESCRIPTION_INHERITED : DESCRIPTION_PRESENT,
                         .text = comment,
                         .comment = comment};
}

/* Makes *narrowed a shallow copy of the table, whose only column is the named one. */
static void narrow(CatalogTable *narrowed, const CatalogTable *table, const CatalogColumn *column)
{
    *narrowed = *table;
    narrowed->columns = &table->columns[column - table->columns];
    narrowed->column_count = 1;
}

static void add_table(Documentation *documentation, const CatalogTable *table, bool is_context)
{
    DocumentedTable *added = &documentation->tables[documentation->table_count++];
    *added = (DocumentedTable){.table = table,
                               .is_context = is_context,
                               .description = described(table->comment, table->inherited),
                               .columns = memory_zero(table->column_count, sizeof *added->columns)};
    for (size_t i = 0; i < table->column_count; i++) {
        added->columns[i] = described(table->columns[i].comment, table->columns[i].inherited);
    }
}

static void add_tables(Documentation *documentation)
{
    const ObjectMatch *match = &documentation->match;
    const Catalog *catalog = documentation->catalog;
    ObjectMatch whole = {.schema = match->schema, .table = match->table};
    documentation->tables = memory_zero(catalog->table_count, sizeof *documentation->tables);
    if (match->column) {
        documentation->texts->narrowed = memory_zero(catalog->table_count, sizeof *catalog->tables);
    }
    for (size_t i = 0; i < catalog->table_count; i++) {
        const CatalogTable *table = &catalog->tables[i];
        const CatalogColumn *column = match->column ? catalog_find_column(table, match->column) : NULL;
        if (!object_matches(&whole, table, NULL) || (match->column && !column)) {
            continue;
        }
        if (column) {
            CatalogTable *narrowed = &documentation->texts->narrowed[documentation->table_count];
            narrow(narrowed, table, column);
            table = narrowed;
        }
        add_table(documentation, table, column != NULL);
    }
}

/* --- what history knows --- */

/* The description of an object, or NULL when it is not there (any more), or outside the scope. */
static Description *find(Documentation *documentation, const DescriptionRow *row)
{
    size_t low = 0, high = documentation->table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        DocumentedTable *table = &documentation->tables[middle];
        int order = strcmp(row->schema, table->table->schema);
        order = order ? order : strcmp(row->table, table->table->name);
        if (order == 0) {
            const CatalogColumn *column = row->column ? catalog_find_column(table->table, row->column) : NULL;
            return !row->column ? &table->description
                   : column     ? &table->columns[column - table->table->columns]
                                : NULL;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static void sign(DocumentationTexts *texts, Description *description, const DescriptionRow *row)
{
    description->created_by = keep_again(texts, row->created_by, &texts->created_by);
    description->hostname = keep_again(texts, row->hostname, &texts->hostname);
    description->client_version = keep_again(texts, row->client_version, &texts->client_version);
    description->written_at = keep(texts, row->at);
}

static void take_accepted(void *context, const DescriptionRow *row)
{
    Documentation *documentation = context;
    Description *description = find(documentation, row);
    if (!description ||
        (description->state == DESCRIPTION_PRESENT && text_equal(description->text, row->text))) {
        return; /* the database says so already: whoever wrote it there stands for it */
    }
    description->state = DESCRIPTION_ACCEPTED;
    description->text = keep(documentation->texts, row->text);
    sign(documentation->texts, description, row);
}

/* Of several that wrote the text that stands there, the last one counts. */
static void take_applied(void *context, const DescriptionRow *row)
{
    Documentation *documentation = context;
    Description *description = find(documentation, row);
    if (description && description->state == DESCRIPTION_PRESENT &&
        text_equal(description->text, row->text) &&
        (!description->written_at || strcmp(row->at, description->written_at) > 0)) {
        sign(documentation->texts, description, row);
    }
}

static bool ask_shared(App *app, Local *local, Documentation *documentation, Error *err)
{
    Shared *shared = NULL;
    if (delivery_rests(local)) {
        return error_set(err, ERROR_CONNECTION, "the shared store was out of reach a moment ago");
    }
    bool ok = delivery_open_shared(app, local, app_deliver_deadline(app), &shared, err) &&
              descriptions_applied_shared(shared, documentation->fingerprint, app_query_deadline(app),
                                          take_applied, documentation, err);
    shared_close(shared);
    return ok;
}

/* Of the texts that the database holds. */
static bool read_writers(App *app, Local *local, Documentation *documentation, Report *report, Error *err)
{
    Sharing sharing = {0};
    Error trouble = {0};
    app_progress(app, "reading who wrote what", 0, 0);
    if (!descriptions_applied(local, documentation->fingerprint, take_applied, documentation, err) ||
        !sharing_read(local, &sharing, err)) {
        return false;
    }
    if (!sharing.enabled || ask_shared(app, local, documentation, &trouble)) {
        return true;
    }
    if (trouble.kind == ERROR_INTERRUPTED) {
        *err = trouble;
        return false;
    }
    report_warning(report, "only texts written from here have a name, those of teammates have none: %s",
                   trouble.message);
    return true;
}

static bool read_history(App *app, bool writers, Documentation *documentation, Report *report, Error *err)
{
    Local *local = NULL;
    if (!app_local_read(app, &local, err)) {
        return false;
    }
    if (!local) {
        return true; /* nothing was ever drafted here, or shared */
    }
    return descriptions_accepted(local, documentation->fingerprint, take_accepted, documentation, err) &&
           (!writers || read_writers(app, local, documentation, report, err));
}

static void list_table(void *context, const DescriptionRow *row)
{
    json_array_append_new(context, json_pack("[ss]", row->schema, row->table));
}

/* What was accepted, as [schema, table]: a partition among them has a text of its own. Owned by the caller.
 */
static bool list_accepted(App *app, const char *fingerprint, char **out, Error *err)
{
    Local *local = NULL;
    json_t *tables = json_array();
    bool ok = app_local_read(app, &local, err) &&
              (!local || descriptions_accepted(local, fingerprint, list_table, tables, err));
    *out = ok ? json_dumps(tables, JSON_COMPACT) : NULL;
    json_decref(tables);
    return ok;
}

static bool read_catalog(App *app, bool partitions, Documentation *out, Error *err)
{
    char *accepted = NULL;
    bool ok = (!partitions || list_accepted(app, out->fingerprint, &accepted, err)) &&
              catalog_reading_scope(app, &out->scope, accepted, &out->catalog, &out->match, err);
    free(accepted);
    return ok;
}

bool documentation_read(App *app, const char *scope, unsigned parts, Report *report, Documentation *out,
                        Error *err)
{
    const Profile *profile = NULL;
    *out = (Documentation){.texts = memory_zero(1, sizeof *out->texts)};
    if (scope && !*scope) {
        error_set(err, ERROR_USAGE, "the scope is empty");
        return error_hint(err, "leave it away for the whole database");
    }
    if (!object_scope_parse(scope, &out->scope, err) || !app_profile(app, &profile, err) ||
        !app_fingerprint(app, profile, &out->fingerprint, err) ||
        !read_catalog(app, parts & DOCUMENTATION_PARTITIONS, out, err)) {
        return false;
    }
    out->profile = profile->name;
    add_tables(out);
    catalog_reading_tell_skipped(out->catalog, &out->match, false, CATALOG_GAPS_TOLD, report);
    return read_history(app, parts & DOCUMENTATION_WRITERS, out, report, err);
}

/* --- how much is described --- */

static void count(Coverage *coverage, const Description *description)
{
    coverage_add(coverage, description->comment,
                 description->state == DESCRIPTION_ACCEPTED ? description->text : NULL);
}

Coverage documentation_coverage(const DocumentedTable *table)
{
    Coverage coverage = {0};
    if (!table->is_context) {
        count(&coverage, &table->description);
    }
    for (size_t i = 0; i < table->table->column_count; i++) {
        count(&coverage, &table->columns[i]);
    }
    return coverage;
}

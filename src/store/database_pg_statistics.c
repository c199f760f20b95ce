/* What PostgreSQL has sampled of a column: how full it is, how its texts look, between which numbers it lies.
 */
#include <math.h>
#include <string.h>

#include "database_pg_reading.h"
#include "memory.h"

/* clang-format off */

/* Samples only of text columns, the only ones whose format the type does not tell, and of each no more than
 * it takes to see a format; of numbers only the ends. Statistics that include a table's children come last,
 * and stay. */
static const char statistics_sql[] =
    "WITH wanted AS MATERIALIZED (\n" /* pg_stats has names only; all three at once are worth a hash */
    "  SELECT n.nspname, c.relname, a.attname, a.attrelid, a.attnum, t.typcategory\n"
    "    FROM " PG_READING_SCOPE "\n"
    "    JOIN pg_class c ON c.oid = s.oid AND c.relkind <> 'v'\n"
    "    JOIN pg_namespace n ON n.oid = c.relnamespace\n"
    "    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped\n"
    "    JOIN pg_type t ON t.oid = a.atttypid)\n"
    "SELECT w.attrelid, w.attnum, p.null_frac, p.n_distinct,\n"
    "       CASE WHEN w.typcategory = 'S' THEN left(p.most_common_vals::text, 400) END,\n"
    "       CASE WHEN w.typcategory = 'S' THEN left(p.histogram_bounds::text, 400) END,\n"
    "       CASE WHEN w.typcategory = 'N' THEN p.most_common_vals::text END,\n"
    "       CASE WHEN w.typcategory = 'N' THEN\n"
    "         regexp_replace(p.histogram_bounds::text, ',.*,', ',') END\n"
    "  FROM wanted w\n"
    "  JOIN pg_stats p ON p.schemaname = w.nspname AND p.tablename = w.relname AND p.attname = w.attname\n"
    " ORDER BY w.attrelid, p.inherited";

/* clang-format on */

/* Shows the complete elements of an array's text ({a,"b \"c\"",NULL}) to the sample; it may have been cut
 * short. */
static void sample_array(FormatSample *sample, const char *array)
{
    Text value = {0};
    bool quoted = false, was_quoted = false;
    for (const char *at = array && *array == '{' ? array + 1 : ""; *at; at++) {
        if (*at == '\\' && at[1]) {
            text_add_char(&value, *++at);
        } else if (*at == '"') {
            quoted = !quoted;
            was_quoted = true;
        } else if (quoted || (*at != ',' && *at != '}')) {
            text_add_char(&value, *at);
        } else {
            if (was_quoted || strcmp(text_string(&value), "NULL") != 0) {
                format_sample_add(sample, text_string(&value));
            }
            text_clear(&value);
            was_quoted = false;
        }
    }
    text_free(&value);
}

/* Widens the range of a column by the numbers of an array. NaN and infinity are no ends. */
static void widen_range(CatalogColumn *column, const char *array)
{
    const char *at = array ? array + strspn(array, "{") : "";
    while (*at) {
        char *end;
        double number = strtod(at, &end);
        if (end > at && isfinite(number)) {
            column->low = column->has_range && column->low < number ? column->low : number;
            column->high = column->has_range && column->high > number ? column->high : number;
            column->has_range = true;
        }
        at = end + strcspn(end, ",");
        at += *at == ',';
    }
}

static void take_statistics(PgReading *reading, CatalogTable *table, const PgRows *rows, int row)
{
    CatalogColumn *column = catalog_column_number(table, (int)pg_rows_int(rows, row, 1));
    (void)reading;
    if (!column) {
        return;
    }
    FormatSample sample = FORMAT_SAMPLE_START;
    column->has_statistics = true;
    column->null_fraction = strtod(pg_rows_text(rows, row, 2), NULL);
    column->distinct = strtod(pg_rows_text(rows, row, 3), NULL);
    sample_array(&sample, pg_rows_text(rows, row, 4));
    sample_array(&sample, pg_rows_text(rows, row, 5));
    column->format = format_sample_result(&sample);
    widen_range(column, pg_rows_text(rows, row, 6));
    widen_range(column, pg_rows_text(rows, row, 7));
}

bool pg_reading_statistics(PgReading *reading, Error *err)
{
    return pg_reading_details(reading, statistics_sql, take_statistics, err);
}

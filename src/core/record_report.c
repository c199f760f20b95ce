#include "record_report.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"

static bool is_bookkeeping(size_t column)
{
    return column == SYNCED_BORN_ORIGIN || column == SYNCED_ROW_VERSION || column == SYNCED_DELETED_AT;
}

void record_to_row(json_t *row, const SyncedTable *table, const Value *values)
{
    for (size_t i = 0; i < synced_width(table); i++) {
        const SyncedColumn *column = synced_column(table, i);
        if (is_bookkeeping(i)) {
            continue;
        }
        if (values[i].type == VALUE_NULL) {
            row_json(row, column->name, json_null());
        } else if (column->type == SYNCED_INT) {
            row_int(row, column->name, record_int(table, values, column->name));
        } else if (column->type == SYNCED_REAL) {
            row_real(row, column->name, record_real(table, values, column->name));
        } else if (column->type == SYNCED_JSON) {
            row_json_text(row, column->name, values[i].text);
        } else {
            row_text(row, column->name, values[i].text);
        }
    }
    char *who = text_format("%s@%s", record_text(table, values, "created_by"),
                            record_text(table, values, "hostname"));
    row_text(row, "who", who);
    free(who);
}

void record_collect(void *context, const SyncedTable *table, const Value *values)
{
    RecordCollector *collector = context;
    json_t *row = report_row(collector->report);
    record_to_row(row, table, values);
    if (collector->more && collector->trouble.kind == ERROR_NONE) {
        collector->more(collector->context, row, table, values, &collector->trouble);
    }
    const char *time = record_time_column(table);
    collector->count++;
    collector->last_id = record_int(table, values, "local_id");
    text_copy(collector->last_origin, sizeof collector->last_origin, record_text(table, values, "origin_id"));
    text_copy(collector->last_time, sizeof collector->last_time,
              time ? record_text(table, values, time) : "");
}

static bool bad_page(const char *after, Error *err)
{
    error_set(err, ERROR_USAGE, "--after \"%s\" is where no page ended", after);
    return error_hint(err, "take what the page before printed after \"more\", or as \"next\" in JSON");
}

static bool parse_id(const char *text, int64_t *out)
{
    char *end;
    *out = strtoll(text, &end, 10);
    return *text && !*end && *out > 0;
}

bool record_page_begin(RecordPage *page, const char *after, long long limit, bool team, RecordFilter *filter,
                       Error *err)
{
    if (limit < 1 || limit > INT_MAX) {
        return error_set(err, ERROR_USAGE, "--limit is a number from 1");
    }
    filter->limit = (int)limit;
    if (!after) {
        return true;
    }
    if (!team) {
        return parse_id(after, &filter->after) || bad_page(after, err);
    }
    size_t time = strcspn(after, "/");
    const char *origin = after + time + (after[time] == '/');
    size_t length = strcspn(origin, "/");
    const char *id = origin + length + (origin[length] == '/');
    if (time >= sizeof page->time || length >= sizeof page->origin || !parse_id(id, &filter->after)) {
        return bad_page(after, err);
    }
    char given[CLOCK_TEXT_SIZE];
    memcpy(given, after, time);
    given[time] = '\0';
    memcpy(page->origin, origin, length);
    page->origin[length] = '\0';
    if (time > 0 && !record_parse_time(given, page->time, NULL)) {
        return bad_page(after, err);
    }
    filter->after_time = time > 0 ? page->time : NULL;
    filter->after_origin = page->origin;
    return true;
}

bool record_page_end(const RecordCollector *collector, const RecordFilter *filter, bool team, Error *err)
{
    if (collector->trouble.kind != ERROR_NONE) {
        *err = collector->trouble;
        return false;
    }
    if (collector->count >= filter->limit) {
        collector->report->next = team ? text_format("%s/%s/%lld", collector->last_time,
                                                     collector->last_origin, (long long)collector->last_id)
                                       : text_format("%lld", (long long)collector->last_id);
    }
    return true;
}

bool record_parse_time(const char *text, char out[CLOCK_TEXT_SIZE], Error *err)
{
    static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
                                        "%Y-%m-%d %H:%M", "%Y-%m-%d"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm utc = {0};
        const char *end = strptime(text, forms[i], &utc);
        int milliseconds = 0;
        if (end && *end == '.') {
            char *after;
            milliseconds = (int)(strtod(end, &after) * 1000 + 0.5);
            end = after;
        }
        struct tm same = utc;
        if (end && (!*end || strcmp(end, "Z") == 0) && timegm(&same) != -1 && same.tm_mday == utc.tm_mday) {
            size_t used = strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
            snprintf(out + used, CLOCK_TEXT_SIZE - used, ".%03dZ", milliseconds % 1000);
            return true;
        }
    }
    error_set(err, ERROR_USAGE, "\"%s\" is no time", text);
    return error_hint(err, "write it as 2026-11-22 or 2026-11-22T14:00:00Z, in UTC");
}

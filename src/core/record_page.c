#include "record_page.h"

#include <limits.h>
#include <string.h>

#include "memory.h"

/* --- keys ---
 *
 * "42/origin/-last_active/t2026-11-22T.." in hexadecimal digits: the row's local_id, its origin ("" in one's
 * own history), the order with its direction, and the value there: n nothing, i integer, r real, t text,
 * whose bytes may be any. A key is opaque to who passes it on, and needs no quotes in any shell. */

static char *to_hex(const char *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = memory_alloc(length * 2 + 1);
    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = digits[(unsigned char)bytes[i] >> 4];
        hex[2 * i + 1] = digits[(unsigned char)bytes[i] & 15];
    }
    hex[length * 2] = '\0';
    return hex;
}

static int digit_value(char digit)
{
    return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* NULL when it is none. */
static char *from_hex(const char *hex, size_t *length)
{
    *length = strlen(hex) / 2;
    char *bytes = memory_alloc(*length + 1);
    bool good = strlen(hex) % 2 == 0;
    for (size_t i = 0; good && i < *length; i++) {
        int high = digit_value(hex[2 * i]);
        int low = digit_value(hex[2 * i + 1]);
        good = high >= 0 && low >= 0;
        bytes[i] = (char)(high * 16 + low);
    }
    if (!good) {
        free(bytes);
        return NULL;
    }
    bytes[*length] = '\0';
    return bytes;
}

/* "-last_active": the order that the whole listing is in, whichever way this page is read. "": as written. */
static char *order_name(const RecordPage *page)
{
    const char *sort = page->filter.sort ? page->filter.sort : record_time_column(page->table);
    return text_format("%s%s", page->filter.order == RECORD_DESCENDING ? "-" : "", sort ? sort : "");
}

static char *encode(const RecordPage *page, const RecordKey *key)
{
    Text text = {0};
    char *order = order_name(page);
    text_addf(&text, "%lld/%s/%s/", (long long)key->local_id, page->team ? key->origin : "", order);
    switch (key->value.type) {
    case VALUE_NULL:
        text_add(&text, "n");
        break;
    case VALUE_INT:
        text_addf(&text, "i%lld", (long long)key->value.integer);
        break;
    case VALUE_REAL:
        text_addf(&text, "r%.17g", key->value.real);
        break;
    case VALUE_TEXT:
        text_add(&text, "t");
        text_add_n(&text, key->value.text, key->value.length);
        break;
    }
    char *hex = to_hex(text_string(&text), text.length);
    free(order);
    text_free(&text);
    return hex;
}

/* Cuts the next field, which ends with a slash, off; NULL when there is none. */
static char *next_field(char **rest)
{
    char *field = *rest;
    char *end = strchr(field, '/');
    if (!end) {
        return NULL;
    }
    *end = '\0';
    *rest = end + 1;
    return field;
}

static bool read_value(const char *text, size_t length, Value *out)
{
    char *end = NULL;
    switch (text[0]) {
    case 'n':
        *out = value_null();
        return length == 1;
    case 'i':
        *out = value_int(strtoll(text + 1, &end, 10));
        return length > 1 && !*end;
    case 'r':
        *out = value_real(strtod(text + 1, &end));
        return length > 1 && !*end;
    case 't':
        *out = (Value){.type = VALUE_TEXT, .text = text + 1, .length = length - 1};
        return true;
    default:
        return false;
    }
}

/* Reads page->key into the filter. */
static bool decode(RecordPage *page, size_t length)
{
    char *rest = page->key;
    char *id = next_field(&rest);
    char *origin = id ? next_field(&rest) : NULL;
    char *order = origin ? next_field(&rest) : NULL;
    if (!order) {
        return false;
    }
    char *end = NULL;
    char *wanted = order_name(page);
    RecordKey *from = &page->filter.from;
    *from = (RecordKey){.origin = origin, .local_id = strtoll(id, &end, 10)};
    bool good = from->local_id > 0 && !*end && strcmp(order, wanted) == 0 && !*origin == !page->team &&
                read_value(rest, length - (size_t)(rest - page->key), &from->value);
    free(wanted);
    return good;
}

/* --- options --- */

static bool set_limit(RecordPage *page, const Args *args, Error *err)
{
    long long limit = args_number(args, "limit", page->limit);
    if (limit < 1 || limit > INT_MAX) {
        return error_set(err, ERROR_USAGE, "--limit is a number from 1");
    }
    page->limit = (int)limit;
    page->filter.limit = limit == INT_MAX ? INT_MAX : (int)limit + 1; /* is there a next page? */
    return true;
}

static bool is_listed(const RecordPage *page, const Report *report, const char *column)
{
    for (size_t i = 0; i < report->column_count; i++) {
        if (strcmp(report->columns[i].key, column) == 0) {
            return record_can_sort(page->table, column);
        }
    }
    return false;
}

static bool unknown_column(const RecordPage *page, const Report *report, const char *column, Error *err)
{
    Text names = {0};
    for (size_t i = 0; i < report->column_count; i++) {
        const char *key = report->columns[i].key;
        if (record_can_sort(page->table, key)) {
            text_addf(&names, "%s%s", names.length ? ", " : "", key);
        }
    }
    error_set(err, ERROR_USAGE, "--sort \"%s\" is no column to sort by", column);
    error_hint(err, "sort by one of: %s", text_string(&names));
    text_free(&names);
    return false;
}

/* Ascending when a column is named, unless it has a minus sign before it; --reverse turns that round. */
static bool set_order(RecordPage *page, const Args *args, const Report *report, Error *err)
{
    const char *asked = args_text(args, "sort");
    const char *column = asked ? asked : page->order;
    bool descending = column ? *column == '-' : record_time_column(page->table) != NULL;
    descending = descending != args_flag(args, "reverse");
    page->filter.order = descending ? RECORD_DESCENDING : RECORD_ASCENDING;
    if (column) {
        column += *column == '-';
        if (!is_listed(page, report, column)) {
            return unknown_column(page, report, column, err);
        }
        page->sort = memory_string(column);
        page->filter.sort = page->sort;
    }
    return true;
}

static bool set_place(RecordPage *page, const Args *args, Error *err)
{
    const char *after = args_text(args, "after");
    const char *before = args_text(args, "before");
    bool last = args_flag(args, "last");
    if ((after && before) || (last && (after || before))) {
        return error_set(err, ERROR_USAGE, "--after, --before and --last: a page begins in one place");
    }
    page->filter.backward = before || last;
    page->beside = after || before;
    if (!page->beside) {
        return true;
    }
    size_t length;
    page->key = from_hex(after ? after : before, &length);
    if (!page->key || !decode(page, length)) {
        error_set(err, ERROR_USAGE, "--%s \"%.60s\" is where no page of this listing ended",
                  after ? "after" : "before", after ? after : before);
        return error_hint(err, "take what a page printed after \"more\", or \"next\" and \"previous\" of its "
                               "JSON, with the same --sort");
    }
    return true;
}

bool record_page_begin(RecordPage *page, const Args *args, const Report *report, Error *err)
{
    page->filter.contains = args_text(args, "filter");
    page->filter.interruptible = true;
    return set_limit(page, args, err) && set_order(page, args, report, err) && set_place(page, args, err);
}

/* --- rows --- */

bool record_page_take(RecordPage *page, const Value *values)
{
    if (page->count == page->limit) {
        page->overflow = true;
        return false;
    }
    RecordKey key = record_key(page->table, &page->filter, values);
    char *here = encode(page, &key);
    if (page->count++ == 0) {
        page->first = memory_string(here);
    }
    free(page->last);
    page->last = here;
    return true;
}

static void reverse_rows(Report *report)
{
    json_t *rows = json_array();
    for (size_t i = json_array_size(report->items); i-- > 0;) {
        json_array_append(rows, json_array_get(report->items, i));
    }
    json_decref(report->items);
    report->items = rows;
}

/* On the side that a page was read from lies the row that --after or --before named, if any. */
void record_page_end(RecordPage *page, Report *report)
{
    char **ahead = page->filter.backward ? &report->previous : &report->next;
    char **behind = page->filter.backward ? &report->next : &report->previous;
    if (page->overflow) {
        *ahead = memory_string(page->last);
    }
    if (page->beside && page->count > 0) {
        *behind = memory_string(page->first);
    } else if (page->beside) { /* what came here is gone since: the way back begins where this page did */
        *behind = encode(page, &page->filter.from);
    }
    if (page->filter.backward) {
        reverse_rows(report);
    }
}

static bool is_counted_by_index(const RecordFilter *filter)
{
    const char *match = filter->match[0].column;
    return !filter->contains && !filter->who && !filter->host && !filter->since && !filter->match[1].column &&
           (!match || text_equal(match, "db_profile"));
}

bool record_page_total(const RecordPage *page, Local *local, Report *report, Error *err)
{
    int64_t total = 0;
    if (page->team || page->beside || !is_counted_by_index(&page->filter)) {
        return true;
    }
    if (local && !record_total(local, page->table, &page->filter, RECORD_PAGE_COUNTED + 1, &total, err)) {
        return false;
    }
    bool all = total <= RECORD_PAGE_COUNTED;
    report->total = all ? total : -1;
    report->least = all ? 0 : RECORD_PAGE_COUNTED;
    return true;
}

void record_page_free(RecordPage *page)
{
    free(page->sort);
    free(page->key);
    free(page->first);
    free(page->last);
}

#include "review_page.h"

#include <string.h>

#include "cells.h"
#include "display.h"
#include "memory.h"
#include "text.h"
#include "word_diff.h"

/* More of one text than anybody reads beside its drafts, little enough to be laid out in every frame. */
#define MOST_BYTES (32 * 1024)

/* How a label and a text come onto the page. */
typedef void AddText(ReviewPage *page, DrawStyle style, const char *label, const char *text, int width);

/* Takes over the text. */
static void add_line(ReviewPage *page, DrawStyle style, char *text)
{
    memory_grow((void **)&page->lines, page->count, &page->capacity, sizeof *page->lines);
    PageLine *line = &page->lines[page->count++];
    line->style = style;
    line->text = text;
}

/* Length of the text, or where to cut it, between characters. */
static size_t shown_length(const char *text)
{
    size_t length = strnlen(text, MOST_BYTES + 1);
    if (length <= MOST_BYTES) {
        return length;
    }
    length = MOST_BYTES;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
        length--;
    }
    return length;
}

/* A label and a text that may be hostile, wrapped beside it. */
static void add_labelled(ReviewPage *page, DrawStyle style, const char *label, const char *text, int width)
{
    int indent = cells_width(label);
    size_t length = shown_length(text);
    char *start = memory_string_n(text, length);
    char *harmless = text_visible_lines(start);
    free(start);
    char **lines = cells_wrap(harmless, width - indent > 10 ? width - indent : 10, NULL);
    for (size_t i = 0; lines[i]; i++) {
        char *line = text_format("%*s%s", i ? indent : 0, i ? "" : label, lines[i]);
        char *visible = text_visible(line);
        add_line(page, style, visible);
        free(line);
    }
    cells_free_lines(lines);
    free(harmless);
    if (text[length]) {
        add_line(page, DRAW_WARNING, text_format("%*s%s", indent, "", "! (longer: d shows all of it)"));
    }
}

static void add_blank(ReviewPage *page)
{
    add_line(page, DRAW_PLAIN, memory_string(""));
}

/* Takes the blank lines out: they are what a page can spare first. */
static void drop_blanks(ReviewPage *page)
{
    size_t kept = 0;
    for (size_t i = 0; i < page->count; i++) {
        if (*page->lines[i].text) {
            page->lines[kept++] = page->lines[i];
        } else {
            free(page->lines[i].text);
        }
    }
    page->count = kept;
}

static char *verdict_text(const ReviewItem *item)
{
    unsigned choice = item->shown.choice;
    const char *wait = review_item_pending(item) ? " .." : "";
    const char *applied = review_item_text(item, REVIEW_APPLIED_AT) && !*wait ? ", applied" : "";
    switch (item->shown.verdict) {
    case REVIEW_ACCEPT:
        return choice ? text_format("accepted [%u]%s%s", choice, applied, wait)
                      : text_format("accepted%s%s", applied, wait);
    case REVIEW_EDIT:
        return text_format("edited%s%s", applied, wait);
    case REVIEW_SKIP:
        return text_format("skipped%s", wait);
    case REVIEW_UNDECIDE:
        break;
    }
    return text_format("undecided%s", wait);
}

/* "sales.customer.id  integer" on the left, "low 0.42  undecided" on the right. */
static void add_heading(ReviewPage *page, const ReviewItem *item, int width)
{
    const char *type = review_item_text(item, REVIEW_TYPE);
    char *verdict = verdict_text(item);
    char *right = text_format("%s %.2f  %s", review_item_text(item, REVIEW_LEVEL), item->confidence, verdict);
    char *raw = text_format("%s  %s", review_item_text(item, REVIEW_OBJECT),
                            type ? type : review_item_text(item, REVIEW_KIND));
    char *left = text_visible(raw);
    int room = width - cells_width(right) - 2;
    char *fitted = cells_fit(left, room > 0 ? room : 0, 0);
    add_line(page, DRAW_BOLD, text_format("%s  %s", fitted, right));
    free(fitted);
    free(left);
    free(raw);
    free(right);
    free(verdict);
}

static const char *comment_text(const char *text)
{
    return text_is_empty(text) ? "(none)" : text;
}

static const char *today_text(const ReviewItem *item, const char *unknown)
{
    switch (item->today) {
    case REVIEW_TODAY_THERE:
        return comment_text(item->today_text);
    case REVIEW_TODAY_MISSING:
        return "(not there any more)";
    case REVIEW_TODAY_UNKNOWN:
        break;
    }
    return unknown;
}

static void add_database(ReviewPage *page, const ReviewItem *item, const char *today, int width)
{
    bool odd = item->today == REVIEW_TODAY_MISSING || review_item_changed_since(item);
    add_labelled(page, odd ? DRAW_WARNING : DRAW_PLAIN, "DB now        ", today_text(item, today), width);
    add_labelled(page, DRAW_PLAIN, "drafted from  ", comment_text(review_item_text(item, REVIEW_BASE)),
                 width);
}

static void add_alternatives(ReviewPage *page, const ReviewItem *item, int width)
{
    size_t choice = item->shown.choice;
    for (size_t i = 1; i <= item->alternatives; i++) {
        char *label = text_format("[%zu]%c", i, i == choice ? '*' : ' ');
        add_labelled(page, i == choice ? DRAW_GOOD : DRAW_PLAIN, label, review_item_alternative(item, i),
                     width);
        free(label);
    }
    if (item->shown.text && choice == 0) {
        add_labelled(page, DRAW_GOOD, "own*", item->shown.text, width);
    }
}

/* One line of it, cut where it is longer. */
static void add_brief(ReviewPage *page, DrawStyle style, const char *label, const char *text, int width)
{
    char *start = cells_start(text, width);
    char *whole = text_format("%s%s", label, start);
    char *visible = text_visible(whole);
    add_line(page, style, cells_fit(visible, width, 0));
    free(visible);
    free(whole);
    free(start);
}

static char *age_of(const char *at)
{
    json_t *time = json_string(at);
    char *age = display_value(time, REPORT_AGE);
    json_decref(time);
    return age;
}

static void add_others(ReviewPage *page, const ReviewItem *item, int width, AddText *add)
{
    for (const ReviewOther *other = item->others; other; other = other->next) {
        bool same = text_equal(other->text, review_item_outcome(item));
        char *age = age_of(other->at);
        char *line = text_format("%s chose %s %s ago%s%s", other->who, same ? "the same" : "other text", age,
                                 same ? "" : ": ", same ? "" : other->text);
        add(page, same ? DRAW_PLAIN : DRAW_WARNING, same ? "  " : "! ", line, width);
        free(line);
        free(age);
    }
    if (review_item_changed_since(item)) {
        add(page, DRAW_WARNING, "! ", "the database's text changed since the draft (d difference)", width);
    }
}

static void add_evidence(ReviewPage *page, const ReviewItem *item, int width)
{
    Text facts = {0};
    for (size_t i = 0; i < item->facts; i++) {
        text_addf(&facts, "%s%s", i ? "; " : "", review_item_fact(item, i));
    }
    const char *label = "because       ";
    add_labelled(page, DRAW_PLAIN, label, facts.length ? text_string(&facts) : "(no evidence)", width);
    text_free(&facts);
}

/* How a page uses the room that it has. */
typedef enum Shape { SHAPE_ROOMY, SHAPE_DENSE, SHAPE_WARNINGS_FIRST } Shape;

/* What should make a person think twice. */
static void add_warnings(ReviewPage *page, const ReviewItem *item, int width, AddText *add)
{
    const char *error = review_item_text(item, REVIEW_APPLY_ERROR);
    add_others(page, item, width, add);
    if (error) {
        add(page, DRAW_WARNING, "! not applied: ", error, width);
    }
}

static void write_page(ReviewPage *page, const ReviewItem *item, const char *today, int width, Shape shape)
{
    add_heading(page, item, width);
    if (shape == SHAPE_WARNINGS_FIRST) {
        add_warnings(page, item, width, add_brief);
    }
    add_blank(page);
    add_database(page, item, today, width);
    add_blank(page);
    add_alternatives(page, item, width);
    add_blank(page);
    if (shape != SHAPE_WARNINGS_FIRST) {
        add_warnings(page, item, width, add_labelled);
    }
    add_evidence(page, item, width);
    if (shape != SHAPE_ROOMY) {
        drop_blanks(page);
    }
}

void review_page_write(ReviewPage *page, const ReviewItem *item, const char *today, int width, int height)
{
    for (Shape shape = SHAPE_ROOMY; shape <= SHAPE_WARNINGS_FIRST; shape++) {
        review_page_free(page);
        write_page(page, item, today, width, shape);
        if (page->count <= (size_t)height) {
            return;
        }
    }
}

void review_page_free(ReviewPage *page)
{
    for (size_t i = 0; i < page->count; i++) {
        free(page->lines[i].text);
    }
    free(page->lines);
    *page = (ReviewPage){0};
}

/* A heading, and a text with every line of it indented. */
static void add_section(Text *out, const char *heading, const char *text)
{
    text_addf(out, "\n%s\n  ", heading);
    for (; *text; text++) {
        text_add_char(out, *text);
        text_add(out, *text == '\n' ? "  " : "");
    }
    text_add_char(out, '\n');
}

char *review_page_difference(const ReviewItem *item, const char *today)
{
    const char *base = review_item_text(item, REVIEW_BASE);
    const char *outcome = review_item_outcome(item);
    bool known = item->today == REVIEW_TODAY_THERE;
    bool skipped = item->shown.verdict == REVIEW_SKIP;
    char *since = known ? word_diff(base, item->today_text) : memory_string(today_text(item, today));
    char *change = word_diff(known ? item->today_text : base, outcome);
    Text text = {0};
    text_addf(&text, "%s\n", review_item_text(item, REVIEW_OBJECT));
    add_section(&text, "Drafted from", comment_text(base));
    add_section(&text, "In the database today", today_text(item, today));
    add_section(&text, item->shown.verdict == REVIEW_UNDECIDE ? "First draft" : "Your choice",
                skipped ? "(skipped: the database stays as it is)" : comment_text(outcome));
    add_section(&text, "From the draft to today ([-gone-] {+new+})", *since ? since : "(nothing)");
    add_section(&text, "What applying changes", skipped || !*change ? "(nothing)" : change);
    free(since);
    free(change);
    return text_take(&text);
}

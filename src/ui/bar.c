#include "bar.h"

#include "cells.h"
#include "text.h"

#define COUNT_ONLY_BELOW 30
#define BAR_MOST 30
#define BAR_LEAST 8
#define FIRST_RATE_MS 1000 /* the first second says little about the rest */
#define SAMPLE_MS 250      /* nothing is measured over less */
#define SMOOTH_MS 3000.0   /* a change of pace shows within about this time */
#define LONGEST_SECONDS (100.0 * 3600)

static void sample_rate(Bar *bar, int64_t now_ms)
{
    int64_t elapsed = now_ms - bar->sampled_ms;
    if (elapsed < SAMPLE_MS || (bar->rate <= 0 && now_ms - bar->began_ms < FIRST_RATE_MS)) {
        return;
    }
    double now = (double)(bar->done - bar->sampled) * 1000.0 / (double)elapsed;
    double weight = bar->rate > 0 ? (double)elapsed / (SMOOTH_MS + (double)elapsed) : 1;
    bar->rate += (now - bar->rate) * weight;
    bar->sampled_ms = now_ms;
    bar->sampled = bar->done;
}

void bar_update(Bar *bar, const char *what, long long done, long long total, int64_t now_ms)
{
    char name[sizeof bar->what];
    text_copy(name, sizeof name, what);
    done = done < 0 ? 0 : done;
    if (bar->began_ms == 0 || done < bar->done || !text_equal(name, bar->what)) {
        *bar = (Bar){.began_ms = now_ms, .sampled_ms = now_ms, .sampled = done};
        text_copy(bar->what, sizeof bar->what, name);
    }
    bar->done = done;
    bar->total = total < 0 ? 0 : total;
    sample_rate(bar, now_ms);
}

/* "12,000": the places of a long number can be told apart at a glance. */
static void add_number(Text *out, long long number)
{
    char *digits = text_format("%lld", number);
    size_t length = 0;
    while (digits[length]) {
        length++;
    }
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            text_add_char(out, ',');
        }
        text_add_char(out, digits[i]);
    }
    free(digits);
}

static char *count_text(const Bar *bar)
{
    Text out = {0};
    if (bar->total == 0 && bar->done == 0) {
        return text_format(".."); /* that is all there is to say */
    }
    add_number(&out, bar->done);
    if (bar->total > 0) {
        text_add_char(&out, '/');
        add_number(&out, bar->total);
    }
    return text_take(&out);
}

static char *rate_text(const Bar *bar)
{
    Text out = {0};
    if (bar->rate >= 10) {
        text_add(&out, "  ");
        add_number(&out, (long long)(bar->rate + 0.5));
        text_add(&out, "/s");
    } else if (bar->rate >= 0.05) {
        text_addf(&out, "  %.1f/s", bar->rate);
    }
    return text_take(&out);
}

static char *left_text(const Bar *bar)
{
    if (bar->total <= bar->done || bar->rate <= 0) {
        return text_format("%s", "");
    }
    double seconds = (double)(bar->total - bar->done) / bar->rate;
    if (seconds > LONGEST_SECONDS) {
        return text_format("  days left");
    }
    long long left = (long long)seconds + 1;
    if (left < 100) {
        return text_format("  %lld s left", left);
    }
    if (left < 100 * 60) {
        return text_format("  %lld min left", (left + 30) / 60);
    }
    return text_format("  %lld h %02lld min left", left / 3600, left / 60 % 60);
}

static void add_bar(Text *out, const Bar *bar, int cells, bool blocks)
{
    double part = bar->done >= bar->total ? 1 : (double)bar->done / (double)bar->total;
    int filled = (int)(part * cells);
    text_add(out, " [");
    for (int i = 0; i < cells; i++) {
        text_add(out, i < filled ? (blocks ? "\u2588" : "#") : (blocks ? "\u2591" : "-"));
    }
    text_add(out, "] ");
}

/* The parts after the bar, as many of them as leave room for a bar. */
static char *choose_tail(const Bar *bar, int room)
{
    char *rate = rate_text(bar);
    char *left = left_text(bar);
    char *tails[] = {
        text_format("%s%s  ^C stops", rate, left),
        text_format("%s%s", rate, left),
        text_format("%s", left),
        text_format("%s", ""),
    };
    char *chosen = NULL;
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        if (!chosen && (cells_width(tails[i]) <= room || !*tails[i])) {
            chosen = tails[i];
        } else {
            free(tails[i]);
        }
    }
    free(rate);
    free(left);
    return chosen;
}

static char *cut(char *text, int width)
{
    if (cells_width(text) <= width) {
        return text;
    }
    char *fitted = cells_fit(text, width > 0 ? width : 0, 0);
    free(text);
    return fitted;
}

char *bar_text(const Bar *bar, int width, bool blocks)
{
    char *count = count_text(bar);
    if (width < COUNT_ONLY_BELOW) {
        return cut(count, width);
    }
    Text out = {0};
    char *what = text_visible(bar->what);
    text_add(&out, what);
    int used = cells_width(what) + 1 + cells_width(count);
    int frame = bar->total > 0 ? 3 : 0; /* "[] " around the cells of the bar */
    int least = bar->total > 0 ? BAR_LEAST + frame : 0;
    char *tail = choose_tail(bar, width - used - least);
    int cells = width - used - frame - cells_width(tail);
    if (bar->total > 0 && cells >= BAR_LEAST) {
        add_bar(&out, bar, cells < BAR_MOST ? cells : BAR_MOST, blocks);
    } else {
        text_add_char(&out, ' ');
    }
    text_addf(&out, "%s%s", count, tail);
    free(tail);
    free(what);
    free(count);
    return cut(text_take(&out), width);
}

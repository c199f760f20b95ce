/* Who described what, and when. */
#include "ask_kind.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ask_name.h"
#include "ask_period.h"
#include "decisions.h"
#include "memory.h"

enum { LIST_LIMIT = 20, TEXT_SIZE = 200 };

/* The verbs, and what was done. */
static const struct {
    const char *verb;
    DecisionKind kind;
    const char *done;
} verbs[] = {
    {"describe", DECISION_DESCRIBED, "described"}, {"described", DECISION_DESCRIBED, "described"},
    {"draft", DECISION_DESCRIBED, "described"},    {"drafted", DECISION_DESCRIBED, "described"},
    {"document", DECISION_DESCRIBED, "described"}, {"documented", DECISION_DESCRIBED, "described"},
    {"accept", DECISION_ACCEPTED, "accepted"},     {"accepted", DECISION_ACCEPTED, "accepted"},
    {"approve", DECISION_ACCEPTED, "accepted"},    {"approved", DECISION_ACCEPTED, "accepted"},
    {"edit", DECISION_EDITED, "edited"},           {"edited", DECISION_EDITED, "edited"},
    {"skip", DECISION_SKIPPED, "skipped"},         {"skipped", DECISION_SKIPPED, "skipped"},
    {"review", DECISION_REVIEWED, "reviewed"},     {"reviewed", DECISION_REVIEWED, "reviewed"},
    {"decide", DECISION_REVIEWED, "decided"},      {"decided", DECISION_REVIEWED, "decided"},
    {"apply", DECISION_APPLIED, "applied"},        {"applied", DECISION_APPLIED, "applied"},
    {"commented", DECISION_APPLIED, "applied"},    {"reject", DECISION_SKIPPED, "skipped"},
    {"rejected", DECISION_SKIPPED, "skipped"},
};

/* What the question asks for. */
typedef struct Who {
    AskWork *work;
    DecisionFilter filter;
    AskPeriod period;
    const char *done;
    size_t told;
    Error *err;
    bool failed;
} Who;

/* "who wrote the description of orders", "who added the comment on hosts" */
static bool says_text(const AskWork *work)
{
    static const char *const texts[] = {"description", "descriptions", "comment", "comments", NULL};
    return ask_word_at(work, texts) >= 0;
}

static bool find_writing(const AskWork *work, Who *who)
{
    static const char *const writing[] = {"write", "wrote", "written", "add", "added", "gave", "put", NULL},
                             *const comments[] = {"comment", "comments", NULL};
    bool applied = ask_word_at(work, comments) >= 0;
    who->filter.kind = applied ? DECISION_APPLIED : DECISION_DESCRIBED;
    who->done = applied ? "applied" : "described";
    return says_text(work) && ask_word_at(work, writing) >= 0;
}

static bool find_verb(const AskWork *work, Who *who)
{
    for (size_t i = 0; i < work->words.count; i++) {
        for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++) {
            if (text_equal(work->words.items[i], verbs[v].verb)) {
                who->filter.kind = verbs[v].kind;
                who->done = verbs[v].done;
                return true;
            }
        }
    }
    return find_writing(work, who);
}

/* "what did mert describe", "accepted by mert"; "I" is who asks. NULL: anybody. */
static const char *person(const AskWork *work)
{
    static const char *const nobody[] = {"anybody", "anyone", "somebody", "someone", "we", "they",
                                         "you",     "been",   "people",   "the",     "it", "whom",
                                         "who",     "not",    "be",       NULL};
    const char *me =
        work->question->user ? work->question->user : local_identity(work->question->local)->created_by;
    for (size_t i = 0; i + 1 < work->words.count; i++) {
        const char *word = work->words.items[i], *next = work->words.items[i + 1];
        if (!text_equal(word, "did") && !text_equal(word, "by") && !text_equal(word, "has") &&
            !text_equal(word, "have")) {
            continue;
        }
        if (text_equal(next, "i") || text_equal(next, "me")) {
            return me;
        }
        return words_is_one_of(next, nobody) ? NULL : work->raw.items[i + 1];
    }
    return NULL;
}

static void say_decision(void *context, const Decision *decision)
{
    Who *who = context;
    AskWork *work = who->work;
    bool there = false;
    who->failed =
        who->failed || !ask_exists(work->question->local, work->question->fingerprint, decision->schema,
                                   decision->table, decision->column, &there, who->err);
    char *name = ask_name(decision->schema, decision->table, decision->column);
    char *whom = text_visible(decision->who);
    text_add(&work->text, "    ");
    if (there) {
        ask_cite(work, decision->schema, decision->table, decision->column);
    }
    text_addf(&work->text, "%s%s, %s by %s at %.16sZ", name, there ? "" : " (not in the catalog now)",
              decision->done, whom, decision->at ? decision->at : "");
    if (decision->drafter && !text_equal(decision->drafter, decision->who)) {
        char *drafter = text_visible(decision->drafter);
        text_addf(&work->text, ", drafted by %s", drafter);
        free(drafter);
    }
    if (decision->text) {
        char cut[TEXT_SIZE];
        text_copy(cut, sizeof cut, decision->text);
        char *visible = text_visible(cut);
        text_addf(&work->text, ": %s%s", visible, strlen(decision->text) < sizeof cut ? "" : " ..");
        free(visible);
    }
    text_add(&work->text, "\n");
    who->told++;
    free(whom);
    free(name);
}

/* "3 tables or columns were described by mert in orders since 2026-11-16, before 2026-11-23 (UTC)." `places`
 * is where, or "". */
static void say_head(Who *who, const char *places, int64_t total)
{
    Text *text = &who->work->text;
    char *name = text_visible(who->filter.who);
    text_addf(text, "%lld table%s or column%s %s %s", (long long)total, text_plural(total),
              text_plural(total), total == 1 ? "was" : "were", who->done);
    text_addf(text, *name ? " by %s" : "%s", name);
    text_addf(text, *places ? " in %s" : "%s", places);
    text_addf(text, who->filter.since ? " since %s" : "%s", who->filter.since ? who->filter.since : "");
    if (who->filter.until) {
        text_addf(text, "%s before %s", who->filter.since ? "," : "", who->filter.until);
    }
    text_addf(text, "%s, as this machine's history knows%s\n",
              who->filter.since || who->filter.until ? " (UTC)" : "",
              total > 0 ? ":" : "; what the team did: amx history list --team");
    free(name);
}

/* *total of this place, or ("") anywhere; nothing is said of a place where nothing was done. */
static bool tell(Who *who, const char *place, int64_t *total, Error *err)
{
    AskWork *work = who->work;
    Text head = work->text;
    work->text = (Text){0};
    who->err = err;
    who->told = 0;
    bool ok = decisions_list(work->question->local, &who->filter, ask_list_limit(work, LIST_LIMIT),
                             say_decision, who, total, err) &&
              !who->failed;
    Text listed = work->text;
    work->text = head;
    if (!*place || *total > 0) {
        say_head(who, place, *total);
    }
    text_add(&work->text, text_string(&listed));
    ask_say_more(work, *total, (int64_t)who->told, "decision");
    text_free(&listed);
    work->out->known = true;
    return ok;
}

/* One after the other; then those of which there is nothing to tell. */
static bool tell_each(Who *who, const AskSubjects *subjects, Error *err)
{
    Text none = {0};
    size_t told = 0;
    bool ok = true;
    for (; ok && told < subjects->count && ask_has_room(who->work, told); told++) {
        const AskSubject *subject = &subjects->items[told];
        char *place = ask_name(subject->schema, subject->table, subject->column);
        int64_t total = 0;
        who->filter.schema = subject->schema;
        who->filter.table = subject->table;
        who->filter.column = subject->column;
        ok = tell(who, place, &total, err);
        if (total == 0) {
            text_addf(&none, "%s%s", none.length ? ", " : "", place);
        }
        free(place);
    }
    if (none.length > 0) {
        say_head(who, text_string(&none), 0);
    }
    ask_say_more(who->work, (int64_t)subjects->count, (int64_t)told, "table");
    text_free(&none);
    return ok;
}

/* Of a schema, or of all there is. */
static bool tell_all(Who *who, Error *err)
{
    int64_t total = 0;
    char *name = text_visible(who->work->schema);
    char *place = *name ? text_format("schema %s", name) : memory_string("");
    who->filter.schema = who->work->schema;
    bool ok = tell(who, place, &total, err);
    if (*place && total == 0) {
        say_head(who, place, 0);
    }
    free(place);
    free(name);
    return ok;
}

static void say_unknown_period(Who *who)
{
    char *period = text_visible(who->period.unknown);
    text_addf(
        &who->work->text,
        "I do not understand the period '%s'. Say it as \"on 2026-11-01\", \"in june\", \"in 2026-11\", "
        "\"between 2026-11-01 and 2026-11-05\", \"before 2026\", \"last 3 days\", \"2 weeks ago\" or \"since "
        "monday\".\n",
        period);
    free(period);
}

bool ask_who(AskWork *work, bool *taken, Error *err)
{
    static const char *const asks[] = {"who", "did", "was", "were", "by", "have", "has", NULL},
                             *const what[] = {"what was", "what were", "what did", "what has been", NULL},
                             *const whom[] = {"who", NULL};
    Who who = {.work = work, .filter.fingerprint = work->question->fingerprint};
    if (ask_word_at(work, asks) < 0 || !find_verb(work, &who)) {
        return true;
    }
    AskPeriodKind period = ask_period(work, (int64_t)time(NULL), &who.period);
    who.filter.since = *who.period.since ? who.period.since : NULL;
    who.filter.until = *who.period.until ? who.period.until : NULL;
    who.filter.who = person(work);
    const AskSubjects *subjects = ask_subjects(work);
    /* "which orders were accepted" of a database about orders is none of these, "who accepted it" is */
    bool ours = who.filter.kind == DECISION_DESCRIBED || who.filter.kind == DECISION_REVIEWED ||
                (work->points_back && ask_says(work, whom));
    *taken = period == ASK_PERIOD_KNOWN || (period == ASK_PERIOD_UNKNOWN && ask_says(work, whom)) ||
             who.filter.who || ask_says(work, what) || (subjects->count > 0 && (ours || says_text(work)));
    if (*taken && period == ASK_PERIOD_UNKNOWN) {
        say_unknown_period(&who);
        return true;
    }
    return !*taken ? true : subjects->count > 0 ? tell_each(&who, subjects, err) : tell_all(&who, err);
}

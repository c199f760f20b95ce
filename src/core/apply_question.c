/* What a person is asked before an apply or a rollback. */
#include "apply_work.h"

#include "text.h"

/* What would be done, as the database stands now. */
typedef struct Outlook {
    size_t writes;
    size_t others;  /* of the writes: replace what somebody else wrote */
    size_t same;    /* there already */
    size_t over;    /* of the writes: replace a text */
    size_t changed; /* left alone: somebody else wrote there */
    size_t retyped; /* left alone: it is something else now */
    size_t missing; /* nowhere to write to */
    size_t failed;  /* too long */
} Outlook;

static Outlook look_ahead(const ApplyWork *work)
{
    Outlook outlook = {0};
    for (size_t i = 0; i < work->count; i++) {
        const ApplyStep *step = &work->steps[i];
        CommentOutcome outcome = step->change.outcome;
        outlook.writes += outcome == COMMENT_PENDING;
        outlook.others += apply_replaces(step);
        outlook.same += outcome == COMMENT_UNCHANGED;
        outlook.over += apply_overwrites(step);
        outlook.retyped += apply_is_retyped(step);
        outlook.changed += outcome == COMMENT_CHANGED && !apply_is_retyped(step);
        outlook.missing += outcome == COMMENT_MISSING;
        outlook.failed += outcome == COMMENT_FAILED;
    }
    return outlook;
}

static const char *are(size_t count)
{
    return count == 1 ? "is" : "are";
}

/* The third person's s, which one has and many have not. */
static const char *verb_end(size_t count)
{
    return count == 1 ? "s" : "";
}

static void add_refused(const ApplyWork *work, const Outlook *outlook, Text *text)
{
    if (outlook->changed > 0) {
        text_addf(text, " %zu more say%s something else than %s and %s left alone.", outlook->changed,
                  verb_end(outlook->changed), work->rollback ? "what was applied" : "when drafted",
                  are(outlook->changed));
    }
    if (outlook->retyped > 0) {
        text_addf(text, " %zu more %s something else now than when drafted and %s left alone.",
                  outlook->retyped, are(outlook->retyped), are(outlook->retyped));
    }
    if (outlook->failed > 0) {
        text_addf(text, " %zu %s too long to be written.", outlook->failed, are(outlook->failed));
    }
    if (outlook->missing > 0) {
        text_addf(text, " For %zu there is no table or column any more.", outlook->missing);
    }
    if (work->all_or_nothing &&
        outlook->changed + outlook->retyped + outlook->failed + outlook->missing > 0) {
        text_add(text, " With --all-or-nothing that means: nothing is written.");
    }
}

char *apply_question(const ApplyWork *work)
{
    Outlook outlook = look_ahead(work);
    Text text = {0};
    text_addf(&text,
              work->rollback ? "Restore %zu text%s in profile %s?" : "Write %zu description%s to profile %s?",
              outlook.writes, text_plural((long long)outlook.writes), work->list.db_profile);
    if (outlook.over > 0 && !work->rollback) {
        text_addf(&text, " %zu replace%s a text that is there.", outlook.over, verb_end(outlook.over));
    }
    if (outlook.others > 0) {
        text_addf(&text, " Of these, %zu replace%s a text that somebody else wrote since the %s.",
                  outlook.others, verb_end(outlook.others), work->rollback ? "apply" : "draft");
    }
    if (outlook.same > 0) {
        text_addf(&text, " %zu more %s there already.", outlook.same, are(outlook.same));
    }
    add_refused(work, &outlook, &text);
    return text_take(&text);
}

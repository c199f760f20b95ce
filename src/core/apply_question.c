/* What a person is asked before an apply or a rollback. */
#include "apply_work.h"

#include "text.h"

/* What an apply would do, as the database stands now. */
typedef struct Outlook {
    size_t writes;
    size_t same;    /* there already */
    size_t others;  /* of the writes: replace what somebody wrote since the draft */
    size_t missing; /* nowhere to write to */
} Outlook;

static Outlook look_ahead(const ApplyWork *work)
{
    Outlook outlook = {0};
    for (size_t i = 0; i < work->count; i++) {
        const ApplyStep *step = &work->steps[i];
        const char *today = step->change.old_text ? step->change.old_text : "";
        if (step->change.outcome == COMMENT_MISSING) {
            outlook.missing++;
        } else if (text_equal(today, step->change.new_text)) {
            outlook.same++;
        } else {
            outlook.writes++;
            outlook.others += *today && !text_equal(today, step->item->base_text);
        }
    }
    return outlook;
}

static char *write_question(const ApplyWork *work)
{
    Outlook outlook = look_ahead(work);
    Text text = {0};
    text_addf(&text, "Write %zu description%s to profile %s?", outlook.writes,
              text_plural((long long)outlook.writes), work->list.db_profile);
    if (outlook.others > 0) {
        text_addf(&text, " Of these, %zu replace%s a text that somebody else wrote since the draft.",
                  outlook.others, outlook.others == 1 ? "s" : "");
    }
    if (outlook.same > 0) {
        text_addf(&text, " %zu more %s there already.", outlook.same, outlook.same == 1 ? "is" : "are");
    }
    if (outlook.missing > 0) {
        text_addf(&text, " For %zu there is no table or column any more.", outlook.missing);
    }
    return text_take(&text);
}

char *apply_question(const ApplyWork *work)
{
    return work->rollback ? text_format("Restore %zu text%s in profile %s?", work->count,
                                        text_plural((long long)work->count), work->list.db_profile)
                          : write_question(work);
}

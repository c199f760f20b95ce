#include "apply_doubt.h"

#include <stdlib.h>

#include "applies.h"
#include "memory.h"
#include "text.h"

#define NAMES_SHOWN 5

typedef struct Settling {
    Local *local;
    ApplyDoubts doubts;
    CommentChange *present; /* one per doubt: what stands there now */
    int64_t written;
    int64_t not_written;
    int64_t odd; /* neither, or not there any more */
    Text names;  /* of the odd ones, as many as are shown */
} Settling;

static bool same_text(const char *a, const char *b)
{
    return text_equal(text_is_empty(a) ? NULL : a, text_is_empty(b) ? NULL : b);
}

static void name_odd(Settling *settling, const char *target)
{
    if (settling->odd < NAMES_SHOWN) {
        text_addf(&settling->names, "%s%s", settling->odd ? ", " : "", target);
    } else if (settling->odd == NAMES_SHOWN) {
        text_add(&settling->names, ", ..");
    }
    settling->odd++;
}

static bool settle_one(Settling *settling, size_t index, Error *err)
{
    const ApplyDoubt *doubt = &settling->doubts.items[index];
    const CommentChange *present = &settling->present[index];
    const char *outcome = APPLIES_UNKNOWN;
    char *error = NULL;
    if (present->outcome == COMMENT_MISSING) {
        outcome = "missing";
        error = memory_string("not there any more");
        name_odd(settling, doubt->target);
    } else if (same_text(present->old_text, doubt->new_text)) {
        outcome = same_text(doubt->old_text, doubt->new_text) ? "unchanged" : "applied";
        settling->written++;
    } else if (same_text(present->old_text, doubt->old_text)) {
        outcome = APPLIES_INTERRUPTED;
        settling->not_written++;
    } else {
        error = text_format("not known whether it was written; the database says: %s",
                            present->old_text ? present->old_text : "(nothing)");
        name_odd(settling, doubt->target);
    }
    bool ok = applies_resolve(settling->local, doubt, outcome, error, err);
    free(error);
    return ok;
}

static bool record(Settling *settling, Error *err)
{
    bool ok = local_begin(settling->local, err);
    if (!ok) {
        return false;
    }
    for (size_t i = 0; ok && i < settling->doubts.count; i++) {
        ok = settle_one(settling, i, err);
    }
    return local_end(settling->local, ok, err);
}

static void tell(const Settling *settling, Report *report)
{
    Text line = {0};
    text_addf(&line, "an earlier apply or rollback was cut off (%zu text%s); the database says: ",
              settling->doubts.count, settling->doubts.count == 1 ? "" : "s");
    text_addf(&line, "%lld written, %lld not written", (long long)settling->written,
              (long long)settling->not_written);
    if (settling->odd > 0) {
        text_addf(&line, ", %lld neither (%s)", (long long)settling->odd, text_string(&settling->names));
    }
    report_warning(report, "%s", text_string(&line));
    text_free(&line);
}

static bool ask_database(App *app, Settling *settling, bool *under_way, Error *err)
{
    Database *database = NULL;
    size_t count = settling->doubts.count;
    settling->present = memory_zero(count, sizeof *settling->present);
    for (size_t i = 0; i < count; i++) {
        const ApplyDoubt *doubt = &settling->doubts.items[i];
        settling->present[i] =
            (CommentChange){.schema = doubt->schema, .table = doubt->table, .column = doubt->column};
    }
    app_progress(app, "asking what was written", 0, 0);
    return app_database(app, &database, err) &&
           database_apply_under_way(database, settling->doubts.transactions, app_query_deadline(app),
                                    under_way, err) &&
           (*under_way ||
            database_read_comments(database, settling->present, count, app_query_deadline(app), err));
}

static bool refuse_under_way(Error *err)
{
    error_set(err, ERROR_DATABASE,
              "an apply or rollback that was cut off is still under way in the database");
    return error_hint(err, "try again in a moment: when it is over, the database says what was written");
}

bool apply_doubt_settle(App *app, Local *local, const char *fingerprint, Report *report, bool *settled,
                        Error *err)
{
    Settling settling = {.local = local};
    bool under_way = false;
    *settled = false;
    bool ok = applies_doubts(local, fingerprint, &settling.doubts, err);
    if (ok && settling.doubts.count > 0) {
        ok = ask_database(app, &settling, &under_way, err) &&
             (under_way ? refuse_under_way(err) : record(&settling, err));
        *settled = ok;
    }
    if (*settled) {
        tell(&settling, report);
    }
    for (size_t i = 0; settling.present && i < settling.doubts.count; i++) {
        comment_change_free(&settling.present[i]);
    }
    free(settling.present);
    text_free(&settling.names);
    applies_doubts_free(&settling.doubts);
    return ok;
}

bool apply_doubt_tell(Local *local, int64_t run_id, Report *report, Error *err)
{
    AppliesStanding standing = APPLIES_SETTLED;
    if (!applies_standing(local, run_id, &standing, err)) {
        return false;
    }
    if (standing == APPLIES_CUT_OFF) {
        report_warning(
            report,
            "an apply or rollback of run %lld was cut off, and what it wrote is not known here: the "
            "next apply, rollback or run asks the database",
            (long long)run_id);
    } else if (standing == APPLIES_UNDER_WAY) {
        report_warning(report, "an apply or rollback of run %lld is under way", (long long)run_id);
    }
    return true;
}

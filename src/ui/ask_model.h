/* The state of the Ask view: the conversation it shows, the question that is under way, the field that the
 * next one is typed into. Knows no terminal, no worker and no store.
 *
 * A question goes only where the person saw that it would go: into the session, or to the profile, that was
 * shown when Enter was pressed. */
#ifndef AMX_UI_ASK_MODEL_H
#define AMX_UI_ASK_MODEL_H

#include "error.h"
#include "input.h"
#include "report.h"
#include "select.h"
#include "session_text.h"
#include "text.h"

typedef struct AskNotice {
    char *text; /* may be hostile; NULL: there is nothing to say */
    bool error;
    bool of_field; /* about what was to go into the field: gone when that changes */
    bool of_shown; /* about the conversation that is shown: gone when another one is */
} AskNotice;

/* Starts zeroed, then ask_model_open. */
typedef struct AskModel {
    char *profile;      /* that questions go to; "" before it is known */
    long long session;  /* 0: none yet, the first question starts it */
    char *head;         /* whose session it is, or NULL */
    json_t *turns;      /* as `session show` has them; the newest ones */
    bool older;         /* there are turns before them */
    bool loaded;        /* they were read for this profile */
    char *asked;        /* the question that is being answered, or NULL */
    char *asked_under;  /* the profile that was shown then */
    Text stream;        /* what of the answer is there */
    bool answered;      /* all of it; the turns do not have it yet */
    bool paste_refused; /* the paste under way is longer than what fits, and none of it is kept */
    AskNotice notice;
    unsigned shown;     /* counts the conversations that were shown .. */
    unsigned typed_for; /* .. and says for which one the text in the field was typed .. */
    unsigned asked_for; /* .. and the question that is under way */
    Input field;
    size_t pasted;    /* characters of the paste under way that are in the field */
    size_t back;      /* questions back in the history; 0: what is typed */
    char *draft;      /* what was typed before going back */
    SessionText text; /* laid out for `width` */
    int width;
    Select scroll;
    bool scrolled; /* away from the end */
    bool reading;  /* a citation is chosen, or the conversation is read: nothing is typed */
    size_t cite;   /* the chosen one, when there are any */
} AskModel;

/* What a question is asked with besides its words. */
typedef struct AskOptions {
    const char *model; /* --model or NULL */
    bool refresh;
} AskOptions;

void ask_model_open(AskModel *model);
void ask_model_close(AskModel *model);

/* Another profile is the one to work under: empties the conversation. False when it is the same. */
bool ask_model_turn_to(AskModel *model, const char *profile);
/* The command that reads the active session's conversation, or that of the session that is shown (`own`);
 * owned by the caller. */
char *ask_model_reading(const AskModel *model, bool own);
/* Did `session show` find another session than the one that is shown? */
bool ask_model_is_other(const AskModel *model, const Report *report);
/* Another amx made another session the active one: says that this one stays, and how to go over. */
void ask_model_stays(AskModel *model);
/* Takes the turns that `session show` found; the report stays the caller's. */
void ask_model_take(AskModel *model, const Report *report);
/* No session is active. */
void ask_model_take_none(AskModel *model);
/* The session that was shown till now was deleted: says so. */
void ask_model_deleted(AskModel *model, long long session);

/* Begins a turn: gives the command line that asks, owned by the caller, and keeps the question until it is
 * answered. NULL, and nothing changed but the notice, when there is no question, when one is under way, or
 * when the person has not seen yet where it goes now. */
char *ask_model_ask(AskModel *model, const char *question, const AskOptions *options);
/* The same with what is in the field, which it empties. */
char *ask_model_send(AskModel *model);
/* Part of the answer. */
void ask_model_stream(AskModel *model, const char *text, size_t length, bool anew);
/* The answer as `ask` reports it; the report stays the caller's. Where another conversation is shown by now
 * than the one that was asked in, the notice says so and the answer is left to the next reading of that one.
 */
void ask_model_answered(AskModel *model, const Report *report);
/* There is none: the question goes back into the field, unless something else is there by now. */
void ask_model_failed(AskModel *model, const Error *err);

/* Tells something in the view, until something else is to be told. NULL: nothing any more. */
void ask_model_tell(AskModel *model, bool error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Something will be typed into the field: an empty one is for what is shown now. */
void ask_model_touch(AskModel *model);
/* One character of a pasted text; `begins`: the first one. A text that does not fit is left out as a whole,
 * and the notice says so. */
void ask_model_paste(AskModel *model, wchar_t character, bool begins);
/* A text of an editor in place of what is in the field; the same. */
void ask_model_take_text(AskModel *model, const char *text);
/* A character is about to be typed: tells when there is no room for it. */
void ask_model_tell_full(AskModel *model, wchar_t character);
/* Goes `by` questions of this session back in the field, or forward to what was being typed. */
void ask_model_recall(AskModel *model, long by);

/* Lays the conversation out and keeps what is in sight: its end, unless somebody has scrolled. */
void ask_model_lay_out(AskModel *model, int width, int height);
void ask_model_scroll(AskModel *model, long by);
/* Chooses the next citation (the first of the newest that cites, to begin with), or the one before. False
 * when there is none in that direction. */
bool ask_model_step(AskModel *model, bool forward);
/* The one that is chosen; NULL when none is. */
const SessionCite *ask_model_cite(const AskModel *model);
/* Back to the field. */
void ask_model_type(AskModel *model);

#endif

#include "ask_llm.h"

#include <string.h>

#include "ask_llm_check.h"
#include "ask_llm_prompt.h"
#include "ask_llm_reader.h"
#include "llm_choice.h"
#include "llm_key.h"
#include "memory.h"
#include "text.h"

enum { MESSAGES = 2 };

typedef struct Asking {
    App *app;
    const LlmProfile *profile;
    const AskQuestion *question;
    Deadline deadline; /* of all that is asked */
    char *key;
    AskLlmPrompt prompt;
    AskLlmReader reader;
    AskLlmOutcome *out;
} Asking;

static void say(void *context, const char *text, size_t length)
{
    app_stream(context, text, length);
}

static void take_chunk(void *context, const char *text, size_t length)
{
    Asking *asking = context;
    ask_llm_reader_feed(&asking->reader, text, length, ASK_LLM_ANSWER_BYTES);
}

static void tell_waiting(void *context, const char *why, int seconds)
{
    const Asking *asking = context;
    llm_tell_waiting(asking->app, why, seconds);
}

/* Streamed also where nobody reads along: a model that thinks for long is not taken for one that is gone. */
static LlmRequest request_for(Asking *asking, LlmMessage messages[MESSAGES], const char *user)
{
    messages[0] = (LlmMessage){"system", ask_llm_prompt_system};
    messages[1] = (LlmMessage){"user", user};
    return (LlmRequest){.messages = messages,
                        .message_count = MESSAGES,
                        .deadline = asking->deadline,
                        .key = asking->key,
                        .json = true,
                        .chunk = take_chunk,
                        .waiting = tell_waiting,
                        .context = asking};
}

/* Also of a request that failed, whose model is the one that was asked. What the server has turned down took
 * nothing. */
static void add_spent(const LlmProfile *profile, LlmAnswer *spent, const LlmAnswer *answer)
{
    if (!answer->model && answer->input_tokens == 0) {
        return;
    }
    bool first = !spent->model;
    if (first || answer->model) {
        free(spent->model);
        spent->model = memory_string(answer->model ? answer->model : profile->model);
    }
    spent->counted = answer->counted && (first || spent->counted);
    spent->input_tokens += answer->input_tokens;
    spent->output_tokens += answer->output_tokens;
    spent->cost += answer->cost;
}

/* Asks once. *wrong is NULL when the answer is good; otherwise what is wrong with it, owned by the caller. */
static bool ask_once(Asking *asking, const char *refused, char **wrong, Error *err)
{
    LlmMessage messages[MESSAGES];
    LlmAnswer answer = {0};
    char *user = ask_llm_prompt_user(&asking->prompt, refused);
    LlmRequest request = request_for(asking, messages, user);
    asking->reader = (AskLlmReader){.said = say, .context = asking->app};
    answer_free(&asking->out->answer);
    app_progress(asking->app, refused ? "asking again" : "asking", 0, 0);
    bool ok = llm_ask(asking->profile, &request, &answer, err);
    add_spent(asking->profile, &asking->out->spent, &answer);
    if (ok) {
        ok = ask_llm_check(asking->question, &asking->prompt.context, answer.text, &asking->out->answer,
                           wrong, err);
    }
    if (ok && *wrong && answer.cut) {
        free(*wrong);
        *wrong = memory_string("it was cut at the most tokens that an answer may take: be shorter");
    }
    ask_llm_reader_free(&asking->reader);
    llm_answer_free(&answer);
    free(user);
    return ok;
}

static bool ask_twice(Asking *asking, Error *err)
{
    char *refused = NULL, *wrong = NULL;
    bool ok = ask_once(asking, NULL, &refused, err);
    if (ok && refused) {
        app_stream(asking->app, NULL, 0);
        ok = ask_once(asking, refused, &wrong, err);
    }
    if (ok && wrong) {
        asking->out->refused = true;
        ok = error_set(err, ERROR_CHECK, "the model's answer was refused: %s", wrong);
        error_hint(err, "ask again, or name another model with --model (amx llm list)");
    }
    free(wrong);
    free(refused);
    return ok;
}

bool ask_llm_answer(App *app, const LlmProfile *profile, const AskQuestion *question, AskLlmOutcome *out,
                    Error *err)
{
    LlmProfile asked = llm_impatient(app, profile);
    Asking asking = {.app = app,
                     .profile = &asked,
                     .question = question,
                     .deadline = deadline_in(asked.total_ms),
                     .out = out};
    *out = (AskLlmOutcome){0};
    bool ok = ask_llm_prompt_make(profile, question, &asking.prompt, err);
    out->nothing = ok && json_array_size(asking.prompt.context.tables) == 0;
    out->digested = asking.prompt.digested + asking.prompt.left_out;
    ok = ok && (out->nothing ||
                (llm_key_find(&asked, asking.deadline, &asking.key, err) && ask_twice(&asking, err)));
    llm_key_free(asking.key);
    ask_llm_prompt_free(&asking.prompt);
    return ok;
}

void ask_llm_free(AskLlmOutcome *outcome)
{
    answer_free(&outcome->answer);
    llm_answer_free(&outcome->spent);
}

bool ask_llm_show(const LlmProfile *profile, const AskQuestion *question, char **out, Error *err)
{
    LlmMessage messages[MESSAGES];
    Asking asking = {0};
    *out = NULL;
    bool ok = ask_llm_prompt_make(profile, question, &asking.prompt, err);
    if (ok && json_array_size(asking.prompt.context.tables) > 0) {
        char *user = ask_llm_prompt_user(&asking.prompt, NULL);
        LlmRequest request = request_for(&asking, messages, user);
        *out = llm_request_body(profile, &request);
        free(user);
    }
    ask_llm_prompt_free(&asking.prompt);
    return ok;
}

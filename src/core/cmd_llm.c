/* llm list, test. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "llm.h"
#include "llm_choice.h"
#include "llm_key.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn list_columns[] = {
    {"active", "", REPORT_TEXT},     {"name", "Model profile", REPORT_TEXT},
    {"model", "Model", REPORT_TEXT}, {"base_url", "Address", REPORT_TEXT},
    {"key", "Key", REPORT_TEXT},     {"key_found", NULL, REPORT_TEXT},
    {"sends", "Sends", REPORT_WIDE},
};

static const ReportColumn test_columns[] = {
    {"name", "model profile", REPORT_TEXT},
    {"base_url", "address", REPORT_TEXT},
    {"model", "model", REPORT_TEXT},
    {"answer", "answer", REPORT_TEXT},
    {"latency_ms", "latency (ms)", REPORT_NUMBER},
    {"input_tokens", "tokens asked", REPORT_NUMBER},
    {"output_tokens", "tokens answered", REPORT_NUMBER},
    {"counted", NULL, REPORT_TEXT},
    {"cost", "cost", REPORT_NUMBER},
    {"currency", "currency", REPORT_TEXT},
};

/* Whether there is a key, as far as that can be told without running a command: one that is to be set in the
 * environment may not be. */
static bool key_is_missing(const LlmProfile *profile)
{
    return profile->api_key_env && text_is_empty(getenv(profile->api_key_env));
}

static void list_profile(Report *report, const LlmProfile *profile, bool active)
{
    json_t *row = report_row(report);
    char *source = llm_key_source(profile);
    char *key = text_format("%s%s", source, key_is_missing(profile) ? " (not set)" : "");
    char *sends = config_llm_value(profile, "sends");
    row_text(row, "active", active ? "*" : "");
    row_text(row, "name", profile->name);
    row_text(row, "model", profile->model);
    row_text(row, "base_url", profile->base_url);
    row_text(row, "key", key);
    row_bool(row, "key_found", !key_is_missing(profile));
    row_text(row, "sends", sends);
    free(sends);
    free(key);
    free(source);
}

/* `sends` reads as if all of it left with every command. */
static void note_what_is_sent(Report *report, const LlmProfile *profile)
{
    if (profile->sends & LLM_SENDS_SAMPLES) {
        report_note(
            report,
            "%s: ask sends names and comments at most; samples, which are values of rows, go along with "
            "run only",
            profile->name);
    } else if (profile->sends & LLM_SENDS_STATISTICS) {
        report_note(report, "%s: ask sends names and comments at most; statistics go along with run only",
                    profile->name);
    }
}

bool cmd_llm_list(App *app, const Args *args, Report *report, Error *err)
{
    const Config *config = app_config(app);
    const LlmProfile *active = config_llm_profile(config, NULL);
    (void)args;
    (void)err;
    report_list(report, "amx.llm_profiles/1", list_columns, COUNT(list_columns));
    report->empty = "No language model. Declare one in amx.conf, as an llm_profile (amx config path).";
    for (size_t i = 0; i < config->llm_profile_count; i++) {
        list_profile(report, &config->llm_profiles[i], &config->llm_profiles[i] == active);
        note_what_is_sent(report, &config->llm_profiles[i]);
    }
    return true;
}

static void fill_test(Report *report, const LlmProfile *profile, const LlmAnswer *answer, int64_t latency)
{
    report_object(report, "amx.llm_test/1", test_columns, COUNT(test_columns));
    json_t *row = report_row(report);
    row_text(row, "name", profile->name);
    row_text(row, "base_url", profile->base_url);
    row_text(row, "model", answer->model);
    row_text(row, "answer", answer->text);
    row_int(row, "latency_ms", latency);
    row_int(row, "input_tokens", answer->input_tokens);
    row_int(row, "output_tokens", answer->output_tokens);
    row_bool(row, "counted", answer->counted);
    row_real(row, "cost", answer->cost);
    row_text(row, "currency", profile->currency);
}

bool cmd_llm_test(App *app, const Args *args, Report *report, Error *err)
{
    static const LlmMessage question[] = {{"user", "Answer with this one word, and nothing else: ready"}};
    const LlmProfile *profile = llm_choose(app_config(app), args_word(args, 0), err);
    if (!profile) {
        return false;
    }
    LlmProfile asked = llm_impatient(app, profile);
    LlmRequest request = {
        .messages = question, .message_count = COUNT(question), .waiting = llm_tell_waiting, .context = app};
    LlmAnswer answer = {0};
    app_progress(app, "asking", 0, 0);
    int64_t start = clock_monotonic_ms();
    if (!llm_ask(&asked, &request, &answer, err)) {
        return false;
    }
    fill_test(report, profile, &answer, clock_monotonic_ms() - start);
    char *bill = llm_answer_bill(profile, &answer);
    report_note(report, "%s answers: %s", profile->name, bill);
    free(bill);
    llm_answer_free(&answer);
    return true;
}

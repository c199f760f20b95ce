#include "llm_choice.h"

const LlmProfile *llm_choose(const Config *config, const char *name, Error *err)
{
    const LlmProfile *profile = config_llm_profile(config, name);
    if (profile) {
        return profile;
    }
    if (name) {
        error_set(err, ERROR_NOT_FOUND, "there is no llm_profile \"%s\"", name);
        error_hint(err, "list what there is with: amx llm list");
    } else if (config->llm_profile_count == 0) {
        error_set(err, ERROR_CONFIG, "no language model is configured");
        error_hint(err, "write an llm_profile into %s; an example is in amx.conf.example", config->path);
    } else {
        error_set(err, ERROR_CONFIG, "no language model is chosen");
        error_hint(err, "name one (amx llm list), or set active_llm_profile in %s", config->path);
    }
    return NULL;
}

LlmProfile llm_impatient(const App *app, const LlmProfile *profile)
{
    LlmProfile asked = *profile;
    int timeout_ms = app_options(app)->timeout_ms;
    if (timeout_ms > 0 && timeout_ms < asked.total_ms) {
        asked.total_ms = timeout_ms;
        asked.hurried = true;
    }
    return asked;
}

void llm_tell_waiting(void *context, const char *why, int seconds)
{
    (void)why;
    app_progress(context, "waiting to ask again", 0, seconds);
}

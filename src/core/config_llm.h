/* Inside config: the llm_profile sections. Only config*.c includes this. */
#ifndef AMX_CORE_CONFIG_LLM_H
#define AMX_CORE_CONFIG_LLM_H

#include "config.h"
#include "config_parse.h"

/* Names that no llm_profile may have: active_llm_profile and --model take them for something else. */
#define LLM_NONE "none"
#define LLM_BUILTIN "builtin"

/* Checks of single options, as ConfigOption.check wants them. */
char *config_llm_check_url(const char *value);
char *config_llm_check_key_env(const char *value);
char *config_llm_check_sends(const char *value);
char *config_llm_check_price(const char *value);
char *config_llm_check_currency(const char *value);

/* Moves the sections into the config. config_llm_free undoes it, and wipes the keys. */
void config_llm_take(Config *config, cfg_t *root);
void config_llm_free(Config *config);
/* Refuses an active_llm_profile that nobody declares. */
void config_llm_check_active(Loader *loader, const Config *config);

/* Does one of the sections hold a key? */
bool config_llm_holds_key(cfg_t *root);
/* Adds to the warnings and the advice: keys that stand in the file (`bare`: what it says itself, or NULL),
 * keys that go over the network in clear. */
void config_llm_advise(Config *config, cfg_t *bare);

/* Appends a line to warnings or advice, and takes it over. */
void config_add_line(char ***lines, char *line);

#endif

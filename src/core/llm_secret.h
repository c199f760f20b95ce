/* What looks like a secret, and is better not shown to a language model. Guesses: some of what is taken for
 * one is none, and no secret is safe because of them. */
#ifndef AMX_CORE_LLM_SECRET_H
#define AMX_CORE_LLM_SECRET_H

#include <stdbool.h>

/* Is a table or column named like what holds secrets, in one of some languages: password, pwd, pin, token,
 * iban, ssn, kennwort, mot_de_passe, ..? */
bool llm_secret_is_name(const char *name);
/* Is a value one, or does it speak of one: a key or token of a known kind ("sk-..", "AKIA..", a JSON web
 * token, a private key), a hash of a password, a long word of letters and digits mixed that no person would
 * make up, the number of a card, a bank account or a social security, or a text with such a name in it ("my
 * password is ..")? */
bool llm_secret_is_value(const char *value);

#endif

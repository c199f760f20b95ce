/* What looks like a secret, and is better not shown to a language model. Guesses: some of what is taken for
 * one is none, and no secret is safe because of them. */
#ifndef AMX_CORE_LLM_SECRET_H
#define AMX_CORE_LLM_SECRET_H

#include <stdbool.h>

/* Is a table or column named like what holds secrets, in one of some languages: password, pwd, pin, token,
 * iban, ssn, kennwort, mot_de_passe, ..? */
bool llm_secret_is_name(const char *name);
/* Is a value one, does it hold one in any of its parts (members of JSON, words between blanks, quotes,
 * signs), or does it speak of one: a key or token of a known kind ("sk-..", "AKIA..", a JSON web token, a
 * private key), a hash of a password, what a command line or a header logs in with ("-phunter2", "-u
 * root:hunter2", "root:hunter2@db", "Basic ..", "Bearer .."), a long word of letters and digits mixed that no
 * person would make up, the number of a card, a bank account or a social security, or a text with such a name
 * in it ("my password is ..", {"api_key": ..})? */
bool llm_secret_is_value(const char *value);

#endif

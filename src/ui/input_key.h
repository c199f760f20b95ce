/* The keys by which a field is edited, the same in every one. */
#ifndef AMX_UI_INPUT_KEY_H
#define AMX_UI_INPUT_KEY_H

#include "input.h"
#include "keys.h"

/* Types a character, or deletes or moves what the key stands for; false when it is no key of a field. */
bool input_key(Input *input, Key pressed);

#endif

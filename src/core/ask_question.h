/* The question of `ask`, as it was typed. */
#ifndef AMX_CORE_ASK_QUESTION_H
#define AMX_CORE_ASK_QUESTION_H

#include "command.h"
#include "text.h"

/* The words of the line, or standard input for "-"; without blanks around it. ERROR_USAGE when it is empty,
 * too long or not UTF-8. */
bool ask_question_read(const App *app, const Args *args, Text *question, Error *err);

#endif

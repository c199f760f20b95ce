/* Which question an answer answers, in the turns of `session show`. Where two ask in one session, the turn
 * before an answer is not always its question; the answer says which one is. */
#ifndef AMX_CORE_TURN_PAIRS_H
#define AMX_CORE_TURN_PAIRS_H

#include <jansson.h>
#include <stdbool.h>

/* Is the turn a question? */
bool turn_is_question(const json_t *turn);
/* The question of the answer at `index`; NULL when it is none, or when its question is not among the turns.
 * An answer that says nothing of its question was written by an amx that did not know: the turn before it is
 * taken for it. */
const json_t *turn_question(const json_t *turns, size_t index);
/* The answer to the question at `index`; NULL when there is none. */
const json_t *turn_answer(const json_t *turns, size_t index);
/* The question of the answer at `index` when it is not the turn before it, and so has to be named; or NULL.
 */
const json_t *turn_question_elsewhere(const json_t *turns, size_t index);

#endif

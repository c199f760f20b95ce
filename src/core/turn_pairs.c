#include "turn_pairs.h"

#include "text.h"

static bool has_role(const json_t *turn, const char *role)
{
    return text_equal(json_string_value(json_object_get(turn, "role")), role);
}

bool turn_is_question(const json_t *turn)
{
    return has_role(turn, "user");
}

static json_int_t number(const json_t *turn, const char *key)
{
    return json_integer_value(json_object_get(turn, key));
}

const json_t *turn_question(const json_t *turns, size_t index)
{
    const json_t *answer = json_array_get(turns, index);
    json_int_t answers = number(answer, "answers");
    if (!has_role(answer, "assistant")) {
        return NULL;
    }
    for (size_t i = index; i-- > 0;) {
        const json_t *turn = json_array_get(turns, i);
        if (answers == 0 || number(turn, "turn_index") == answers) {
            return turn_is_question(turn) ? turn : NULL;
        }
    }
    return NULL;
}

const json_t *turn_answer(const json_t *turns, size_t index)
{
    const json_t *question = json_array_get(turns, index);
    for (size_t i = index + 1; turn_is_question(question) && i < json_array_size(turns); i++) {
        if (turn_question(turns, i) == question) {
            return json_array_get(turns, i);
        }
    }
    return NULL;
}

const json_t *turn_question_elsewhere(const json_t *turns, size_t index)
{
    const json_t *question = turn_question(turns, index);
    return question && question != json_array_get(turns, index - 1) ? question : NULL;
}

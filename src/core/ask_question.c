#include "ask_question.h"

#include "standard_input.h"

enum { QUESTION_LIMIT = 64 * 1024 };

static void join_words(Text *question, const Args *args)
{
    for (int i = 0; i < args->word_count; i++) {
        text_addf(question, "%s%s", i ? " " : "", args_word(args, i));
    }
}

bool ask_question_read(const App *app, const Args *args, Text *question, Error *err)
{
    if (args->word_count == 1 && text_equal(args_word(args, 0), "-")) {
        if (!standard_input_read(app, QUESTION_LIMIT, "the question", question, err)) {
            return false;
        }
    } else {
        join_words(question, args);
    }
    if (question->length > QUESTION_LIMIT) {
        error_set(err, ERROR_USAGE, "the question is longer than %d KiB", QUESTION_LIMIT / 1024);
        return error_hint(err, "name what you look for in a few words; nothing was asked");
    }
    if (!text_is_utf8(text_string(question), question->length)) {
        return error_set(err, ERROR_USAGE, "the question is not valid UTF-8");
    }
    text_trim(question);
    return question->length > 0 || error_set(err, ERROR_USAGE, "the question is empty");
}

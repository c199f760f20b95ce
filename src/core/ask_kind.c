#include "ask_kind.h"

typedef struct Kind {
    AskKindFunction answer;
    bool denies; /* what a question of it leaves out, it understands, or says that it does not */
} Kind;

static const Kind kinds[] = {{ask_narrow, false},      {ask_count, false},   {ask_measure, false},
                             {ask_indexes, true},      {ask_rules, false},   {ask_unknown, true},
                             {ask_undescribed, true},  {ask_who, false},     {ask_join, false},
                             {ask_conditions, true},   {ask_lacking, true},  {ask_keys, false},
                             {ask_references, false},  {ask_column, false},  {ask_type, false},
                             {ask_column_name, false}, {ask_schemas, false}, {ask_list, false},
                             {ask_describe, true},     {ask_back, true},     {ask_find, true}};

/* The opposite of what was asked is no answer. */
static void refuse(AskWork *work)
{
    json_array_clear(work->out->citations);
    text_clear(&work->text);
    work->out->known = false;
    text_add(
        &work->text,
        "I do not know what this question leaves out. What is not there is understood of descriptions, keys, "
        "references, indexes, nulls, defaults and columns: tables without a column of type json, which "
        "tables "
        "don't reference users.\n");
}

bool ask_kind_answer(AskWork *work, Error *err)
{
    bool taken = false;
    for (size_t i = 0; !taken && i < sizeof kinds / sizeof *kinds; i++) {
        if (!kinds[i].answer(work, &taken, err)) {
            return false;
        }
        if (taken && work->denies && !kinds[i].denies) {
            refuse(work);
        }
    }
    return true;
}

bool ask_kind_read(AskWork *work, Error *err)
{
    ask_words_read(work);
    return ask_subjects_find(work, err) && ask_kind_answer(work, err);
}

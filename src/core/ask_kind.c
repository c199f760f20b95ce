#include "ask_kind.h"

static const AskKindFunction kinds[] = {
    ask_narrow, ask_count,       ask_measure,    ask_indexes, ask_rules,    ask_unknown,    ask_undescribed,
    ask_who,    ask_join,        ask_conditions, ask_lacking, ask_keys,     ask_references, ask_column,
    ask_type,   ask_column_name, ask_schemas,    ask_list,    ask_describe, ask_back,       ask_find};

bool ask_kind_answer(AskWork *work, Error *err)
{
    bool taken = false;
    for (size_t i = 0; !taken && i < sizeof kinds / sizeof *kinds; i++) {
        if (!kinds[i](work, &taken, err)) {
            return false;
        }
    }
    return true;
}

bool ask_kind_read(AskWork *work, Error *err)
{
    ask_words_read(work);
    return ask_subjects_find(work, err) && ask_kind_answer(work, err);
}

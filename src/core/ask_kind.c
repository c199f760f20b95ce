#include "ask_kind.h"

static const AskKindFunction kinds[] = {ask_find};

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

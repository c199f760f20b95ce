/* What was said in a session before. */
#include "ask.h"

#include <stdlib.h>

#include "memory.h"
#include "record.h"
#include "text.h"

typedef struct Turns {
    int64_t before; /* turn_index; 0: all */
    AskTurn *items;
    size_t count;
    size_t capacity;
} Turns;

static void add_turn(void *context, const SyncedTable *table, const Value *values)
{
    Turns *turns = context;
    if (turns->before > 0 && record_int(table, values, "turn_index") >= turns->before) {
        return;
    }
    memory_grow((void **)&turns->items, turns->count, &turns->capacity, sizeof *turns->items);
    const char *model = record_text(table, values, "model");
    turns->items[turns->count++] =
        (AskTurn){.role = memory_string(record_text(table, values, "role")),
                  .content = memory_string(record_text(table, values, "content")),
                  .citations = memory_string(record_text(table, values, "citations")),
                  .of_model = model && !text_equal(model, ASK_BUILTIN),
                  .turn_index = record_int(table, values, "turn_index"),
                  .answers = record_int(table, values, "answers")};
}

bool ask_turns_read(Local *local, int64_t session, int64_t before, AskTurn **out, size_t *count, Error *err)
{
    Turns turns = {.before = before};
    RecordFilter filter = {.parent = session};
    bool ok = record_list(local, &synced_tables[SYNCED_SESSION_TURNS], &filter, add_turn, &turns, err);
    *out = turns.items;
    *count = turns.count;
    return ok;
}

void ask_turns_free(AskTurn *turns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free((char *)turns[i].role);
        free((char *)turns[i].content);
        free((char *)turns[i].citations);
    }
    free(turns);
}

bool ask_turn_question(const AskTurn *turns, size_t at, size_t *question)
{
    const int64_t answers = turns[at].answers;
    for (size_t i = text_equal(turns[at].role, "assistant") ? at : 0; i-- > 0;) {
        if (answers == 0 || turns[i].turn_index == answers) {
            bool found = text_equal(turns[i].role, "user");
            *question = found ? i : *question;
            return found;
        }
    }
    return false;
}

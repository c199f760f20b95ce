#include "picker_model.h"

#include <ctype.h>

static const PickerEntry all[] = {
    {"Status", "mode, target, reach, outbox", NULL, PICKER_STATUS, true, true, false},
    {"Enable", "share with the team", "db history-store enable", PICKER_RUN, false, true, false},
    {"Flush pending", "replay or drop what is queued", "db history-store flush-pending", PICKER_RUN, true,
     false, true},
    {"List pending", "what waits, and why", "db history-store list-pending", PICKER_RUN, true, false, false},
    {"Migrate from local", "queue older local rows", "db history-store migrate-from-local", PICKER_RUN, true,
     false, false},
    {"Dump DDL", "bootstrap SQL for a DBA", "db history-store dump-ddl", PICKER_RUN, true, true, true},
    {"Disable", "stop dual-writing", "db history-store disable", PICKER_RUN, true, false, true},
    {"Cancel", "", NULL, PICKER_CANCEL, true, true, false},
};

_Static_assert(sizeof all / sizeof *all == PICKER_ENTRIES, "PICKER_ENTRIES holds every entry");

static bool offered(const PickerEntry *entry, Tri enabled)
{
    switch (enabled) {
    case TRI_YES:
        return entry->when_on;
    case TRI_NO:
        return entry->when_off;
    case TRI_UNKNOWN:
        break;
    }
    return entry->verb != PICKER_RUN;
}

static void offer(PickerModel *model, Tri enabled)
{
    size_t count = 0;
    for (size_t i = 0; i < PICKER_ENTRIES; i++) {
        if (offered(&all[i], enabled)) {
            model->entries[count++] = &all[i];
        }
    }
    model->enabled = enabled;
    select_resize(&model->select, count, count);
    picker_model_home(model);
}

void picker_model_open(PickerModel *model)
{
    *model = (PickerModel){0};
    offer(model, TRI_UNKNOWN);
}

void picker_model_update(PickerModel *model, Tri enabled)
{
    if (enabled != model->enabled) {
        offer(model, enabled);
    }
}

void picker_model_home(PickerModel *model)
{
    select_to(&model->select, 0);
}

bool picker_model_letter(PickerModel *model, int letter)
{
    for (size_t i = 1; i <= model->select.count; i++) {
        size_t at = (model->select.selected + i) % model->select.count;
        if (letter == tolower((unsigned char)model->entries[at]->label[0])) {
            select_to(&model->select, at);
            return true;
        }
    }
    return false;
}

const PickerEntry *picker_model_selected(const PickerModel *model)
{
    return model->entries[model->select.selected];
}

#include "picker_model.h"

#include <ctype.h>

static const PickerEntry all[] = {
    {.label = "Status",
     .note = "mode, target, reach, outbox",
     .verb = PICKER_STATUS,
     .when_on = true,
     .when_off = true},
    {.label = "Enable",
     .note = "share with the team",
     .line = "db history-store enable",
     .verb = PICKER_RUN,
     .when_off = true,
     .form = true},
    {.label = "Flush pending",
     .note = "replay or drop what is queued",
     .line = "db history-store flush-pending",
     .verb = PICKER_RUN,
     .when_on = true,
     .asks = true},
    {.label = "List pending",
     .note = "what waits, and why",
     .line = "db history-store list-pending",
     .verb = PICKER_RUN,
     .when_on = true},
    {.label = "Migrate from local",
     .note = "queue older local rows",
     .line = "db history-store migrate-from-local",
     .verb = PICKER_RUN,
     .when_on = true},
    {.label = "Dump DDL",
     .note = "bootstrap SQL for a DBA",
     .line = "db history-store dump-ddl",
     .verb = PICKER_RUN,
     .when_on = true,
     .when_off = true,
     .asks = true},
    {.label = "Disable",
     .note = "stop dual-writing",
     .line = "db history-store disable",
     .verb = PICKER_RUN,
     .when_on = true,
     .asks = true},
    {.label = "Cancel", .note = "", .verb = PICKER_CANCEL, .when_on = true, .when_off = true},
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

/* What the picker offers and where its selection stands. Knows no terminal. */
#ifndef AMX_UI_PICKER_MODEL_H
#define AMX_UI_PICKER_MODEL_H

#include <stdbool.h>

#include "select.h"
#include "status.h"

typedef enum PickerVerb { PICKER_STATUS, PICKER_RUN, PICKER_CANCEL } PickerVerb;

typedef struct PickerEntry {
    const char *label;
    const char *note;
    const char *line; /* of PICKER_RUN */
    PickerVerb verb;
    bool when_on;
    bool when_off;
    bool asks;
    bool form; /* values are asked for first */
} PickerEntry;

#define PICKER_ENTRIES 8

typedef struct PickerModel {
    const PickerEntry *entries[PICKER_ENTRIES]; /* those that are offered now */
    Select select;
    Tri enabled;
} PickerModel;

/* Starts on Status with what can be offered before anything is known. */
void picker_model_open(PickerModel *model);
/* Follows sharing being switched: other entries, and the selection on Status. Without a switch nothing moves.
 */
void picker_model_update(PickerModel *model, Tri enabled);
void picker_model_home(PickerModel *model); /* to Status */
/* Moves to the next entry that begins with the letter; false when none does. */
bool picker_model_letter(PickerModel *model, int letter);
/* Static; there always is one. */
const PickerEntry *picker_model_selected(const PickerModel *model);

#endif

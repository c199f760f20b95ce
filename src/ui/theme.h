/* Themes: what every style looks like on a terminal of many colours, of few, and of none. Knows no terminal.
 */
#ifndef AMX_UI_THEME_H
#define AMX_UI_THEME_H

#include "config.h"
#include "style.h"

typedef struct Theme {
    Style styles[STYLE_COUNT];
} Theme;

/* The theme that `config` chooses, with the styles that it changes, for a terminal of `colors` colours. Below
 * 8 (0: NO_COLOR, --color never) everything reads by bold, underline and reverse alone, whatever was chosen.
 */
void theme_choose(Theme *theme, const Config *config, int colors);

#endif

/* Chance that a seed repeats (splitmix64). */
#ifndef AMX_TESTS_DICE_H
#define AMX_TESTS_DICE_H

#include <stdint.h>

uint64_t dice_next(uint64_t *dice);
/* 0 .. sides - 1 */
int dice_roll(uint64_t *dice, int sides);

#endif

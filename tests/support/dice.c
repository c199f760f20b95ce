#include "dice.h"

uint64_t dice_next(uint64_t *dice)
{
    uint64_t z = (*dice += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int dice_roll(uint64_t *dice, int sides)
{
    return (int)(dice_next(dice) % (uint64_t)sides);
}

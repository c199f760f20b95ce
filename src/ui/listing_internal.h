/* Between the files of a listing only. */
#ifndef AMX_UI_LISTING_INTERNAL_H
#define AMX_UI_LISTING_INTERNAL_H

#include "listing.h"

/* Whose heading is in this column of the terminal; false: none. */
bool listing_heading_at(const Listing *list, int cell, size_t *column);

#endif

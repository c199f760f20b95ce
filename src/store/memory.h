/* Allocation that does not return NULL.
 *
 * amx keeps nothing in memory that is not safe in history.db, so when memory runs out the honest thing is to
 * say so and stop: open transactions roll back by themselves, the exit handlers put the terminal back, and
 * the exit code is 1. Everything returned here is released with free(). */
#ifndef AMX_STORE_MEMORY_H
#define AMX_STORE_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

void *memory_alloc(size_t size) __attribute__((malloc, returns_nonnull));
/* Zeroed; stops the program as well when count * size overflows. */
void *memory_zero(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *memory_resize(void *block, size_t count, size_t size) __attribute__((returns_nonnull));
/* Copies of a string; NULL stays NULL. */
char *memory_string(const char *text);
char *memory_string_n(const char *text, size_t length);

/* What the others do when there is none: for a library that says so in its own way. */
_Noreturn void memory_exhausted(void);

/* Makes room for one more element in a growing array: doubles `*capacity` when `count` has reached it. */
void memory_grow(void **array, size_t count, size_t *capacity, size_t element_size);

#endif

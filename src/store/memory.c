#include "memory.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

_Noreturn void memory_exhausted(void)
{
    /* rows are written in transactions only: what is not committed is gone with the process */
    static const char message[] = "amx: out of memory; nothing was half-written, run the command again\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    exit(1);
}

void *memory_alloc(size_t size)
{
    void *block = malloc(size ? size : 1);
    if (!block) {
        memory_exhausted();
    }
    return block;
}

void *memory_zero(size_t count, size_t size)
{
    void *block = calloc(count ? count : 1, size ? size : 1);
    if (!block) {
        memory_exhausted();
    }
    return block;
}

void *memory_resize(void *block, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        memory_exhausted();
    }
    size_t bytes = count * size;
    void *resized = realloc(block, bytes ? bytes : 1);
    if (!resized) {
        memory_exhausted();
    }
    return resized;
}

char *memory_string(const char *text)
{
    return text ? memory_string_n(text, strlen(text)) : NULL;
}

char *memory_string_n(const char *text, size_t length)
{
    if (!text) {
        return NULL;
    }
    char *copy = memory_alloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void memory_grow(void **array, size_t count, size_t *capacity, size_t element_size)
{
    if (count < *capacity) {
        return;
    }
    size_t wanted = *capacity ? *capacity * 2 : 8;
    *array = memory_resize(*array, wanted, element_size);
    *capacity = wanted;
}

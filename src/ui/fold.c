#include "fold.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

#include "memory.h"

char *fold_case(const char *text)
{
    text = text ? text : "";
    size_t length = 0;
    uint8_t *fold = u8_casefold((const uint8_t *)text, strlen(text), NULL, UNINORM_NFC, NULL, &length);
    char *result = fold ? memory_string_n((const char *)fold, length) : memory_string(text);
    free(fold);
    return result;
}

bool fold_contains(const char *text, const char *folded)
{
    char *fold = fold_case(text);
    bool found = strstr(fold, folded) != NULL;
    free(fold);
    return found;
}

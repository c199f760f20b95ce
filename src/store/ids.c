#include "ids.h"

#include <uuid/uuid.h>

void id_random(char out[ID_SIZE])
{
    uuid_t id;
    uuid_generate_random(id);
    uuid_unparse_lower(id, out);
}

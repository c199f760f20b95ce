/* Random 128-bit names: origin_id, store_id, tokens. */
#ifndef AMX_STORE_IDS_H
#define AMX_STORE_IDS_H

#define ID_SIZE 37
/* A random UUID (RFC 9562, version 4), lower case. */
void id_random(char out[ID_SIZE]);

#endif

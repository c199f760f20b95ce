/* Which process is meant, after it is gone too: its id alone is used again. */
#ifndef AMX_STORE_PROCESS_H
#define AMX_STORE_PROCESS_H

#include <stdbool.h>

#define PROCESS_NAME_SIZE 64

/* Names this process: "PID START", by which process_is_alive knows it from any other of this machine. */
void process_name(char out[PROCESS_NAME_SIZE]);
/* Does the process of that name still live? NULL and "" name none. */
bool process_is_alive(const char *name);

#endif

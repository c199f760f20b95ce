/* Who works on something, after it is gone too: an id alone is used again. A process of several threads works
 * on several things at once, so it is the thread that is named; in the shell it is the process. */
#ifndef AMX_STORE_PROCESS_H
#define AMX_STORE_PROCESS_H

#include <stdbool.h>

#define PROCESS_NAME_SIZE 64

/* Names this thread: "ID START", by which process_is_alive knows it from any other of this machine. */
void process_name(char out[PROCESS_NAME_SIZE]);
/* Does the thread of that name still live, in whichever process? NULL and "" name none. */
bool process_is_alive(const char *name);

#endif

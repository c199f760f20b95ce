/* Starting a thread that leaves signals to those who wait for it, and stops when its starter is stopped. */
#ifndef AMX_STORE_THREAD_H
#define AMX_STORE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* pthread_create with all signals blocked in the new thread, which runs under the interrupt of the calling
 * one (clock.h). False when the system has no thread to spare. */
bool thread_start(pthread_t *thread, void *(*run)(void *context), void *context);

#endif

#include "libpq.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#define LIBRARY "libpq.so.5" /* the name carries the version of the binary interface */

Libpq libpq;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static Error failure; /* ERROR_NONE when it is loaded */

/* Looks a function up and writes its address to where `pointer` points. */
static bool find(void *library, const char *name, void *pointer)
{
    void *address = dlsym(library, name);
    if (!address) {
        return error_set(&failure, ERROR_SYSTEM, "can't use PostgreSQL: %s", dlerror());
    }
    /* C can't convert an object's address to a function's; POSIX says that their bytes agree */
    memcpy(pointer, &address, sizeof address);
    return true;
}

static bool find_all(void *library, Libpq *found)
{
    bool all = true;
#define X(name) all = all && find(library, #name, &found->name);
    LIBPQ_FUNCTIONS(X)
#undef X
    return all;
}

static void load(void)
{
    Libpq found = {0};
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        error_set(&failure, ERROR_SYSTEM, "can't use PostgreSQL: %s", dlerror());
        error_hint(&failure, "install PostgreSQL's client library (Debian: apt install libpq5)");
    } else if (!find_all(library, &found)) {
        error_hint(&failure, "this is not PostgreSQL's client library, or an old one: upgrade it (Debian: "
                             "apt install libpq5)");
    } else {
        libpq = found;
    }
}

bool libpq_load(Error *err)
{
    pthread_once(&once, load);
    if (failure.kind != ERROR_NONE && err) {
        *err = failure;
    }
    return failure.kind == ERROR_NONE;
}

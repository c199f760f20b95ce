#include "libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#define LIBRARY "libcurl.so.4" /* the name carries the version of the binary interface */

Libcurl libcurl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static Error failure; /* ERROR_NONE when it is loaded */

/* Looks a function up and writes its address to where `pointer` points. */
static bool find(void *library, const char *name, void *pointer)
{
    void *address = dlsym(library, name);
    if (!address) {
        return error_set(&failure, ERROR_SYSTEM, "can't ask a language model: %s", dlerror());
    }
    /* C can't convert an object's address to a function's; POSIX says that their bytes agree */
    memcpy(pointer, &address, sizeof address);
    return true;
}

static bool find_all(void *library, Libcurl *found)
{
    bool all = true;
#define X(name) all = all && find(library, #name, &found->name);
    LIBCURL_FUNCTIONS(X)
#undef X
    return all;
}

static void load(void)
{
    Libcurl found = {0};
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        error_set(&failure, ERROR_SYSTEM, "can't ask a language model: %s", dlerror());
        error_hint(&failure, "install libcurl (Debian: apt install libcurl4)");
    } else if (!find_all(library, &found)) {
        error_hint(&failure, "this is not libcurl, or an old one: upgrade it (Debian: apt install libcurl4)");
    } else if (found.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        error_set(&failure, ERROR_SYSTEM, "can't ask a language model: libcurl does not start");
        error_hint(&failure, "does `curl --version` work on this machine?");
    } else {
        libcurl = found;
    }
}

bool libcurl_load(Error *err)
{
    pthread_once(&once, load);
    if (failure.kind != ERROR_NONE && err) {
        *err = failure;
    }
    return failure.kind == ERROR_NONE;
}

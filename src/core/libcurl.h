/* libcurl, loaded when a language model is first asked rather than linked, for the reason that libpq.h gives:
 * loading it and what it needs takes longer than most commands. A machine without libcurl can do everything
 * but ask a model.
 *
 * Only llm_http.c calls it: libcurl_load first, then libcurl.curl_easy_init() and so on, all typed by
 * libcurl's own header. */
#ifndef AMX_CORE_LIBCURL_H
#define AMX_CORE_LIBCURL_H

#define CURL_DISABLE_DEPRECATION /* the library that is found may be older than the header */
#define CURL_DISABLE_TYPECHECK   /* its macros would stand in front of the members below */
#include <curl/curl.h>
#include <stdbool.h>

#include "error.h"

/* Every function of libcurl that amx calls. */
#define LIBCURL_FUNCTIONS(X)                                                                                 \
    X(curl_easy_cleanup)                                                                                     \
    X(curl_easy_getinfo)                                                                                     \
    X(curl_easy_init)                                                                                        \
    X(curl_easy_setopt)                                                                                      \
    X(curl_easy_strerror)                                                                                    \
    X(curl_global_init)                                                                                      \
    X(curl_multi_add_handle)                                                                                 \
    X(curl_multi_cleanup)                                                                                    \
    X(curl_multi_info_read)                                                                                  \
    X(curl_multi_init)                                                                                       \
    X(curl_multi_perform)                                                                                    \
    X(curl_multi_poll)                                                                                       \
    X(curl_multi_remove_handle)                                                                              \
    X(curl_multi_strerror)                                                                                   \
    X(curl_slist_append)                                                                                     \
    X(curl_slist_free_all)

typedef struct Libcurl {
#define X(name) __typeof__(name) *(name);
    LIBCURL_FUNCTIONS(X)
#undef X
} Libcurl;

/* All NULL until libcurl_load has succeeded; never changes after that. */
extern Libcurl libcurl;

/* Loads and initializes libcurl when that has not been done yet; any thread may call it. It stays loaded.
 * Error: ERROR_SYSTEM when there is no libcurl or one that lacks a function; trying again gives the same
 * answer. */
bool libcurl_load(Error *err);

#endif

/* One HTTP request to a language model, by libcurl: bounded in time, interruptible, its body given out as it
 * comes. The certificates that are trusted are the system's, or those of SSL_CERT_FILE. Redirects are not
 * followed, TLS is verified, and this very machine is not reached through a proxy.
 */
#ifndef AMX_CORE_LLM_HTTP_H
#define AMX_CORE_LLM_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "clock.h"
#include "error.h"

typedef enum LlmHttpEnd {
    LLM_HTTP_WHOLE,     /* the reply has ended as it said it would */
    LLM_HTTP_ENOUGH,    /* `received` wanted no more */
    LLM_HTTP_REFUSED,   /* nobody takes the connection: worth trying again */
    LLM_HTTP_BROKEN,    /* the connection broke, before or in the reply: worth trying again */
    LLM_HTTP_NO_WAY,    /* an unknown host, no TLS, ..: trying again is no use */
    LLM_HTTP_UNTRUSTED, /* the server's certificate is not trusted: nothing was sent */
    LLM_HTTP_CONNECT_TIMEOUT,
    LLM_HTTP_IDLE_TIMEOUT,
    LLM_HTTP_TOTAL_TIMEOUT,
    LLM_HTTP_INTERRUPTED
} LlmHttpEnd;

typedef struct LlmHttpReply {
    LlmHttpEnd end;
    int status;             /* 0: none has come */
    char content_type[128]; /* without parameters; "" */
    int retry_after;        /* seconds, a day at most; 0: the server does not say */
    char why[256];          /* of the ends after ENOUGH, in libcurl's words */
} LlmHttpReply;

typedef struct LlmHttp {
    const char *url;
    const char *key;  /* or NULL */
    const char *body; /* JSON */
    bool loopback;    /* the url is of this machine */
    int connect_ms, idle_ms;
    Deadline deadline;
    /* Gets the body piece by piece; status and content_type of the reply are known then. False: enough. */
    bool (*received)(void *context, const LlmHttpReply *reply, const char *bytes, size_t length);
    void *context;
} LlmHttp;

/* Posts it, and waits for the end, which *reply tells. False only when there is no usable libcurl
 * (ERROR_SYSTEM). */
bool llm_http_post(const LlmHttp *http, LlmHttpReply *reply, Error *err);

#endif

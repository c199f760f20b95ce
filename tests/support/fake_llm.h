/* A language model on 127.0.0.1 that speaks the protocol of OpenAI's chat endpoint over real HTTP/1.1, and
 * says what a test wrote down for it: well, badly, slowly, or not at all. It runs in threads of the test,
 * keeps every request that came, and never looks at a clock. */
#ifndef AMX_TESTS_FAKE_LLM_H
#define AMX_TESTS_FAKE_LLM_H

#include <stdbool.h>
#include <stddef.h>

typedef enum FakeLlmKind {
    FAKE_LLM_ANSWER,  /* `text`, streamed when the request asks for that, else whole */
    FAKE_LLM_WHOLE,   /* `text`, whole, though a stream may be asked for */
    FAKE_LLM_BODY,    /* `status`, `headers` and `body` as they are */
    FAKE_LLM_CUT,     /* as ANSWER, but the connection ends after half of `text`, without an end */
    FAKE_LLM_RESET,   /* the connection is reset when the request is there */
    FAKE_LLM_SILENT,  /* takes the request, and says nothing until the client goes */
    FAKE_LLM_ENDLESS, /* as ANSWER, but `text` is repeated until the client goes */
} FakeLlmKind;

/* Zero is a good answer: every member may be left out. Strings are borrowed until fake_llm_stop. */
typedef struct FakeLlmReply {
    FakeLlmKind kind;
    const char *text;    /* what the model says; NULL: "pong" */
    int status;          /* of BODY; 0: 200 */
    const char *type;    /* Content-Type; NULL: what fits */
    const char *headers; /* more of them, each with \r\n */
    const char *body;    /* of BODY; "$AUTHORIZATION" in it becomes the request's header */
    const char *finish;  /* finish_reason; NULL: "stop"; "": none is said */
    size_t piece;        /* bytes of `text` in one event, never cutting a character; 0: 5 */
    bool held;           /* each event but the first waits for fake_llm_release */
    bool crlf;           /* lines of events end with \r\n, and comments stand between them */
    bool split;          /* every byte of the stream goes out by itself */
    bool no_done;        /* ends without [DONE] */
    bool no_usage;       /* tokens are not counted */
    /* Makes the text out of the request's body, in place of `text`; the result is freed. */
    char *(*compose)(void *context, const char *body);
    void *context;
} FakeLlmReply;

typedef struct FakeLlm FakeLlm;

/* Starts it; it answers "pong" until it is told otherwise. Fails the test when it can't. */
FakeLlm *fake_llm_start(void);
void fake_llm_stop(FakeLlm *fake);
/* "http://127.0.0.1:PORT/v1", for base_url; owned by the fake. */
const char *fake_llm_url(const FakeLlm *fake);

/* Adds a reply to those that are given in this order, one to each request. The last one is given to all that
 * come after it. */
void fake_llm_then(FakeLlm *fake, FakeLlmReply reply);
/* Forgets those that were not given yet, and the requests that came. */
void fake_llm_forget(FakeLlm *fake);
/* Lets `events` more events of held replies go out. */
void fake_llm_release(FakeLlm *fake, int events);

/* How many requests have come. */
int fake_llm_count(FakeLlm *fake);
/* Waits until that many have come; fails the test after 20 s. */
void fake_llm_wait(FakeLlm *fake, int count);
/* Request line and headers, and the body, of a request (from 0); owned by the fake. Fails the test when there
 * is no such one. */
const char *fake_llm_headers(FakeLlm *fake, int request);
const char *fake_llm_body(FakeLlm *fake, int request);

#endif

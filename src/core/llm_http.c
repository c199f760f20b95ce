#include "llm_http.h"

#include <stdlib.h>
#include <string.h>

#include "libcurl.h"
#include "memory.h"
#include "text.h"

enum { SLICE_MS = 50, LONGEST_WAIT_S = 24 * 60 * 60 };

typedef struct Transfer {
    const LlmHttp *http;
    LlmHttpReply *reply;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    char error[CURL_ERROR_SIZE];
    int64_t heard_at; /* when a piece of the body came last */
    bool enough;
} Transfer;

/* What the headers say is asked for when the body begins, and at the end, should there be none. */
static void note_headers(Transfer *transfer)
{
    LlmHttpReply *reply = transfer->reply;
    long status = 0;
    const char *type = NULL;
    curl_off_t wait = 0;
    libcurl.curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    libcurl.curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &type);
    libcurl.curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &wait);
    reply->status = (int)status;
    reply->retry_after = wait < 0 ? 0 : wait < LONGEST_WAIT_S ? (int)wait : LONGEST_WAIT_S;
    text_copy(reply->content_type, sizeof reply->content_type, type);
    reply->content_type[strcspn(reply->content_type, "; \t")] = '\0';
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    Transfer *transfer = context;
    size_t length = size * count;
    transfer->heard_at = clock_monotonic_ms();
    if (transfer->reply->status == 0) {
        note_headers(transfer);
    }
    transfer->enough = !transfer->http->received(transfer->http->context, transfer->reply, bytes, length);
    return transfer->enough ? 0 : length;
}

static void add_header(Transfer *transfer, const char *line)
{
    struct curl_slist *longer = libcurl.curl_slist_append(transfer->headers, line);
    if (!longer) {
        memory_exhausted();
    }
    transfer->headers = longer;
}

static void add_headers(Transfer *transfer)
{
    add_header(transfer, "Content-Type: application/json");
    add_header(transfer, "Accept: application/json, text/event-stream");
    add_header(transfer, "Expect:"); /* no waiting for a "100 Continue" that few servers send */
    if (transfer->http->key) {
        char *line = text_format("Authorization: Bearer %s", transfer->http->key);
        add_header(transfer, line);
        explicit_bzero(line, strlen(line));
        free(line);
    }
}

#define SET(option, value)                                                                                   \
    (void)libcurl.curl_easy_setopt(transfer->easy, option, value) /* fails only for lack of memory */

/* Before libcurl 7.85 the protocols were bits. False: it knows neither. */
static bool limit_protocols(const Transfer *transfer)
{
    return libcurl.curl_easy_setopt(transfer->easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK ||
           libcurl.curl_easy_setopt(transfer->easy, CURLOPT_PROTOCOLS,
                                    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
}

static void set_options(Transfer *transfer)
{
    const LlmHttp *http = transfer->http;
    const char *trusted = getenv("SSL_CERT_FILE");
    SET(CURLOPT_URL, http->url);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(http->body));
    SET(CURLOPT_POSTFIELDS, http->body);
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_USERAGENT, "amx/" AMX_VERSION);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)http->connect_ms);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a name that can't be looked up does not hold up the end */
    SET(CURLOPT_ERRORBUFFER, transfer->error);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    if (http->loopback) {
        SET(CURLOPT_PROXY, "");
    }
    if (!text_is_empty(trusted)) { /* libcurl leaves looking at this to its callers */
        SET(CURLOPT_CAINFO, trusted);
    }
}

static LlmHttpEnd end_of(const Transfer *transfer, CURLcode code)
{
    curl_off_t connected = 0;
    switch (code) {
    case CURLE_OK:
        return LLM_HTTP_WHOLE;
    case CURLE_OUT_OF_MEMORY:
        memory_exhausted();
    case CURLE_WRITE_ERROR:
        return transfer->enough ? LLM_HTTP_ENOUGH : LLM_HTTP_BROKEN;
    case CURLE_COULDNT_CONNECT:
        return LLM_HTTP_REFUSED;
    case CURLE_OPERATION_TIMEDOUT:
        libcurl.curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
        return connected == 0 ? LLM_HTTP_CONNECT_TIMEOUT : LLM_HTTP_BROKEN;
    case CURLE_PEER_FAILED_VERIFICATION:
        return LLM_HTTP_UNTRUSTED;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return LLM_HTTP_BROKEN;
    default:
        return LLM_HTTP_NO_WAY;
    }
}

/* Waiting for the first byte of the body counts from when the connection was there. */
static bool is_idle(Transfer *transfer)
{
    curl_off_t connected = 0;
    libcurl.curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    if (connected == 0) {
        transfer->heard_at = clock_monotonic_ms();
    }
    return clock_monotonic_ms() - transfer->heard_at > transfer->http->idle_ms;
}

/* Has something other than the transfer ended it? */
static bool is_given_up(Transfer *transfer)
{
    LlmHttpReply *reply = transfer->reply;
    if (interrupt_requested()) {
        reply->end = LLM_HTTP_INTERRUPTED;
    } else if (deadline_left(transfer->http->deadline) == 0) {
        reply->end = LLM_HTTP_TOTAL_TIMEOUT;
    } else if (is_idle(transfer)) {
        reply->end = LLM_HTTP_IDLE_TIMEOUT;
    } else {
        return false;
    }
    return true;
}

static void transfer_run(Transfer *transfer)
{
    int running = 1;
    transfer->heard_at = clock_monotonic_ms();
    for (;;) {
        CURLMcode failed = libcurl.curl_multi_perform(transfer->multi, &running);
        if (failed == CURLM_OUT_OF_MEMORY) {
            memory_exhausted();
        }
        if (failed != CURLM_OK) {
            transfer->reply->end = LLM_HTTP_NO_WAY;
            text_copy(transfer->reply->why, sizeof transfer->reply->why, libcurl.curl_multi_strerror(failed));
            return;
        }
        int left = 0;
        const CURLMsg *message = libcurl.curl_multi_info_read(transfer->multi, &left);
        if (message) {
            CURLcode code = message->data.result;
            transfer->reply->end = end_of(transfer, code);
            if (code != CURLE_OK) { /* whose words are "No error" */
                text_copy(transfer->reply->why, sizeof transfer->reply->why,
                          *transfer->error ? transfer->error : libcurl.curl_easy_strerror(code));
            }
            return;
        }
        if (is_given_up(transfer)) {
            return;
        }
        libcurl.curl_multi_poll(transfer->multi, NULL, 0, SLICE_MS, NULL);
    }
}

static void transfer_end(Transfer *transfer)
{
    libcurl.curl_multi_remove_handle(transfer->multi, transfer->easy);
    libcurl.curl_easy_cleanup(transfer->easy);
    libcurl.curl_multi_cleanup(transfer->multi);
    for (struct curl_slist *header = transfer->headers; header; header = header->next) {
        explicit_bzero(header->data, strlen(header->data)); /* one of them holds the key */
    }
    libcurl.curl_slist_free_all(transfer->headers);
}

bool llm_http_post(const LlmHttp *http, LlmHttpReply *reply, Error *err)
{
    *reply = (LlmHttpReply){0};
    if (!libcurl_load(err)) {
        return false;
    }
    Transfer transfer = {
        .http = http, .reply = reply, .easy = libcurl.curl_easy_init(), .multi = libcurl.curl_multi_init()};
    if (!transfer.easy || !transfer.multi) {
        memory_exhausted();
    }
    if (!limit_protocols(&transfer)) {
        transfer_end(&transfer);
        error_set(err, ERROR_SYSTEM, "can't ask a language model: libcurl takes no limit of protocols");
        return error_hint(err, "upgrade it (Debian: apt install libcurl4)");
    }
    add_headers(&transfer);
    set_options(&transfer);
    if (libcurl.curl_multi_add_handle(transfer.multi, transfer.easy) != CURLM_OK) {
        memory_exhausted();
    }
    transfer_run(&transfer);
    note_headers(&transfer);
    transfer_end(&transfer);
    return true;
}

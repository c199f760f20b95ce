#include "fake_llm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "memory.h"
#include "support.h"
#include "text.h"

enum { MAX_REQUESTS = 256, MAX_REPLIES = 256, DEFAULT_PIECE = 5 };

typedef struct Visit {
    FakeLlm *fake;
    pthread_t thread;
    int client; /* -1: closed */
} Visit;

struct FakeLlm {
    pthread_t thread; /* takes connections */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* of everything below it */
    bool stopping;
    int allowed; /* events of held replies that may go out */
    FakeLlmReply replies[MAX_REPLIES];
    size_t reply_count, next_reply;
    bool last_given; /* the last of them was given already: it is repeated */
    char *headers[MAX_REQUESTS];
    char *bodies[MAX_REQUESTS];
    int request_count, first_request; /* those before the first are forgotten */
    Visit visits[MAX_REQUESTS];
    size_t visit_count;
    int listener;
    int stop[2]; /* a pipe: its end of file ends the thread */
    char *url;
};

/* What one visit is answered with. */
typedef struct Telling {
    Visit *visit;
    FakeLlmReply reply;
    bool stream;
    char *authorization; /* the value of the header, or "" */
    char *text;
    bool gone; /* the client is */
} Telling;

static void send_all(Telling *telling, const char *bytes, size_t length)
{
    for (size_t sent = 0; sent < length && !telling->gone;) {
        size_t most = telling->reply.split ? 1 : length - sent;
        ssize_t done = send(telling->visit->client, bytes + sent, most, MSG_NOSIGNAL);
        telling->gone = done < 0 && errno != EINTR;
        sent += done > 0 ? (size_t)done : 0;
    }
}

static void send_text(Telling *telling, char *text)
{
    send_all(telling, text, strlen(text));
    free(text);
}

static void send_head(Telling *telling, int status, const char *type, const char *more)
{
    const FakeLlmReply *reply = &telling->reply;
    send_text(telling,
              text_format("HTTP/1.1 %d Fake\r\nContent-Type: %s\r\nConnection: close\r\n%s%s\r\n", status,
                          reply->type ? reply->type : type, reply->headers ? reply->headers : "", more));
}

static void send_whole_body(Telling *telling, int status, const char *body)
{
    char *length = text_format("Content-Length: %zu\r\n", strlen(body));
    send_head(telling, status, "application/json", length);
    send_all(telling, body, strlen(body));
    free(length);
}

/* One chunk of Transfer-Encoding: chunked. */
static void send_chunk(Telling *telling, const char *text)
{
    send_text(telling, text_format("%zx\r\n%s\r\n", strlen(text), text));
}

static void send_event(Telling *telling, const char *data)
{
    const char *end = telling->reply.crlf ? "\r\n" : "\n";
    char *event =
        text_format("%sdata: %s%s%s", telling->reply.crlf ? ": keep-alive\r\n\r\n" : "", data, end, end);
    send_chunk(telling, event);
    free(event);
}

static const char *finish_of(const FakeLlmReply *reply)
{
    return reply->finish ? reply->finish : "stop";
}

static json_t *usage_of(const Telling *telling)
{
    return telling->reply.no_usage
               ? json_null()
               : json_pack("{s:i,s:i,s:i}", "prompt_tokens", 12, "completion_tokens", 34, "total_tokens", 46);
}

/* `choice` NULL: none. Takes it over. */
static void send_stream_json(Telling *telling, json_t *choice, json_t *usage)
{
    json_t *choices = json_array();
    if (choice) {
        json_array_append_new(choices, choice);
    }
    json_t *root = json_pack("{s:s,s:s,s:s,s:o,s:o}", "id", "chatcmpl-1", "object", "chat.completion.chunk",
                             "model", "fake-model", "choices", choices, "usage", usage);
    char *data = json_dumps(root, JSON_COMPACT);
    send_event(telling, data);
    free(data);
    json_decref(root);
}

static void send_delta(Telling *telling, const char *text, size_t length)
{
    send_stream_json(
        telling,
        json_pack("{s:i,s:{s:s%},s:n}", "index", 0, "delta", "content", text, length, "finish_reason"),
        json_null());
}

/* Waits for the test's word, and notices the client that goes. */
static void wait_for_release(Telling *telling)
{
    FakeLlm *fake = telling->visit->fake;
    pthread_mutex_lock(&fake->lock);
    while (fake->allowed == 0 && !fake->stopping) {
        pthread_cond_wait(&fake->changed, &fake->lock);
    }
    fake->allowed -= fake->allowed > 0;
    telling->gone = telling->gone || fake->stopping;
    pthread_mutex_unlock(&fake->lock);
}

static size_t piece_at(const char *text, size_t wanted)
{
    size_t length = strnlen(text, wanted);
    while (((unsigned char)text[length] & 0xc0) == 0x80) {
        length++;
    }
    return length;
}

/* Sends the first `length` bytes of the text. */
static void send_deltas(Telling *telling, size_t length)
{
    size_t wanted = telling->reply.piece ? telling->reply.piece : DEFAULT_PIECE;
    for (size_t at = 0; at < length && !telling->gone;) {
        if (at > 0 && telling->reply.held) {
            wait_for_release(telling);
        }
        size_t piece = piece_at(telling->text + at, wanted < length - at ? wanted : length - at);
        send_delta(telling, telling->text + at, piece);
        at += piece;
    }
}

static void send_end_of_stream(Telling *telling)
{
    const char *finish = finish_of(&telling->reply);
    if (*finish) {
        send_stream_json(telling, json_pack("{s:i,s:{},s:s}", "index", 0, "delta", "finish_reason", finish),
                         json_null());
    }
    if (!telling->reply.no_usage) {
        send_stream_json(telling, NULL, usage_of(telling));
    }
    if (!telling->reply.no_done) {
        send_event(telling, "[DONE]");
    }
    send_all(telling, "0\r\n\r\n", strlen("0\r\n\r\n"));
}

static void tell_stream(Telling *telling)
{
    size_t length = strlen(telling->text);
    send_head(telling, 200, "text/event-stream", "Transfer-Encoding: chunked\r\n");
    do {
        send_deltas(telling, telling->reply.kind == FAKE_LLM_CUT ? length / 2 : length);
    } while (telling->reply.kind == FAKE_LLM_ENDLESS && !telling->gone);
    if (telling->reply.kind != FAKE_LLM_CUT) {
        send_end_of_stream(telling);
    }
}

static char *whole_answer(const Telling *telling)
{
    const char *finish = finish_of(&telling->reply);
    json_t *root = json_pack("{s:s,s:s,s:s,s:[{s:i,s:{s:s,s:s},s:o}],s:o}", "id", "chatcmpl-1", "object",
                             "chat.completion", "model", "fake-model", "choices", "index", 0, "message",
                             "role", "assistant", "content", telling->text, "finish_reason",
                             *finish ? json_string(finish) : json_null(), "usage", usage_of(telling));
    char *body = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return body;
}

static void tell_whole(Telling *telling)
{
    char *body = whole_answer(telling);
    if (telling->reply.kind == FAKE_LLM_CUT) {
        char *length = text_format("Content-Length: %zu\r\n", strlen(body));
        send_head(telling, 200, "application/json", length);
        send_all(telling, body, strlen(body) / 2);
        free(length);
    } else if (telling->reply.kind == FAKE_LLM_ENDLESS) {
        send_head(telling, 200, "application/json", "Transfer-Encoding: chunked\r\n");
        while (!telling->gone) {
            send_chunk(telling, body);
        }
    } else {
        send_whole_body(telling, 200, body);
    }
    free(body);
}

static void tell_body(Telling *telling)
{
    static const char mark[] = "$AUTHORIZATION";
    const FakeLlmReply *reply = &telling->reply;
    Text body = {0};
    const char *rest = reply->body ? reply->body : "";
    for (const char *found = NULL; (found = strstr(rest, mark)); rest = found + strlen(mark)) {
        text_add_n(&body, rest, (size_t)(found - rest));
        text_add(&body, telling->authorization);
    }
    text_add(&body, rest);
    send_whole_body(telling, reply->status ? reply->status : 200, text_string(&body));
    text_free(&body);
}

/* Until the client closes, or the fake is stopped. */
static void wait_for_leaving(const Telling *telling)
{
    char piece[1024];
    ssize_t size = 0;
    do {
        size = recv(telling->visit->client, piece, sizeof piece, 0);
    } while (size > 0 || (size < 0 && errno == EINTR));
}

static void tell(Telling *telling)
{
    switch (telling->reply.kind) {
    case FAKE_LLM_ANSWER:
    case FAKE_LLM_CUT:
    case FAKE_LLM_ENDLESS:
        if (telling->stream) {
            tell_stream(telling);
        } else {
            tell_whole(telling);
        }
        break;
    case FAKE_LLM_WHOLE:
        tell_whole(telling);
        break;
    case FAKE_LLM_BODY:
        tell_body(telling);
        break;
    case FAKE_LLM_RESET:
        setsockopt(telling->visit->client, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                   sizeof(struct linger));
        break;
    case FAKE_LLM_SILENT:
        wait_for_leaving(telling);
        break;
    }
}

/* The value of a header, up to the end of its line; owned by the caller. */
static char *header_value(const char *headers, const char *name)
{
    char *start = text_format("\r\n%s: ", name);
    const char *found = strcasestr(headers, start);
    const char *value = found ? found + strlen(start) : "";
    free(start);
    return memory_string_n(value, strcspn(value, "\r\n"));
}

/* Reads a request; false when the client goes before it is whole. */
static bool read_request(int client, char **headers, char **body)
{
    Text got = {0};
    char piece[16 * 1024];
    const char *end = NULL;
    size_t wanted = SIZE_MAX;
    while (got.length < wanted) {
        ssize_t size = recv(client, piece, sizeof piece, 0);
        if (size == 0 || (size < 0 && errno != EINTR)) {
            break;
        }
        text_add_n(&got, piece, size > 0 ? (size_t)size : 0);
        end = strstr(text_string(&got), "\r\n\r\n");
        if (end && wanted == SIZE_MAX) {
            char *length = header_value(text_string(&got), "Content-Length");
            wanted = (size_t)(end - text_string(&got)) + 4 + strtoul(length, NULL, 10);
            free(length);
        }
    }
    bool whole = end && got.length >= wanted;
    if (whole) {
        *headers = memory_string_n(text_string(&got), (size_t)(end - text_string(&got)) + 2);
        *body = memory_string(end + 4);
    }
    text_free(&got);
    return whole;
}

/* Keeps the request, and takes the reply that is next. */
static FakeLlmReply next_reply(FakeLlm *fake, char *headers, char *body)
{
    FakeLlmReply reply = {0};
    pthread_mutex_lock(&fake->lock);
    if (fake->reply_count > 0) {
        reply = fake->replies[fake->next_reply];
        fake->last_given = fake->next_reply + 1 == fake->reply_count;
        fake->next_reply += !fake->last_given;
    }
    fake->headers[fake->request_count] = headers;
    fake->bodies[fake->request_count] = body;
    fake->request_count++;
    pthread_cond_broadcast(&fake->changed);
    pthread_mutex_unlock(&fake->lock);
    return reply;
}

static bool asks_for_stream(const char *body)
{
    json_t *root = json_loads(body, 0, NULL);
    bool stream = json_is_true(json_object_get(root, "stream"));
    json_decref(root);
    return stream;
}

static void *serve_visit(void *context)
{
    Visit *visit = context;
    char *headers = NULL;
    char *body = NULL;
    if (read_request(visit->client, &headers, &body)) {
        Telling telling = {.visit = visit,
                           .stream = asks_for_stream(body),
                           .authorization = header_value(headers, "Authorization")};
        telling.reply = next_reply(visit->fake, headers, body);
        const FakeLlmReply *reply = &telling.reply;
        telling.text = reply->compose ? reply->compose(reply->context, body)
                                      : memory_string(reply->text ? reply->text : "pong");
        tell(&telling);
        free(telling.text);
        free(telling.authorization);
    }
    pthread_mutex_lock(&visit->fake->lock);
    close(visit->client);
    visit->client = -1;
    pthread_mutex_unlock(&visit->fake->lock);
    return NULL;
}

static void begin_visit(FakeLlm *fake, int client)
{
    if (client < 0 || fake->visit_count == MAX_REQUESTS) {
        close(client);
        return;
    }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    Visit *visit = &fake->visits[fake->visit_count++];
    *visit = (Visit){.fake = fake, .client = client};
    if (pthread_create(&visit->thread, NULL, serve_visit, visit) != 0) {
        close(client);
        fake->visit_count--;
    }
}

static void *take_visits(void *context)
{
    FakeLlm *fake = context;
    for (;;) {
        struct pollfd files[] = {{.fd = fake->stop[0], .events = POLLIN},
                                 {.fd = fake->listener, .events = POLLIN}};
        if (poll(files, 2, -1) < 0 && errno != EINTR) {
            return NULL;
        }
        if (files[0].revents) {
            return NULL;
        }
        if (files[1].revents) {
            begin_visit(fake, accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC));
        }
    }
}

FakeLlm *fake_llm_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    FakeLlm *fake = memory_zero(1, sizeof *fake);
    pthread_mutex_init(&fake->lock, NULL);
    pthread_cond_init(&fake->changed, NULL);
    fake->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fake->listener < 0 || bind(fake->listener, (struct sockaddr *)&address, size) ||
        listen(fake->listener, SOMAXCONN) ||
        getsockname(fake->listener, (struct sockaddr *)&address, &size) || pipe2(fake->stop, O_CLOEXEC) ||
        pthread_create(&fake->thread, NULL, take_visits, fake)) {
        fail_msg("can't start a fake language model: %s", strerror(errno));
    }
    fake->url = text_format("http://127.0.0.1:%d/v1", ntohs(address.sin_port));
    return fake;
}

void fake_llm_stop(FakeLlm *fake)
{
    close(fake->stop[1]);
    pthread_join(fake->thread, NULL);
    pthread_mutex_lock(&fake->lock);
    fake->stopping = true;
    pthread_cond_broadcast(&fake->changed);
    for (size_t i = 0; i < fake->visit_count; i++) {
        if (fake->visits[i].client >= 0) {
            shutdown(fake->visits[i].client, SHUT_RDWR); /* whoever reads or writes there is done */
        }
    }
    pthread_mutex_unlock(&fake->lock);
    for (size_t i = 0; i < fake->visit_count; i++) {
        pthread_join(fake->visits[i].thread, NULL);
    }
    for (int i = 0; i < fake->request_count; i++) {
        free(fake->headers[i]);
        free(fake->bodies[i]);
    }
    close(fake->stop[0]);
    close(fake->listener);
    pthread_cond_destroy(&fake->changed);
    pthread_mutex_destroy(&fake->lock);
    free(fake->url);
    free(fake);
}

const char *fake_llm_url(const FakeLlm *fake)
{
    return fake->url;
}

void fake_llm_then(FakeLlm *fake, FakeLlmReply reply)
{
    pthread_mutex_lock(&fake->lock);
    bool room = fake->reply_count < MAX_REPLIES;
    if (room) {
        fake->replies[fake->reply_count++] = reply;
        /* the last one is repeated until another one is added */
        fake->next_reply += fake->last_given && fake->next_reply + 2 == fake->reply_count;
        fake->last_given = false;
    }
    pthread_mutex_unlock(&fake->lock);
    if (!room) {
        fail_msg("a fake language model can be told %d replies", MAX_REPLIES);
    }
}

void fake_llm_forget(FakeLlm *fake)
{
    pthread_mutex_lock(&fake->lock);
    fake->reply_count = fake->next_reply = 0;
    fake->last_given = false;
    fake->allowed = 0;
    fake->first_request = fake->request_count;
    pthread_mutex_unlock(&fake->lock);
}

void fake_llm_release(FakeLlm *fake, int events)
{
    pthread_mutex_lock(&fake->lock);
    fake->allowed += events;
    pthread_cond_broadcast(&fake->changed);
    pthread_mutex_unlock(&fake->lock);
}

int fake_llm_count(FakeLlm *fake)
{
    pthread_mutex_lock(&fake->lock);
    int count = fake->request_count - fake->first_request;
    pthread_mutex_unlock(&fake->lock);
    return count;
}

typedef struct Wanted {
    FakeLlm *fake;
    int count;
} Wanted;

static bool has_come(void *context)
{
    const Wanted *wanted = context;
    return fake_llm_count(wanted->fake) >= wanted->count;
}

void fake_llm_wait(FakeLlm *fake, int count)
{
    Wanted wanted = {.fake = fake, .count = count};
    if (!support_wait(has_come, &wanted)) {
        fail_msg("%d requests came, not %d", fake_llm_count(fake), count);
    }
}

/* Once kept, a request stays where it is. */
static const char *kept(FakeLlm *fake, char *const *list, int request)
{
    pthread_mutex_lock(&fake->lock);
    int index = fake->first_request + request;
    const char *text = request >= 0 && index < fake->request_count ? list[index] : NULL;
    pthread_mutex_unlock(&fake->lock);
    if (!text) {
        fail_msg("there was no request %d", request);
    }
    return text;
}

const char *fake_llm_headers(FakeLlm *fake, int request)
{
    return kept(fake, fake->headers, request);
}

const char *fake_llm_body(FakeLlm *fake, int request)
{
    return kept(fake, fake->bodies, request);
}

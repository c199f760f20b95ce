#include "relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "support.h"

#define MAX_PAIRS 32
#define PIECE 8192
#define SSL_REQUEST "\x00\x00\x00\x08\x04\xd2\x16\x2f"

typedef struct Pair {
    int client;
    int server;
    long heard;     /* bytes of the server that went to the client */
    bool committed; /* COMMIT was forwarded; its answer is next */
    bool dead;      /* the fault came true; nothing moves any more */
} Pair;

struct Relay {
    pthread_t thread;
    pthread_mutex_t lock; /* of fault, moment, sqlstate, strikes */
    RelayFault fault;
    long moment;
    char sqlstate[6];
    int strikes;
    struct sockaddr_un to;
    int listener;
    int port;
    int stop[2]; /* a pipe: its end of file ends the thread */
    Pair pairs[MAX_PAIRS];
    size_t count;
};

typedef struct Plan {
    RelayFault fault;
    long moment;
    char sqlstate[6];
} Plan;

static Plan plan_of(Relay *relay)
{
    Plan plan;
    pthread_mutex_lock(&relay->lock);
    plan.fault = relay->fault;
    plan.moment = relay->moment;
    memcpy(plan.sqlstate, relay->sqlstate, sizeof plan.sqlstate);
    pthread_mutex_unlock(&relay->lock);
    return plan;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000 * 1000}, NULL);
}

static void close_pair(Pair *pair)
{
    close(pair->client);
    close(pair->server);
    pair->client = pair->server = -1;
}

static void forward(const Plan *plan, int to, const char *piece, size_t size)
{
    size_t step = plan->fault == RELAY_TRICKLE ? 1 : size;
    if (plan->fault == RELAY_SLOW) {
        pause_ms(20);
    }
    for (size_t sent = 0; sent < size;) {
        size_t most = size - sent < step ? size - sent : step;
        ssize_t done = send(to, piece + sent, most, MSG_NOSIGNAL);
        if (done <= 0) {
            return; /* the other side will be seen to be gone */
        }
        sent += (size_t)done;
    }
}

/* ErrorResponse and, inside a session, ReadyForQuery
 * (https://www.postgresql.org/docs/15/protocol-message-formats.html). */
static void say_error(const Pair *pair, const Plan *plan)
{
    static const char ready[] = {'Z', 0, 0, 0, 5, 'I'};
    char body[128];
    char message[160];
    const char *severity = pair->heard > 1 ? "ERROR" : "FATAL";
    int size = snprintf(body, sizeof body, "S%s%cV%s%cC%s%cMthe relay says %s%c%c", severity, 0, severity, 0,
                        plan->sqlstate, 0, plan->sqlstate, 0, 0);
    uint32_t length = htonl((uint32_t)size + 4);
    message[0] = 'E';
    memcpy(message + 1, &length, 4);
    memcpy(message + 5, body, (size_t)size);
    forward(plan, pair->client, message, (size_t)size + 5);
    if (pair->heard > 1) {
        forward(plan, pair->client, ready, sizeof ready);
    }
}

static void strike(Relay *relay, Pair *pair, const Plan *plan)
{
    pthread_mutex_lock(&relay->lock);
    relay->strikes++;
    pthread_mutex_unlock(&relay->lock);
    switch (plan->fault) {
    case RELAY_RESET:
        setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                   sizeof(struct linger));
        close_pair(pair);
        break;
    case RELAY_HALF_CLOSE:
        shutdown(pair->client, SHUT_WR);
        pair->dead = true;
        break;
    case RELAY_ERROR:
        say_error(pair, plan);
        shutdown(pair->client, SHUT_WR);
        close_pair(pair);
        break;
    default:
        pair->dead = true;
        break;
    }
}

static bool strikes_at_moments(const Plan *plan)
{
    return plan->fault >= RELAY_RESET;
}

static bool holds_commit(const char *piece, size_t size)
{
    return memmem(piece, size, "COMMIT", sizeof "COMMIT"); /* with its NUL, as libpq sends it */
}

static void from_client(Relay *relay, Pair *pair, const Plan *plan)
{
    char piece[PIECE];
    ssize_t size = recv(pair->client, piece, sizeof piece, 0);
    if (size <= 0) {
        close_pair(pair);
        return;
    }
    if (pair->dead || plan->fault == RELAY_MUTE) {
        return; /* acknowledged by the kernel, and forgotten */
    }
    if (size == 8 && memcmp(piece, SSL_REQUEST, 8) == 0) {
        forward(plan, pair->client, "N", 1); /* as the server would say on a unix socket */
        return;
    }
    if (strikes_at_moments(plan) && plan->moment == 0) {
        strike(relay, pair, plan);
        return;
    }
    if (strikes_at_moments(plan) && plan->moment < 0 && holds_commit(piece, (size_t)size)) {
        if (plan->moment == RELAY_AT_COMMIT) {
            strike(relay, pair, plan);
            return;
        }
        pair->committed = true;
    }
    forward(plan, pair->server, piece, (size_t)size);
}

static void from_server(Relay *relay, Pair *pair, const Plan *plan)
{
    char piece[PIECE];
    ssize_t size = recv(pair->server, piece, sizeof piece, 0);
    if (size <= 0) {
        close_pair(pair);
        return;
    }
    if (pair->dead || plan->fault == RELAY_MUTE) {
        return;
    }
    if (pair->committed) {
        strike(relay, pair, plan);
        return;
    }
    bool due = strikes_at_moments(plan) && plan->moment >= 0 && pair->heard + size >= plan->moment;
    size_t allowed =
        due ? (size_t)(plan->moment > pair->heard ? plan->moment - pair->heard : 0) : (size_t)size;
    forward(plan, pair->client, piece, allowed);
    pair->heard += (long)allowed;
    if (due) {
        strike(relay, pair, plan);
    }
}

static void accept_pair(Relay *relay)
{
    Pair pair = {.client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC),
                 .server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    bool ok = pair.client >= 0 && pair.server >= 0 && relay->count < MAX_PAIRS &&
              connect(pair.server, (const struct sockaddr *)&relay->to, sizeof relay->to) == 0;
    if (!ok) {
        close_pair(&pair);
        return;
    }
    setsockopt(pair.client, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    relay->pairs[relay->count++] = pair;
}

static void forget_closed(Relay *relay)
{
    size_t kept = 0;
    for (size_t i = 0; i < relay->count; i++) {
        if (relay->pairs[i].client >= 0) {
            relay->pairs[kept++] = relay->pairs[i];
        }
    }
    relay->count = kept;
}

static void *serve(void *context)
{
    Relay *relay = context;
    struct pollfd files[2 + 2 * MAX_PAIRS];
    for (;;) {
        size_t count = relay->count;
        files[0] = (struct pollfd){.fd = relay->stop[0], .events = POLLIN};
        files[1] = (struct pollfd){.fd = relay->listener, .events = POLLIN};
        for (size_t i = 0; i < count; i++) {
            files[2 + 2 * i] = (struct pollfd){.fd = relay->pairs[i].client, .events = POLLIN};
            files[3 + 2 * i] = (struct pollfd){.fd = relay->pairs[i].server, .events = POLLIN};
        }
        if (poll(files, 2 + 2 * count, -1) < 0 && errno != EINTR) {
            return NULL;
        }
        if (files[0].revents) {
            return NULL;
        }
        Plan plan = plan_of(relay);
        for (size_t i = 0; i < count; i++) {
            Pair *pair = &relay->pairs[i];
            if (files[2 + 2 * i].revents) {
                from_client(relay, pair, &plan);
            }
            if (files[3 + 2 * i].revents && pair->server >= 0) {
                from_server(relay, pair, &plan);
            }
        }
        if (files[1].revents) {
            accept_pair(relay);
        }
        forget_closed(relay);
    }
}

Relay *relay_start(const char *socket_path)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    Relay *relay = memory_zero(1, sizeof *relay);
    relay->to.sun_family = AF_UNIX;
    if (strlen(socket_path) >= sizeof relay->to.sun_path) {
        fail_msg("%s is too long for a socket", socket_path);
    }
    memcpy(relay->to.sun_path, socket_path, strlen(socket_path) + 1);
    pthread_mutex_init(&relay->lock, NULL);
    relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (relay->listener < 0 || bind(relay->listener, (struct sockaddr *)&address, size) ||
        listen(relay->listener, MAX_PAIRS) ||
        getsockname(relay->listener, (struct sockaddr *)&address, &size) || pipe2(relay->stop, O_CLOEXEC) ||
        pthread_create(&relay->thread, NULL, serve, relay)) {
        fail_msg("can't start a relay: %s", strerror(errno));
    }
    relay->port = ntohs(address.sin_port);
    return relay;
}

void relay_stop(Relay *relay)
{
    close(relay->stop[1]);
    pthread_join(relay->thread, NULL);
    for (size_t i = 0; i < relay->count; i++) {
        close_pair(&relay->pairs[i]);
    }
    close(relay->stop[0]);
    close(relay->listener);
    pthread_mutex_destroy(&relay->lock);
    free(relay);
}

int relay_port(const Relay *relay)
{
    return relay->port;
}

void relay_set(Relay *relay, RelayFault fault, long moment, const char *sqlstate)
{
    pthread_mutex_lock(&relay->lock);
    relay->fault = fault;
    relay->moment = moment;
    relay->strikes = 0;
    snprintf(relay->sqlstate, sizeof relay->sqlstate, "%s", sqlstate ? sqlstate : "");
    pthread_mutex_unlock(&relay->lock);
}

int relay_strikes(Relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    int strikes = relay->strikes;
    pthread_mutex_unlock(&relay->lock);
    return strikes;
}

/* A relay on 127.0.0.1 in front of the test server's unix socket, which does to the conversation what bad
 * networks, dying servers and confused middle boxes do. It runs in a thread of the test. */
#ifndef AMX_TESTS_RELAY_H
#define AMX_TESTS_RELAY_H

#include <stdbool.h>

typedef enum RelayFault {
    RELAY_PASS,       /* forwards everything */
    RELAY_MUTE,       /* accepts, and never answers nor forwards */
    RELAY_TRICKLE,    /* forwards byte by byte */
    RELAY_SLOW,       /* forwards each piece 20 ms late */
    RELAY_RESET,      /* forwards until the moment, then resets the connection */
    RELAY_HALF_CLOSE, /* ends its own side at the moment, as if the server had said all, and hears no more */
    RELAY_FREEZE,     /* acknowledges at the moment and later, and is silent */
    RELAY_ERROR       /* answers with an SQLSTATE at the moment, in place of the server, and hangs up */
} RelayFault;

/* Moments, in place of a number of bytes that the server may say first. */
#define RELAY_AT_COMMIT (-1L)    /* COMMIT came from the client; the server never hears of it */
#define RELAY_AFTER_COMMIT (-2L) /* the server has committed and answered; the client never hears of it */

typedef struct Relay Relay;

/* Starts it for the server at a unix socket (the path of the socket itself). Fails the test when it can't. */
Relay *relay_start(const char *socket_path);
void relay_stop(Relay *relay);
int relay_port(const Relay *relay);

/* What to do to connections from now on; those that are open follow too. `sqlstate` is for RELAY_ERROR. */
void relay_set(Relay *relay, RelayFault fault, long moment, const char *sqlstate);
/* How many times the fault came true since relay_set. */
int relay_strikes(Relay *relay);

#endif

#include "storm.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "daemon.h"
#include "dice.h"
#include "memory.h"
#include "relay.h"
#include "text.h"

struct Storm {
    const char *folder;
    Daemon server;
    bool server_wanted;
    Relay *relay;
    char *direct;
    char *through;
    uint64_t dice;
    bool bad;
    int counted, turns_at; /* commands that ended; the number of them at which the weather turns */
    StormFigures figures;
};

Storm *storm_start(void)
{
    Storm *storm = memory_zero(1, sizeof *storm);
    storm->folder = daemon_folder();
    daemon_initdb(storm->folder);
    storm->server = daemon_postgres(storm->folder, NULL);
    storm->server_wanted = true;
    storm->direct = text_format("host=%s user=tester dbname=postgres", storm->folder);
    daemon_await(&storm->server, storm->direct);
    char *socket = text_format("%s/.s.PGSQL.5432", storm->folder);
    storm->relay = relay_start(socket);
    storm->through =
        text_format("host=127.0.0.1 port=%d user=tester dbname=postgres", relay_port(storm->relay));
    free(socket);
    return storm;
}

void storm_stop(Storm *storm)
{
    relay_stop(storm->relay);
    daemon_stop(&storm->server, SIGQUIT);
    free(storm->direct);
    free(storm->through);
    free(storm);
}

void storm_seed(Storm *storm, uint64_t seed)
{
    storm->dice = seed;
}

const char *storm_direct(const Storm *storm)
{
    return storm->direct;
}

const char *storm_through(const Storm *storm)
{
    return storm->through;
}

void storm_tend(Storm *storm)
{
    if (storm->server.pid > 0 && waitpid(storm->server.pid, NULL, WNOHANG) == storm->server.pid) {
        storm->server.pid = 0;
    }
    if (storm->server_wanted && storm->server.pid == 0) {
        storm->server = daemon_postgres(storm->folder, NULL);
    }
}

static void stop_server(Storm *storm)
{
    kill(storm->server.pid, SIGQUIT);
    storm->server_wanted = false;
    storm->figures.stops++;
}

static void terminate_sessions(Storm *storm)
{
    PGconn *conn = PQconnectdb(storm->direct);
    PGresult *result = PQexec(conn, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                                    "application_name = 'amx'");
    if (PQresultStatus(result) == PGRES_TUPLES_OK) { /* else it is still starting */
        storm->figures.terminated += (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
    }
    PQclear(result);
    PQfinish(conn);
}

static void cut_connections(Storm *storm, int which, int bytes)
{
    static const struct {
        RelayFault fault;
        long moment; /* 0: after some bytes */
    } cuts[] = {
        /* slow ones leave more time for others to come between */
        {RELAY_RESET, 0},      {RELAY_RESET, RELAY_AT_COMMIT},
        {RELAY_FREEZE, 0},     {RELAY_RESET, RELAY_AFTER_COMMIT},
        {RELAY_HALF_CLOSE, 0}, {RELAY_HALF_CLOSE, RELAY_AFTER_COMMIT},
        {RELAY_MUTE, 0},       {RELAY_FREEZE, RELAY_AFTER_COMMIT},
        {RELAY_SLOW, 0},       {RELAY_SLOW, 0},
    };
    size_t i = (size_t)which % (sizeof cuts / sizeof *cuts);
    relay_set(storm->relay, cuts[i].fault, cuts[i].moment ? cuts[i].moment : 1 + bytes, NULL);
}

static void clear_up(Storm *storm)
{
    storm->figures.cut += relay_strikes(storm->relay);
    relay_set(storm->relay, RELAY_PASS, 0, NULL);
    storm->server_wanted = true;
    storm->bad = false;
}

/* Rolls the same dice whatever the weather, so that a seed decides the same for each command. */
void storm_count(Storm *storm)
{
    int what = dice_roll(&storm->dice, 10);
    int which = dice_roll(&storm->dice, 1000);
    int bytes = dice_roll(&storm->dice, 1500);
    int lasts = 1 + dice_roll(&storm->dice, 12);
    bool stops = what < 4;
    if (++storm->counted < storm->turns_at) {
        return;
    }
    if (storm->bad) {
        clear_up(storm);
        storm->turns_at = storm->counted + lasts + 4;
        return;
    }
    storm->bad = true;
    storm->turns_at = storm->counted + (stops ? 1 + lasts / 4 : lasts); /* starting takes time by itself */
    if (!stops) {
        if (what < 6) {
            terminate_sessions(storm);
        } else {
            cut_connections(storm, which, bytes);
        }
    } else if (storm->server.pid > 0) {
        stop_server(storm);
    }
}

static bool is_up(void *context)
{
    Storm *storm = context;
    storm_tend(storm);
    return PQping(storm->direct) == PQPING_OK;
}

static bool is_left_alone(void *context)
{
    const Storm *storm = context;
    return strcmp(support_sql_value(storm->direct, "SELECT count(*) FROM pg_stat_activity WHERE "
                                                   "application_name = 'amx'"),
                  "0") == 0;
}

void storm_calm(Storm *storm)
{
    clear_up(storm);
    if (!support_wait(is_up, storm) || !support_wait(is_left_alone, storm)) {
        fail_msg("the server does not come to rest: %s", support_read(storm->server.log));
    }
}

StormFigures storm_figures(const Storm *storm)
{
    return storm->figures;
}

/* Preloaded into amx, it makes the world stand still, so that two runs show the same screen:
 *
 * - STILL_TIME=2026-03-02T14:30:00Z: the time of day, for as long as the program runs
 *
 * - STILL_HOST=NAME: the name of the host
 *
 * The clock that measures goes a thousand times slower: what takes a moment takes 0 ms, and no deadline
 * passes on a busy machine. Random ids follow from user, host and time: each program needs a time of its own.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <uuid/uuid.h>

#define SLOWER 1000
#define SECOND_NS 1000000000LL

static struct timespec still;
static long long begun_ns; /* when the slow clock began */
static const char *host = "localhost";
static unsigned long long state; /* of the random ids */

static long long real_ns(clockid_t clock)
{
    struct timespec now = {0};
    syscall(SYS_clock_gettime, clock, &now);
    return now.tv_sec * SECOND_NS + now.tv_nsec;
}

static struct timespec from_ns(long long ns)
{
    return (struct timespec){.tv_sec = ns / SECOND_NS, .tv_nsec = ns % SECOND_NS};
}

static long long to_ns(const struct timespec *when)
{
    return when->tv_sec * SECOND_NS + when->tv_nsec;
}

static void seed(const char *text)
{
    for (; text && *text; text++) {
        state = (state ^ (unsigned char)*text) * 0x100000001b3ULL;
    }
}

__attribute__((constructor)) static void begin(void)
{
    const char *when = getenv("STILL_TIME");
    struct tm utc = {0};
    if (when && strptime(when, "%Y-%m-%dT%H:%M:%SZ", &utc)) {
        still.tv_sec = timegm(&utc);
    }
    if (getenv("STILL_HOST")) {
        host = getenv("STILL_HOST");
    }
    begun_ns = real_ns(CLOCK_MONOTONIC);
    state = 0xcbf29ce484222325ULL;
    seed(getenv("LOGNAME"));
    seed(host);
    seed(when);
}

/* ---- clocks ---- */

static long long slow_ns(void)
{
    return begun_ns + (real_ns(CLOCK_MONOTONIC) - begun_ns) / SLOWER;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        *out = still;
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
        *out = from_ns(slow_ns());
        return 0;
    default:
        return (int)syscall(SYS_clock_gettime, clock, out);
    }
}

time_t time(time_t *out)
{
    if (out) {
        *out = still.tv_sec;
    }
    return still.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    (void)zone;
    *out = (struct timeval){.tv_sec = still.tv_sec};
    return 0;
}

/* ---- waiting until a time: as long as it would be on these clocks ---- */

/* Does the time belong to the clock of the day? The other one counts from when the machine was switched on.
 */
static int is_of_day(const struct timespec *until)
{
    return until->tv_sec > still.tv_sec / 2;
}

static struct timespec real_time(const struct timespec *until)
{
    return is_of_day(until) ? from_ns(real_ns(CLOCK_REALTIME) + to_ns(until) - to_ns(&still))
                            : from_ns(real_ns(CLOCK_MONOTONIC) + to_ns(until) - slow_ns());
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
    struct timespec real = real_time(until);
    return pthread_cond_clockwait(condition, mutex, is_of_day(until) ? CLOCK_REALTIME : CLOCK_MONOTONIC,
                                  &real);
}

int pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *until)
{
    struct timespec real = real_time(until);
    return pthread_clockjoin_np(thread, result, CLOCK_REALTIME, &real);
}

/* ---- where and who ---- */

int gethostname(char *name, size_t size)
{
    if (strlen(host) >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, host, strlen(host) + 1);
    return 0;
}

void uuid_generate_random(uuid_t out)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < sizeof(uuid_t); i++) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        out[i] = (unsigned char)(state >> 56);
    }
    pthread_mutex_unlock(&lock);
    out[6] = (unsigned char)((out[6] & 0x0f) | 0x40); /* as any random id says of itself */
    out[8] = (unsigned char)((out[8] & 0x3f) | 0x80);
}

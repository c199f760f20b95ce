/* Who is stopped when somebody asks: a thread and those it started, and nobody else. */
#include <pthread.h>

#include "clock.h"
#include "support.h"
#include "thread.h"

typedef struct Seen {
    Interrupt *own; /* what the thread chooses for itself, or NULL */
    bool child;     /* starts another thread, which looks in its place */
    bool stopped;
} Seen;

static void *look(void *context)
{
    Seen *seen = context;
    pthread_t thread;
    if (seen->own) {
        interrupt_use(seen->own);
    }
    if (seen->child) {
        seen->child = false;
        seen->own = NULL;
        if (thread_start(&thread, look, seen)) {
            pthread_join(thread, NULL);
        }
    } else {
        seen->stopped = interrupt_requested();
    }
    return NULL;
}

static bool sees_a_stop(Interrupt *own, bool child)
{
    pthread_t thread;
    Seen seen = {.own = own, .child = child};
    assert_true(thread_start(&thread, look, &seen));
    pthread_join(thread, NULL);
    return seen.stopped;
}

static void a_stop_reaches_a_thread_and_those_it_started(void **state)
{
    (void)state;
    Interrupt lane = {0};
    assert_false(sees_a_stop(&lane, true));
    interrupt_raise(&lane);
    assert_true(sees_a_stop(&lane, false));
    assert_true(sees_a_stop(&lane, true));
    assert_false(interrupt_requested());
    assert_false(sees_a_stop(NULL, false));
}

static void a_stop_of_the_process_leaves_a_lane_alone(void **state)
{
    (void)state;
    Interrupt lane = {0};
    interrupt_request();
    assert_true(sees_a_stop(NULL, true));
    assert_false(sees_a_stop(&lane, false));
    interrupt_clear();
    assert_false(sees_a_stop(NULL, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_reaches_a_thread_and_those_it_started),
        cmocka_unit_test(a_stop_of_the_process_leaves_a_lane_alone),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}

/* SPDX-License-Identifier: MIT */
/*
 * Threads that work together (base/threads.h). Every item of a common list is done
 * once, for any number of threads and items. Afterwards all threads see what one thread
 * has written. Sleeping threads are woken, late ones are not waited for, and working
 * ones are.
 */
#include "base/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "base/machine.h"
#include "check.h"

enum { MOST = 300, THREADS = 8 };

struct list {
    size_t count;
    atomic_size_t next;
    int done[MOST]; /* how often; not atomic on purpose */
    atomic_int calls[THREADS];
};

static void sleep_for(double seconds)
{
    const struct timespec time = {.tv_sec = (time_t)seconds,
                                  .tv_nsec = (long)((seconds - (long)seconds) * 1e9)};

    nanosleep(&time, NULL);
}

static struct ic_threads *start(int count)
{
    struct ic_threads *team;
    struct ic_error error = {0};

    CHECK_OK(ic_threads_start(count, &team, &error));
    return team;
}

static void work(void *data, int thread)
{
    struct list *const list = data;
    size_t i;

    atomic_fetch_add(&list->calls[thread], 1);
    while ((i = atomic_fetch_add(&list->next, 1)) < list->count)
        list->done[i]++;
}

/* Thousands of lists of different lengths, one directly after the other. */
static void test_lists(int threads)
{
    struct ic_threads *const team = start(threads);
    static struct list list;
    size_t wrong = 0;

    for (size_t round = 0; round < 3000; round++) {
        memset(&list, 0, sizeof list);
        list.count = round * 7 % MOST;
        ic_threads_run(team, work, &list);
        for (size_t i = 0; i < MOST; i++)
            wrong += list.done[i] != (i < list.count);
        wrong += atomic_load(&list.calls[0]) != 1;
        for (int i = threads; i < THREADS; i++)
            wrong += atomic_load(&list.calls[i]) != 0;
    }
    CHECK_INT(wrong, 0);
    ic_threads_stop(team);
}

/* --- sleep ------------------------------------------------------------------------ */

/* Returns only when all threads are in it, so all have been woken. */
static void meet(void *data, int thread)
{
    struct list *const list = data;
    const double start = ic_machine_seconds();

    (void)thread;
    atomic_fetch_add(&list->next, 1);
    while (atomic_load(&list->next) < list->count && ic_machine_seconds() - start < 60)
        sleep_for(1e-4);
}

static void test_sleep(void)
{
    struct ic_threads *const team = start(4);
    const double start_cpu = (double)clock() / CLOCKS_PER_SEC;
    static struct list list;

    for (int round = 0; round < 20; round++) {
        memset(&list, 0, sizeof list);
        list.count = 4;
        ic_threads_run(team, meet, &list);
        CHECK_INT(atomic_load(&list.next), 4);
        sleep_for(round % 4 * 0.01);
    }
    sleep_for(0.3); /* no thread stays awake */
    CHECK((double)clock() / CLOCKS_PER_SEC - start_cpu < 0.3);
    ic_threads_stop(team);
}

/* A caller that has finished waits for the working threads, and sleeps meanwhile. */
static void linger(void *data, int thread)
{
    struct list *const list = data;

    while (thread == 0 && atomic_load(&list->next) == 0)
        sleep_for(1e-4); /* until another thread has begun */
    atomic_store(&list->next, 1);
    if (thread == 0)
        return;
    sleep_for(0.2);
    list->done[thread]++;
}

static void test_linger(void)
{
    struct ic_threads *const team = start(2);
    const double start_cpu = (double)clock() / CLOCKS_PER_SEC;
    static struct list list;

    ic_threads_run(team, linger, &list);
    CHECK_INT(list.done[1], 1);
    CHECK((double)clock() / CLOCKS_PER_SEC - start_cpu < 0.1);
    ic_threads_stop(team);
}

/* --- start and stop --------------------------------------------------------------- */

static void get_mask(void *data, int thread)
{
    sigset_t *const masks = data;

    pthread_sigmask(SIG_SETMASK, NULL, &masks[thread]);
    if (thread == 0)
        sleep_for(1e-3); /* the other's turn */
}

/* The caller's signals reach only the caller. */
static void test_signals(void)
{
    struct ic_threads *const team = start(2);
    sigset_t masks[2];

    memset(masks, 0, sizeof masks);
    for (int i = 0; i < 1000 && !sigismember(&masks[1], SIGTERM); i++)
        ic_threads_run(team, get_mask, masks);
    CHECK(!sigismember(&masks[0], SIGTERM));
    CHECK(sigismember(&masks[1], SIGTERM));
    ic_threads_stop(team);
}

static void test_stop(void)
{
    for (int i = 0; i < 50; i++)
        ic_threads_stop(start(1 + i % THREADS)); /* before the threads have begun */
    ic_threads_stop(NULL);
}

int main(void)
{
    for (int threads = 1; threads <= THREADS; threads++)
        test_lists(threads);
    test_sleep();
    test_linger();
    test_signals();
    test_stop();
    return check_result();
}

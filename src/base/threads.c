/* SPDX-License-Identifier: MIT */
/*
 * Threads that work together. See threads.h.
 *
 * The threads share one number, the state: which piece of work it is, whether threads
 * may still join it, and how many have joined and not left. A thread joins by adding
 * one to the state that it has seen, which fails if the state has changed. The caller
 * closes the piece, then waits until no thread is in it.
 *
 * Sleep: a thread that goes to sleep first counts itself as a sleeper, then looks at
 * the state again. A thread that changes the state looks at the number of sleepers
 * afterwards. Both orders are sequentially consistent, so one of the two sees the
 * other.
 */
#include "base/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"

static const double awake = 50e-6; /* seconds; waking a thread takes as long */

#define PIECE           ((uint64_t)1 << 32) /* from one piece of work to the next */
#define OPEN            ((uint64_t)1 << 31)
#define MEMBERS         (OPEN - 1)
#define PIECE_OF(state) ((state) >> 32)

struct ic_threads {
    int count, started;
    pthread_t *threads;
    struct member {
        struct ic_threads *team;
        int thread;
    } * members;

    _Atomic uint64_t state;
    void (*work)(void *data, int thread); /* of an open piece; NULL ends the threads */
    void *data;

    atomic_int sleepers; /* threads without a piece; the caller at the end of one */
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

/* --- waiting ---------------------------------------------------------------------- */

static void pause_a_little(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

static bool is_new(uint64_t state, uint64_t seen)
{
    return PIECE_OF(state) != PIECE_OF(seen);
}

static bool is_left(uint64_t state, uint64_t seen)
{
    (void)seen;
    return (state & MEMBERS) == 0;
}

/* Waits for a wanted state, first awake, then asleep, and returns the state. */
static uint64_t await(struct ic_threads *team,
                      bool (*wanted)(uint64_t state, uint64_t seen), uint64_t seen)
{
    const double start = ic_machine_seconds();
    uint64_t state = atomic_load(&team->state);

    while (!wanted(state, seen) && ic_machine_seconds() - start < awake)
        for (int i = 0; i < 16 && !wanted(state, seen); i++) {
            pause_a_little();
            state = atomic_load_explicit(&team->state, memory_order_acquire);
        }
    if (wanted(state, seen))
        return state;
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add(&team->sleepers, 1);
    while (!wanted(state = atomic_load(&team->state), seen))
        pthread_cond_wait(&team->changed, &team->lock);
    atomic_fetch_sub(&team->sleepers, 1);
    pthread_mutex_unlock(&team->lock);
    return state;
}

static void wake_all(struct ic_threads *team)
{
    if (atomic_load(&team->sleepers) == 0)
        return;
    pthread_mutex_lock(&team->lock);
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
}

/* --- the threads ------------------------------------------------------------------ */

/* Joins the piece of work of `state` unless it is closed; updates `state` to the
 * newest. */
static bool join_piece(struct ic_threads *team, uint64_t *state)
{
    while ((*state & OPEN) != 0)
        if (atomic_compare_exchange_weak(&team->state, state, *state + 1))
            return true;
    return false;
}

static void *take_part(void *argument)
{
    const struct member *const member = argument;
    struct ic_threads *const team = member->team;
    uint64_t state = 0;

    for (;;) {
        state = await(team, is_new, state);
        if (!join_piece(team, &state))
            continue;
        if (team->work == NULL)
            return NULL;
        team->work(team->data, member->thread);
        if ((atomic_fetch_sub(&team->state, 1) & (OPEN | MEMBERS)) == 1)
            wake_all(team); /* the last thread has left, and the caller waits */
    }
}

static void open_piece(struct ic_threads *team, void (*work)(void *data, int thread),
                       void *data)
{
    const uint64_t state = atomic_load(&team->state); /* no thread is in a piece */

    team->work = work;
    team->data = data;
    atomic_store(&team->state, (PIECE_OF(state) + 1) * PIECE + OPEN);
    wake_all(team);
}

void ic_threads_run(struct ic_threads *team, void (*work)(void *data, int thread),
                    void *data)
{
    if (team->count == 1) {
        work(data, 0);
        return;
    }
    open_piece(team, work, data);
    work(data, 0);
    if ((atomic_fetch_and(&team->state, ~OPEN) & MEMBERS) != 0)
        await(team, is_left, 0);
}

/* --- from start to end ------------------------------------------------------------ */

ic_status ic_threads_start(int count, struct ic_threads **ret_threads,
                           struct ic_error *error)
{
    struct ic_threads *const team = calloc(1, sizeof *team);
    sigset_t all, before;
    int failure = 0;

    *ret_threads = team;
    if (team == NULL)
        return ic_fail_memory(error, "threads", sizeof *team);
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->changed, NULL);
    team->count = count;
    team->threads = calloc((size_t)count, sizeof *team->threads);
    team->members = calloc((size_t)count, sizeof *team->members);
    if (team->threads == NULL || team->members == NULL) {
        ic_threads_stop(team);
        *ret_threads = NULL;
        return ic_fail_memory(error, "threads", (size_t)count * sizeof *team->members);
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (team->started = 1; team->started < count; team->started++) {
        struct member *const member = &team->members[team->started];

        *member = (struct member){team, team->started};
        failure =
            pthread_create(&team->threads[team->started], NULL, take_part, member);
        if (failure != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure == 0)
        return IC_OK;
    ic_threads_stop(team);
    *ret_threads = NULL;
    return ic_fail(error, IC_ERR_LIMIT, "cannot start %d threads: %s (--threads)",
                   count, strerror(failure));
}

void ic_threads_stop(struct ic_threads *team)
{
    if (team == NULL)
        return;
    if (team->started > 1)
        open_piece(team, NULL, NULL);
    for (int i = 1; i < team->started; i++)
        pthread_join(team->threads[i], NULL);
    pthread_cond_destroy(&team->changed);
    pthread_mutex_destroy(&team->lock);
    free(team->threads);
    free(team->members);
    free(team);
}

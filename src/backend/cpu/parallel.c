/* SPDX-License-Identifier: MIT */
/*
 * The one parallel loop of the CPU backend. It sets up each thread: denormals are zero,
 * and BLAS stays in its thread.
 *
 * Tasks are given out one by one, because their costs differ and because a thread may
 * lose its core for a while. Which thread runs a task changes no bits.
 */
#include <stdatomic.h>

#include "backend/cpu/cpu.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/machine.h"

struct loop {
    const struct ic_device *device;
    size_t count;
    void (*task)(const void *args, size_t index, int thread);
    const void *args;
    atomic_size_t next;
};

/* Sets OpenMP's threads, since BLAS may be built on it: see gemm.c. Returns the former
 * number. */
static int blas_threads(int threads)
{
#ifdef _OPENMP
    const int before = omp_get_max_threads();

    omp_set_num_threads(threads);
    return before;
#else
    return threads;
#endif
}

static void run_tasks(void *data, int thread)
{
    struct loop *const loop = data;
    double *const seconds = loop->device->seconds;
    const int before = blas_threads(1);
    size_t i;

    ic_machine_flush_denormals();
    if (seconds != NULL)
        seconds[thread] -= ic_machine_thread_seconds();
    while ((i = atomic_fetch_add(&loop->next, 1)) < loop->count)
        loop->task(loop->args, i, thread);
    if (seconds != NULL)
        seconds[thread] += ic_machine_thread_seconds();
    blas_threads(before);
}

void ic_cpu_run(const struct ic_device *device, size_t count,
                void (*task)(const void *args, size_t index, int thread),
                const void *args)
{
    struct loop loop = {.device = device, .count = count, .task = task, .args = args};
    double seconds = 0;

    if (count == 1)
        run_tasks(&loop, 0);
    else
        ic_threads_run(device->team, run_tasks, &loop);
    if (device->log == NULL)
        return;
    for (int i = 0; i < device->threads; i++) {
        seconds += device->seconds[i];
        device->seconds[i] = 0;
    }
    ic_task_log_add(device->log, (uintptr_t)task, count, seconds);
}

/*
 * The one parallel loop of the CPU backend. Everything that every thread needs is said
 * here: how many there are, that denormals are zero, that BLAS stays in its thread.
 *
 * Tasks are given out one by one (dynamic), because their costs differ and because a
 * thread may lose its core for a while. Which thread runs a task changes no bits.
 */
#include "backend/cpu/cpu.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/machine.h"

void ic_cpu_run(const struct ic_device *device, size_t count,
                void (*task)(const void *args, size_t index, int thread),
                const void *args)
{
    const bool noted = device->log != NULL;
    double seconds = 0;

#ifdef _OPENMP
#pragma omp parallel num_threads(device->threads)
    {
        const int thread = omp_get_thread_num();
        const double start = noted ? ic_machine_thread_seconds() : 0;

        omp_set_num_threads(1); /* of this thread within this region; see gemm.c */
        ic_machine_flush_denormals();
#pragma omp for schedule(dynamic) nowait
        for (size_t i = 0; i < count; i++)
            task(args, i, thread);
        if (noted) {
#pragma omp atomic
            seconds += ic_machine_thread_seconds() - start;
        }
    }
#else
    seconds = noted ? -ic_machine_thread_seconds() : 0;
    ic_machine_flush_denormals();
    for (size_t i = 0; i < count; i++)
        task(args, i, 0);
    seconds += noted ? ic_machine_thread_seconds() : 0;
#endif
    if (noted)
        ic_task_log_add(device->log, (uintptr_t)task, count, seconds);
}

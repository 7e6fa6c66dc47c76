/*
 * Asks Linux what this process may use. What cannot be found out is taken as the
 * answer that keeps the program going: every logical processor is a core, no limit.
 *
 * Sources: sched_getaffinity(2), proc(5), sysconf(3); the kernel's
 * Documentation/admin-guide/cputopology.rst.
 */
#include "base/machine.h"

#include "base/assumptions.h"

#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#ifdef __SSE__
#include <xmmintrin.h>
#endif

#include "base/cgroup.h"

enum { MOST_PROCESSORS = 1 << 16 };

/* The first processor of the mask that is a hardware thread of the same core: the list
 * reads like "0,64" or "0-1". The processor itself when nothing is known. */
static int first_of_core(int processor, const cpu_set_t *mask, size_t mask_bytes)
{
    char path[96], list[512], *at = list;
    FILE *stream;
    bool known;

    snprintf(path, sizeof path,
             "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", processor);
    stream = fopen(path, "re");
    if (stream == NULL)
        return processor;
    known = fgets(list, sizeof list, stream) != NULL;
    fclose(stream);
    while (known && *at >= '0' && *at <= '9') {
        const long first = strtol(at, &at, 10);
        const long last = *at == '-' ? strtol(at + 1, &at, 10) : first;

        for (long i = first; i <= last && i < MOST_PROCESSORS; i++)
            if (CPU_ISSET_S((size_t)i, mask_bytes, mask))
                return (int)i;
        if (*at == ',')
            at++;
    }
    return processor;
}

/* Physical cores with a processor in the affinity mask; 0 when the mask is unknown. */
static int cores_in_mask(void)
{
    const size_t mask_bytes = CPU_ALLOC_SIZE(MOST_PROCESSORS);
    cpu_set_t *mask = CPU_ALLOC(MOST_PROCESSORS);
    int cores = 0;

    if (mask == NULL)
        return 0;
    CPU_ZERO_S(mask_bytes, mask);
    if (sched_getaffinity(0, mask_bytes, mask) == 0)
        for (int i = 0; i < MOST_PROCESSORS; i++)
            if (CPU_ISSET_S((size_t)i, mask_bytes, mask))
                cores += first_of_core(i, mask, mask_bytes) == i;
    CPU_FREE(mask);
    return cores;
}

int ic_machine_cores(void)
{
    const double quota = ceil(ic_cgroup_cpus(""));
    int cores = cores_in_mask();

    if (cores < 1)
        cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (quota < cores)
        cores = (int)quota;
    return cores < 1 ? 1 : cores;
}

int ic_machine_threads(int threads)
{
    return threads == 0 ? ic_machine_cores() : threads;
}

uint64_t ic_machine_memory(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    const uint64_t limit = ic_cgroup_memory("");
    uint64_t memory = UINT64_MAX;

    if (pages > 0 && page > 0)
        memory = (uint64_t)pages * (uint64_t)page;
    return limit < memory ? limit : memory;
}

/* VmHWM, since ru_maxrss also counts the program that started this one (fork and exec
 * keep its peak). */
uint64_t ic_machine_peak_rss(void)
{
    FILE *stream = fopen("/proc/self/status", "re");
    unsigned long long kib = 0;
    char line[256];
    struct rusage usage;

    while (stream != NULL && fgets(line, sizeof line, stream) != NULL)
        if (sscanf(line, "VmHWM: %llu kB", &kib) == 1)
            break;
    if (stream != NULL)
        fclose(stream);
    if (kib == 0 && getrusage(RUSAGE_SELF, &usage) == 0)
        kib = (unsigned long long)usage.ru_maxrss;
    return (uint64_t)kib * 1024;
}

static double read_clock(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double ic_machine_seconds(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double ic_machine_thread_seconds(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void ic_machine_flush_denormals(void)
{
#if defined(__SSE__)
    /* MXCSR: flush to zero (bit 15) and denormals are zero (bit 6). */
    _mm_setcsr(_mm_getcsr() | 0x8040u);
#elif defined(__aarch64__)
    /* FPCR: flush to zero (bit 24). */
    uint64_t control;

    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | (1u << 24)));
#endif
}

/* SPDX-License-Identifier: MIT */
/*
 * Asks the system what this process may use; machine_cores.c counts cores. A limit that
 * cannot be found out counts as no limit, so that the program runs.
 *
 * Sources: proc(5), sysconf(3), getrusage(2).
 */
#include "base/machine.h"

#include "base/assumptions.h"

#include <math.h>
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

/* --- cores ------------------------------------------------------------------------ */

int ic_machine_share_cores(const struct ic_rank_cores *cores)
{
    const double quota = ceil(cores->quota / cores->ranks);
    const int share = cores->all / cores->ranks;
    int taken = cores->own;

    if (cores->sum > cores->all && share < taken)
        taken = share;
    if (quota < taken)
        taken = (int)quota;
    return taken < 1 ? 1 : taken;
}

/* Ranks that all have the same mask have only the cores of that mask. */
int ic_machine_rank_cores(int ranks, int sum, int alike)
{
    const struct ic_rank_cores cores = {
        .ranks = ranks,
        .own = ic_machine_mask_cores(),
        .sum = sum,
        .all = alike == ranks ? ic_machine_mask_cores() : ic_machine_all_cores(),
        .quota = ic_cgroup_cpus(""),
    };

    return ic_machine_share_cores(&cores);
}

int ic_machine_cores(void)
{
    return ic_machine_rank_cores(1, 0, 1);
}

int ic_machine_asked_threads(void)
{
    enum { MOST_THREADS = 4096 };
    const char *const text = getenv("OMP_NUM_THREADS");
    char *end;
    long count;

    if (text == NULL)
        return 0;
    count = strtol(text, &end, 10);
    end += strspn(end, " \t");
    if ((*end != '\0' && *end != ',') || count < 1 || count > MOST_THREADS)
        return 0;
    return (int)count;
}

int ic_machine_threads(int threads)
{
    const int asked = threads != 0 ? threads : ic_machine_asked_threads();

    return asked != 0 ? asked : ic_machine_cores();
}

/* --- memory ----------------------------------------------------------------------- */

uint64_t ic_machine_memory(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    const uint64_t limit = ic_cgroup_memory("");
    uint64_t memory = UINT64_MAX;

    if (pages > 0 && page > 0)
        memory = (uint64_t)pages * (uint64_t)page;
    return limit < memory ? limit : memory;
}

/* A figure of /proc/self/status in KiB, by the scanf format of its line; 0: none. */
static unsigned long long read_status(const char *format)
{
    FILE *stream = fopen("/proc/self/status", "re");
    unsigned long long kib = 0;
    char line[256];

    while (stream != NULL && fgets(line, sizeof line, stream) != NULL)
        if (sscanf(line, format, &kib) == 1)
            break;
    if (stream != NULL)
        fclose(stream);
    return kib;
}

uint64_t ic_machine_rss(void)
{
    return (uint64_t)read_status("VmRSS: %llu kB") * 1024;
}

/* VmHWM, since ru_maxrss also counts the program that started this one (fork and exec
 * keep its peak). */
uint64_t ic_machine_peak_rss(void)
{
    const unsigned long long kib = read_status("VmHWM: %llu kB");
    struct rusage usage;

    if (kib > 0)
        return (uint64_t)kib * 1024;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
#ifdef __APPLE__
    return (uint64_t)usage.ru_maxrss; /* bytes on macOS */
#else
    return (uint64_t)usage.ru_maxrss * 1024;
#endif
}

/* --- time and arithmetic ---------------------------------------------------------- */

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

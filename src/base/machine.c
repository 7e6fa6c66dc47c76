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

/* --- cores ------------------------------------------------------------------------ */

/* Reads a list of processors, which is like "0,64" or "0-1", from a file of the kernel;
 * empty when it cannot be read. */
static void read_list(const char *path, char *list, int size)
{
    FILE *stream = fopen(path, "re");

    if (stream == NULL || fgets(list, size, stream) == NULL)
        list[0] = '\0';
    if (stream != NULL)
        fclose(stream);
}

/* Takes the next range from the list; false at the end. */
static bool next_range(char **at, int *first, int *last)
{
    if (**at < '0' || **at > '9')
        return false;
    *first = (int)strtol(*at, at, 10);
    *last = **at == '-' ? (int)strtol(*at + 1, at, 10) : *first;
    if (*last >= MOST_PROCESSORS)
        *last = MOST_PROCESSORS - 1;
    if (**at == ',')
        ++*at;
    return true;
}

/* The first processor of the mask that is a hardware thread of the same core; the
 * processor itself when nothing is known. */
static int first_of_core(int processor, const cpu_set_t *mask, size_t mask_bytes)
{
    char path[96], list[512], *at = list;
    int first, last;

    snprintf(path, sizeof path,
             "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", processor);
    read_list(path, list, sizeof list);
    while (next_range(&at, &first, &last))
        for (int i = first; i <= last; i++)
            if (CPU_ISSET_S((size_t)i, mask_bytes, mask))
                return i;
    return processor;
}

/* The processors that this process may run on; false when they are unknown. */
static bool read_affinity(cpu_set_t *mask, size_t mask_bytes)
{
    return sched_getaffinity(0, mask_bytes, mask) == 0;
}

/* The processors of the machine; false when they are unknown. */
static bool read_online(cpu_set_t *mask, size_t mask_bytes)
{
    char list[4096], *at = list;
    int first, last;

    read_list("/sys/devices/system/cpu/online", list, sizeof list);
    while (next_range(&at, &first, &last))
        for (int i = first; i <= last; i++)
            CPU_SET_S((size_t)i, mask_bytes, mask);
    return CPU_COUNT_S(mask_bytes, mask) > 0;
}

/* Physical cores with a processor in the mask that `read_mask` fills; at least 1. */
static int count_cores(bool (*read_mask)(cpu_set_t *mask, size_t mask_bytes))
{
    const size_t mask_bytes = CPU_ALLOC_SIZE(MOST_PROCESSORS);
    cpu_set_t *mask = CPU_ALLOC(MOST_PROCESSORS);
    int cores = 0;

    if (mask != NULL) {
        CPU_ZERO_S(mask_bytes, mask);
        if (read_mask(mask, mask_bytes))
            for (int i = 0; i < MOST_PROCESSORS; i++)
                if (CPU_ISSET_S((size_t)i, mask_bytes, mask))
                    cores += first_of_core(i, mask, mask_bytes) == i;
        CPU_FREE(mask);
    }
    if (cores < 1)
        cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores;
}

int ic_machine_mask_cores(void)
{
    return count_cores(read_affinity);
}

int ic_machine_all_cores(void)
{
    return count_cores(read_online);
}

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

int ic_machine_mask_checksum(void)
{
    const size_t mask_bytes = CPU_ALLOC_SIZE(MOST_PROCESSORS);
    unsigned char *mask = calloc(1, mask_bytes);
    uint32_t sum = 2166136261u; /* FNV-1a */

    if (mask != NULL && read_affinity((cpu_set_t *)(void *)mask, mask_bytes))
        for (size_t i = 0; i < mask_bytes; i++)
            sum = (sum ^ mask[i]) * 16777619u;
    free(mask);
    return (int)(sum >> 1);
}

/* Ranks that all have the same mask have no other cores than these. */
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
    unsigned long long kib = read_status("VmHWM: %llu kB");
    struct rusage usage;

    if (kib == 0 && getrusage(RUSAGE_SELF, &usage) == 0)
        kib = (unsigned long long)usage.ru_maxrss;
    return (uint64_t)kib * 1024;
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

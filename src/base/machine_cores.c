/* SPDX-License-Identifier: MIT */
/*
 * Counts physical cores. Where the topology is unknown, every logical processor counts
 * as a core, so that the program runs. Systems other than Linux are asked only for
 * logical processors: they have no affinity masks, or no common way to read them.
 *
 * Sources: sched_getaffinity(2), sysconf(3); the kernel's
 * Documentation/admin-guide/cputopology.rst.
 */
#include "base/machine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>

enum { MOST_PROCESSORS = 1 << 16 };

/* Reads a list of processors, such as "0,64" or "0-1", from a file of the kernel; empty
 * when it cannot be read. */
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

#else

static int count_processors(void)
{
    const long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count < 1 ? 1 : (int)count;
}

int ic_machine_mask_cores(void)
{
    return count_processors();
}

int ic_machine_all_cores(void)
{
    return count_processors();
}

int ic_machine_mask_checksum(void)
{
    return 0; /* all processes may use all processors */
}

#endif

/*
 * What this process may use of the machine: cores (affinity mask, physical
 * cores, cgroup quota) and memory (RAM, cgroup limit), clock and peak memory.
 */
#ifndef IC_BASE_MACHINE_H
#define IC_BASE_MACHINE_H

#include <stdint.h>

/* Physical cores in the affinity mask, not more than the cgroup's CPU quota
 * rounded up; at least 1. */
int ic_machine_cores(void);

/* `threads`, or ic_machine_cores where it is 0. */
int ic_machine_threads(int threads);

/* Bytes of memory that this process may use: the smaller of RAM and of the
 * limits of its cgroups (v2 and v1). */
uint64_t ic_machine_memory(void);

/* Highest resident set of this process so far, in bytes. */
uint64_t ic_machine_peak_rss(void);

/* Resident set of this process now, in bytes; 0 where the system does not tell. */
uint64_t ic_machine_rss(void);

/* Seconds on a clock that never goes back. */
double ic_machine_seconds(void);

/* Seconds of processor time that the calling thread has had. */
double ic_machine_thread_seconds(void);

/* Flush denormals to zero in the calling thread, on hardware that can. Every
 * thread that computes calls it, since it changes bits. */
void ic_machine_flush_denormals(void);

#endif

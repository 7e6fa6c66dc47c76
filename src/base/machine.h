/* SPDX-License-Identifier: MIT */
/*
 * What this process may use of the machine: cores (affinity mask, physical cores,
 * cgroup quota, other ranks) and memory (RAM, cgroup limit). Also clocks and peak
 * memory.
 */
#ifndef IC_BASE_MACHINE_H
#define IC_BASE_MACHINE_H

#include <stdint.h>

/* Physical cores in the affinity mask, not more than the cgroup's CPU quota
 * rounded up; at least 1. */
int ic_machine_cores(void);

/* What OMP_NUM_THREADS asks for (OpenMP 5.2, section 21.1.2: of a list, the first
 * number); 0 where the variable is not set or is no number from 1 to 4096. */
int ic_machine_asked_threads(void);

/* `threads`; where it is 0, what OMP_NUM_THREADS asks for, or else ic_machine_cores. */
int ic_machine_threads(int threads);

/* Physical cores in the affinity mask, whatever the quota; at least 1. */
int ic_machine_mask_cores(void);

/* Physical cores of the machine that are online, whatever this process may use of them;
 * at least 1. */
int ic_machine_all_cores(void);

/* The cores known to a rank where several ranks run on the machine. */
struct ic_rank_cores {
    int ranks;    /* on this machine, at least 1 */
    int own;      /* physical cores in the rank's affinity mask, at least 1 */
    int sum;      /* of `own` over the ranks of this machine */
    int all;      /* physical cores that they may use together, at least 1 */
    double quota; /* processors that the cgroup allows all ranks, or INFINITY */
};

/* Cores that a rank takes: its own where the ranks' masks can be of different cores,
 * and its equal share where the masks together have more cores than exist. With a
 * quota, no more than its equal share of the quota, rounded up. At least 1. */
int ic_machine_share_cores(const struct ic_rank_cores *cores);

/* The same for this process: `ranks` run on this machine, `sum` is the sum of their
 * ic_machine_mask_cores, and `alike` of them have this process's mask. */
int ic_machine_rank_cores(int ranks, int sum, int alike);

/* A checksum of the affinity mask: processes with the same checksum have the same mask.
 */
int ic_machine_mask_checksum(void);

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

/* Flushes denormals to zero in the calling thread, on hardware that can. Every thread
 * that computes calls this function, since it changes results. */
void ic_machine_flush_denormals(void);

#endif

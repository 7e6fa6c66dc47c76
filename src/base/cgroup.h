/* SPDX-License-Identifier: MIT */
/*
 * The limits that Linux control groups set for this process on processor time and
 * memory. Containers and job schedulers use them.
 */
#ifndef IC_BASE_CGROUP_H
#define IC_BASE_CGROUP_H

#include <stdint.h>

/* The smallest limit of the process's groups, v1 and v2, from its own up to the topmost
 * visible one; INFINITY and UINT64_MAX without a limit. `root` is the prefix of /proc
 * and /sys: "" outside tests. */
double ic_cgroup_cpus(const char *root);
uint64_t ic_cgroup_memory(const char *root);

#endif

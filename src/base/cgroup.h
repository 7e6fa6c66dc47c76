/* SPDX-License-Identifier: MIT */
/*
 * The limits that Linux control groups set for this process: how much processor time
 * and memory. Containers and job schedulers set them.
 */
#ifndef IC_BASE_CGROUP_H
#define IC_BASE_CGROUP_H

#include <stdint.h>

/* The smallest limit of the process's groups, of both versions, from its own up to the
 * topmost that can be seen; INFINITY and UINT64_MAX when there is none. `root` goes
 * before /proc and /sys: "" outside tests. */
double ic_cgroup_cpus(const char *root);
uint64_t ic_cgroup_memory(const char *root);

#endif

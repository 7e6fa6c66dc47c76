/* SPDX-License-Identifier: MIT */
/*
 * The two parts of the sandbox. See sandbox.h. Both need "no new privileges".
 */
#ifndef IC_BASE_SANDBOX_PRIVATE_H
#define IC_BASE_SANDBOX_PRIVATE_H

#include <stdbool.h>

#include "base/sandbox.h"

/* The version of the kernel's Landlock; 0: it has none, or this build lacks it. */
int ic_sandbox_landlock_version(void);

/* Restricts files. `readable` as for ic_sandbox_enter. */
ic_status ic_sandbox_landlock(const char *const *readable, struct ic_error *error);

/* Whether the kernel takes filters of system calls for all threads at once. */
bool ic_sandbox_has_seccomp(void);

/* Restricts system calls, in all threads. */
ic_status ic_sandbox_seccomp(struct ic_error *error);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The sandbox (base/sandbox.h) for a program that computes on the CPU alone.
 */
#ifndef IC_BACKEND_CPU_SANDBOX_H
#define IC_BACKEND_CPU_SANDBOX_H

#include "base/error.h"

/* Ends the threads that the BLAS started before main, which Landlock would not bind,
 * and enters the sandbox (ic_sandbox_enter). For programs, before they start threads:
 * in a library, another part of the process may be computing with the BLAS. */
ic_status ic_cpu_enter_sandbox(const char *const *readable, struct ic_error *error);

#endif

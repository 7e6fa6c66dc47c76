/* SPDX-License-Identifier: MIT */
/*
 * The sandbox of `predict` and `serve`. These commands decode pictures that others
 * made, with libraries of others. Before the first one they give up, for good, whatever
 * they no longer need, so that a picture that takes over a decoder gains little:
 *
 *   files      It reads only what the command allows. It opens no file for writing, and
 *              creates, removes and renames none (Landlock). It changes no owner, mode
 *              or attribute (seccomp).
 *   network    It opens no new socket and connects to nothing. A socket that already
 *              listens still accepts.
 *   processes  It starts no program, and neither traces, reads nor signals others.
 *   system     It mounts nothing, makes no namespaces, loads no code into the kernel.
 *
 * Files that are open stay usable: standard output goes where the shell sent it. New
 * threads and reads of the clock, memory and so on are as free as before.
 *
 * Linux restricts a process at its own request, without privileges: Landlock (5.13, the
 * kernel's Documentation/userspace-api/landlock.rst) for files, filters of system calls
 * (seccomp_filter.rst) for the rest; "no new privileges" (no_new_privs.rst) comes
 * first, as both need it. Each is used where the kernel has it. A kernel that has one
 * and refuses it is an error: no command believes itself restricted when it is not.
 *
 * Landlock binds the calling thread and those that it starts from then on, and seccomp
 * all threads. So a command enters before it starts threads, and after those that a
 * BLAS started before main have ended (backend/cpu/sandbox.h).
 *
 * Not for a GPU: its driver opens device files, and writes to them, at any time.
 */
#ifndef IC_BASE_SANDBOX_H
#define IC_BASE_SANDBOX_H

#include <stddef.h>

#include "base/error.h"

/* Enters the sandbox. `readable` ends with NULL and names the files, and the folders
 * with all that is below them, that may still be read; names that do not exist or
 * cannot be reached are passed over. NULL: everything may be read. */
ic_status ic_sandbox_enter(const char *const *readable, struct ic_error *error);

/* Writes what ic_sandbox_enter makes use of here, such as "Landlock 7, seccomp", or
 * "no" and the reason. */
void ic_sandbox_describe(char *text, size_t size);

#endif

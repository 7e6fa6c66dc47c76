/* SPDX-License-Identifier: MIT */
/*
 * Watches fsync: which files and folders are synced, in which order, and what happens
 * where it fails. The linker routes the library's calls through this header
 * (--wrap=fsync in Makefile.am).
 */
#ifndef IC_TESTS_SYNCS_H
#define IC_TESTS_SYNCS_H

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static char syncs[64];      /* in turn, "f" for a file and "d" for a folder */
static int sync_errno;      /* 0, or how a call for a file fails */
static int sync_interrupts; /* that many calls are interrupted first */

int __real_fsync(int descriptor);
int __wrap_fsync(int descriptor);

int __wrap_fsync(int descriptor)
{
    struct stat about;
    const bool folder = fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode);

    if (sync_interrupts > 0) {
        sync_interrupts--;
        errno = EINTR;
        return -1;
    }
    if (strlen(syncs) + 1 < sizeof syncs)
        strcat(syncs, folder ? "d" : "f");
    if (sync_errno != 0 && !folder) {
        errno = sync_errno;
        return -1;
    }
    return __real_fsync(descriptor);
}

static inline void syncs_begin(int failure, int interrupts)
{
    syncs[0] = '\0';
    sync_errno = failure;
    sync_interrupts = interrupts;
}

#endif

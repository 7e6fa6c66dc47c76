/* SPDX-License-Identifier: MIT */
/*
 * Enters the sandbox with what the kernel has. See sandbox.h.
 */
#include "base/sandbox.h"

#include <stdio.h>

#include "base/sandbox_private.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif

/* configure leaves the sandbox out of builds for sanitizers, for coverage, and with
 * libomp, and says why (m4/hardening.m4). */
#ifdef IC_NO_SANDBOX
static const char *const left_out = IC_NO_SANDBOX; /* "no (coverage)" */
#else
static const char *const left_out = NULL;
#endif

static bool no_new_privileges(void)
{
#ifdef __linux__
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
#else
    return true;
#endif
}

ic_status ic_sandbox_enter(const char *const *readable, struct ic_error *error)
{
    ic_status status = IC_OK;

    if (left_out != NULL)
        return IC_OK;
    if (!no_new_privileges())
        return ic_fail_errno(error, "the sandbox cannot give up new privileges");
    if (ic_sandbox_landlock_version() > 0)
        status = ic_sandbox_landlock(readable, error);
    if (status == IC_OK && ic_sandbox_has_seccomp())
        status = ic_sandbox_seccomp(error);
    return status;
}

void ic_sandbox_describe(char *text, size_t size)
{
    const int version = left_out == NULL ? ic_sandbox_landlock_version() : 0;
    const bool seccomp = left_out == NULL && ic_sandbox_has_seccomp();

    if (version > 0)
        snprintf(text, size, "Landlock %d%s", version, seccomp ? ", seccomp" : "");
    else
        snprintf(text, size, "%s",
                 seccomp            ? "seccomp"
                 : left_out != NULL ? left_out
                                    : "no (this system has neither Landlock nor "
                                      "seccomp)");
}

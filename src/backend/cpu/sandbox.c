/* SPDX-License-Identifier: MIT */
/*
 * Enters the sandbox without threads of the BLAS. See sandbox.h.
 */
#include "backend/cpu/sandbox.h"

#include "backend/cpu/gemm.h"
#include "base/sandbox.h"

ic_status ic_cpu_enter_sandbox(const char *const *readable, struct ic_error *error)
{
    ic_gemm_end_threads();
    return ic_sandbox_enter(readable, error);
}

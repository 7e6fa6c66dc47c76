/* SPDX-License-Identifier: MIT */
/*
 * All inner loops, for one kind of processor. kernel_body.h lists the macros to define
 * before; they are undefined afterwards.
 */
#include "backend/cpu/kernel_body.h"
#include "backend/cpu/winograd_body.h"

#undef KERNEL
#undef TARGET
#undef LANES
#undef DOT_PART
#undef DOT_FEW
#undef OUTER_PART

/* SPDX-License-Identifier: MIT */
/*
 * All inner loops, for one kind of processor; see kernel_body.h for what is to be
 * defined. The definitions are gone afterwards.
 */
#include "backend/cpu/kernel_body.h"
#include "backend/cpu/winograd_body.h"

#undef KERNEL
#undef TARGET
#undef LANES
#undef DOT_PART
#undef DOT_FEW
#undef OUTER_PART

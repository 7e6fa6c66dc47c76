/* SPDX-License-Identifier: MIT */
/*
 * The inner loops of the convolutions, for each kind of processor, and which of them
 * this processor can run. The loops are written once, in kernel_body.h and
 * winograd_body.h, with the compiler's vector types. A kind of processor is given by
 * the length of a vector and by the rows that fit its registers.
 */
#include "backend/cpu/kernel.h"

#include "backend/cpu/cpu.h"

enum { AHEAD = 1024 }; /* floats of the panel that are fetched in advance: 32 rows */

/* Before a loop: unroll it altogether. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* Each function begins on a cache line of its own: otherwise the speed of its loop
 * depends, by a few percent, on the code that the linker puts before it. */
#define ON_A_LINE aligned(64)

#ifdef __x86_64__

#ifndef IC_NO_AVX512
/* 32 registers of 16 floats. */
#define KERNEL(name) name##_avx512
#define TARGET \
    __attribute__((ON_A_LINE, target("avx512f,avx512bw,avx512dq,avx512vl,fma")))
#define LANES      16
#define DOT_PART   14
#define DOT_FEW    8
#define OUTER_PART 12
#include "backend/cpu/kernel_all.h"
#endif

/* 16 registers of 8 floats. */
#define KERNEL(name) name##_avx2
#define TARGET       __attribute__((ON_A_LINE, target("avx2,fma")))
#define LANES        8
#define DOT_PART     6
#define DOT_FEW      3
#define OUTER_PART   6
#include "backend/cpu/kernel_all.h"

#endif

/* At least 16 registers of 4 floats, as every 64-bit processor has. */
#define KERNEL(name) name##_any
#define TARGET       __attribute__((ON_A_LINE))
#define LANES        4
#define DOT_PART     6
#define DOT_FEW      3
#define OUTER_PART   6
#include "backend/cpu/kernel_all.h"

#define KERNELS(text, processor, rows)                                       \
    {                                                                        \
        text, rows, dot_##processor, outer_##processor,                      \
            {patch_##processor, tile_##processor, tile_gradient_##processor, \
             taps_##processor, taps_gradient_##processor},                   \
            multiply_add_##processor                                         \
    }

const struct ic_kernels *ic_kernels_get(int index)
{
    static const struct ic_kernels any = KERNELS("128-bit vectors", any, 12);
    const struct ic_kernels *found[4] = {NULL};
    int count = 0;

#ifdef __x86_64__
    static const struct ic_kernels avx2 = KERNELS("AVX2", avx2, 12);
#ifndef IC_NO_AVX512
    static const struct ic_kernels avx512 = KERNELS("AVX-512", avx512, 14);

    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        found[count++] = &avx512;
#endif
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        found[count++] = &avx2;
#endif
    found[count++] = &any;
    return index < count ? found[index] : NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * Philox4x32-10, the generator behind all random numbers (see random.h). It is in a
 * header so that a GPU draws the same numbers.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC
 * 2011, section 3.3.
 */
#ifndef IC_BASE_PHILOX_H
#define IC_BASE_PHILOX_H

#include <stdint.h>

#include "base/everywhere.h"

/* Ten rounds: out = f(counter, key). */
IC_EVERYWHERE void ic_philox4x32(uint32_t out[4], const uint32_t counter[4],
                                 const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        const uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;

        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u; /* the golden ratio, and the root of 3 less 1 */
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

#endif

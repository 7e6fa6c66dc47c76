/* SPDX-License-Identifier: MIT */
/*
 * Streams of random numbers, and the distributions drawn from them.
 *
 * The key is the seed; the counter is (block, index, epoch, use), so that every stream
 * has 2^32 blocks of four numbers and no two streams share one.
 *
 * Sources: Lemire, "Fast Random Integer Generation in an Interval", ACM
 * TOMACS 2019; Box and Muller, "A Note on the Generation of Random Normal Deviates",
 * 1958; Bailey, "Polar Generation of Random Variates with the t-Distribution",
 * Mathematics of Computation 62, 1994; Durstenfeld, "Algorithm 235: Random
 * permutation", CACM 1964.
 */
#include "base/random.h"

#include <assert.h>
#include <math.h>

#include "base/philox.h"

void ic_random_init(struct ic_random *random, uint64_t seed, enum ic_random_use use,
                    uint32_t epoch, uint32_t index)
{
    *random = (struct ic_random){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, index, epoch, (uint32_t)use},
    };
}

uint32_t ic_random_u32(struct ic_random *random)
{
    if (random->left == 0) {
        ic_philox4x32(random->block, random->counter, random->key);
        random->counter[0]++;
        random->left = 4;
    }
    return random->block[4 - random->left--];
}

void ic_random_skip(struct ic_random *random, uint32_t blocks)
{
    assert(random->left == 0);
    random->counter[0] += blocks;
}

double ic_random_uniform(struct ic_random *random)
{
    return ic_random_u32(random) * 0x1p-32;
}

/* The high half of u32 * n is the result. Products with a low half under 2^32 mod n
 * would give some results once too often, so they are drawn again. */
uint32_t ic_random_below(struct ic_random *random, uint32_t n)
{
    uint64_t product;

    assert(n > 0);
    product = (uint64_t)ic_random_u32(random) * n;
    if ((uint32_t)product < n) {
        const uint32_t threshold = -n % n;

        while ((uint32_t)product < threshold)
            product = (uint64_t)ic_random_u32(random) * n;
    }
    return (uint32_t)(product >> 32);
}

double ic_random_normal(struct ic_random *random)
{
    const double two_pi = 6.283185307179586;
    const double radius = 1.0 - ic_random_uniform(random); /* in (0, 1] */
    const double angle = ic_random_uniform(random);

    return sqrt(-2.0 * log(radius)) * cos(two_pi * angle);
}

/* Bailey: with n = 2 a, T = sqrt(n (U^(-2/n) - 1)) cos(2 pi V) has Student's
 * t-distribution with n degrees of freedom. Then (1 + T / sqrt(n + T^2)) / 2 has
 * Beta(a, a). With q = T^2 / n the fraction is 1 / sqrt(1 + 1 / q), with T's sign; an
 * infinite q gives the right limit. */
double ic_random_beta(struct ic_random *random, double a)
{
    const double two_pi = 6.283185307179586;
    const double u = 1.0 - ic_random_uniform(random); /* in (0, 1] */
    const double cosine = cos(two_pi * ic_random_uniform(random));
    const double q = (pow(u, -1 / a) - 1) * cosine * cosine;

    assert(a > 0);
    return 0.5 + copysign(0.5, cosine) / sqrt(1 + 1 / q);
}

void ic_random_permutation(struct ic_random *random, uint32_t *out, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        const uint32_t j = ic_random_below(random, i);
        const uint32_t last = out[i - 1];

        out[i - 1] = out[j];
        out[j] = last;
    }
}

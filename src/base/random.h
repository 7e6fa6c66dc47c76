/* SPDX-License-Identifier: MIT */
/*
 * Counter-based random numbers.
 *
 * A random number is a function of (seed, use, epoch, index) and of its place
 * in that stream, never of shared state. So the order in which threads ask
 * does not matter, training can resume within an epoch, and a GPU draws the
 * same numbers.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as
 * 1, 2, 3", SC 2011; the generator is their Philox4x32-10, in philox.h.
 */
#ifndef IC_BASE_RANDOM_H
#define IC_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a stream of numbers is for. Two uses never share a stream. The values
 * are part of the results: append, never renumber. */
enum ic_random_use {
    IC_RANDOM_INIT = 1,     /* initial weights; index = parameter */
    IC_RANDOM_SPLIT = 2,    /* which pictures are for validation */
    IC_RANDOM_SHUFFLE = 3,  /* order of an epoch */
    IC_RANDOM_AUGMENT = 4,  /* crop and flip; index = picture */
    IC_RANDOM_DROPOUT = 5,  /* epoch = step, index = which dropout */
    IC_RANDOM_TOY = 6,      /* drawing; index = picture */
    IC_RANDOM_BENCH = 7,    /* random data for measurements */
    IC_RANDOM_MIXUP = 8,    /* epoch = step; see train/mixup.h */
    IC_RANDOM_GRADCHECK = 9 /* which weights; index = parameter */
};

struct ic_random {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4]; /* the four numbers of the current counter */
    int left;          /* how many of them are unused */
};

/* Opens the stream of (seed, use, epoch, index). */
void ic_random_init(struct ic_random *random, uint64_t seed, enum ic_random_use use,
                    uint32_t epoch, uint32_t index);

uint32_t ic_random_u32(struct ic_random *random);

/* Skips the first 4 * `blocks` numbers of a stream that was just opened. */
void ic_random_skip(struct ic_random *random, uint32_t blocks);

/* Uniform in [0, 1), a multiple of 2^-32. */
double ic_random_uniform(struct ic_random *random);

/* Uniform integer in [0, n), without bias (Lemire 2019); n > 0. */
uint32_t ic_random_below(struct ic_random *random, uint32_t n);

/* Standard normal (Box and Muller 1958); uses two uniform numbers per call. */
double ic_random_normal(struct ic_random *random);

/* Beta(a, a) in [0, 1], a > 0; uses two uniform numbers per call. */
double ic_random_beta(struct ic_random *random, double a);

/* Writes a permutation of 0 .. count-1 (Fisher and Yates). */
void ic_random_permutation(struct ic_random *random, uint32_t *out, uint32_t count);

#endif

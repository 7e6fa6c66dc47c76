/* SPDX-License-Identifier: MIT */
/*
 * The seed of a test that draws at random: the first argument, an environment variable,
 * or a new seed on each run. It is printed, so that a failure can be repeated.
 */
#ifndef IC_TESTS_SEED_H
#define IC_TESTS_SEED_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t test_seed(int argc, char **argv)
{
    const char *given = argc > 1 ? argv[1] : getenv("IC_TEST_SEED");
    struct timespec now;
    uint64_t seed;

    clock_gettime(CLOCK_REALTIME, &now);
    seed = given != NULL
               ? strtoull(given, NULL, 10)
               : (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    fprintf(stderr, "seed %" PRIu64 " (again: IC_TEST_SEED=%" PRIu64 ")\n", seed, seed);
    return seed;
}

#endif

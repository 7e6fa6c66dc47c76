/* SPDX-License-Identifier: MIT */
/*
 * A test is a program. It exits 0 when all checks held, 1 when one did not, 77 when it
 * cannot run here (with the reason), 99 when the test itself broke. A failed check
 * prints where and what, and the program continues, so that one run shows all failures.
 */
#ifndef IC_TESTS_CHECK_H
#define IC_TESTS_CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Weak: one counter for all files of a test. */
__attribute__((weak)) int check_failures;

#define CHECK_FAIL(...)                                 \
    do {                                                \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__); \
        fprintf(stderr, __VA_ARGS__);                   \
        fputc('\n', stderr);                            \
        check_failures++;                               \
    } while (0)

/* The condition holds. */
#define CHECK(condition)                                \
    do {                                                \
        if (!(condition))                               \
            CHECK_FAIL("%s does not hold", #condition); \
    } while (0)

/* Two integers are equal. */
#define CHECK_INT(found, expected)                                                     \
    do {                                                                               \
        const long long check_f = (long long)(found), check_e = (long long)(expected); \
        if (check_f != check_e)                                                        \
            CHECK_FAIL("%s is %lld, expected %lld", #found, check_f, check_e);         \
    } while (0)

/* Two strings are equal. */
#define CHECK_STRING(found, expected)                           \
    do {                                                        \
        const char *check_f = (found), *check_e = (expected);   \
        if (check_f == NULL || strcmp(check_f, check_e) != 0)   \
            CHECK_FAIL("%s is \"%s\", expected \"%s\"", #found, \
                       check_f ? check_f : "(null)", check_e);  \
    } while (0)

/* |found - expected| <= tolerance. */
#define CHECK_NEAR(found, expected, tolerance)                                       \
    do {                                                                             \
        const double check_f = (found), check_e = (expected), check_t = (tolerance); \
        if (!(fabs(check_f - check_e) <= check_t))                                   \
            CHECK_FAIL("%s is %.9g, expected %.9g within %.3g", #found, check_f,     \
                       check_e, check_t);                                            \
    } while (0)

/* The call succeeds; its message is shown when it does not. `error` is in scope. */
#define CHECK_OK(call)                                  \
    do {                                                \
        if ((call) != IC_OK)                            \
            CHECK_FAIL("%s: %s", #call, error.message); \
    } while (0)

/* The call fails with that status, and its message holds `text`. */
#define CHECK_FAILS(call, expected, text)                                            \
    do {                                                                             \
        const ic_status check_s = (call);                                            \
        if (check_s != (expected))                                                   \
            CHECK_FAIL("%s gave status %d, expected %s", #call, check_s, #expected); \
        else if (strstr(error.message, (text)) == NULL)                              \
            CHECK_FAIL("%s said \"%s\", without \"%s\"", #call, error.message,       \
                       (text));                                                      \
    } while (0)

/* The larger of the two, or NaN where either is NaN, so that a check on it fails. (GCC
 * 12 for arm64 cannot compile fmax in a loop at -O3.) */
static inline double check_larger(double a, double b)
{
    return a >= b || isnan(a) ? a : b;
}

/* ||found - expected|| / ||expected||, in double; infinite when an element is not
 * finite. */
static inline double check_relative_norm(const float *found, const double *expected,
                                         size_t count)
{
    double difference = 0, size = 0;

    for (size_t i = 0; i < count; i++) {
        const double d = found[i] - expected[i];
        if (!isfinite(d))
            return INFINITY;
        difference += d * d;
        size += expected[i] * expected[i];
    }
    return size > 0 ? sqrt(difference / size) : sqrt(difference);
}

/* Allocates memory, or ends the test as broken. */
static inline void *check_alloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);

    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(99);
    }
    return memory;
}

static inline void check_skip(const char *reason)
{
    fprintf(stderr, "skipped: %s\n", reason);
    exit(77);
}

/* Whether this is a run for the address sanitizer. It looks at addresses, which are the
 * same for all finite values, so that a test may leave out what repeats them for
 * minutes. NaN and infinity stay: the undefined-behaviour sanitizer may look at them.
 */
static inline bool check_addresses_only(void)
{
#ifdef __SANITIZE_ADDRESS__
    return getenv("IC_SLOW") == NULL;
#else
    return false;
#endif
}

static inline int check_result(void)
{
    if (check_failures)
        fprintf(stderr, "%d checks failed\n", check_failures);
    return check_failures != 0;
}

#endif

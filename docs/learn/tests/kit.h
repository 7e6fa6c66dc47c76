/* SPDX-License-Identifier: MIT */
/*
 * What the tests in C share: includes the exercise, compares numbers, and shows the
 * first that is wrong.
 */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include EXERCISE

static char kit_case[200];

/* Names the case that the next comparisons belong to: "5 x 5 pixels, stride 2". */
static inline void begin(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(kit_case, sizeof kit_case, format, args);
    va_end(args);
}

static inline void say_wrong(void)
{
    printf("wrong: %s%s", kit_case, kit_case[0] != '\0' ? ": " : "");
}

/* A number with a name. */
static inline void same(const char *name, double found, double wanted)
{
    if (found == wanted)
        return;
    say_wrong();
    printf("%s is %.9g, not %.9g\n", name, found, wanted);
    exit(1);
}

/* An array; each number may be off by `tolerance`. */
static inline void same_all(const char *name, const float *found, const float *wanted,
                            int count, double tolerance)
{
    for (int i = 0; i < count; i++) {
        if (fabs((double)found[i] - wanted[i]) <= tolerance)
            continue;
        say_wrong();
        printf("%s[%d] is %.9g, not %.9g\n", name, i, found[i], wanted[i]);
        exit(1);
    }
}

/* Whole numbers from -3 to 3, the same on every machine: sums of their products are
 * exact in float. */
static inline void fill(float *array, int count, unsigned seed)
{
    unsigned state = seed * 2654435761u + 12345;

    for (int i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        array[i] = (float)((int)(state >> 16) % 7 - 3);
    }
}

static inline int right(void)
{
    puts("right");
    return 0;
}

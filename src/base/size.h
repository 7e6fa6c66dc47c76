/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic on sizes that cannot overflow unnoticed.
 */
#ifndef IC_BASE_SIZE_H
#define IC_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>

/* In bytes. The parts of a block of memory begin at multiples of it: whole cache lines,
 * whole vectors, and whole memory transactions of GPUs. */
enum { IC_ALIGNMENT = 256 };

/* *product = a * b, or false when it does not fit. */
static inline bool ic_size_mul(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

/* *sum = a + b, or false when it does not fit. */
static inline bool ic_size_add(size_t a, size_t b, size_t *sum)
{
    return !__builtin_add_overflow(a, b, sum);
}

/* `bytes` rounded up to a multiple of `unit`, a power of two. */
static inline size_t ic_size_align(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) & ~(unit - 1);
}

#endif

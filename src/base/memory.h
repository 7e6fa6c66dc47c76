/* SPDX-License-Identifier: MIT */
/*
 * Memory for large arrays.
 */
#ifndef IC_BASE_MEMORY_H
#define IC_BASE_MEMORY_H

#include <stddef.h>

/* `bytes` of memory, not set, or NULL; the caller frees it with free(). From 2 MiB on
 * it is asked of the system in pages of that size: the first touch of each page costs a
 * trip into the kernel, and a trip for every 4 KiB of 85 MB of weights takes longer
 * than a prediction with them. Passes over activations miss the address cache less
 * often, too. */
void *ic_memory_alloc(size_t bytes);

/* The same, zero, aligned to 256 bytes at least; for ic_memory_release, not for free().
 * The system hands out large blocks as zero and takes a page of them when the page is
 * first touched: so this function writes no zeroes, and pages that nobody touches cost
 * no memory. */
void *ic_memory_zeroed(size_t bytes);
void ic_memory_release(void *memory); /* NULL is fine */

#endif

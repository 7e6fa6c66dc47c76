/* SPDX-License-Identifier: MIT */
/*
 * Memory for large arrays.
 */
#ifndef IC_BASE_MEMORY_H
#define IC_BASE_MEMORY_H

#include <stddef.h>

/* `bytes` of uninitialised memory, or NULL; the caller frees it with free(). From 2 MiB
 * on, the system is asked for pages of that size: the first touch of each page costs a
 * trip into the kernel, and a trip for every 4 KiB of 85 MB of weights takes longer
 * than a prediction with them. Passes over activations miss the TLB less often, too. */
void *ic_memory_alloc(size_t bytes);

/* The same, zeroed, aligned to at least 256 bytes, and freed by ic_memory_release, not
 * by free(). The system hands out large blocks as zero pages and allocates a page when
 * it is first touched. So this function writes no zeros, and untouched pages cost no
 * memory. */
void *ic_memory_zeroed(size_t bytes);
void ic_memory_release(void *memory); /* NULL is fine */

#endif

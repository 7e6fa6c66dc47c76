/* SPDX-License-Identifier: MIT */
/*
 * Memory for large arrays, in huge pages. See memory.h.
 *
 * Zeroed memory comes from calloc, which need not clear pages that the system has
 * cleared. calloc aligns only to 16 bytes, so the block is larger than asked for and
 * its beginning is aligned by hand.
 */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/size.h"

enum { HUGE_PAGE = 1 << 21 }; /* of x86-64 and of most others */

/* Asks for huge pages; the system may ignore it. `memory` is on a huge page's boundary.
 */
static void wish_huge_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
#endif
}

static size_t unit_of(size_t bytes)
{
    return bytes >= HUGE_PAGE ? HUGE_PAGE : IC_ALIGNMENT;
}

void *ic_memory_alloc(size_t bytes)
{
    const size_t unit = unit_of(bytes);
    void *memory = NULL;
    size_t room;

    if (!ic_size_add(bytes > 0 ? bytes : 1, unit - 1, &room))
        return NULL;
    room &= ~(unit - 1);
    if (posix_memalign(&memory, unit, room) != 0)
        return NULL;
    if (unit == HUGE_PAGE)
        wish_huge_pages(memory, room);
    return memory;
}

/* The pointer to the block is stored right before the memory. */
void *ic_memory_zeroed(size_t bytes)
{
    const size_t unit = unit_of(bytes);
    size_t room;
    char *block, *memory;

    if (!ic_size_add(bytes, unit + sizeof block, &room) ||
        (block = calloc(1, room)) == NULL)
        return NULL;
    memory = block + sizeof block;
    memory += (unit - (uintptr_t)memory % unit) % unit;
    memcpy(memory - sizeof block, &block, sizeof block);
    if (unit == HUGE_PAGE)
        wish_huge_pages(memory, bytes / unit * unit);
    return memory;
}

void ic_memory_release(void *memory)
{
    char *block = NULL;

    if (memory != NULL)
        memcpy(&block, (char *)memory - sizeof block, sizeof block);
    free(block);
}

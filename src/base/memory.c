#include "base/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/size.h"

enum {
    ALIGNMENT = 256,
    HUGE_PAGE = 1 << 21, /* of x86-64 and of most others */
};

void *ic_memory_alloc(size_t bytes)
{
    const size_t unit = bytes >= HUGE_PAGE ? HUGE_PAGE : ALIGNMENT;
    void *memory = NULL;
    size_t room;

    if (!ic_size_add(bytes > 0 ? bytes : 1, unit - 1, &room))
        return NULL;
    room &= ~(unit - 1);
    if (posix_memalign(&memory, unit, room) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (unit == HUGE_PAGE)
        (void)madvise(memory, room, MADV_HUGEPAGE); /* a wish, no more */
#endif
    return memory;
}

/* SPDX-License-Identifier: MIT */
/*
 * Counts the memory that training takes beside the plan. See host_memory.h. The
 * constants are rounded up from measurements: docs/training.md has the table and its
 * command.
 */
#include "train/host_memory.h"

#include "base/machine.h"
#include "data/loader.h"

enum {
    PROGRAM = 6 << 20,    /* pages of code and libraries that the first steps touch */
    THREAD = 1 << 20,     /* stack, buffers of the allocator and of BLAS */
    CHECKPOINT = 2 << 20, /* one piece, and the tensors' names and shapes */
};

void ic_host_memory_add(struct ic_plan_options *plan, int size, int threads)
{
    plan->beside +=
        (size_t)ic_machine_rss() + PROGRAM + CHECKPOINT + (size_t)threads * THREAD;
    plan->beside_picture += ic_loader_picture_bytes(size);
}

size_t ic_host_memory_decoding(int workers, size_t decode_bytes, int presize)
{
    const size_t square = (size_t)presize * (size_t)presize * 3;

    return (size_t)workers * (decode_bytes + 2 * square);
}

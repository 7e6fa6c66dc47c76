/* SPDX-License-Identifier: MIT */
/*
 * A log of the tasks that kernels cut their work into, for `bench`. A kernel is one or
 * more parallel loops, and a loop is cut into tasks; a loop with fewer tasks than the
 * machine has cores leaves cores idle.
 */
#ifndef IC_BACKEND_TASK_LOG_H
#define IC_BACKEND_TASK_LOG_H

#include <stddef.h>
#include <stdint.h>

enum { IC_TASK_LOOPS = 16 };

/* All zero is empty. */
struct ic_task_log {
    struct {
        uintptr_t loop; /* an address that no other loop has: of the CPU's code, or of
                           the name of a GPU's kernel */
        size_t tasks;   /* the fewest of all its runs */
        double seconds; /* processor time of all its tasks in all its runs */
    } loops[IC_TASK_LOOPS];
    int count;
};

/* Records that a loop ran. A log has room for IC_TASK_LOOPS different loops: it is
 * meant for a kernel, not for a whole step. */
void ic_task_log_add(struct ic_task_log *log, uintptr_t loop, size_t tasks,
                     double seconds);

/* Tasks of the loop that was cut into the fewest. Loops that take less than a twentieth
 * of the processor time do not count: the last sums of a kernel are few and short. 0
 * when nothing ran. */
size_t ic_task_log_fewest(const struct ic_task_log *log);

#endif

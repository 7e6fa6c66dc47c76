/* SPDX-License-Identifier: MIT */
/*
 * Records parallel loops: how many tasks each has, and how long they take.
 */
#include "backend/task_log.h"

#include <assert.h>

#define SHORT 0.05 /* share of the time below which a loop does not count */

void ic_task_log_add(struct ic_task_log *log, uintptr_t loop, size_t tasks,
                     double seconds)
{
    int i = 0;

    while (i < log->count && log->loops[i].loop != loop)
        i++;
    assert(i < IC_TASK_LOOPS);
    if (i == log->count) {
        log->count++;
        log->loops[i].loop = loop;
        log->loops[i].tasks = tasks;
    }
    if (tasks < log->loops[i].tasks)
        log->loops[i].tasks = tasks;
    log->loops[i].seconds += seconds;
}

size_t ic_task_log_fewest(const struct ic_task_log *log)
{
    double seconds = 0;
    size_t fewest = 0;

    for (int i = 0; i < log->count; i++)
        seconds += log->loops[i].seconds;
    for (int i = 0; i < log->count; i++)
        if (log->loops[i].seconds >= SHORT * seconds &&
            (fewest == 0 || log->loops[i].tasks < fewest))
            fewest = log->loops[i].tasks;
    return fewest;
}

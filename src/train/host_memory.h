/* SPDX-License-Identifier: MIT */
/*
 * The memory that training takes of the host beside the network's plan: what the memory
 * check adds to the plan (graph/plan.h), and what `train` and `summary` say.
 */
#ifndef IC_TRAIN_HOST_MEMORY_H
#define IC_TRAIN_HOST_MEMORY_H

#include "graph/plan.h"

/* Adds to a plan's options what the process takes beside the plan: the program as it is
 * now, so this is asked before the network is opened; the threads' own memory; the
 * batches that are read ahead; a checkpoint's piece. `threads` counts those that
 * compute and those that read. */
void ic_host_memory_add(struct ic_plan_options *plan, int size, int threads);

/* Bytes that `workers` threads take to decode pictures that take `decode_bytes` (of the
 * data set, after its check), through squares of `presize`. */
size_t ic_host_memory_decoding(int workers, size_t decode_bytes, int presize);

#endif

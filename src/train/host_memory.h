/* SPDX-License-Identifier: MIT */
/*
 * The host memory that training takes beside the network's plan: what the memory check
 * adds to the plan (graph/plan.h), and what `train` and `summary` report.
 */
#ifndef IC_TRAIN_HOST_MEMORY_H
#define IC_TRAIN_HOST_MEMORY_H

#include "graph/plan.h"

/* Adds to a plan's options the memory that the process takes beside the plan: the
 * program at its present size, so call this before the network is opened; the threads'
 * own memory; the batches that are read ahead; a checkpoint's piece. `threads` counts
 * both computing and reading threads. */
void ic_host_memory_add(struct ic_plan_options *plan, int size, int threads);

/* Bytes that `workers` threads take to decode pictures of `decode_bytes` each
 * (dataset.decode_bytes after the check), through squares of `presize`. */
size_t ic_host_memory_decoding(int workers, size_t decode_bytes, int presize);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The table of `im2cat bench --layers`: the time of each pass of each layer.
 *
 * The network's observer is ic_bench_layers_observe. The loss and the optimiser, which
 * are not nodes of the network, go between ic_bench_layers_begin and _end.
 */
#ifndef IC_CLI_BENCH_LAYERS_H
#define IC_CLI_BENCH_LAYERS_H

#include <stdio.h>

#include "model/engine.h"

/* Rows that are not nodes. */
enum ic_bench_extra { IC_BENCH_INPUT, IC_BENCH_LOSS, IC_BENCH_UPDATE, IC_BENCH_EXTRAS };

struct ic_bench_layers;

/* Opens the table for `steps` steps of a batch on the engine, which outlives it. */
ic_status ic_bench_layers_open(const struct ic_engine *engine, int batch, int steps,
                               struct ic_bench_layers **ret_layers,
                               struct ic_error *error);
void ic_bench_layers_close(struct ic_bench_layers *layers); /* NULL is fine */

/* The passes from now on belong to step number `step`, counted from 0. */
void ic_bench_layers_step(struct ic_bench_layers *layers, int step);

void ic_bench_layers_begin(struct ic_bench_layers *layers, enum ic_bench_extra extra);
void ic_bench_layers_end(struct ic_bench_layers *layers, enum ic_bench_extra extra);

/* Appends the rows that ran to `text`, in the order of a step, with at most 79 columns.
 * A row has: layer, op, pass, median ms, billions of operations per second as the
 * direct algorithm needs them, algorithm, tasks (see backend/task_log.h); "-" where
 * there is none. */
void ic_bench_layers_write(struct ic_bench_layers *layers, FILE *text);

/* Writes the line above the rows. */
void ic_bench_layers_head(FILE *text);

#endif

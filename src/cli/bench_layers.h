/* SPDX-License-Identifier: MIT */
/*
 * The table of `im2cat bench --layers`: what each pass of each layer takes.
 *
 * Its network's observer is ic_bench_layers_observe; what is no node of the network,
 * the loss and the optimiser, is put between ic_bench_layers_begin and _end.
 */
#ifndef IC_CLI_BENCH_LAYERS_H
#define IC_CLI_BENCH_LAYERS_H

#include <stdio.h>

#include "model/engine.h"

/* Rows that are no node. */
enum ic_bench_extra { IC_BENCH_INPUT, IC_BENCH_LOSS, IC_BENCH_UPDATE, IC_BENCH_EXTRAS };

struct ic_bench_layers;

/* For `steps` steps of a batch on the engine, which outlives it. */
ic_status ic_bench_layers_open(const struct ic_engine *engine, int batch, int steps,
                               struct ic_bench_layers **ret_layers,
                               struct ic_error *error);
void ic_bench_layers_close(struct ic_bench_layers *layers); /* NULL is fine */

/* The passes from now on are those of the step numbered so, from 0 on. */
void ic_bench_layers_step(struct ic_bench_layers *layers, int step);

void ic_bench_layers_begin(struct ic_bench_layers *layers, enum ic_bench_extra extra);
void ic_bench_layers_end(struct ic_bench_layers *layers, enum ic_bench_extra extra);

/* Appends the rows of what ran to `text`, of at most 79 columns, in the order of a
 * step. A row: layer, op, pass, median ms, billions of operations a second as the
 * direct algorithm needs them, algorithm, tasks (see backend/task_log.h); "-" where
 * there is none. */
void ic_bench_layers_write(struct ic_bench_layers *layers, FILE *text);

/* The line above the rows. */
void ic_bench_layers_head(FILE *text);

#endif

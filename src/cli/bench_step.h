/* SPDX-License-Identifier: MIT */
/*
 * The steps of a network on one random batch that `im2cat bench` measures.
 */
#ifndef IC_CLI_BENCH_STEP_H
#define IC_CLI_BENCH_STEP_H

#include "cli/bench_layers.h"
#include "comm/comm.h"
#include "model/engine.h"
#include "train/optimizer.h"

#define IC_BENCH_CLASSES 37

struct ic_bench_options {
    const char *arch, *head, *mode;
    struct ic_compute compute;
    int batch, size, steps;
    int micro_batch; /* of training: 1 to batch */
    int busy;        /* endless loops beside each thread */
    bool layers;
    struct ic_comm_options comm;
};

/* IC_BENCH_FROZEN freezes the body's convolutions, as the first phase of the recipe
 * fine-tune does. */
enum ic_bench_mode { IC_BENCH_TRAIN, IC_BENCH_FROZEN, IC_BENCH_INFER, IC_BENCH_MODES };

/* All zero but for `options` and `mode` is closed. */
struct ic_bench {
    const struct ic_bench_options *options;
    enum ic_bench_mode mode;
    struct ic_model model;
    struct ic_engine engine;
    struct ic_optimizer optimizer;
    struct ic_bench_layers *layers; /* NULL: no table; closed with the rest */
    uint8_t *rgb;
    int32_t *labels;
    float *logits;
};

/* The parts of a step, and the whole. Inference has no backward and no update. A single
 * rank neither waits nor exchanges. */
enum ic_bench_phase {
    IC_BENCH_OF_INPUT, /* pictures to the device, normalised */
    IC_BENCH_OF_FORWARD,
    IC_BENCH_OF_BACKWARD,
    IC_BENCH_OF_WAITING, /* for the other ranks to catch up */
    IC_BENCH_OF_EXCHANGE,
    IC_BENCH_OF_UPDATE,
    IC_BENCH_OF_STEP,
    IC_BENCH_PHASES
};

/* Opens the network with the ranks of cli/team.h. */
ic_status ic_bench_open(struct ic_bench *bench, struct ic_error *error);
void ic_bench_close(struct ic_bench *bench);

/* The pictures of a training step that this rank computes. */
struct ic_stretch ic_bench_own(const struct ic_bench *bench);

/* Runs one step; each part waits until the device has done it. */
ic_status ic_bench_step(struct ic_bench *bench, double seconds[IC_BENCH_PHASES],
                        struct ic_error *error);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Optimisers: Adam in fastai's form and SGD with momentum, with decoupled weight decay
 * (Loshchilov and Hutter 2019).
 *
 * The backend does the arithmetic (adam_step, sgd_step). This module decides which
 * stretch of the parameter block takes which rate and decay. The state lies in the
 * network's slots.
 */
#ifndef IC_TRAIN_OPTIMIZER_H
#define IC_TRAIN_OPTIMIZER_H

#include "graph/net.h"
#include "train/schedule.h"

enum ic_optimizer_kind { IC_OPTIMIZER_ADAM, IC_OPTIMIZER_SGD, IC_OPTIMIZERS };

/* Adam's constants, which are fastai's defaults. */
#define IC_ADAM_BETA2   0.99
#define IC_ADAM_EPSILON 1e-5

/* --optimizer: "adam", "sgd"; see job_words.h. */
ic_status ic_optimizer_find(const char *word, enum ic_optimizer_kind *ret_kind,
                            struct ic_error *error);

/* The number of blocks that ic_plan_options.slots must hold, and their names in files.
 */
int ic_optimizer_slots(enum ic_optimizer_kind kind);
const char *ic_optimizer_slot_name(enum ic_optimizer_kind kind, int slot);

/* What the arrays of one span have in common. */
struct ic_optimizer_rule {
    int group;
    bool decays;
};

/* All zero is closed. */
struct ic_optimizer {
    enum ic_optimizer_kind kind;
    double weight_decay;
    struct ic_update_span *spans;    /* neighbouring arrays updated alike; owned */
    struct ic_optimizer_rule *rules; /* of each span; owned */
    size_t span_count;
    int64_t step; /* steps taken since the moments were zero */
};

/* Weight decay applies to weights only, neither to biases nor to batch norm. Frozen
 * arrays are in no span. */
ic_status ic_optimizer_open(struct ic_optimizer *optimizer,
                            const struct ic_graph *graph, enum ic_optimizer_kind kind,
                            double weight_decay, struct ic_freeze freeze,
                            struct ic_error *error);
void ic_optimizer_close(struct ic_optimizer *optimizer); /* all zero is fine */

/* The factor that brings gradients of L2 norm `norm` down to a norm of at most `most`:
 * most / (norm + 1e-6), but not above 1, as in PyTorch's clip_grad_norm_. 1 where
 * `most` is 0: no limit. */
double ic_optimizer_clip(double norm, double most);

/* One step with the gradients that ic_net_backward left, times `factor`. */
void ic_optimizer_step(struct ic_optimizer *optimizer, struct ic_net *net,
                       const struct ic_rates *rates, double factor);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A graph at work: its memory on a device, and the loops over its nodes.
 *
 * A step of training is
 *     ic_net_input, ic_net_forward(training), ic_net_loss(with gradient),
 *     ic_net_backward, and an optimiser on ic_net_params / ic_net_grads;
 * a step of evaluation is
 *     ic_net_input, ic_net_forward(not training), ic_net_loss or ic_net_logits.
 * A step of training on more pictures than the plan's batch is made of micro-batches:
 * ic_net_begin_step, then for each of them input, forward, loss and backward, then
 * ic_net_end_step. Nothing allocates during a step.
 */
#ifndef IC_GRAPH_NET_H
#define IC_GRAPH_NET_H

#include "comm/comm.h"
#include "graph/plan.h"

struct ic_net;

/* Lays out all memory (see plan.h) and allocates it at once. More than the device may
 * use is refused, with the figure and what to change, before anything is allocated. The
 * graph, the backend and the device outlive the net. Parameters and states start as
 * zero: see model/init.h and model/weights.h. */
ic_status ic_net_open(const struct ic_graph *graph, const struct ic_backend *backend,
                      struct ic_device *device, const struct ic_plan_options *options,
                      struct ic_net **ret_net, struct ic_error *error);

/* Opens a net beside `weights`, whose plan is IC_PLAN_WEIGHTS and whose weights are
 * packed: the new net computes with the graph, parameters, states and packed weights of
 * that net, and allocates only the memory of a batch. The device is the same one or
 * another of the same backend; nets on devices of their own may compute at the same
 * time, each in one thread. `weights` outlives the net, and does not change meanwhile.
 * Before another device reads the weights, their own device must have been waited for
 * (sync). */
ic_status ic_net_open_beside(const struct ic_net *weights, struct ic_device *device,
                             struct ic_net **ret_net, struct ic_error *error);
void ic_net_close(struct ic_net *net); /* NULL is fine */

const struct ic_graph *ic_net_graph(const struct ic_net *net);
const struct ic_plan *ic_net_plan(const struct ic_net *net);
const struct ic_backend *ic_net_backend(const struct ic_net *net);
struct ic_device *ic_net_device(const struct ic_net *net);

/* --- a step ----------------------------------------------------------------------- */

/* Sets the batch: `count` pictures (at most the plan's batch) of 8-bit RGB on the host,
 * count x height x width x 3, which the device normalises. */
void ic_net_input(struct ic_net *net, const uint8_t *rgb, int count,
                  const float mean[3], const float std[3]);

/* The same with floats that are used as they are; the graph must be in fp32. */
void ic_net_input_floats(struct ic_net *net, const float *pixels, int count);

/* Mixup (Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk
 * Minimization", ICLR 2018): each picture becomes share times itself plus 1 - share
 * times another, and its loss the same of their losses. Host arrays of `count`. */
struct ic_mix {
    const float *share;        /* between 0 and 1 */
    const uint8_t *const *rgb; /* the other pictures: height x width x 3 each */
    const int32_t *labels;     /* theirs */
};

/* As ic_net_input, for mixed pictures: ic_net_loss then gives mixed losses. The plan
 * must have `mixing`. */
void ic_net_input_mixed(struct ic_net *net, const uint8_t *rgb,
                        const struct ic_mix *mix, int count, const float mean[3],
                        const float std[3]);

/* After ic_net_input: ic_net_loss gives share times a picture's own loss plus 1 - share
 * times that of its other label. The pictures stay as they are, for callers that have
 * mixed them already. Host arrays of the batch's count; mixing plans only. */
void ic_net_mix_losses(struct ic_net *net, const int32_t *labels, const float *share);

/* From now on each loss is multiplied by the weight of its label's class (host, one
 * weight per class, 0 or more); weighted plans only, before their first loss. */
void ic_net_weigh_classes(struct ic_net *net, const float *weights);

/* Sets `seed` and `step`, by which the coming training passes drop (see ic_dropout). */
void ic_net_set_random(struct ic_net *net, uint64_t seed, uint32_t step);

/* Begins a step of `pictures` (at least 1, and at most the plan's step). The batches
 * that follow are its micro-batches, in order, each as large as the plan's batch except
 * the last. The loss's gradient is that of the mean over all pictures, dropout drops of
 * each picture what it would drop in one batch of them all, and each backward pass adds
 * the micro-batch's gradients to the tree of the step (tree.h). */
void ic_net_begin_step(struct ic_net *net, int pictures);

/* Ends the step after its last micro-batch: ic_net_grads gives the summed gradients,
 * and running statistics move towards those of the micro-batches, one after the other.
 * Outside of a step, each batch is a step of its own: backward gives the gradients, and
 * forward, in training, moves the statistics. Fails (IC_ERR_RANK) where ranks share the
 * step and one of them is lost. */
ic_status ic_net_end_step(struct ic_net *net, struct ic_error *error);

/* From now on steps are shared with the other ranks, as the plan says (its options rank
 * and ranks): this rank computes its stretch of the micro-batches, which begins where
 * ic_plan_own_pictures says, and ic_net_end_step, a meeting of all ranks (comm.h),
 * gives each of them the result that one rank alone would have. The comm outlives the
 * net. Refused where the backend's download_rounds. */
ic_status ic_net_join(struct ic_net *net, struct ic_comm *comm, struct ic_error *error);

/* Gives rank 0's weights, running statistics, their averages and optimiser slots to all
 * ranks. */
ic_status ic_net_broadcast(struct ic_net *net, struct ic_error *error);

/* Computes the logits. Nodes below the first one that learns work as in evaluation. */
void ic_net_forward(struct ic_net *net, bool training);

/* Cross-entropy of the logits against `labels` (host, count). Fills `losses` (host,
 * count) unless NULL; `gradient` prepares ic_net_backward for the mean loss. Waits. */
void ic_net_loss(struct ic_net *net, const int32_t *labels, float smoothing,
                 bool gradient, float *losses);

/* Packs the weights of a folded graph's nodes (fold.h), from the parameters and states
 * of the selected set. To be called before the first pass, and after each change of
 * these arrays. */
void ic_net_pack_weights(struct ic_net *net);

/* From now on backward leaves out the gradients of frozen arrays: they are not
 * computed, and backward ends at the first node that learns. All gradients become zero:
 * those of frozen arrays stay zero, and count neither in a norm nor in a check. */
void ic_net_freeze(struct ic_net *net, struct ic_freeze freeze);

/* Computes the gradients of all parameters that are not frozen. ic_net_grads gives
 * them; within a step, not before its end. */
void ic_net_backward(struct ic_net *net);

/* A plan with `average` has two sets of parameters and states: the weights, which
 * train, and their exponential moving average (Polyak and Juditsky 1992), zero at
 * first. */
enum ic_net_set { IC_NET_WEIGHTS, IC_NET_AVERAGE, IC_NET_SETS };

/* Selects the set that passes take and that ic_net_params and ic_net_states give from
 * now on; at first the weights. Training passes are for the weights only. */
void ic_net_select(struct ic_net *net, enum ic_net_set set);

/* After a step: average = decay * average + (1 - decay) * weights, running statistics
 * likewise. A decay of 0 copies the weights over an average that is zero. */
void ic_net_average(struct ic_net *net, double decay);

/* Logits of the batch: host, count x classes. Waits. */
void ic_net_logits(struct ic_net *net, float *logits);

/* --- an observer ------------------------------------------------------------------ */

/* The kernels of a node come in groups, which an observer tells apart. The gradients of
 * a convolution's or a fully connected layer's parameters have kernels of their own;
 * other nodes compute all gradients in one group, IC_PASS_BACKWARD. */
enum ic_pass {
    IC_PASS_FORWARD,
    IC_PASS_RECOMPUTE, /* the output once more, for backward */
    IC_PASS_WEIGHT_GRADIENT,
    IC_PASS_BACKWARD,
    IC_PASSES
};

/* Called before and after each pass of each node. The device may still be at work on
 * the pass when `end` is called, until `sync`. */
struct ic_observer {
    void (*begin)(void *context, int node, enum ic_pass pass);
    void (*end)(void *context, int node, enum ic_pass pass);
    void *context;
};

/* Sets the observer from now on; it outlives the passes. NULL, as at first: none. */
void ic_net_observe(struct ic_net *net, const struct ic_observer *observer);

/* --- features ----------------------------------------------------------------------
 *
 * The output of the last node before the first that learns is a function of the picture
 * alone while the freeze lasts: it can be computed once and used in every epoch.
 */

/* Bytes of one picture's features, in the type of the node that gives them: with the
 * whole body frozen, the body's pool, in fp32. */
size_t ic_net_feature_bytes(const struct ic_net *net);

/* Computes the features of the current batch: host, count x bytes. Waits. */
void ic_net_features(struct ic_net *net, void *features);

/* Sets a batch by its features, in place of ic_net_input: forward begins after them. */
void ic_net_input_features(struct ic_net *net, const void *features, int count);

/* --- blocks of device memory ------------------------------------------------------ */

float *ic_net_params(struct ic_net *net); /* graph->param_floats; of the selected set */
float *ic_net_grads(struct ic_net *net);  /* graph->param_floats; training plans only */
float *ic_net_states(struct ic_net *net); /* graph->state_floats; of the selected set */

/* Optimiser state: block i of options.slots, graph->param_floats each, zero at first.
 */
float *ic_net_slot(struct ic_net *net, int i);

/* Output of a node, and the gradient with respect to it (NULL where none is computed),
 * of the node's type. Only in a plan with keep_all do both keep their values until the
 * next step. */
const void *ic_net_output(const struct ic_net *net, int node);
const void *ic_net_output_gradient(const struct ic_net *net, int node);

#endif

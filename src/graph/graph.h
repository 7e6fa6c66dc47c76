/* SPDX-License-Identifier: MIT */
/*
 * A network as a graph of nodes.
 *
 * A builder function of ops.h appends one node and returns its number; it can only
 * refer to nodes that exist, so the order of creation is a topological order: forward
 * is a loop up, backward a loop down. A builder's first error sticks to the graph,
 * later builders do nothing, and ic_graph_finish returns it ("layer2.0: 56x56x64
 * against 28x28x128"). So a network reads as an expression without a test after each
 * line.
 *
 * The graph knows shapes and names. It owns no arrays of numbers: see plan.h for where
 * they lie and net.h for running the graph.
 */
#ifndef IC_GRAPH_GRAPH_H
#define IC_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "base/arena.h"
#include "base/error.h"

#define IC_NODE_INPUTS 2
#define IC_NODE_PARAMS 3
#define IC_NODE_STATES 2
#define IC_NODE_SAVED  2

/* The shape of an output for one sample. */
struct ic_shape {
    int height, width, channels;
};

/* How a fresh network sets an array. */
enum ic_init {
    IC_INIT_ZERO,
    IC_INIT_THOUSANDTH, /* 0.001: biases of batch norm in fastai's head */
    IC_INIT_ONE,
    IC_INIT_KAIMING,       /* normal, std sqrt(2 / fan) (He et al. 2015) */
    IC_INIT_UNIFORM_FAN_IN /* uniform in +-1 / sqrt(fan_in), as torch.nn.Linear */
};

/* What an array is to its layer. Weight decay and freezing follow from it. */
enum ic_role {
    IC_WEIGHT, /* the matrix or the kernels of a layer */
    IC_BIAS,   /* what a layer adds to each of its outputs */
    IC_NORM    /* of a batch norm: scale, shift, running statistics */
};

/* How far running statistics move towards those of a micro-batch. */
#define IC_STATE_MOMENTUM 0.1f

/* An array with a name of its own in weights files: a parameter (trained by a gradient)
 * or a state (running statistics, moved after a training step). */
struct ic_array {
    const char *name; /* torchvision's, such as layer1.0.conv1.weight */
    int rank;
    int dims[4];   /* as it lies in memory: convolution weights are OHWI */
    size_t count;  /* product of dims */
    size_t offset; /* in floats, within the block of all parameters or of all states */
    enum ic_init init;
    int fan; /* fan_out or fan_in of the rule */
    enum ic_role role;
    int group; /* parameter group, for discriminative learning rates and freezing */
};

/* Weight decay applies to weights only, as in fastai. */
static inline bool ic_array_decays(const struct ic_array *array)
{
    return array->role == IC_WEIGHT;
}

/* Which arrays are frozen, that is, do not learn for a while: weights and biases of the
 * groups below `groups`, and with `norms` their batch norms too, which then use their
 * running statistics, as in evaluation. Without `norms` batch norms continue to learn,
 * as in fastai. All zero freezes nothing. */
struct ic_freeze {
    int groups;
    bool norms;
};

static inline bool ic_array_frozen(const struct ic_array *array,
                                   struct ic_freeze freeze)
{
    return array->group < freeze.groups && (array->role != IC_NORM || freeze.norms);
}

struct ic_node {
    const struct ic_op *op;
    const char *name;   /* of the module, such as layer1.0.conv1 */
    const void *config; /* the op's own structure */
    int inputs[IC_NODE_INPUTS];
    int input_count;
    struct ic_shape out;
    enum ic_type type;          /* of the output and of its gradient */
    int params[IC_NODE_PARAMS]; /* numbers of arrays in graph->params */
    int param_count;
    int states[IC_NODE_STATES]; /* numbers of arrays in graph->states */
    int state_count;

    /* Bytes that the op keeps from forward to backward: for each sample, plus once. */
    size_t saved_per_sample[IC_NODE_SAVED], saved_once[IC_NODE_SAVED];
    int saved_count;

    /* What the op allows and wants, for the plan. */
    bool reads_input[IC_NODE_INPUTS]; /* backward reads that input */
    bool reads_output;                /* backward reads the output */
    bool recomputable;     /* backward may compute the output again (see op.h) */
    bool output_in_place;  /* evaluation may write the output over input 0 */
    int gradient_in_place; /* backward may write this input's gradient over dy, or -1 */
};

/* The keys by which a training pass draws its random numbers. */
struct ic_step_random {
    uint64_t seed;
    uint32_t step;
    int first; /* number of the batch's first picture within the step */
};

struct ic_graph {
    struct ic_node *nodes; /* node 0 is the input picture; owned */
    int count;
    struct ic_array *params, *states; /* owned */
    int param_count, state_count;
    size_t param_floats, state_floats; /* sizes of the two blocks, padding included */

    /* Set before building, read by the builders: the group of the next parameters, and
     * the initial value of the biases of the next batch norms. */
    int group;
    enum ic_init norm_bias;

    enum ic_conv_algorithm conv_algorithm;
    enum ic_type type;     /* of the picture and of all nodes before the global pool */
    struct ic_error error; /* the first builder's */
    struct ic_arena arena; /* owns names and configurations */
};

/* Starts a graph whose node 0 is a normalised picture of height x width x channels. */
void ic_graph_init(struct ic_graph *graph, int height, int width, int channels,
                   enum ic_conv_algorithm algorithm);

/* Gives the picture another type than fp32, before the first builder. A node has the
 * type of its input; what follows a global pool is fp32. */
void ic_graph_set_type(struct ic_graph *graph, enum ic_type type);

/* Elements of an output: height x width x channels. */
static inline size_t ic_shape_count(struct ic_shape shape)
{
    return (size_t)shape.height * (size_t)shape.width * (size_t)shape.channels;
}

/* Bytes of a node's output for one sample. */
static inline size_t ic_node_bytes(const struct ic_node *node)
{
    return ic_shape_count(node->out) * ic_type_bytes(node->type);
}

/* Whether two nodes' outputs have the same shape; true after an error. */
bool ic_graph_same_shape(const struct ic_graph *graph, int a, int b);

/* The first error of any builder. The last node is the network's output, the logits. */
ic_status ic_graph_finish(struct ic_graph *graph, struct ic_error *error);

void ic_graph_free(struct ic_graph *graph);

/* Adds to readers[i] the number of nodes that take the output of node i; one number per
 * node, zero at first. */
void ic_graph_count_readers(const struct ic_graph *graph, int *readers);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Gradients against central differences; see gradcheck.h. A weight is changed in the
 * device's own doubles, and only the nodes from its own on are computed again.
 */
#include "graph/gradcheck.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "backend/reference/reference.h"
#include "base/random.h"
#include "graph/net_state.h"
#include "graph/ops/kinds.h"

enum { TRIES = 2 }; /* steps for a weight, each a tenth of the one before */

/* Of a loss, relative: the sums of a deep network, rounded. */
static const double ROUNDING = 64 * DBL_EPSILON;

struct check {
    struct ic_net *net;
    const int32_t *labels;
    const struct ic_gradcheck_options *options;
    const double *gradients;
    uint64_t *turns; /* of each node, with the weights as they are */
};

/* --- which way ReLUs and max pools went ------------------------------------------- */

/* The hash of Fowler, Noll and Vo (FNV-1a), of one more byte. */
static uint64_t hashed(uint64_t hash, uint8_t byte)
{
    return (hash ^ byte) * 0x100000001b3;
}

static bool has_relu(const struct ic_node *node)
{
    const struct ic_batchnorm_config *const config = node->config;

    return node->op == &ic_relu_op || (node->op == &ic_batchnorm_op && config->relu);
}

/* A hash of the signs behind a node's ReLU, or of its max pool's places; the same
 * number each time for a node without either. */
static uint64_t turns_of(const struct ic_net *net, int i)
{
    const struct ic_node *const node = &net->graph->nodes[i];
    const size_t batch = (size_t)net->count;
    uint64_t hash = 0xcbf29ce484222325;

    if (has_relu(node)) {
        const double *const y = ic_reference_values(ic_net_output(net, i));

        for (size_t k = 0; k < batch * ic_shape_count(node->out); k++)
            hash = hashed(hash, y[k] > 0);
    } else if (node->op == &ic_maxpool_op || node->op == &ic_concatpool_op) {
        const uint8_t *const places = ic_net_at(net, net->plan.nodes[i].saved[0]);

        for (size_t k = 0; k < batch * node->saved_per_sample[0]; k++)
            hash = hashed(hash, places[k]);
    }
    return hash;
}

static bool turned(const struct check *check, int first)
{
    for (int i = first; i < check->net->graph->count; i++)
        if (turns_of(check->net, i) != check->turns[i])
            return true;
    return false;
}

/* --- losses ----------------------------------------------------------------------- */

/* The mean loss, computed from node `first` on. */
static double loss_from(const struct check *check, int first)
{
    struct ic_net *const net = check->net;
    const double *losses;
    double sum = 0;

    net->start = first;
    ic_net_forward(net, true);
    ic_net_loss(net, check->labels, 0, false, NULL);
    losses = ic_reference_values(ic_net_at(net, net->plan.losses));
    for (int n = 0; n < net->count; n++)
        sum += losses[n];
    return sum / net->count;
}

/* The slope of the loss between w - h and w + h, where w is a weight of node `first`.
 */
static double slope(const struct check *check, int first, double *w, double h,
                    bool *ret_kink)
{
    const double value = *w;
    double up, down;

    *w = value + h;
    up = loss_from(check, first);
    *ret_kink = turned(check, first);
    *w = value - h;
    down = loss_from(check, first);
    *ret_kink = *ret_kink || turned(check, first);
    *w = value;
    return (up - down) / (2 * h);
}

/* --- arrays ----------------------------------------------------------------------- */

static int node_of(const struct ic_graph *graph, int param)
{
    for (int i = 0; i < graph->count; i++)
        for (int k = 0; k < graph->nodes[i].param_count; k++)
            if (graph->nodes[i].params[k] == param)
                return i;
    return 0;
}

/* Whether the slope `found` with a step of h confirms the gradient. Halving the step
 * takes three quarters off the error of the formula, which so allows for itself; an
 * error of the gradient stays. */
static bool confirms(const struct check *check, int node, double *w, double h,
                     double found, double gradient, double allowed)
{
    bool kink;

    if (fabs(found - gradient) <= allowed)
        return true;
    allowed += 2 * fabs(found - slope(check, node, w, h / 2, &kink));
    return fabs(found - gradient) <= allowed;
}

static void check_weight(const struct check *check, struct ic_gradcheck_row *row,
                         int node, size_t at, double loss)
{
    double *const params = ic_reference_values(ic_net_params(check->net));
    double *const w = params + row->array->offset + at;
    const double gradient = check->gradients[row->array->offset + at];
    double h = check->options->step * fmax(1, fabs(*w));

    for (int try = 0; try < TRIES; try++, h /= 10) {
        bool kink;
        const double found = slope(check, node, w, h, &kink);
        const double off = fabs(found - gradient);
        const double size = fmax(row->size, fmax(fabs(found), fabs(gradient)));
        const double rounding = ROUNDING * fmax(1, fabs(loss)) / h;

        if (kink)
            continue;
        row->judged++;
        row->largest = off <= row->largest ? row->largest : off;
        if (!confirms(check, node, w, h, found, gradient,
                      check->options->tolerance * size + rounding))
            row->wrong++;
        return;
    }
    row->kinks++;
}

static void check_array(const struct check *check, int param, double loss,
                        struct ic_gradcheck_row *row)
{
    const struct ic_graph *const graph = check->net->graph;
    const struct ic_array *const array = &graph->params[param];
    const double *const gradient = check->gradients + array->offset;
    const size_t samples = (size_t)check->options->samples;
    const int node = node_of(graph, param);
    double squares = 0;
    struct ic_random random;

    for (size_t k = 0; k < array->count; k++)
        squares += gradient[k] * gradient[k];
    *row = (struct ic_gradcheck_row){.array = array,
                                     .size = sqrt(squares / (double)array->count)};
    ic_random_init(&random, check->options->seed, IC_RANDOM_GRADCHECK, 0,
                   (uint32_t)param);
    if (array->count <= samples)
        for (size_t k = 0; k < array->count; k++)
            check_weight(check, row, node, k, loss);
    else
        for (size_t k = 0; k < samples; k++)
            check_weight(check, row, node,
                         ic_random_below(&random, (uint32_t)array->count), loss);
    loss_from(check, node); /* with the weights as they are */
}

ic_status ic_gradcheck(struct ic_net *net, const int32_t *labels,
                       const struct ic_gradcheck_options *options,
                       void (*report)(void *data, const struct ic_gradcheck_row *row),
                       void *data, struct ic_error *error)
{
    const size_t nodes = (size_t)net->graph->count;
    struct check check = {net, labels, options, options->gradients,
                          calloc(nodes, sizeof *check.turns)};
    double loss;

    if (check.turns == NULL)
        return ic_fail_memory(error, "a check of gradients",
                              nodes * sizeof *check.turns);
    loss = loss_from(&check, 1);
    for (int i = 0; i < net->graph->count; i++)
        check.turns[i] = turns_of(net, i);
    if (check.gradients == NULL) {
        ic_net_loss(net, labels, 0, true, NULL);
        ic_net_backward(net);
        check.gradients = ic_reference_values(ic_net_grads(net));
    }
    for (int param = 0; param < net->graph->param_count; param++) {
        struct ic_gradcheck_row row;

        check_array(&check, param, loss, &row);
        report(data, &row);
    }
    net->start = 1;
    free(check.turns);
    return IC_OK;
}

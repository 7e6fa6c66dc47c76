/* SPDX-License-Identifier: MIT */
/*
 * Finds where the arithmetic first gave a number that is not finite. See numeric.h.
 *
 * A sum of squares in double is finite exactly when all of its floats are. It takes one
 * pass over the gradients per step, which is next to nothing beside the step itself,
 * and clipping needs the same sum.
 */
#include "train/numeric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_finite(struct ic_net *net, const float *values, size_t count)
{
    return isfinite(
        ic_net_backend(net)->sum_squares(ic_net_device(net), values, count));
}

/* The first array of a block that is not finite, or the last one when `backwards`;
 * NULL when there is none. */
static const struct ic_array *find_array(struct ic_net *net, const float *block,
                                         const struct ic_array *arrays, int count,
                                         bool backwards)
{
    for (int i = 0; i < count; i++) {
        const struct ic_array *array = &arrays[backwards ? count - 1 - i : i];

        if (!is_finite(net, block + array->offset, array->count))
            return array;
    }
    return NULL;
}

/* Names where the loss broke, among the arrays that the forward pass read and wrote. */
static const char *name_forward(struct ic_net *net)
{
    const struct ic_graph *graph = ic_net_graph(net);
    const struct ic_array *array =
        find_array(net, ic_net_params(net), graph->params, graph->param_count, false);

    if (array == NULL)
        array = find_array(net, ic_net_states(net), graph->states, graph->state_count,
                           false);
    return array != NULL ? array->name : graph->nodes[graph->count - 1].name;
}

void ic_numeric_name_pictures(char *text, size_t size, const struct ic_dataset *dataset,
                              const struct ic_batch *batch)
{
    const size_t room_for_more = sizeof ", and 2147483647 more";
    size_t used = 0;

    text[0] = '\0';
    for (int i = 0; i < batch->count; i++) {
        const char *name = dataset->samples[batch->samples[i]].name;
        const char *comma = i > 0 ? ", " : "";

        if (used + strlen(comma) + strlen(name) + room_for_more > size) {
            snprintf(text + used, size - used, "%sand %d more", comma,
                     batch->count - i);
            return;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%s", comma, name);
    }
}

double ic_numeric_gradient_norm(struct ic_net *net)
{
    return sqrt(ic_net_backend(net)->sum_squares(ic_net_device(net), ic_net_grads(net),
                                                 ic_net_graph(net)->param_floats));
}

ic_status ic_numeric_check_step(struct ic_net *net, double loss, double gradient_norm,
                                int64_t step, double learning_rate,
                                const struct ic_dataset *dataset,
                                const struct ic_batch *batch, struct ic_error *error)
{
    const struct ic_graph *graph = ic_net_graph(net);
    const bool loss_is_finite = isfinite(loss);
    const char *layer;
    char pictures[240];

    if (loss_is_finite && isfinite(gradient_norm))
        return IC_OK;
    if (loss_is_finite) {
        const struct ic_array *array =
            find_array(net, ic_net_grads(net), graph->params, graph->param_count, true);

        layer = array != NULL ? array->name : "padding";
    } else
        layer = name_forward(net);
    ic_numeric_name_pictures(pictures, sizeof pictures, dataset, batch);
    return ic_fail(error, IC_ERR_NUMERIC,
                   "the %s of step %lld is not finite, first in %s, at learning rate "
                   "%.3g; pictures: %s",
                   loss_is_finite ? "gradient" : "loss", (long long)step, layer,
                   learning_rate, pictures);
}

ic_status ic_numeric_check_weights(struct ic_net *net, struct ic_error *error)
{
    const struct ic_graph *graph = ic_net_graph(net);
    const int slots = ic_net_plan(net)->options.slots;
    const struct ic_array *array = NULL;
    const char *what = "weights";

    if (!is_finite(net, ic_net_params(net), graph->param_floats))
        array = find_array(net, ic_net_params(net), graph->params, graph->param_count,
                           false);
    if (array == NULL) {
        array = find_array(net, ic_net_states(net), graph->states, graph->state_count,
                           false);
        what = "running statistics";
    }
    for (int i = 0; i < slots && array == NULL; i++) {
        array = find_array(net, ic_net_slot(net, i), graph->params, graph->param_count,
                           false);
        what = "optimiser's averages";
    }
    if (array == NULL)
        return IC_OK;
    return ic_fail(error, IC_ERR_NUMERIC,
                   "the %s of %s are not finite, so no file is written", what,
                   array->name);
}

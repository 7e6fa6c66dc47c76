/* SPDX-License-Identifier: MIT */
/*
 * Draws initial weights, each array from its own stream of random numbers.
 */
#include "model/init.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"

static void fill(float *out, const struct ic_array *array, struct ic_random *random)
{
    double scale;

    switch (array->init) {
    case IC_INIT_ZERO:
        for (size_t i = 0; i < array->count; i++)
            out[i] = 0.0f;
        break;
    case IC_INIT_ONE:
        for (size_t i = 0; i < array->count; i++)
            out[i] = 1.0f;
        break;
    case IC_INIT_THOUSANDTH:
        for (size_t i = 0; i < array->count; i++)
            out[i] = 0.001f;
        break;
    case IC_INIT_KAIMING:
        scale = sqrt(2.0 / array->fan);
        for (size_t i = 0; i < array->count; i++)
            out[i] = (float)(scale * ic_random_normal(random));
        break;
    case IC_INIT_UNIFORM_FAN_IN:
        scale = 1.0 / sqrt(array->fan);
        for (size_t i = 0; i < array->count; i++)
            out[i] = (float)(scale * (2.0 * ic_random_uniform(random) - 1.0));
        break;
    }
}

/* Fills one block of device memory through a host copy, so that the padding between
 * arrays is zero. */
static ic_status fill_block(struct ic_net *net, float *block, size_t floats,
                            const struct ic_array *arrays, int count, uint64_t seed,
                            struct ic_error *error)
{
    float *host = calloc(floats ? floats : 1, sizeof *host);

    if (host == NULL)
        return ic_fail_memory(error, "initial weights", floats * sizeof *host);
    for (int i = 0; i < count; i++) {
        struct ic_random random;

        ic_random_init(&random, seed, IC_RANDOM_INIT, 0, (uint32_t)i);
        fill(host + arrays[i].offset, &arrays[i], &random);
    }
    ic_net_backend(net)->upload(ic_net_device(net), block, host, floats * sizeof *host);
    free(host);
    return IC_OK;
}

ic_status ic_init_weights(struct ic_net *net, uint64_t seed, struct ic_error *error)
{
    const struct ic_graph *graph = ic_net_graph(net);
    ic_status status;

    status = fill_block(net, ic_net_params(net), graph->param_floats, graph->params,
                        graph->param_count, seed, error);
    if (status != IC_OK)
        return status;
    return fill_block(net, ic_net_states(net), graph->state_floats, graph->states,
                      graph->state_count, seed, error);
}

/* SPDX-License-Identifier: MIT */
/*
 * Weights of convolutions in the type that the products read, and their gradients
 * widened. The weights that a step updates are fp32; in bf16 each pass makes rounded
 * copies.
 */
#include "backend/bf16.h"
#include "backend/cuda/conv.h"

size_t ic_cuda_weights_room(const struct ic_conv *conv)
{
    return conv->type == IC_TYPE_FP32
               ? 0
               : ic_cuda_conv2d_weights(conv) * ic_type_bytes(conv->type);
}

struct rounding {
    void *out;
    const float *in;
    enum ic_type type;
};

/* One thread per element. */
IC_EVERYWHERE void round_element(const struct rounding *r, size_t i)
{
    ic_store(r->out, i, r->in[i], r->type);
}

IC_KERNEL(round_element, struct rounding)

const void *ic_cuda_weights(struct ic_device *device, void *room, const float *weight,
                            const struct ic_conv *conv)
{
    const struct rounding r = {room, weight, conv->type};

    if (conv->type == IC_TYPE_FP32)
        return weight;
    round_element_each(device, ic_cuda_conv2d_weights(conv), &r);
    return room;
}

struct widening {
    float *out;
    const uint16_t *in;
    bool accumulate;
};

/* One thread per element. */
IC_EVERYWHERE void widen_element(const struct widening *w, size_t i)
{
    const float x = ic_bf16_float(w->in[i]);

    w->out[i] = w->accumulate ? w->out[i] + x : x;
}

IC_KERNEL(widen_element, struct widening)

void ic_cuda_weights_widen(struct ic_device *device, float *out, const uint16_t *in,
                           size_t count, bool accumulate)
{
    const struct widening w = {out, in, accumulate};

    widen_element_each(device, count, &w);
}

/*
 * Rounding to operands, and back. See operand.h.
 */
#include "backend/cuda/operand.h"

#include "backend/bf16.h"

bool ic_cuda_operand_copies(struct ic_device *device)
{
    return ic_cuda_precision(device) == IC_PRECISION_BF16;
}

size_t ic_cuda_operand_bytes(struct ic_device *device)
{
    return ic_cuda_operand_copies(device) ? sizeof(uint16_t) : sizeof(float);
}

size_t ic_cuda_operand_room(struct ic_device *device, size_t count)
{
    return ic_cuda_operand_copies(device) ? count * sizeof(uint16_t) : 0;
}

struct rounding {
    uint16_t *out;
    const float *in;
};

/* A thread is an element. */
IC_EVERYWHERE void round_element(const struct rounding *r, size_t i)
{
    r->out[i] = ic_bf16_of(r->in[i]);
}

IC_KERNEL(round_element, struct rounding)

const void *ic_cuda_operand(struct ic_device *device, void *room, const float *x,
                            size_t count)
{
    const struct rounding r = {(uint16_t *)room, x};

    if (!ic_cuda_operand_copies(device))
        return x;
    round_element_each(device, count, &r);
    return room;
}

struct widening {
    float *out;
    const uint16_t *in;
    bool accumulate;
};

/* A thread is an element. */
IC_EVERYWHERE void widen_element(const struct widening *w, size_t i)
{
    const float x = ic_bf16_float(w->in[i]);

    w->out[i] = w->accumulate ? w->out[i] + x : x;
}

IC_KERNEL(widen_element, struct widening)

void ic_cuda_floats(struct ic_device *device, float *out, const uint16_t *in,
                    size_t count, bool accumulate)
{
    const struct widening w = {out, in, accumulate};

    widen_element_each(device, count, &w);
}

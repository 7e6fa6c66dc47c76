/*
 * The fully connected layer: three matrix products, and the sums of its bias.
 */
#include "backend/cuda/cuda.h"

struct bias {
    float *out;
    const float *in;
    size_t batch, outs;
    bool accumulate;
};

/* Every row of y becomes the bias; a thread is an element. */
IC_EVERYWHERE void copy_bias(const struct bias *b, size_t i)
{
    b->out[i] = b->in[i % b->outs];
}

IC_KERNEL(copy_bias, struct bias)

/* y = x weight^T + bias */
void ic_cuda_linear_forward(struct ic_device *device, float *y, const float *x,
                            const float *weight, const float *bias,
                            const struct ic_linear *l)
{
    const size_t batch = (size_t)l->batch, outs = (size_t)l->out_features;
    const struct bias b = {y, bias, batch, outs, false};

    if (bias != NULL)
        copy_bias_each(device, batch * outs, &b);
    ic_cuda_gemm(device, y, outs, ic_cuda_matrix(x, (size_t)l->in_features, false),
                 ic_cuda_matrix(weight, (size_t)l->in_features, true), batch, outs,
                 (size_t)l->in_features, bias != NULL);
}

/* dx = dy weight */
void ic_cuda_linear_backward_input(struct ic_device *device, float *dx, const float *dy,
                                   const float *weight, const struct ic_linear *l,
                                   bool accumulate)
{
    ic_cuda_gemm(device, dx, (size_t)l->in_features,
                 ic_cuda_matrix(dy, (size_t)l->out_features, false),
                 ic_cuda_matrix(weight, (size_t)l->in_features, false),
                 (size_t)l->batch, (size_t)l->in_features, (size_t)l->out_features,
                 accumulate);
}

/* A thread is an output: the sum of dy over the batch. */
IC_EVERYWHERE void sum_bias(const struct bias *b, size_t i)
{
    float sum = b->accumulate ? b->out[i] : 0;

    for (size_t n = 0; n < b->batch; n++)
        sum += b->in[n * b->outs + i];
    b->out[i] = sum;
}

IC_KERNEL(sum_bias, struct bias)

/* dweight = dy^T x, and dbias */
void ic_cuda_linear_backward_weight(struct ic_device *device, float *dweight,
                                    float *dbias, const float *dy, const float *x,
                                    const struct ic_linear *l, bool accumulate)
{
    const size_t batch = (size_t)l->batch, outs = (size_t)l->out_features;
    const struct bias b = {dbias, dy, batch, outs, accumulate};

    ic_cuda_gemm(device, dweight, (size_t)l->in_features,
                 ic_cuda_matrix(dy, (size_t)l->out_features, true),
                 ic_cuda_matrix(x, (size_t)l->in_features, false), outs,
                 (size_t)l->in_features, batch, accumulate);
    if (dbias != NULL)
        sum_bias_each(device, outs, &b);
}

/* SPDX-License-Identifier: MIT */
/*
 * The fully connected layer: three matrix products, and the sums of its bias. All
 * arrays are fp32, and no pass needs workspace.
 */
#include "backend/cuda/cuda.h"

size_t ic_cuda_linear_workspace(struct ic_device *device,
                                const struct ic_linear *linear, bool training)
{
    (void)device;
    (void)linear;
    (void)training;
    return 0;
}

/* A product of fp32 matrices. */
static struct ic_cuda_product product_of(size_t m, size_t n, size_t k, bool accumulate)
{
    const struct ic_cuda_product p = {m, n, k, IC_TYPE_FP32, IC_TYPE_FP32, accumulate};

    return p;
}

struct bias {
    float *out;
    const float *in;
    size_t batch, outs;
};

/* Every row of y becomes the bias; one thread per element. */
IC_EVERYWHERE void copy_bias(const struct bias *b, size_t i)
{
    b->out[i] = b->in[i % b->outs];
}

IC_KERNEL(copy_bias, struct bias)

/* y = x weight^T + bias */
void ic_cuda_linear_forward(struct ic_device *device, float *y, const float *x,
                            const float *weight, const float *bias, void *workspace,
                            const struct ic_linear *l)
{
    const size_t batch = (size_t)l->batch, outs = (size_t)l->out_features;
    const size_t ins = (size_t)l->in_features;
    const struct ic_cuda_product p = product_of(batch, outs, ins, bias != NULL);
    const struct bias b = {y, bias, batch, outs};

    (void)workspace;
    if (bias != NULL)
        copy_bias_each(device, batch * outs, &b);
    ic_cuda_gemm(device, y, outs, ic_cuda_matrix(x, ins, false),
                 ic_cuda_matrix(weight, ins, true), &p);
}

/* dx = dy weight */
void ic_cuda_linear_backward_input(struct ic_device *device, float *dx, const float *dy,
                                   const float *weight, void *workspace,
                                   const struct ic_linear *l, bool accumulate)
{
    const size_t batch = (size_t)l->batch, outs = (size_t)l->out_features;
    const size_t ins = (size_t)l->in_features;
    const struct ic_cuda_product p = product_of(batch, ins, outs, accumulate);

    (void)workspace;
    ic_cuda_gemm(device, dx, ins, ic_cuda_matrix(dy, outs, false),
                 ic_cuda_matrix(weight, ins, false), &p);
}

/* One thread per output: the sum of dy over the batch. */
IC_EVERYWHERE void sum_bias(const struct bias *b, size_t i)
{
    float sum = 0;

    for (size_t n = 0; n < b->batch; n++)
        sum += b->in[n * b->outs + i];
    b->out[i] = sum;
}

IC_KERNEL(sum_bias, struct bias)

/* dweight = dy^T x, and dbias */
void ic_cuda_linear_backward_weight(struct ic_device *device, float *dweight,
                                    float *dbias, const float *dy, const float *x,
                                    void *workspace, const struct ic_linear *l)
{
    const size_t batch = (size_t)l->batch, outs = (size_t)l->out_features;
    const size_t ins = (size_t)l->in_features;
    const struct ic_cuda_product p = product_of(outs, ins, batch, false);
    const struct bias b = {dbias, dy, batch, outs};

    (void)workspace;
    if (dweight != NULL)
        ic_cuda_gemm(device, dweight, ins, ic_cuda_matrix(dy, outs, true),
                     ic_cuda_matrix(x, ins, false), &p);
    if (dbias != NULL)
        sum_bias_each(device, outs, &b);
}

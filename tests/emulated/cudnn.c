/* SPDX-License-Identifier: MIT */
/*
 * The emulated GPU's cuDNN: the three passes of a convolution as one nest of loops,
 * with sums in double of operands as the product reads them (gpu.c). A pass must have
 * been planned with its shape and batch. It overwrites the whole workspace that it
 * asked for. A smaller batch may need a larger workspace, and a tensor has fewer than
 * 2^31 numbers.
 */
#include "backend/cuda/cudnn.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backend/bf16.h"
#include "gpu.h"

struct emulated_plan {
    struct emulated_plan *next;
    struct ic_conv shape;
    enum ic_cuda_pass pass;
};

void emulated_free_plans(struct ic_device *device)
{
    while (device->plans != NULL) {
        struct emulated_plan *const plan = device->plans;

        device->plans = plan->next;
        free(plan);
    }
}

static bool planned(const struct ic_device *device, const struct ic_conv *conv,
                    enum ic_cuda_pass pass)
{
    for (const struct emulated_plan *p = device->plans; p != NULL; p = p->next)
        if (p->pass == pass && memcmp(&p->shape, conv, sizeof *conv) == 0)
            return true;
    return false;
}

struct sizes {
    size_t x, y, weight;
};

static struct sizes sizes_of(const struct ic_conv *v)
{
    const size_t batch = (size_t)v->batch;

    return (struct sizes){
        batch * (size_t)v->in_height * (size_t)v->in_width * (size_t)v->in_channels,
        batch * (size_t)v->out_height * (size_t)v->out_width * (size_t)v->out_channels,
        ic_cuda_conv2d_weights(v)};
}

/* The workspace size is odd, differs by pass, and is larger for 2 pictures than for 4.
 */
static size_t workspace_bytes(const struct ic_conv *conv, enum ic_cuda_pass pass)
{
    return 33 + 100 * (size_t)pass + (size_t)conv->in_channels +
           (conv->batch == 2 ? 1000 : (size_t)conv->batch);
}

size_t ic_cuda_cudnn_plan(struct ic_device *device, const struct ic_conv *conv,
                          enum ic_cuda_pass pass)
{
    struct emulated_plan *plan;

    assert(sizes_of(conv).x <= INT_MAX && sizes_of(conv).y <= INT_MAX);
    if (planned(device, conv, pass))
        return workspace_bytes(conv, pass);
    plan = calloc(1, sizeof *plan);
    assert(plan != NULL);
    plan->shape = *conv;
    plan->pass = pass;
    plan->next = device->plans;
    device->plans = plan;
    return workspace_bytes(conv, pass);
}

/* --- the passes ------------------------------------------------------------------- */

/* The operands as doubles, or zeros where there are none; the caller frees them. */
static double *doubles(const struct ic_device *device, const void *operands,
                       size_t count, enum ic_type type)
{
    double *const all = calloc(count, sizeof *all);

    assert(all != NULL);
    for (size_t i = 0; i < count && operands != NULL; i++)
        all[i] = emulated_value(device, operands, i, type);
    return all;
}

/* Adds the products of one tap. x is a pixel of the input, y the pixel of the output
 * that it meets, w the tap's weights of all channels. The pass reads two of them and
 * adds to the third. */
static IC_TARGET_CLONES void add_tap(double *restrict x, double *restrict y,
                                     double *restrict w, const struct ic_conv *v,
                                     enum ic_cuda_pass pass)
{
    const size_t ins = (size_t)v->in_channels;
    const size_t next = (size_t)v->kernel * (size_t)v->kernel * ins;

    for (size_t o = 0; o < (size_t)v->out_channels; o++, w += next) {
        double sum = 0;

        if (pass == IC_CUDA_FORWARD) {
#pragma omp simd reduction(+ : sum)
            for (size_t i = 0; i < ins; i++)
                sum += x[i] * w[i];
            y[o] += sum;
        } else if (pass == IC_CUDA_BACKWARD_INPUT) {
            for (size_t i = 0; i < ins; i++)
                x[i] += y[o] * w[i];
        } else {
            for (size_t i = 0; i < ins; i++)
                w[i] += y[o] * x[i];
        }
    }
}

static void pass_over(double *x, double *y, double *w, const struct ic_conv *v,
                      enum ic_cuda_pass pass)
{
    const size_t ins = (size_t)v->in_channels, outs = (size_t)v->out_channels;

    for (int n = 0; n < v->batch; n++)
        for (int oy = 0; oy < v->out_height; oy++)
            for (int ox = 0; ox < v->out_width; ox++, y += outs)
                for (int tap = 0; tap < v->kernel * v->kernel; tap++) {
                    const int iy = oy * v->stride + tap / v->kernel - v->pad;
                    const int ix = ox * v->stride + tap % v->kernel - v->pad;
                    const size_t pixel =
                        ((size_t)n * (size_t)v->in_height + (size_t)iy) *
                            (size_t)v->in_width +
                        (size_t)ix;

                    if (iy >= 0 && iy < v->in_height && ix >= 0 && ix < v->in_width)
                        add_tap(x + pixel * ins, y, w + (size_t)tap * ins, v, pass);
                }
}

static void write_out(void *out, const double *sum, size_t count, enum ic_type type,
                      bool accumulate)
{
    for (size_t i = 0; i < count; i++) {
        const double before = accumulate ? ic_load(out, i, type) : 0;

        ic_store(out, i, (float)(accumulate ? before + sum[i] : sum[i]), type);
    }
}

void ic_cuda_cudnn_run(struct ic_device *device, void *out, const void *left,
                       const void *right, void *workspace, const struct ic_conv *conv,
                       enum ic_cuda_pass pass, bool accumulate)
{
    const struct sizes n = sizes_of(conv);
    const bool forward = pass == IC_CUDA_FORWARD;
    const bool weight = pass == IC_CUDA_BACKWARD_WEIGHT;
    double *const x = doubles(device,
                              forward  ? left
                              : weight ? right
                                       : NULL,
                              n.x, conv->type);
    double *const y = doubles(device, forward ? NULL : left, n.y, conv->type);
    double *const w = doubles(device, weight ? NULL : right, n.weight, conv->type);

    assert(planned(device, conv, pass));
    if (conv->kernel == emulated_setting("IM2CAT_EMULATED_UNPLANNED", 0))
        device->failed = "a convolution by cuDNN";
    assert(!accumulate || !weight || conv->type == IC_TYPE_FP32);
    memset(workspace, 0xff, workspace_bytes(conv, pass));
    pass_over(x, y, w, conv, pass);
    write_out(out,
              weight    ? w
              : forward ? y
                        : x,
              weight    ? n.weight
              : forward ? n.y
                        : n.x,
              conv->type, accumulate);
    free(x);
    free(y);
    free(w);
    ic_cuda_launched(device, "cudnn", 1);
}

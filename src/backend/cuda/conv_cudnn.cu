/* SPDX-License-Identifier: MIT */
/*
 * Convolution by cuDNN.
 *
 * A batch is taken in parts whose sizes are powers of two, the largest first. cuDNN
 * tells the workspace of one batch size only, and a smaller batch may take more. These
 * few sizes are all planned beforehand, and every smaller batch is made of some of
 * them, so that no algorithm is chosen during a step.
 *
 * In bf16 cuDNN gives a gradient of weights in bf16, too. It goes into the workspace,
 * in front of cuDNN's own, and is widened and added up in fp32.
 */
#include <limits.h>

#include "backend/bf16.h"
#include "backend/cuda/cudnn.h"

/* Elements of x and of y in a part. */
struct counts {
    size_t x, y;
};

static struct counts counts_of(const struct ic_conv *conv)
{
    const size_t batch = (size_t)conv->batch;
    const struct counts n = {batch * (size_t)conv->in_height * (size_t)conv->in_width *
                                 (size_t)conv->in_channels,
                             batch * (size_t)conv->out_height *
                                 (size_t)conv->out_width * (size_t)conv->out_channels};

    return n;
}

/* Bytes of the gradient of weights as cuDNN gives it, where it is not fp32. */
static size_t gradient_room(const struct ic_conv *conv, enum ic_cuda_pass pass)
{
    return pass == IC_CUDA_BACKWARD_WEIGHT ? ic_cuda_weights_room(conv) : 0;
}

static size_t part_workspace(struct ic_device *device, const struct ic_conv *conv,
                             enum ic_cuda_pass pass)
{
    return ic_cuda_with(gradient_room(conv, pass),
                        ic_cuda_cudnn_plan(device, conv, pass));
}

/* Pictures of the part that a batch of `pictures` begins with. */
static int part_of(const struct ic_conv *conv, int pictures)
{
    struct ic_conv part = *conv;
    struct counts one;

    part.batch = 1;
    one = counts_of(&part);
    while (part.batch <= pictures / 2 &&
           2 * (size_t)part.batch * (one.x > one.y ? one.x : one.y) <= INT_MAX)
        part.batch *= 2;
    return part.batch;
}

size_t ic_cuda_cudnn_workspace(struct ic_device *device, const struct ic_conv *conv,
                               enum ic_cuda_pass pass)
{
    const int largest = part_of(conv, conv->batch);
    struct ic_conv part = *conv;
    size_t most = 0;

    for (part.batch = 1; part.batch <= largest; part.batch *= 2) {
        const size_t bytes = part_workspace(device, &part, pass);

        most = bytes > most ? bytes : most;
    }
    return most;
}

static void run_part(struct ic_device *device, void *out, const void *left,
                     const void *right, void *workspace, const struct ic_conv *conv,
                     enum ic_cuda_pass pass, bool accumulate)
{
    const size_t room = gradient_room(conv, pass);
    void *const own = ic_cuda_behind(workspace, room);

    ic_cuda_cudnn_run(device, room > 0 ? workspace : out, left, right, own, conv, pass,
                      accumulate && room == 0);
    if (room > 0)
        ic_cuda_weights_widen(device, (float *)out, (const uint16_t *)workspace,
                              ic_cuda_conv2d_weights(conv), accumulate);
}

static void run(struct ic_device *device, void *out, const void *left,
                const void *right, void *workspace, const struct ic_conv *conv,
                enum ic_cuda_pass pass, bool accumulate)
{
    const bool forward = pass == IC_CUDA_FORWARD;
    const bool weight = pass == IC_CUDA_BACKWARD_WEIGHT;
    const enum ic_type type = conv->type;
    struct ic_conv part = *conv;

    for (int done = 0; done < conv->batch; done += part.batch) {
        struct counts before;

        part.batch = done;
        before = counts_of(&part);
        part.batch = part_of(conv, conv->batch - done);
        run_part(device,
                 weight ? out : ic_element(out, forward ? before.y : before.x, type),
                 ic_const_element(left, forward ? before.x : before.y, type),
                 weight ? ic_const_element(right, before.x, type) : right, workspace,
                 &part, pass, accumulate || (weight && done > 0));
    }
}

void ic_cuda_cudnn_forward(struct ic_device *device, void *y, const void *x,
                           const void *weight, void *workspace,
                           const struct ic_conv *conv)
{
    run(device, y, x, weight, workspace, conv, IC_CUDA_FORWARD, false);
}

void ic_cuda_cudnn_backward_input(struct ic_device *device, void *dx, const void *dy,
                                  const void *weight, void *workspace,
                                  const struct ic_conv *conv, bool accumulate)
{
    run(device, dx, dy, weight, workspace, conv, IC_CUDA_BACKWARD_INPUT, accumulate);
}

void ic_cuda_cudnn_backward_weight(struct ic_device *device, float *dweight,
                                   const void *dy, const void *x, void *workspace,
                                   const struct ic_conv *conv)
{
    run(device, dweight, dy, x, workspace, conv, IC_CUDA_BACKWARD_WEIGHT, false);
}

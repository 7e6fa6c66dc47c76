/*
 * Convolution by cuDNN: makes the operands, and floats of what comes out in bf16.
 *
 * A batch is taken in parts whose sizes are powers of two, the largest first. cuDNN
 * tells of one batch alone what workspace it takes, and a smaller one may take more; of
 * these few sizes all are planned beforehand, and every smaller batch is made of some
 * of them, so that nothing is chosen during a step.
 *
 * In bf16 the workspace holds the operands of a part, what comes out, and behind that
 * what cuDNN asks for; otherwise just the last.
 */
#include <limits.h>

#include "backend/cuda/cudnn.h"
#include "backend/cuda/operand.h"

/* Numbers of the pictures, of the outputs and of the weights of a part. */
struct counts {
    size_t x, y, weight;
};

static struct counts counts_of(const struct ic_conv *conv)
{
    const size_t batch = (size_t)conv->batch;
    const struct counts n = {batch * (size_t)conv->in_height * (size_t)conv->in_width *
                                 (size_t)conv->in_channels,
                             batch * (size_t)conv->out_height *
                                 (size_t)conv->out_width * (size_t)conv->out_channels,
                             ic_cuda_conv2d_weights(conv)};

    return n;
}

/* Bytes of the copies that a pass needs in bf16: of what stands on its left, which is x
 * or dy; of x on the right of the weight gradient (weights are operands already); of
 * what comes out. */
struct rooms {
    size_t left, right, out;
};

static struct rooms rooms_of(struct ic_device *device, const struct ic_conv *conv,
                             enum ic_cuda_pass pass)
{
    const struct counts n = counts_of(conv);
    const bool weight = pass == IC_CUDA_BACKWARD_WEIGHT;
    const bool forward = pass == IC_CUDA_FORWARD;
    const size_t out = weight ? n.weight : forward ? n.y : n.x;
    const struct rooms r = {ic_cuda_operand_room(device, forward ? n.x : n.y),
                            ic_cuda_operand_room(device, weight ? n.x : 0),
                            ic_cuda_operand_room(device, out)};

    return r;
}

static size_t part_workspace(struct ic_device *device, const struct ic_conv *conv,
                             enum ic_cuda_pass pass)
{
    const struct rooms r = rooms_of(device, conv, pass);
    const size_t own = ic_cuda_cudnn_plan(device, conv, pass);

    return ic_cuda_with(r.left, ic_cuda_with(r.right, ic_cuda_with(r.out, own)));
}

/* The largest part that `pictures` of them begin with. */
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

/* One part; `right` is floats for the weight gradient and operands otherwise. */
static void run_part(struct ic_device *device, float *out, const float *left,
                     const void *right, void *workspace, const struct ic_conv *conv,
                     enum ic_cuda_pass pass, bool accumulate)
{
    const struct rooms r = rooms_of(device, conv, pass);
    const struct counts n = counts_of(conv);
    void *const right_room = ic_cuda_behind(workspace, r.left);
    void *const out_room = ic_cuda_behind(right_room, r.right);
    void *const own = ic_cuda_behind(out_room, r.out);
    const bool copies = ic_cuda_operand_copies(device);
    const void *const a =
        ic_cuda_operand(device, workspace, left, pass == IC_CUDA_FORWARD ? n.x : n.y);
    const void *const b =
        pass == IC_CUDA_BACKWARD_WEIGHT
            ? ic_cuda_operand(device, right_room, (const float *)right, n.x)
            : right;

    ic_cuda_cudnn_run(device, copies ? out_room : out, a, b, own, conv, pass,
                      accumulate && !copies);
    if (copies)
        ic_cuda_floats(device, out, (const uint16_t *)out_room,
                       r.out / sizeof(uint16_t), accumulate);
}

static void run(struct ic_device *device, float *out, const float *left,
                const void *right, void *workspace, const struct ic_conv *conv,
                enum ic_cuda_pass pass, bool accumulate)
{
    const bool forward = pass == IC_CUDA_FORWARD;
    const bool weight = pass == IC_CUDA_BACKWARD_WEIGHT;
    struct ic_conv part = *conv;

    for (int done = 0; done < conv->batch; done += part.batch) {
        struct counts before;

        part.batch = done;
        before = counts_of(&part);
        part.batch = part_of(conv, conv->batch - done);
        run_part(device, weight ? out : out + (forward ? before.y : before.x),
                 left + (forward ? before.x : before.y),
                 weight ? (const float *)right + before.x : right, workspace, &part,
                 pass, accumulate || (weight && done > 0));
    }
}

void ic_cuda_cudnn_forward(struct ic_device *device, float *y, const float *x,
                           const void *weight, void *workspace,
                           const struct ic_conv *conv)
{
    run(device, y, x, weight, workspace, conv, IC_CUDA_FORWARD, false);
}

void ic_cuda_cudnn_backward_input(struct ic_device *device, float *dx, const float *dy,
                                  const void *weight, void *workspace,
                                  const struct ic_conv *conv, bool accumulate)
{
    run(device, dx, dy, weight, workspace, conv, IC_CUDA_BACKWARD_INPUT, accumulate);
}

void ic_cuda_cudnn_backward_weight(struct ic_device *device, float *dweight,
                                   const float *dy, const float *x, void *workspace,
                                   const struct ic_conv *conv, bool accumulate)
{
    run(device, dweight, dy, x, workspace, conv, IC_CUDA_BACKWARD_WEIGHT, accumulate);
}

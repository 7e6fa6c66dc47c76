/*
 * The entries of convolutions: each makes operands of the weights, where those are
 * copies, at the beginning of the workspace, and hands over to the algorithm.
 */
#include "backend/cuda/conv.h"

#include <assert.h>

#include "backend/cuda/operand.h"

bool ic_cuda_conv2d_has(enum ic_conv_algorithm algorithm)
{
    return algorithm == IC_CONV_AUTO || algorithm == IC_CONV_IM2COL;
}

enum ic_conv_algorithm ic_cuda_conv2d_algorithm(const struct ic_conv *conv, bool folded)
{
    (void)folded;
    assert(ic_cuda_conv2d_has(conv->algorithm));
    return IC_CONV_IM2COL;
}

size_t ic_cuda_conv2d_kept_workspace(struct ic_device *device,
                                     const struct ic_conv *conv)
{
    return ic_cuda_im2col_workspace(device, conv, IC_CUDA_FORWARD);
}

/* Bytes of the weights' operands. */
static size_t weights_room(struct ic_device *device, const struct ic_conv *conv)
{
    return ic_cuda_operand_room(device, ic_cuda_conv2d_weights(conv));
}

static size_t pass_workspace(struct ic_device *device, const struct ic_conv *conv,
                             enum ic_cuda_pass pass)
{
    const size_t room =
        pass == IC_CUDA_BACKWARD_WEIGHT ? 0 : weights_room(device, conv);

    return ic_cuda_with(room, ic_cuda_im2col_workspace(device, conv, pass));
}

size_t ic_cuda_conv2d_workspace(struct ic_device *device, const struct ic_conv *conv,
                                bool training)
{
    size_t most = 0;

    for (int pass = 0; pass < (training ? IC_CUDA_PASSES : 1); pass++) {
        const size_t bytes = pass_workspace(device, conv, (enum ic_cuda_pass)pass);

        most = bytes > most ? bytes : most;
    }
    return most;
}

void ic_cuda_conv2d_forward_kept(struct ic_device *device, float *y, const float *x,
                                 const void *weight, void *workspace,
                                 const struct ic_conv *conv)
{
    ic_cuda_im2col_forward(device, y, x, weight, workspace, conv);
}

void ic_cuda_conv2d_forward(struct ic_device *device, float *y, const float *x,
                            const float *weight, void *workspace,
                            const struct ic_conv *conv)
{
    const void *const operands =
        ic_cuda_operand(device, workspace, weight, ic_cuda_conv2d_weights(conv));

    ic_cuda_conv2d_forward_kept(device, y, x, operands,
                                ic_cuda_behind(workspace, weights_room(device, conv)),
                                conv);
}

void ic_cuda_conv2d_backward_input(struct ic_device *device, float *dx, const float *dy,
                                   const float *weight, void *workspace,
                                   const struct ic_conv *conv, bool accumulate)
{
    const void *const operands =
        ic_cuda_operand(device, workspace, weight, ic_cuda_conv2d_weights(conv));

    ic_cuda_im2col_backward_input(device, dx, dy, operands,
                                  ic_cuda_behind(workspace, weights_room(device, conv)),
                                  conv, accumulate);
}

void ic_cuda_conv2d_backward_weight(struct ic_device *device, float *dweight,
                                    const float *dy, const float *x, void *workspace,
                                    const struct ic_conv *conv, bool accumulate)
{
    ic_cuda_im2col_backward_weight(device, dweight, dy, x, workspace, conv, accumulate);
}

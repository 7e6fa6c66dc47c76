/* SPDX-License-Identifier: MIT */
/*
 * The entries of convolutions. Each rounds the weights, where the type is bf16, into
 * the beginning of the workspace, and calls the algorithm. The default is cuDNN's where
 * the module is built with cuDNN (IC_CUDNN).
 */
#include "backend/cuda/conv.h"

#include <assert.h>

/* The passes of an algorithm. */
struct algorithm {
    enum ic_conv_algorithm name;
    size_t (*workspace)(struct ic_device *device, const struct ic_conv *conv,
                        enum ic_cuda_pass pass);
    void (*forward)(struct ic_device *device, void *y, const void *x,
                    const void *weight, void *workspace, const struct ic_conv *conv);
    void (*backward_input)(struct ic_device *device, void *dx, const void *dy,
                           const void *weight, void *workspace,
                           const struct ic_conv *conv, bool accumulate);
    void (*backward_weight)(struct ic_device *device, float *dweight, const void *dy,
                            const void *x, void *workspace, const struct ic_conv *conv);
};

/* The algorithms; auto takes the first. */
static const struct algorithm algorithms[] = {
#ifdef IC_CUDNN
    {IC_CONV_CUDNN, ic_cuda_cudnn_workspace, ic_cuda_cudnn_forward,
     ic_cuda_cudnn_backward_input, ic_cuda_cudnn_backward_weight},
#endif
    {IC_CONV_IM2COL, ic_cuda_im2col_workspace, ic_cuda_im2col_forward,
     ic_cuda_im2col_backward_input, ic_cuda_im2col_backward_weight},
};

/* NULL where no algorithm has that name. */
static const struct algorithm *find(enum ic_conv_algorithm name)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (name == IC_CONV_AUTO || name == algorithms[i].name)
            return &algorithms[i];
    return NULL;
}

bool ic_cuda_conv2d_has(enum ic_conv_algorithm algorithm)
{
    return find(algorithm) != NULL;
}

static const struct algorithm *algorithm_of(const struct ic_conv *conv)
{
    const struct algorithm *const found = find(conv->algorithm);

    assert(found != NULL);
    return found;
}

enum ic_conv_algorithm ic_cuda_conv2d_algorithm(const struct ic_conv *conv, bool folded)
{
    (void)folded;
    return algorithm_of(conv)->name;
}

size_t ic_cuda_conv2d_packed_workspace(struct ic_device *device,
                                     const struct ic_conv *conv)
{
    return algorithm_of(conv)->workspace(device, conv, IC_CUDA_FORWARD);
}

static size_t pass_workspace(struct ic_device *device, const struct ic_conv *conv,
                             enum ic_cuda_pass pass)
{
    const size_t room =
        pass == IC_CUDA_BACKWARD_WEIGHT ? 0 : ic_cuda_weights_room(conv);

    return ic_cuda_with(room, algorithm_of(conv)->workspace(device, conv, pass));
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

void ic_cuda_conv2d_forward_packed(struct ic_device *device, void *y, const void *x,
                                 const void *weight, void *workspace,
                                 const struct ic_conv *conv)
{
    algorithm_of(conv)->forward(device, y, x, weight, workspace, conv);
}

void ic_cuda_conv2d_forward(struct ic_device *device, void *y, const void *x,
                            const float *weight, void *workspace,
                            const struct ic_conv *conv)
{
    const void *const operands = ic_cuda_weights(device, workspace, weight, conv);

    ic_cuda_conv2d_forward_packed(device, y, x, operands,
                                ic_cuda_behind(workspace, ic_cuda_weights_room(conv)),
                                conv);
}

void ic_cuda_conv2d_backward_input(struct ic_device *device, void *dx, const void *dy,
                                   const float *weight, void *workspace,
                                   const struct ic_conv *conv, bool accumulate)
{
    const void *const operands = ic_cuda_weights(device, workspace, weight, conv);

    algorithm_of(conv)->backward_input(
        device, dx, dy, operands, ic_cuda_behind(workspace, ic_cuda_weights_room(conv)),
        conv, accumulate);
}

void ic_cuda_conv2d_backward_weight(struct ic_device *device, float *dweight,
                                    const void *dy, const void *x, void *workspace,
                                    const struct ic_conv *conv)
{
    algorithm_of(conv)->backward_weight(device, dweight, dy, x, workspace, conv);
}

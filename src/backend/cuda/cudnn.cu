/* SPDX-License-Identifier: MIT */
/*
 * Convolutions by cuDNN 9: its descriptors, the choice of an algorithm, the calls.
 *
 * The API is the one of functions (cudnnConvolutionForward and the like) on NHWC
 * tensors and OHWI filters, which is how the arrays lie. Only algorithms that give the
 * same bits every time are chosen, by cuDNN's own estimate and never by a timing. A
 * plan is made once for a shape, a batch and a pass, and kept until the device is
 * closed.
 *
 * The type of math says what tensor cores may do. FMA rounds nothing; the default would
 * let cuDNN take tf32. TENSOR_OP lets it take tf32, or bf16 where the arrays are bf16;
 * its variant ALLOW_CONVERSION would let it round to fp16, too.
 */
#include <assert.h>
#include <cudnn.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cuda/cudnn.h"
#include "backend/cuda/device.h"

/* An algorithm that asks for more workspace is taken only where all do. */
#define MUCH_WORKSPACE ((size_t)256 << 20)

enum { CHOICES = 16 }; /* algorithms that cuDNN offers a pass, likely fastest first */

struct plan {
    struct plan *next;
    struct ic_conv shape; /* its `algorithm` is always IC_CONV_CUDNN */
    enum ic_cuda_pass pass;
    cudnnTensorDescriptor_t x, y;
    cudnnFilterDescriptor_t weight;
    cudnnConvolutionDescriptor_t conv;
    bool rounded;  /* operands are multiplied as tf32 or bf16 */
    bool good;     /* an algorithm was found */
    int algorithm; /* of the pass's own enumeration */
    size_t bytes;  /* of workspace */
};

struct ic_cudnn {
    cudnnHandle_t handle;
    struct plan *plans;
};

/* Keeps a fault, with cuDNN's own sentence where it has one; true when there was none.
 */
static bool note(struct ic_device *device, cudnnStatus_t status)
{
    char why[160] = "";

    if (status == CUDNN_STATUS_SUCCESS)
        return true;
    cudnnGetLastErrorString(why, sizeof why);
    ic_cuda_note_fault(device, "a convolution by cuDNN",
                       why[0] != '\0' ? why : cudnnGetErrorString(status));
    return false;
}

/* --- the library ------------------------------------------------------------------ */

/* NULL without memory; after another fault its handle may be NULL. */
static struct ic_cudnn *library(struct ic_device *device)
{
    struct ic_cudnn *cudnn = device->cudnn;

    if (cudnn != NULL)
        return cudnn;
    cudnn = (struct ic_cudnn *)calloc(1, sizeof *cudnn);
    if (cudnn == NULL) {
        ic_cuda_note_fault(device, "opening cuDNN", "out of memory");
        return NULL;
    }
    device->cudnn = cudnn;
    if (note(device, cudnnCreate(&cudnn->handle)))
        note(device, cudnnSetStream(cudnn->handle, device->stream));
    return cudnn;
}

static void free_plan(struct plan *plan)
{
    if (plan->x != NULL)
        (void)cudnnDestroyTensorDescriptor(plan->x);
    if (plan->y != NULL)
        (void)cudnnDestroyTensorDescriptor(plan->y);
    if (plan->weight != NULL)
        (void)cudnnDestroyFilterDescriptor(plan->weight);
    if (plan->conv != NULL)
        (void)cudnnDestroyConvolutionDescriptor(plan->conv);
    free(plan);
}

void ic_cuda_cudnn_close(struct ic_cudnn *cudnn)
{
    if (cudnn == NULL)
        return;
    while (cudnn->plans != NULL) {
        struct plan *const plan = cudnn->plans;

        cudnn->plans = plan->next;
        free_plan(plan);
    }
    if (cudnn->handle != NULL)
        (void)cudnnDestroy(cudnn->handle);
    free(cudnn);
}

/* --- plans ------------------------------------------------------------------------ */

static bool same_shape(const struct ic_conv *a, const struct ic_conv *b)
{
    return a->batch == b->batch && a->in_height == b->in_height &&
           a->in_width == b->in_width && a->in_channels == b->in_channels &&
           a->out_channels == b->out_channels && a->kernel == b->kernel &&
           a->stride == b->stride && a->pad == b->pad && a->type == b->type;
}

static struct plan *find(const struct ic_cudnn *cudnn, const struct ic_conv *conv,
                         enum ic_cuda_pass pass)
{
    for (struct plan *plan = cudnn->plans; plan != NULL; plan = plan->next)
        if (plan->pass == pass && same_shape(&plan->shape, conv))
            return plan;
    return NULL;
}

static cudnnStatus_t describe(struct plan *plan)
{
    const struct ic_conv *const v = &plan->shape;
    const cudnnDataType_t type =
        v->type == IC_TYPE_BF16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
    cudnnStatus_t status = cudnnCreateTensorDescriptor(&plan->x);

    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnCreateTensorDescriptor(&plan->y);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnCreateFilterDescriptor(&plan->weight);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnCreateConvolutionDescriptor(&plan->conv);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnSetTensor4dDescriptor(plan->x, CUDNN_TENSOR_NHWC, type, v->batch,
                                            v->in_channels, v->in_height, v->in_width);
    if (status == CUDNN_STATUS_SUCCESS)
        status =
            cudnnSetTensor4dDescriptor(plan->y, CUDNN_TENSOR_NHWC, type, v->batch,
                                       v->out_channels, v->out_height, v->out_width);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnSetFilter4dDescriptor(plan->weight, type, CUDNN_TENSOR_NHWC,
                                            v->out_channels, v->in_channels, v->kernel,
                                            v->kernel);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnSetConvolution2dDescriptor(
            plan->conv, v->pad, v->pad, v->stride, v->stride, 1, 1,
            CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT);
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnSetConvolutionMathType(
            plan->conv, plan->rounded ? CUDNN_TENSOR_OP_MATH : CUDNN_FMA_MATH);
    return status;
}

/* Takes the first algorithm that gives the same bits each time and needs little
 * workspace. If all of them need more, it takes the one that needs least, and the
 * memory plan may refuse that. `ask` is cuDNN's function for an algorithm's bytes. */
template <typename Choice, typename Ask>
static void take(struct plan *plan, const Choice *choices, int count, Ask ask)
{
    cudnnMathType_t taken = CUDNN_FMA_MATH;

    for (int i = 0; i < count; i++) {
        const Choice *const c = &choices[i];
        const cudnnMathType_t math = plan->rounded ? c->mathType : CUDNN_FMA_MATH;
        size_t bytes;

        if (plan->good && plan->bytes <= MUCH_WORKSPACE)
            break;
        if (c->status != CUDNN_STATUS_SUCCESS ||
            c->determinism != CUDNN_DETERMINISTIC ||
            cudnnSetConvolutionMathType(plan->conv, math) != CUDNN_STATUS_SUCCESS ||
            ask(c->algo, &bytes) != CUDNN_STATUS_SUCCESS ||
            (plan->good && bytes >= plan->bytes))
            continue;
        plan->good = true;
        plan->algorithm = (int)c->algo;
        taken = math;
        plan->bytes = bytes;
    }
    if (plan->good)
        (void)cudnnSetConvolutionMathType(plan->conv, taken);
}

static cudnnStatus_t choose_forward(cudnnHandle_t handle, struct plan *p)
{
    cudnnConvolutionFwdAlgoPerf_t choices[CHOICES];
    int count = 0;
    const cudnnStatus_t status = cudnnGetConvolutionForwardAlgorithm_v7(
        handle, p->x, p->weight, p->conv, p->y, CHOICES, &count, choices);

    take(p, choices, count, [=](cudnnConvolutionFwdAlgo_t algorithm, size_t *bytes) {
        return cudnnGetConvolutionForwardWorkspaceSize(handle, p->x, p->weight, p->conv,
                                                       p->y, algorithm, bytes);
    });
    return status;
}

static cudnnStatus_t choose_backward_input(cudnnHandle_t handle, struct plan *p)
{
    cudnnConvolutionBwdDataAlgoPerf_t choices[CHOICES];
    int count = 0;
    const cudnnStatus_t status = cudnnGetConvolutionBackwardDataAlgorithm_v7(
        handle, p->weight, p->y, p->conv, p->x, CHOICES, &count, choices);

    take(p, choices, count,
         [=](cudnnConvolutionBwdDataAlgo_t algorithm, size_t *bytes) {
             return cudnnGetConvolutionBackwardDataWorkspaceSize(
                 handle, p->weight, p->y, p->conv, p->x, algorithm, bytes);
         });
    return status;
}

static cudnnStatus_t choose_backward_weight(cudnnHandle_t handle, struct plan *p)
{
    cudnnConvolutionBwdFilterAlgoPerf_t choices[CHOICES];
    int count = 0;
    const cudnnStatus_t status = cudnnGetConvolutionBackwardFilterAlgorithm_v7(
        handle, p->x, p->y, p->conv, p->weight, CHOICES, &count, choices);

    take(p, choices, count,
         [=](cudnnConvolutionBwdFilterAlgo_t algorithm, size_t *bytes) {
             return cudnnGetConvolutionBackwardFilterWorkspaceSize(
                 handle, p->x, p->y, p->conv, p->weight, algorithm, bytes);
         });
    return status;
}

static cudnnStatus_t choose(cudnnHandle_t handle, struct plan *plan)
{
    switch (plan->pass) {
    case IC_CUDA_FORWARD:
        return choose_forward(handle, plan);
    case IC_CUDA_BACKWARD_INPUT:
        return choose_backward_input(handle, plan);
    default:
        return choose_backward_weight(handle, plan);
    }
}

/* A shape that cuDNN does not support becomes a fault only when it is to run. */
static void note_choice(struct ic_device *device, cudnnStatus_t status)
{
    if (CUDNN_STATUS_CATEGORY(status) != CUDNN_STATUS_NOT_SUPPORTED)
        note(device, status);
}

size_t ic_cuda_cudnn_plan(struct ic_device *device, const struct ic_conv *conv,
                          enum ic_cuda_pass pass)
{
    struct ic_cudnn *const cudnn = library(device);
    struct plan *plan = cudnn != NULL ? find(cudnn, conv, pass) : NULL;

    if (plan != NULL)
        return plan->bytes;
    if (cudnn == NULL || cudnn->handle == NULL)
        return 0;
    plan = (struct plan *)calloc(1, sizeof *plan);
    if (plan == NULL) {
        ic_cuda_note_fault(device, "planning a convolution", "out of memory");
        return 0;
    }
    plan->shape = *conv;
    plan->pass = pass;
    plan->rounded =
        conv->type == IC_TYPE_BF16 || device->precision == IC_PRECISION_TF32;
    plan->next = cudnn->plans;
    cudnn->plans = plan;
    if (note(device, describe(plan)))
        note_choice(device, choose(cudnn->handle, plan));
    (void)cudaGetLastError(); /* cuDNN's failed attempts are no faults of kernels */
    return plan->bytes;
}

/* --- running ---------------------------------------------------------------------- */

static cudnnStatus_t call(cudnnHandle_t handle, const struct plan *p, void *out,
                          const void *left, const void *right, void *workspace,
                          bool accumulate)
{
    const float one = 1, kept = accumulate ? 1 : 0;

    switch (p->pass) {
    case IC_CUDA_FORWARD:
        return cudnnConvolutionForward(handle, &one, p->x, left, p->weight, right,
                                       p->conv, (cudnnConvolutionFwdAlgo_t)p->algorithm,
                                       workspace, p->bytes, &kept, p->y, out);
    case IC_CUDA_BACKWARD_INPUT:
        return cudnnConvolutionBackwardData(handle, &one, p->weight, right, p->y, left,
                                            p->conv,
                                            (cudnnConvolutionBwdDataAlgo_t)p->algorithm,
                                            workspace, p->bytes, &kept, p->x, out);
    default:
        return cudnnConvolutionBackwardFilter(
            handle, &one, p->x, right, p->y, left, p->conv,
            (cudnnConvolutionBwdFilterAlgo_t)p->algorithm, workspace, p->bytes, &kept,
            p->weight, out);
    }
}

/* Without a plan there was a fault, which sync returns. A missing algorithm becomes a
 * fault only now: more passes are planned than run. */
void ic_cuda_cudnn_run(struct ic_device *device, void *out, const void *left,
                       const void *right, void *workspace, const struct ic_conv *conv,
                       enum ic_cuda_pass pass, bool accumulate)
{
    const struct ic_cudnn *const cudnn = device->cudnn;
    const struct plan *const plan = cudnn != NULL ? find(cudnn, conv, pass) : NULL;

    assert(plan != NULL || device->fault[0] != '\0');
    if (plan != NULL && !plan->good)
        ic_cuda_note_fault(
            device, "a convolution by cuDNN",
            "it has no algorithm for this shape that gives the same bits "
            "each time: take --conv im2col");
    if (plan == NULL || !plan->good)
        return;
    note(device, call(cudnn->handle, plan, out, left, right, workspace, accumulate));
    ic_cuda_launched(device, "a convolution by cuDNN", 1);
}

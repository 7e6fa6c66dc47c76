/* SPDX-License-Identifier: MIT */
/*
 * Opening and closing the GPU, its memory, its faults.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backend/cuda/device.h"

/* Memory that a plan leaves free: for cuBLAS and cuDNN, and for the code of kernels. */
#define RESERVE ((uint64_t)512 << 20)

/* Compute capabilities: the oldest that the module has code for, and the oldest whose
 * tensor cores know tf32 and bf16. */
enum { LEAST_CAPABILITY = 75, LEAST_ROUNDED = 80 };

/* Sums are fp32 until an element is done, also those of a product cut into parts. */
#define MATH                                     \
    ((cublasMath_t)((int)CUBLAS_DEFAULT_MATH | \
                    (int)CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION))

/* --- opening ---------------------------------------------------------------------- */

/* Counts the GPUs; each reason why none is usable has an error of its own. */
static ic_status look_for_device(int *ret_count, struct ic_error *error)
{
    int driver = 0;
    const cudaError_t result = cudaGetDeviceCount(ret_count);

    if (result == cudaSuccess && *ret_count > 0)
        return IC_OK;
    (void)cudaGetLastError();
    if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0)
        return ic_fail(error, IC_ERR_DEVICE,
                       "the device cuda needs NVIDIA's driver, and this machine has "
                       "none");
    if (result == cudaErrorInsufficientDriver)
        return ic_fail(error, IC_ERR_DEVICE,
                       "the device cuda needs a driver for CUDA %d.%d, this machine's "
                       "is for CUDA %d.%d",
                       CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10, driver / 1000,
                       driver % 1000 / 10);
    if (result == cudaSuccess || result == cudaErrorNoDevice)
        return ic_fail(error, IC_ERR_DEVICE,
                       "the device cuda needs an NVIDIA GPU, and this process sees "
                       "none");
    return ic_fail(error, IC_ERR_DEVICE, "the GPU cannot be asked for: %s",
                   cudaGetErrorString(result));
}

static ic_status check_capability(const struct ic_device *device,
                                  const cudaDeviceProp *gpu, struct ic_error *error)
{
    const int capability = gpu->major * 10 + gpu->minor;

    if (capability < LEAST_CAPABILITY)
        return ic_fail(error, IC_ERR_DEVICE,
                       "the GPU %s has compute capability %d.%d, at least %d.%d is "
                       "needed",
                       gpu->name, gpu->major, gpu->minor, LEAST_CAPABILITY / 10,
                       LEAST_CAPABILITY % 10);
    if (capability < LEAST_ROUNDED && device->precision != IC_PRECISION_FP32)
        return ic_fail(error, IC_ERR_DEVICE,
                       "the GPU %s has compute capability %d.%d, --precision %s needs "
                       "%d.%d: take --precision fp32",
                       gpu->name, gpu->major, gpu->minor,
                       ic_precision_name(device->precision), LEAST_ROUNDED / 10,
                       LEAST_ROUNDED % 10);
    return IC_OK;
}

static ic_status describe(struct ic_device *device, int gpu, struct ic_error *error)
{
    cudaDeviceProp properties;
    const cudaError_t result = cudaGetDeviceProperties(&properties, gpu);
    int driver = 0;
    ic_status status;

    if (result != cudaSuccess)
        return ic_fail(error, IC_ERR_DEVICE, "the GPU does not tell what it is: %s",
                       cudaGetErrorString(result));
    status = check_capability(device, &properties, error);
    if (status != IC_OK)
        return status;
    (void)cudaDriverGetVersion(&driver);
    snprintf(device->description, sizeof device->description,
             "%.120s, %.0f MiB, %s, CUDA %d.%d (driver for %d.%d)", properties.name,
             (double)properties.totalGlobalMem / (1 << 20),
             ic_precision_name(device->precision), CUDART_VERSION / 1000,
             CUDART_VERSION % 1000 / 10, driver / 1000, driver % 1000 / 10);
    return IC_OK;
}

/* Sets up the stream, the scratch memory, cuBLAS and the pinned memory of uploads. The
 * type in which cuBLAS computes is set by each product. */
static ic_status set_up(struct ic_device *device, int gpu, struct ic_error *error)
{
    cudaError_t result = cudaSetDevice(gpu);
    cublasStatus_t blas;

    if (result == cudaSuccess)
        result = cudaStreamCreateWithFlags(&device->stream, cudaStreamNonBlocking);
    if (result == cudaSuccess)
        result = cudaMalloc((void **)&device->scratch,
                            IC_CUDA_SCRATCH * sizeof *device->scratch);
    if (result != cudaSuccess)
        return ic_fail(error, IC_ERR_DEVICE, "the GPU cannot be opened: %s",
                       cudaGetErrorString(result));
    blas = cublasCreate(&device->blas);
    if (blas == CUBLAS_STATUS_SUCCESS)
        blas = cublasSetStream(device->blas, device->stream);
    if (blas == CUBLAS_STATUS_SUCCESS)
        blas = cublasSetMathMode(device->blas, MATH);
    if (blas != CUBLAS_STATUS_SUCCESS)
        return ic_fail(error, IC_ERR_DEVICE, "cuBLAS cannot be opened: %s",
                       cublasGetStatusString(blas));
    (void)cudaGetLastError(); /* a library's failed attempts are no kernel's fault */
    return ic_cuda_stages_open(device, error);
}

ic_status ic_cuda_open(const struct ic_device_options *options,
                       struct ic_device **ret_device, struct ic_error *error)
{
    struct ic_device *device;
    int count = 0;
    ic_status status;

    *ret_device = NULL;
    status = look_for_device(&count, error);
    if (status != IC_OK)
        return status;
    device = (struct ic_device *)calloc(1, sizeof *device);
    if (device == NULL)
        return ic_fail_memory(error, "the GPU's device", sizeof *device);
    device->kernel = "opening it";
    device->precision = options->precision;
    status = describe(device, options->ordinal % count, error);
    if (status == IC_OK)
        status = set_up(device, options->ordinal % count, error);
    if (status != IC_OK) {
        ic_cuda_close(device);
        return status;
    }
    *ret_device = device;
    return IC_OK;
}

void ic_cuda_close(struct ic_device *device)
{
    if (device == NULL)
        return;
    if (device->stream != NULL)
        (void)cudaStreamSynchronize(device->stream);
    ic_cuda_stages_close(device);
#ifdef IC_CUDNN
    ic_cuda_cudnn_close(device->cudnn);
#endif
    if (device->blas != NULL)
        (void)cublasDestroy(device->blas);
    (void)cudaFree(device->scratch);
    if (device->stream != NULL)
        (void)cudaStreamDestroy(device->stream);
    free(device);
}

const char *ic_cuda_describe(struct ic_device *device)
{
    return device->description;
}

cudaStream_t ic_cuda_stream(struct ic_device *device)
{
    return device->stream;
}

double *ic_cuda_scratch(struct ic_device *device)
{
    return device->scratch;
}

/* --- memory ----------------------------------------------------------------------- */

/* The memory that is free now, since other processes may use the GPU too. */
uint64_t ic_cuda_memory_limit(struct ic_device *device)
{
    size_t unused = 0, total = 0;

    if (!ic_cuda_note(device, cudaMemGetInfo(&unused, &total), "asking for its memory"))
        return 0;
    return unused > RESERVE ? unused - RESERVE : 0;
}

ic_status ic_cuda_alloc(struct ic_device *device, size_t bytes, void **ret_memory,
                        struct ic_error *error)
{
    const cudaError_t result = cudaMalloc(ret_memory, bytes > 0 ? bytes : 1);

    if (result != cudaSuccess) {
        (void)cudaGetLastError();
        *ret_memory = NULL;
        if (result == cudaErrorMemoryAllocation || result == cudaErrorInvalidValue)
            return ic_fail_memory(error, "GPU memory", bytes);
        return ic_fail(error, IC_ERR_DEVICE, "the GPU gives no memory: %s",
                       cudaGetErrorString(result));
    }
    ic_cuda_note(device, cudaMemsetAsync(*ret_memory, 0, bytes, device->stream),
                 "zeroing memory");
    return IC_OK;
}

void ic_cuda_release(struct ic_device *device, void *memory)
{
    ic_cuda_note(device, cudaFree(memory), "releasing memory");
}

/* --- faults ----------------------------------------------------------------------- */

bool ic_cuda_note(struct ic_device *device, cudaError_t result, const char *what)
{
    if (result == cudaSuccess)
        return true;
    (void)cudaGetLastError();
    ic_cuda_note_fault(device, what, cudaGetErrorString(result));
    return false;
}

void ic_cuda_note_fault(struct ic_device *device, const char *what, const char *why)
{
    if (device->fault[0] == '\0')
        snprintf(device->fault, sizeof device->fault, "%s: %s", what, why);
}

void ic_cuda_launched(struct ic_device *device, const char *kernel, size_t blocks)
{
    if (device->log != NULL)
        ic_task_log_add(device->log, (uintptr_t)kernel, blocks, 0);
    device->kernel = kernel;
    ic_cuda_note(device, cudaGetLastError(), kernel);
}

ic_status ic_cuda_sync(struct ic_device *device, struct ic_error *error)
{
    ic_cuda_note(device, cudaStreamSynchronize(device->stream), device->kernel);
    if (device->fault[0] == '\0')
        return IC_OK;
    return ic_fail(error, IC_ERR_DEVICE, "the GPU failed at or before %s",
                   device->fault);
}

void ic_cuda_watch(struct ic_device *device, struct ic_task_log *log)
{
    device->log = log;
}

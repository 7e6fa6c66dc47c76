/* SPDX-License-Identifier: MIT */
/*
 * The GPU as a device, for the files that speak to CUDA's libraries.
 *
 * One stream: all work runs in the order in which it was asked for. The first fault is
 * kept and returned by sync; CUDA does not let a process continue after a fault, so it
 * stays.
 */
#ifndef IC_BACKEND_CUDA_DEVICE_H
#define IC_BACKEND_CUDA_DEVICE_H

#include <cublas_v2.h>
#include <cuda_runtime.h>

#include "backend/cuda/cuda.h"

/* A piece of pinned host memory that uploads go through. */
enum { IC_STAGES = 2, IC_STAGE_BYTES = 1 << 22 };

struct ic_stage {
    char *memory;
    cudaEvent_t free; /* when the copy from it is done */
};

struct ic_device {
    cudaStream_t stream;
    cublasHandle_t blas;
    struct ic_cudnn *cudnn; /* NULL until a convolution is planned by it */
    enum ic_precision precision;
    struct ic_task_log *log; /* of kernels; NULL: none */
    const char *kernel;      /* the last one asked for */
    double *scratch;
    struct ic_stage stages[IC_STAGES];
    int stage; /* the next one */
    char fault[200];
    char description[256];
};

/* Keeps the first fault; `what` was asked for last. True when `result` is no fault. */
bool ic_cuda_note(struct ic_device *device, cudaError_t result, const char *what);

/* The same for a fault that a library describes in words. */
void ic_cuda_note_fault(struct ic_device *device, const char *what, const char *why);

/* cuDNN's handle and plans, in cudnn.cu; NULL is fine. */
void ic_cuda_cudnn_close(struct ic_cudnn *cudnn);

/* The pinned memory of uploads. */
ic_status ic_cuda_stages_open(struct ic_device *device, struct ic_error *error);
void ic_cuda_stages_close(struct ic_device *device);

#endif

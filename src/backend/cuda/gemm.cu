/* SPDX-License-Identifier: MIT */
/*
 * Matrix products by cuBLAS, which knows column-major matrices only: c = a b as
 * row-major is c^T = b^T a^T as column-major, and a row-major matrix is its transpose
 * there already. So a and b change places, and nothing is moved.
 */
#include <assert.h>
#include <limits.h>

#include "backend/cuda/device.h"

static cublasOperation_t operation(struct ic_cuda_matrix m)
{
    return m.transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
}

static cudaDataType_t type_of(enum ic_type type)
{
    return type == IC_TYPE_BF16 ? CUDA_R_16BF : CUDA_R_32F;
}

void ic_cuda_gemm(struct ic_device *device, void *c, size_t stride,
                  struct ic_cuda_matrix a, struct ic_cuda_matrix b,
                  const struct ic_cuda_product *p)
{
    const bool rounds = device->precision == IC_PRECISION_TF32 && p->in == IC_TYPE_FP32;
    const float one = 1, kept = p->accumulate ? 1 : 0;
    cublasStatus_t result;

    assert(p->m <= INT_MAX && p->n <= INT_MAX && p->k <= INT_MAX);
    assert(stride <= INT_MAX && a.stride <= INT_MAX && b.stride <= INT_MAX);
    assert(p->out == IC_TYPE_FP32 || p->out == p->in);
    result = cublasGemmEx(device->blas, operation(b), operation(a), (int)p->n,
                          (int)p->m, (int)p->k, &one, b.data, type_of(p->in),
                          (int)b.stride, a.data, type_of(p->in), (int)a.stride, &kept,
                          c, type_of(p->out), (int)stride,
                          rounds ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F,
                          CUBLAS_GEMM_DEFAULT);
    if (result != CUBLAS_STATUS_SUCCESS)
        ic_cuda_note_fault(device, "a product by cuBLAS",
                           cublasGetStatusString(result));
    ic_cuda_launched(device, "a product by cuBLAS", 1);
}

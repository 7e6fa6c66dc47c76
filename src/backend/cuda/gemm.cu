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

void ic_cuda_gemm(struct ic_device *device, float *c, size_t stride,
                  struct ic_cuda_matrix a, struct ic_cuda_matrix b, size_t m, size_t n,
                  size_t k, bool accumulate)
{
    const cudaDataType_t operand =
        device->precision == IC_PRECISION_BF16 ? CUDA_R_16BF : CUDA_R_32F;
    const cublasComputeType_t compute = device->precision == IC_PRECISION_TF32
                                            ? CUBLAS_COMPUTE_32F_FAST_TF32
                                            : CUBLAS_COMPUTE_32F;
    const float one = 1, kept = accumulate ? 1 : 0;
    cublasStatus_t result;

    assert(m <= INT_MAX && n <= INT_MAX && k <= INT_MAX && stride <= INT_MAX);
    assert(a.stride <= INT_MAX && b.stride <= INT_MAX);
    result = cublasGemmEx(device->blas, operation(b), operation(a), (int)n, (int)m,
                          (int)k, &one, b.data, operand, (int)b.stride, a.data, operand,
                          (int)a.stride, &kept, c, CUDA_R_32F, (int)stride, compute,
                          CUBLAS_GEMM_DEFAULT);
    if (result != CUBLAS_STATUS_SUCCESS)
        ic_cuda_note_fault(device, "a product by cuBLAS",
                           cublasGetStatusString(result));
    ic_cuda_launched(device, "a product by cuBLAS", 1);
}

/*
 * Matrix products by cuBLAS, which knows column-major matrices only: c = a b as
 * row-major is c^T = b^T a^T as column-major, and a row-major matrix is its transpose
 * there already. So a and b change places, and nothing is moved.
 */
#include <assert.h>
#include <limits.h>

#include "backend/cuda/device.h"

static cublasOperation_t operation(struct ic_matrix m)
{
    return m.transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
}

void ic_cuda_gemm(struct ic_device *device, float *c, size_t stride, struct ic_matrix a,
                  struct ic_matrix b, size_t m, size_t n, size_t k, bool accumulate)
{
    const float one = 1, kept = accumulate ? 1 : 0;
    cublasStatus_t result;

    assert(m <= INT_MAX && n <= INT_MAX && k <= INT_MAX && stride <= INT_MAX);
    assert(a.stride <= INT_MAX && b.stride <= INT_MAX);
    result = cublasSgemm(device->blas, operation(b), operation(a), (int)n, (int)m,
                         (int)k, &one, b.data, (int)b.stride, a.data, (int)a.stride,
                         &kept, c, (int)stride);
    if (device->log != NULL)
        ic_task_log_add(device->log, (uintptr_t) "gemm", 1, 0);
    if (result != CUBLAS_STATUS_SUCCESS)
        ic_cuda_note(device, cudaErrorUnknown, cublasGetStatusString(result));
}

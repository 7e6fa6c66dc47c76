/*
 * Operands: what matrix products and convolutions read. In fp32 and tf32 they are the
 * floats themselves (tf32 is rounded to inside the product); in bf16 they are rounded
 * copies of half the size, which stand in a workspace.
 */
#ifndef IC_BACKEND_CUDA_OPERAND_H
#define IC_BACKEND_CUDA_OPERAND_H

#include "backend/cuda/cuda.h"

/* Whether operands are copies, and the bytes of an element of theirs. */
bool ic_cuda_operand_copies(struct ic_device *device);
size_t ic_cuda_operand_bytes(struct ic_device *device);

/* Bytes of workspace that `count` floats take as operands. */
size_t ic_cuda_operand_room(struct ic_device *device, size_t count);

/* The floats themselves, or their copies, made in `room`. */
const void *ic_cuda_operand(struct ic_device *device, void *room, const float *x,
                            size_t count);

/* The way back from bf16: `out` becomes what `in` holds, or that is added to it. */
void ic_cuda_floats(struct ic_device *device, float *out, const uint16_t *in,
                    size_t count, bool accumulate);

/* Pieces of workspace stand at multiples of 256 bytes. */
IC_EVERYWHERE size_t ic_cuda_align(size_t bytes)
{
    return ic_cuda_parts(bytes, 256) * 256;
}

/* The bytes of a piece and of `more` behind it. */
IC_EVERYWHERE size_t ic_cuda_with(size_t bytes, size_t more)
{
    return more == 0 ? bytes : ic_cuda_align(bytes) + more;
}

/* Where a piece of so many bytes ends and the next one begins. */
IC_EVERYWHERE void *ic_cuda_behind(void *piece, size_t bytes)
{
    return (char *)piece + ic_cuda_align(bytes);
}

#endif

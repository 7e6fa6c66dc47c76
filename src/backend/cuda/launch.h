/* SPDX-License-Identifier: MIT */
/*
 * How the GPU's kernels are written: each is a function `name` of a struct of arguments
 * and of a thread's number. IC_KERNEL makes name_each of it, which runs the function
 * for all numbers below a count.
 *
 * A thread writes what no other thread of the kernel reads or writes; it shares no
 * memory with its neighbours and waits for none of them. So the order of the threads
 * does not matter, the bits are the same every time, and the very same source runs on
 * the CPU, thread after thread, where tests can check it (tests/emulated/). That is why
 * the .cu files keep to what C and C++ have in common. Threads with neighbouring
 * numbers take neighbouring channels, and so neighbouring addresses.
 */
#ifndef IC_BACKEND_CUDA_LAUNCH_H
#define IC_BACKEND_CUDA_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/everywhere.h"

struct ic_device;

/* Threads of a block. */
enum { IC_CUDA_BLOCK = 256 };

/* Records the launch of a kernel: its tasks in the log, and a fault if it failed. */
void ic_cuda_launched(struct ic_device *device, const char *kernel, size_t blocks);

#ifdef __CUDACC__

cudaStream_t ic_cuda_stream(struct ic_device *device);

#define IC_KERNEL(name, type)                                                          \
    static __global__ void name##_kernel(const __grid_constant__ type args,            \
                                         size_t count)                                 \
    {                                                                                  \
        const size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;                \
                                                                                       \
        if (i < count)                                                                 \
            name(&args, i);                                                            \
    }                                                                                  \
                                                                                       \
    static void name##_each(struct ic_device *device, size_t count, const type *args)  \
    {                                                                                  \
        const size_t blocks = (count + IC_CUDA_BLOCK - 1) / IC_CUDA_BLOCK;             \
                                                                                       \
        if (blocks == 0)                                                               \
            return;                                                                    \
        name##_kernel<<<(unsigned)blocks, IC_CUDA_BLOCK, 0, ic_cuda_stream(device)>>>( \
            *args, count);                                                             \
        ic_cuda_launched(device, #name, blocks);                                       \
    }

#else

/* Whether the threads of this launch run in reverse order. */
bool ic_emulated_turn(struct ic_device *device);

#define IC_KERNEL(name, type)                                                         \
    static void name##_each(struct ic_device *device, size_t count, const type *args) \
    {                                                                                 \
        const size_t blocks = (count + IC_CUDA_BLOCK - 1) / IC_CUDA_BLOCK;            \
        const bool turn = ic_emulated_turn(device);                                   \
                                                                                      \
        if (blocks == 0)                                                              \
            return;                                                                   \
        for (size_t i = 0; i < count; i++)                                            \
            name(args, turn ? count - 1 - i : i);                                     \
        ic_cuda_launched(device, #name, blocks);                                      \
    }

#endif
#endif

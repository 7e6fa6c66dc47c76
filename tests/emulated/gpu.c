/* SPDX-License-Identifier: MIT */
/*
 * A GPU that the CPU emulates: together with the kernels of src/backend/cuda, which the
 * C compiler takes unchanged (launch.h), it makes a module im2cat-cuda.so that needs
 * neither GPU nor CUDA. The threads of a kernel run one after the other, forwards in
 * one launch and backwards in the next, so that a kernel that depends on their order
 * gives itself away. Matrix products are loops with sums in double, of operands that
 * are bf16, or fp32 and rounded where --precision is tf32.
 *
 * Three variables inject faults. IM2CAT_EMULATED_MIB sets how much memory the GPU has.
 * The kernel with the number IM2CAT_EMULATED_FAULT, counted from 1, and all after it
 * fail. The emulated cuDNN has no algorithm for kernels of the size
 * IM2CAT_EMULATED_UNPLANNED. Where IM2CAT_EMULATED_GPUS sets several GPUs, kernels fail
 * on the last one, which gives its number.
 */
#include "gpu.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/bf16.h"

enum { ALIGNMENT = 256 };

long emulated_setting(const char *name, long otherwise)
{
    const char *const text = getenv(name);

    return text != NULL ? atol(text) : otherwise;
}

/* Sets which of IM2CAT_EMULATED_GPUS the device is. The description leaves the number
 * out: results do not depend on it. */
static void take_number(struct ic_device *device, int ordinal)
{
    const long count = emulated_setting("IM2CAT_EMULATED_GPUS", 1);
    const long number = ordinal % count; /* counted in a circle */

    snprintf(device->name, sizeof device->name, "emulated GPU %ld", number);
    if (number == count - 1)
        device->fault = emulated_setting("IM2CAT_EMULATED_FAULT", 0);
}

ic_status ic_cuda_open(const struct ic_device_options *options,
                       struct ic_device **ret_device, struct ic_error *error)
{
    struct ic_device *const device = calloc(1, sizeof *device);

    *ret_device = NULL;
    if (device == NULL)
        return ic_fail_memory(error, "an emulated GPU", sizeof *device);
    device->scratch = calloc(IC_CUDA_SCRATCH, sizeof *device->scratch);
    if (device->scratch == NULL) {
        free(device);
        return ic_fail_memory(error, "an emulated GPU", IC_CUDA_SCRATCH);
    }
    take_number(device, options->ordinal);
    device->precision = options->precision;
    snprintf(device->description, sizeof device->description, "an emulated GPU, %s",
             ic_precision_name(device->precision));
    *ret_device = device;
    return IC_OK;
}

void ic_cuda_close(struct ic_device *device)
{
    if (device == NULL)
        return;
    emulated_free_plans(device);
    free(device->scratch);
    free(device);
}

const char *ic_cuda_describe(struct ic_device *device)
{
    return device->description;
}

double *ic_cuda_scratch(struct ic_device *device)
{
    return device->scratch;
}

/* --- memory ----------------------------------------------------------------------- */

uint64_t ic_cuda_memory_limit(struct ic_device *device)
{
    return (uint64_t)emulated_setting("IM2CAT_EMULATED_MIB", 4096) << 20;
}

ic_status ic_cuda_alloc(struct ic_device *device, size_t bytes, void **ret_memory,
                        struct ic_error *error)
{
    *ret_memory = NULL;
    if (bytes > (size_t)1 << 40 ||
        posix_memalign(ret_memory, ALIGNMENT, bytes > 0 ? bytes : 1) != 0) {
        *ret_memory = NULL;
        return ic_fail_memory(error, "GPU memory", bytes);
    }
    memset(*ret_memory, 0, bytes);
    return IC_OK;
}

void ic_cuda_release(struct ic_device *device, void *memory)
{
    free(memory);
}

void ic_cuda_upload(struct ic_device *device, void *memory, const void *host,
                    size_t bytes)
{
    if (bytes > 0)
        memcpy(memory, host, bytes);
}

void ic_cuda_download(struct ic_device *device, void *host, const void *memory,
                      size_t bytes)
{
    if (bytes > 0 && device->failed == NULL)
        memcpy(host, memory, bytes);
    else if (bytes > 0)
        memset(host, 0, bytes);
}

/* --- kernels ---------------------------------------------------------------------- */

bool ic_emulated_turn(struct ic_device *device)
{
    device->turn = !device->turn;
    return device->turn;
}

void ic_cuda_launched(struct ic_device *device, const char *kernel, size_t blocks)
{
    if (device->log != NULL)
        ic_task_log_add(device->log, (uintptr_t)kernel, blocks, 0);
    device->kernels++;
    if (device->kernels == device->fault)
        device->failed = kernel;
}

ic_status ic_cuda_sync(struct ic_device *device, struct ic_error *error)
{
    if (device->failed == NULL)
        return IC_OK;
    return ic_fail(error, IC_ERR_DEVICE, "the GPU failed at or before %s: %s",
                   device->failed, device->name);
}

void ic_cuda_watch(struct ic_device *device, struct ic_task_log *log)
{
    device->log = log;
}

/* --- matrix products -------------------------------------------------------------- */

/* Rounds to 10 bits of mantissa, ties to even. A value that is not finite stays as it
 * is. */
static float round_to_tf32(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    if ((bits & 0x7f800000) == 0x7f800000)
        return x;
    bits = (bits + 0xfff + (bits >> 13 & 1)) & ~(uint32_t)0x1fff;
    memcpy(&x, &bits, sizeof bits);
    return x;
}

double emulated_value(const struct ic_device *device, const void *array, size_t i,
                      enum ic_type type)
{
    const float x = ic_load(array, i, type);
    const bool rounds = device->precision == IC_PRECISION_TF32 && type == IC_TYPE_FP32;

    return rounds ? round_to_tf32(x) : x;
}

/* The operand as a plain matrix of doubles; the caller frees it. */
static double *values(const struct ic_device *device, struct ic_cuda_matrix m,
                      size_t rows, size_t columns, enum ic_type type)
{
    double *const all = malloc(rows * columns * sizeof *all);

    assert(all != NULL);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            all[i * columns + j] = emulated_value(
                device, m.data, m.transposed ? j * m.stride + i : i * m.stride + j,
                type);
    return all;
}

void ic_cuda_gemm(struct ic_device *device, void *c, size_t stride,
                  struct ic_cuda_matrix a, struct ic_cuda_matrix b,
                  const struct ic_cuda_product *p)
{
    enum { COLUMNS = 32 }; /* at once, so that the sums stay in the cache */
    double *const left = values(device, a, p->m, p->k, p->in);
    double *const right = values(device, b, p->k, p->n, p->in);

    assert(p->m > 0 && p->n > 0 && p->k > 0);
    assert(p->out == IC_TYPE_FP32 || p->out == p->in);
    for (size_t i = 0; i < p->m; i++)
        for (size_t first = 0; first < p->n; first += COLUMNS) {
            const size_t columns = ic_min(COLUMNS, p->n - first);
            double sum[COLUMNS] = {0};

            for (size_t l = 0; l < p->k; l++)
                for (size_t j = 0; j < columns; j++)
                    sum[j] += left[i * p->k + l] * right[l * p->n + first + j];
            for (size_t j = 0; j < columns; j++) {
                const size_t at = i * stride + first + j;
                const double before = p->accumulate ? ic_load(c, at, p->out) : 0;

                ic_store(c, at, (float)(p->accumulate ? before + sum[j] : sum[j]),
                         p->out);
            }
        }
    free(left);
    free(right);
    ic_cuda_launched(device, "gemm", 1);
}

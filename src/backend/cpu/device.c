/* SPDX-License-Identifier: MIT */
/*
 * The CPU as a device: opening, memory, transfers.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/gemm.h"
#include "base/machine.h"
#include "base/memory.h"

ic_status ic_cpu_open(const struct ic_device_options *options,
                      struct ic_device **ret_device, struct ic_error *error)
{
    struct ic_device *device;
    char blas[96];
    ic_status status;
    int threads;

    *ret_device = NULL;
    if (options->threads < 1)
        return ic_fail(error, IC_ERR_USAGE,
                       "the CPU needs at least 1 thread, not %d (--threads)",
                       options->threads);
    if (options->precision == IC_PRECISION_TF32)
        return ic_fail(
            error, IC_ERR_USAGE,
            "the device cpu computes in fp32 or bf16: --precision tf32 needs "
            "--device cuda");
    device = calloc(1, sizeof *device);
    if (device == NULL)
        return ic_fail_memory(error, "the CPU device", sizeof *device);
    status = ic_gemm_take_room(options->threads, error);
    if (status == IC_OK)
        status = ic_threads_start(options->threads, &device->team, error);
    if (status != IC_OK) {
        free(device);
        return status;
    }
    device->threads = options->threads;
    ic_gemm_set_up();
    ic_gemm_describe(blas, sizeof blas);
    device->kernels = ic_kernels_get(0);
    device->amx = ic_amx_processor() != NULL ? ic_amx_processor() : &ic_amx_emulated;
    threads = snprintf(device->description, sizeof device->description, "%d thread%s, ",
                       device->threads, device->threads > 1 ? "s" : "");
    device->arithmetic = device->description + threads;
    snprintf(device->description + threads,
             sizeof device->description - (size_t)threads, "%s%s, %s",
             options->precision != IC_PRECISION_BF16 ? ""
             : ic_amx_processor() != NULL            ? "bf16 by AMX, "
                                                     : "bf16, ",
             device->kernels->name, blas);
    *ret_device = device;
    return IC_OK;
}

void ic_cpu_close(struct ic_device *device)
{
    if (device == NULL)
        return;
    ic_threads_stop(device->team);
    free(device->seconds);
    free(device);
}

const char *ic_cpu_describe(struct ic_device *device)
{
    return device->description;
}

const char *ic_cpu_arithmetic(struct ic_device *device)
{
    return device->arithmetic;
}

uint64_t ic_cpu_memory_limit(struct ic_device *device)
{
    return ic_machine_memory();
}

/* The memory is not touched here: on a machine with several memories a page goes to the
 * memory of the thread that touches it first, and kernels run on all threads. */
ic_status ic_cpu_alloc(struct ic_device *device, size_t bytes, void **ret_memory,
                       struct ic_error *error)
{
    void *const memory = ic_memory_zeroed(bytes);

    *ret_memory = memory;
    if (memory == NULL)
        return ic_fail_memory(error, "device memory", bytes);
    return IC_OK;
}

void ic_cpu_release(struct ic_device *device, void *memory)
{
    ic_memory_release(memory);
}

void ic_cpu_upload(struct ic_device *device, void *memory, const void *host,
                   size_t bytes)
{
    if (bytes > 0)
        memcpy(memory, host, bytes);
}

void ic_cpu_download(struct ic_device *device, void *host, const void *memory,
                     size_t bytes)
{
    if (bytes > 0)
        memcpy(host, memory, bytes);
}

/* Kernels are done when they return, and they have no faults. */
ic_status ic_cpu_sync(struct ic_device *device, struct ic_error *error)
{
    return IC_OK;
}

/* Without memory for the seconds, nothing is recorded. */
void ic_cpu_watch(struct ic_device *device, struct ic_task_log *log)
{
    free(device->seconds);
    device->seconds =
        log != NULL ? calloc((size_t)device->threads, sizeof *device->seconds) : NULL;
    device->log = device->seconds != NULL ? log : NULL;
}

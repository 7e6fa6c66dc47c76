/* SPDX-License-Identifier: MIT */
/*
 * The reference as a device: opening, memory, transfers. reference.h says how memory
 * holds floats and doubles at the same time.
 */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "backend/reference/reference.h"
#include "base/machine.h"
#include "base/memory.h"

/* A block of device memory: `size` bytes, and a double for each four of them. */
struct block {
    struct block *next;
    char *bytes;
    double *values;
    size_t size;
};

/* The blocks of all devices: a device may read another one's weights (score/). */
static struct block *blocks;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct ic_device {
    char nothing; /* to be kept */
};

/* --- opening ---------------------------------------------------------------------- */

ic_status ic_reference_open(const struct ic_device_options *options,
                            struct ic_device **ret_device, struct ic_error *error)
{
    *ret_device = NULL;
    if (options->precision != IC_PRECISION_FP32)
        return ic_fail(error, IC_ERR_USAGE,
                       "the device reference computes in double precision: leave out "
                       "--precision %s",
                       ic_precision_name(options->precision));
    *ret_device = calloc(1, sizeof **ret_device);
    if (*ret_device == NULL)
        return ic_fail_memory(error, "the reference device", sizeof **ret_device);
    return IC_OK;
}

void ic_reference_close(struct ic_device *device)
{
    free(device);
}

const char *ic_reference_describe(struct ic_device *device)
{
    return "1 thread, plain loops in double precision";
}

/* A block takes three times its bytes. */
uint64_t ic_reference_memory_limit(struct ic_device *device)
{
    return ic_machine_memory() / 3;
}

/* --- memory ----------------------------------------------------------------------- */

static void free_block(struct block *block)
{
    if (block == NULL)
        return;
    ic_memory_release(block->bytes);
    ic_memory_release(block->values);
    free(block);
}

ic_status ic_reference_alloc(struct ic_device *device, size_t bytes, void **ret_memory,
                             struct ic_error *error)
{
    struct block *const block = calloc(1, sizeof *block);

    *ret_memory = NULL;
    if (block != NULL && bytes < SIZE_MAX / 4) {
        block->size = bytes;
        block->bytes = ic_memory_zeroed(bytes + 1); /* its end is no other's start */
        block->values = ic_memory_zeroed((bytes + 3) / 4 * sizeof *block->values);
    }
    if (block == NULL || block->bytes == NULL || block->values == NULL) {
        free_block(block);
        return ic_fail_memory(error, "device memory", bytes);
    }
    pthread_mutex_lock(&lock);
    block->next = blocks;
    blocks = block;
    pthread_mutex_unlock(&lock);
    *ret_memory = block->bytes;
    return IC_OK;
}

void ic_reference_release(struct ic_device *device, void *memory)
{
    struct block **at = &blocks, *block;

    if (memory == NULL)
        return;
    pthread_mutex_lock(&lock);
    while (*at != NULL && (*at)->bytes != memory)
        at = &(*at)->next;
    assert(*at != NULL); /* memory of another backend */
    block = *at;
    *at = block->next;
    pthread_mutex_unlock(&lock);
    free_block(block);
}

void *ic_reference_values(const void *array)
{
    const uintptr_t address = (uintptr_t)array;
    const struct block *block;

    if (array == NULL)
        return NULL;
    pthread_mutex_lock(&lock);
    block = blocks;
    while (block != NULL && address - (uintptr_t)block->bytes > block->size)
        block = block->next;
    pthread_mutex_unlock(&lock);
    assert(block != NULL); /* host memory, or memory of another backend */
    return block->values + (address - (uintptr_t)block->bytes) / sizeof(float);
}

void ic_reference_finish(void *array, size_t count)
{
    const double *const values = ic_reference_values(array);
    float *const rounded = array;

    for (size_t i = 0; array != NULL && i < count; i++)
        rounded[i] = (float)values[i];
}

/* --- transfers -------------------------------------------------------------------- */

/* Bytes that are no floats get doubles too, which nobody reads. The last float may be
 * one of fewer than four bytes. */
void ic_reference_upload(struct ic_device *device, void *memory, const void *host,
                         size_t bytes)
{
    double *const values = ic_reference_values(memory);
    const char *const from = memory;

    if (bytes > 0)
        memcpy(memory, host, bytes);
    for (size_t at = 0; at + sizeof(float) <= bytes; at += sizeof(float)) {
        float value;

        memcpy(&value, from + at, sizeof value);
        values[at / sizeof(float)] = value;
    }
}

void ic_reference_download(struct ic_device *device, void *host, const void *memory,
                           size_t bytes)
{
    if (bytes > 0)
        memcpy(host, memory, bytes);
}

/* Kernels are done when they return, and they have no faults. */
ic_status ic_reference_sync(struct ic_device *device, struct ic_error *error)
{
    return IC_OK;
}

/* No kernel has parallel loops, whose tasks a log records. */
void ic_reference_watch(struct ic_device *device, struct ic_task_log *log) {}

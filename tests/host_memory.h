/* SPDX-License-Identifier: MIT */
/*
 * A backend that has memory and computes nothing, which is enough to open a network and
 * move its arrays. sync fails when `host_memory_fault` is set.
 */
#ifndef IC_TESTS_HOST_MEMORY_H
#define IC_TESTS_HOST_MEMORY_H

#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"

static bool host_memory_fault;

static uint64_t host_memory_limit(struct ic_device *device)
{
    return (uint64_t)1 << 40;
}

static ic_status host_memory_alloc(struct ic_device *device, size_t bytes,
                                   void **ret_memory, struct ic_error *error)
{
    *ret_memory = calloc(bytes, 1);
    return *ret_memory ? IC_OK : ic_fail_memory(error, "a test", bytes);
}

static void host_memory_release(struct ic_device *device, void *memory)
{
    free(memory);
}

static void host_memory_upload(struct ic_device *device, void *memory, const void *host,
                               size_t bytes)
{
    memcpy(memory, host, bytes);
}

static void host_memory_download(struct ic_device *device, void *host,
                                 const void *memory, size_t bytes)
{
    memcpy(host, memory, bytes);
}

static ic_status host_memory_sync(struct ic_device *device, struct ic_error *error)
{
    return host_memory_fault ? ic_fail(error, IC_ERR_DEVICE, "the device faulted")
                             : IC_OK;
}

static size_t host_memory_conv_workspace(struct ic_device *device,
                                         const struct ic_conv *conv, bool training)
{
    return 0;
}

static size_t host_memory_linear_workspace(struct ic_device *device,
                                           const struct ic_linear *linear,
                                           bool training)
{
    return 0;
}

static size_t host_memory_batchnorm_workspace(struct ic_device *device,
                                              const struct ic_batchnorm *bn)
{
    return 0;
}

static const struct ic_backend host_memory = {
    .name = "host memory",
    .memory_limit = host_memory_limit,
    .alloc = host_memory_alloc,
    .release = host_memory_release,
    .upload = host_memory_upload,
    .download = host_memory_download,
    .sync = host_memory_sync,
    .conv2d_workspace = host_memory_conv_workspace,
    .linear_workspace = host_memory_linear_workspace,
    .batchnorm_workspace = host_memory_batchnorm_workspace,
};

#endif

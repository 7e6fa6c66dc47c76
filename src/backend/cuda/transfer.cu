/* SPDX-License-Identifier: MIT */
/*
 * Host to device and back.
 *
 * Only pinned host memory is copied while the host continues. An upload goes through
 * two pinned pieces in turn: while the GPU fetches one, the host fills the other. The
 * caller may reuse its memory on return; an upload larger than both pieces waits for
 * the work that the GPU was asked for before. A download waits until it is done.
 */
#include <string.h>

#include "backend/cuda/device.h"

ic_status ic_cuda_stages_open(struct ic_device *device, struct ic_error *error)
{
    for (int i = 0; i < IC_STAGES; i++) {
        struct ic_stage *const stage = &device->stages[i];

        if (cudaMallocHost((void **)&stage->memory, IC_STAGE_BYTES) != cudaSuccess ||
            cudaEventCreateWithFlags(&stage->free, cudaEventDisableTiming) !=
                cudaSuccess)
            return ic_fail_memory(error, "pinned memory for uploads", IC_STAGE_BYTES);
    }
    return IC_OK;
}

void ic_cuda_stages_close(struct ic_device *device)
{
    for (int i = 0; i < IC_STAGES; i++) {
        if (device->stages[i].free != NULL)
            (void)cudaEventDestroy(device->stages[i].free);
        (void)cudaFreeHost(device->stages[i].memory);
    }
}

void ic_cuda_upload(struct ic_device *device, void *memory, const void *host,
                    size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        struct ic_stage *const stage = &device->stages[device->stage];
        const size_t piece = ic_min(IC_STAGE_BYTES, bytes - done);

        device->stage = (device->stage + 1) % IC_STAGES;
        ic_cuda_note(device, cudaEventSynchronize(stage->free), "uploading");
        memcpy(stage->memory, (const char *)host + done, piece);
        ic_cuda_note(device,
                     cudaMemcpyAsync((char *)memory + done, stage->memory, piece,
                                     cudaMemcpyHostToDevice, device->stream),
                     "uploading");
        ic_cuda_note(device, cudaEventRecord(stage->free, device->stream), "uploading");
        done += piece;
    }
}

/* After a fault the host gets zeros, not what its memory happened to hold. */
void ic_cuda_download(struct ic_device *device, void *host, const void *memory,
                      size_t bytes)
{
    bool good = ic_cuda_note(
        device,
        cudaMemcpyAsync(host, memory, bytes, cudaMemcpyDeviceToHost, device->stream),
        "downloading");

    good &= ic_cuda_note(device, cudaStreamSynchronize(device->stream), device->kernel);
    if (!good && bytes > 0)
        memset(host, 0, bytes);
}

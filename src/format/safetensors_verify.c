/* SPDX-License-Identifier: MIT */
/*
 * Checksums in safetensors files: a tensor that lists the CRC-32 of the bytes before
 * the data and of each other tensor's data. See safetensors.h.
 */
#include "base/file.h"
#include "format/safetensors_private.h"

void ic_checksum_put(uint8_t *bytes, uint32_t crc)
{
    for (int i = 0; i < IC_CHECKSUM_BYTES; i++)
        bytes[i] = (uint8_t)(crc >> 8 * i);
}

static uint32_t get(const uint8_t *bytes)
{
    uint32_t crc = 0;

    for (int i = 0; i < IC_CHECKSUM_BYTES; i++)
        crc |= (uint32_t)bytes[i] << 8 * i;
    return crc;
}

ic_status ic_safetensors_verify(const struct ic_safetensors *file, const char *path,
                                struct ic_error *error)
{
    const struct ic_tensor *checksums = ic_safetensors_find(file, IC_CHECKSUMS);
    const size_t count = ic_safetensors_count(file);
    const uint8_t *known;

    if (checksums == NULL || checksums->dtype != IC_U8 ||
        checksums->size != count * IC_CHECKSUM_BYTES ||
        checksums != ic_safetensors_at(file, count - 1))
        return ic_fail(error, IC_ERR_FORMAT, "%s has no checksums", path);
    known = checksums->data;
    if (get(known) != ic_file_crc32(0, file->bytes, (size_t)(file->data - file->bytes)))
        return ic_fail(error, IC_ERR_FORMAT, "%s is damaged: its header has changed",
                       path);
    for (size_t i = 0; i + 1 < count; i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(file, i);

        known += IC_CHECKSUM_BYTES;
        if (get(known) != ic_file_crc32(0, tensor->data, tensor->size))
            return ic_fail(error, IC_ERR_FORMAT,
                           "%s is damaged: its tensor %.100s has changed", path,
                           tensor->name);
    }
    return IC_OK;
}

/* SPDX-License-Identifier: MIT */
/*
 * Decodes a picture and fits it. See square.h.
 */
#include "data/square.h"

#include <stdlib.h>

#include "base/file.h"
#include "image/exif.h"
#include "image/turn.h"

const char *const ic_decode_names[] = {
    [IC_DECODE_EXACT] = "exact", [IC_DECODE_FAST] = "fast", NULL};

/* The side below which a picture loses sharpness: that of its first square. */
static int enough_pixels(enum ic_decode decode, const struct ic_frame *frame)
{
    if (decode == IC_DECODE_EXACT)
        return 0;
    return frame->presize > 0 ? frame->presize : frame->size;
}

ic_status ic_square_decode(uint8_t *out, const uint8_t *bytes, size_t size,
                           const char *name, enum ic_decode decode,
                           const struct ic_frame *frame,
                           const struct ic_augmentation *choice, struct ic_error *error)
{
    struct ic_image image = {0};
    ic_status status = ic_image_decode_reduced(
        bytes, size, name, enough_pixels(decode, frame), &image, NULL, error);

    if (status == IC_OK && frame->upright)
        status = ic_image_turn(&image, ic_exif_orientation(bytes, size), error);
    if (status == IC_OK)
        status = ic_augment_apply(out, &image, frame, choice, error);
    ic_image_free(&image);
    return status;
}

ic_status ic_square_load(uint8_t *out, const struct ic_dataset *dataset, uint32_t index,
                         enum ic_decode decode, const struct ic_frame *frame,
                         const struct ic_augmentation *choice, struct ic_error *error)
{
    const struct ic_sample *sample = &dataset->samples[index];
    char *path = ic_file_join(dataset->folder, sample->name);
    uint8_t *bytes = NULL;
    size_t size;
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    status = ic_file_read(path, IC_IMAGE_MAX_FILE, &bytes, &size, error);
    if (status == IC_OK && sample->checked &&
        ic_file_crc32(0, bytes, size) != sample->checksum)
        status =
            ic_fail(error, IC_ERR_FORMAT,
                    "%s has changed since it was checked (different checksum)", path);
    if (status == IC_OK)
        status = ic_square_decode(out, bytes, size, path, decode, frame, choice, error);
    free(bytes);
    free(path);
    return status;
}

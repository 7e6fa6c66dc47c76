/*
 * Decodes a picture and fits it. See square.h.
 */
#include "data/square.h"

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

    if (status == IC_OK)
        status = ic_augment_apply(out, &image, frame, choice, error);
    ic_image_free(&image);
    return status;
}
